"""Names in what people wrote: a body is kept with ids in them, so that whoever is called otherwise is so everywhere."""

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

# As the renderer leaves it.
MENTION = re.compile(r'<span class="mention">@(\d+)</span>')
# Of a message, in the line that quotes it.
EXCERPT_LIMIT = 140
# Of those who reacted alike; the others are a number.
LISTED_LIMIT = 20


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


def listed(user_ids: Sequence[int], names: Mapping[int, str]) -> str:
    """ "alice, bob and 3 others"."""
    words = [names.get(user_id, "somebody") for user_id in user_ids[:LISTED_LIMIT]]
    if others := len(user_ids) - len(words):
        words.append(f"{others} other{'s' if others > 1 else ''}")
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
