"""Which links there are, and where they open."""

import re
from collections.abc import Iterator, MutableMapping, Sequence
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

# A path has one slash: with two, or with a backslash, it is somebody else's host.
_ALLOWED = re.compile(r"https?://[^/?#]|mailto:.|/(?![/\\])", re.IGNORECASE)
# An address is one when it says so: `readme.md` and `a.co` are words. A longer one is not looked for: its brackets and
# quotes are matched in quadratic time.
_LINKIFY = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False})
_SCHEME = re.compile(r"(?<![\w.+-])https?\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"://\S{1,2000}(?!\S)")

# Somebody else's page learns nothing of where it was linked from, and reaches nothing of the page that links.
_ELSEWHERE = {"target": "_blank", "rel": "noopener noreferrer nofollow"}


def extend(markdown: MarkdownIt) -> None:
    markdown.validateLink = allowed  # type: ignore[method-assign]
    assert markdown.linkify is not None
    # What remains for it is mail.
    markdown.linkify.set({"fuzzy_link": False})
    for schema in ("//", "ftp:", "http:", "https:"):
        markdown.linkify.add(schema, None)
    markdown.inline.ruler.at("linkify", _linkify)
    markdown.core.ruler.after("inline", "tidy", _tidy)
    markdown.add_render_rule("link_open", _open)


def allowed(url: str) -> bool:
    """Whether a normalised address may be linked to; what may not stands as it was typed."""
    return _ALLOWED.match(url) is not None


def _linkify(state: StateInline, silent: bool) -> bool:
    """Take an address whole, before its underscores become emphasis."""
    if not state.src.startswith("://", state.pos) or state.linkLevel:
        return False
    scheme = _SCHEME.search(state.src[max(0, state.pos - 6) : state.pos])
    if scheme is None or not state.pending.endswith(scheme[0]):
        return False
    address = _ADDRESS.match(state.src, state.pos)
    if address is None:
        return False
    link = _LINKIFY.match_at_start(scheme[0] + address[0])
    url = link.url.rstrip("*") if link else ""
    href = state.md.normalizeLink(url)
    if not allowed(href):
        return False
    if not silent:
        state.pending = state.pending.removesuffix(scheme[0])
        state.push("link_open", "a", 1).attrs = {"href": href}
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        state.push("link_close", "a", -1)
    state.pos += len(url) - len(scheme[0])
    return True


def _open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
    if not _is_own(str(tokens[index].attrs["href"]), env["origin"]):
        tokens[index].attrs |= _ELSEWHERE
    return str(renderer.renderToken(tokens, index, options, env))


def _is_own(href: str, origin: str | None) -> bool:
    return href.startswith("/") or (origin is not None and (href == origin or href.startswith(f"{origin}/")))


def _tidy(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = list(_tidied(token.children))


def _tidied(tokens: Sequence[Token]) -> Iterator[Token]:
    """Each image as a link to it, or within a link, which holds no other, as its description; no link to nowhere."""
    linked: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            linked.append(bool(token.attrs["href"]))
            if linked[-1]:
                yield token
        elif token.type == "link_close":
            if linked.pop():
                yield token
        elif token.type == "image":
            yield from _as_link(token, any(linked))
        else:
            yield token


def _as_link(image: Token, within_link: bool) -> Iterator[Token]:
    href = image.attrs["src"]
    text = Token("text", "", 0, content=_words(image.children) or str(href))
    if within_link or not href:
        yield text
    else:
        yield Token("link_open", "a", 1, attrs={"href": href})
        yield text
        yield Token("link_close", "a", -1)


def _words(tokens: Sequence[Token] | None) -> str:
    words = []
    for token in tokens or []:
        words.append(_words(token.children) if token.type == "image" else token.content)
    return "".join(words)
