"""Which emoji there are, and what they are called."""

import json
import re
from functools import cache
from typing import NamedTuple

from multichat.config import PROJECT

# More of them are a text that happens to be written so.
FEW_LIMIT = 12
# Of one, in code points, with room to spare: the flag of Scotland has seven, a family with tones ten.
CODE_POINTS_LIMIT = 12

_SELECTOR = "\N{VARIATION SELECTOR-16}"
_TONES = "\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}-\N{EMOJI MODIFIER FITZPATRICK TYPE-6}"
_TONED = re.compile(rf"(.)[{_TONES}](.*)", re.DOTALL)
# One to the eye: a flag's two letters or its tags, a keycap, and what a joiner joins.
_CLUSTER = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f\u20e3"
    f"|(?:[^\\s\u200d][{_TONES}\ufe0f\U000e0020-\U000e007f]*\u200d)*[^\\s\u200d][{_TONES}\ufe0f\U000e0020-\U000e007f]*",
)


class Emoji(NamedTuple):
    """A row of static/vendor/emoji.json. `group` is one of emojibase's, `toned` whether it comes in skin tones."""

    character: str
    shortcodes: tuple[str, ...]
    tags: tuple[str, ...]
    group: int
    toned: bool


@cache
def everything() -> dict[str, Emoji]:
    """Each by its character, in the order in which they are shown."""
    rows = json.loads((PROJECT / "static/vendor/emoji.json").read_text(encoding="utf-8"))
    return {row[0]: Emoji(row[0], tuple(row[1].split()), tuple(row[2].split()), row[3], bool(row[4])) for row in rows}


def by_shortcode(name: str) -> str | None:
    """The emoji that GitHub calls `:name:`."""
    return _shortcodes().get(name.lower())


def beginning(text: str, limit: int) -> list[tuple[str, str]]:
    """Shortcodes that begin like this, then those of which a later word does, the shorter first; the emoji of each."""
    begun = text.lower()
    found = [pair for pair in _shortcodes().items() if f"_{begun}" in f"_{pair[0]}"]
    found.sort(key=lambda pair: (not pair[0].startswith(begun), len(pair[0])))
    return found[:limit]


def is_emoji(text: str) -> bool:
    """Whether it is one emoji, in the one way of writing it, in any skin tone."""
    if text in everything():
        return True
    match = _TONED.fullmatch(text)
    if match is None:
        return False
    # A tone takes the place of the selector.
    plain = (everything().get(match[1] + selector + match[2]) for selector in ("", _SELECTOR))
    return any(emoji is not None and emoji.toned for emoji in plain)


def is_few_emoji(text: str) -> bool:
    """Whether it is nothing else than one to `FEW_LIMIT` of them."""
    text = "".join(text.split())
    if len(text) > FEW_LIMIT * CODE_POINTS_LIMIT:
        return False
    clusters = _CLUSTER.findall(text)
    return 1 <= len(clusters) <= FEW_LIMIT and all(
        is_emoji(cluster) or is_emoji(cluster.removesuffix(_SELECTOR)) for cluster in clusters
    )


@cache
def _shortcodes() -> dict[str, str]:
    return {name: emoji.character for emoji in everything().values() for name in emoji.shortcodes}
