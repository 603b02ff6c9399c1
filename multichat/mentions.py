"""Names in what people wrote: a body is kept with ids in them, so that whoever is called otherwise is so everywhere."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

# As the renderer leaves it.
MENTION = re.compile(r'<span class="mention">@(\d+)</span>')
# Of a message, in the line that quotes it.
EXCERPT_LIMIT = 140


def with_names(body_html: str, names: Mapping[int, str]) -> Markup:
    """The body with everybody in it by the name that they have now."""

    def named(found: re.Match[str]) -> str:
        user_id = int(found[1])
        return f'<span class="mention" data-person="{user_id}">@{escape(names.get(user_id, "somebody"))}</span>'

    return Markup(MENTION.sub(named, body_html) if '"mention"' in body_html else body_html)  # noqa: S704


def excerpt(body_html: str, names: Mapping[int, str]) -> str:
    """What it begins with, in one line."""
    lines = with_names(body_html, names).replace("<br>", Markup(" ")).replace("</p>", Markup(" </p>"))
    text = lines.striptags()
    return text if len(text) <= EXCERPT_LIMIT else text[: EXCERPT_LIMIT - 1].rstrip() + "…"
