"""`:shortcode:` as its emoji."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from multichat.messages.emoji import by_shortcode

# Not in a word: 10:100:30 is a time or a score.
_SHORTCODE = re.compile(r"(?<![^\W_]):([A-Za-z0-9_+-]{1,40}):(?![^\W_])")


def extend(markdown: MarkdownIt) -> None:
    markdown.inline.ruler.before("link", "shortcode", _shortcode)


def _shortcode(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != ":":
        return False
    match = _SHORTCODE.match(state.src, state.pos)
    emoji = by_shortcode(match[1]) if match else None
    if match is None or emoji is None:
        return False
    if not silent:
        state.append_pending(emoji)
    state.pos = match.end()
    return True
