"""Markdown to HTML, once, when a message is written. What a person wrote reaches a page through here alone."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from flask import current_app, has_app_context

from multichat.messages.emoji import is_few_emoji
from multichat.messages.markdown.parser import TooMuch, parser
from multichat.messages.markdown.sanitiser import sanitise
from multichat.offload import offload

# Of what is made of a text. Whoever changes that adds one, and `flask message rerender` brings the rows along.
RENDERER = 1

# An ordinary message takes a tenth of a millisecond, less than the way to a thread; the worst of 8,000 characters takes
# a hundred, in which nobody else on the worker would be served.
OFFLOADED_CHARACTERS = 500

_PARAGRAPH = re.compile(r"<p>((?:[^<]|<br>)+)</p>")
_TAG = re.compile(r"<[^>]*>")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """A body's HTML, whom it mentions by id, and which of `here` and `room` it calls."""

    html: str
    mentioned: frozenset[int] = frozenset()
    calls: frozenset[str] = frozenset()


def render(body: str, mentions: Mapping[str, int] | None = None) -> Rendered:
    """`mentions` has the ids of people by the keys of their names, as `mentions.names_in` gives them.

    The HTML is a fixed point of the sanitiser: nothing of it would be changed by it.
    """
    origin = current_app.config["MULTICHAT_PUBLIC_URL"] if has_app_context() else None
    try:
        if len(body) > OFFLOADED_CHARACTERS:
            return offload(_render, body, mentions or {}, origin)
        return _render(body, mentions or {}, origin)
    except TooMuch:
        return Rendered(plain(body))
    # Whatever the parser or a highlighter stumbles over costs the message its looks, and its room nothing.
    except Exception:
        log.warning(
            "A message of %d characters could not be rendered and is shown as plain text.", len(body), exc_info=True
        )
        return Rendered(plain(body))


def plain(body: str) -> str:
    """One paragraph, its lines broken where the author broke them."""
    return "<p>" + escape(body, quote=False).replace("\xa0", "&nbsp;").replace("\n", "<br>") + "</p>"


def _render(body: str, mentions: Mapping[str, int], origin: str | None) -> Rendered:
    mentioned: set[int] = set()
    calls: set[str] = set()
    env: dict[str, Any] = {
        "mentions": mentions,
        "mentioned": mentioned,
        "calls": calls,
        "origin": origin,
        "cells": 0,
        "code": 0,
        "headings": [],
    }
    html = sanitise(parser().render(body, env).rstrip("\n"))
    if _says_nothing(html):
        # "-" is a list without a word, and `[](/x)` a link without one; somebody meant what they typed.
        return Rendered(plain(body))
    if _is_few_emoji(html):
        html = html.replace("<p>", '<p class="large">')
    return Rendered(html, frozenset(mentioned), frozenset(calls))


def _is_few_emoji(html: str) -> bool:
    paragraph = _PARAGRAPH.fullmatch(html)
    return paragraph is not None and is_few_emoji(paragraph[1].replace("<br>", " "))


def _says_nothing(html: str) -> bool:
    return not _TAG.sub("", html).replace("&nbsp;", " ").strip()
