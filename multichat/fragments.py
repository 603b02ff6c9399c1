"""Templates, and HTML that belongs to no viewer: what is rendered once and received by everybody."""

import logging
from collections.abc import MutableMapping
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from flask import Flask, current_app, templating
from jinja2 import Environment, StrictUndefined
from jinja2.defaults import DEFAULT_NAMESPACE
from markupsafe import Markup

from multichat.mentions import excerpt, listed, with_names
from multichat.models import Message, Room
from multichat.rendered import RenderedMessages

logger = logging.getLogger(__name__)


class Templates(templating.Environment):
    """Flask's, but that templates have no globals of their own.

    At each `from ... import` Jinja compares those of the two templates, name by name, in Python: a fifth of a page of
    50 messages.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        assert not d, "a template cannot have globals of its own"
        # To be read alone: Jinja puts those that a template is asked for with into what this returned at first.
        return cast(MutableMapping[str, Any], MappingProxyType(self.globals))


def dom_id(record: Room | Message | tuple[str, int], suffix: str | None = None) -> str:
    """The id of a record's element: `room-7`, `room-7-messages`, `message-123`. The only place that makes one.

    Where the record is not at hand, its kind and id will do: `dom_id(("room", 7))`.
    """
    kind, number = record if isinstance(record, tuple) else (type(record).__name__.lower(), record.id)
    return "-".join([kind, str(number), *([suffix] if suffix else [])])


def render_fragment(template: str, **context: Any) -> str:
    """Render without a request and without the page's context processors.

    A template that asks for a viewer (`current_user`, `csrf_token`) raises here, in the first test, instead of showing
    one person's page to all. `url_for` gives paths alone and works in a bare thread.
    """
    environment: Environment = current_app.extensions["fragments"]
    return environment.get_template(template).render(**context)


def message_html(message: Message, marked: int | None = None) -> Markup:
    """A message as everybody sees it, or a line in its place when it cannot be rendered: its room stays open.

    `marked` is the ordinal of the one that the page was opened for, if any.
    """
    try:
        if message.ordinal == marked:
            return Markup(_render_message(message, marked))  # noqa: S704
        rendered: RenderedMessages = current_app.extensions["rendered_messages"]
        return Markup(rendered.html(message))  # noqa: S704
    except Exception:  # whatever a template stumbles over
        return Markup(unrenderable("messages/_unrenderable.html", message))  # noqa: S704


def _render_message(message: Message, marked: int | None = None) -> str:
    return render_fragment("messages/_message.html", message=message, marked=marked)


def unrenderable(template: str, message: Message) -> str:
    """What stands in for something of a message that has just failed to be rendered."""
    logger.exception("Message %d cannot be rendered", message.id)
    return render_fragment(template, message=message)


def init_app(app: Flask) -> None:
    """Give pages and fragments the same templates, fragments an environment of their own, and both what they share."""
    environment = app.jinja_env.overlay(undefined=StrictUndefined)
    # An overlay shares its globals; these must not reach the pages, nor theirs come here.
    shared = {"dom_id": dom_id, "message_html": message_html}
    environment.globals = {**DEFAULT_NAMESPACE, **shared, "url_for": partial(_path_for, app)}
    app.extensions["fragments"] = environment
    app.extensions["rendered_messages"] = RenderedMessages(_render_message)
    for each in (environment, app.jinja_env):
        each.filters |= {"with_names": with_names, "excerpt": excerpt, "listed": listed}
    app.jinja_env.globals |= shared


def _path_for(app: Flask, endpoint: str, **values: Any) -> str:
    app.inject_url_defaults(endpoint, values)
    return app.url_map.bind("").build(endpoint, values)
