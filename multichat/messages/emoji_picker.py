"""Emoji to choose from."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from multichat.messages.emoji import Emoji, everything

# As emojibase numbers them; what is left out are parts of others.
GROUPS = {
    0: "Smileys",
    1: "People",
    3: "Animals and nature",
    4: "Food and drink",
    5: "Travel and places",
    6: "Activities",
    7: "Objects",
    8: "Symbols",
    9: "Flags",
}
FOUND_LIMIT = 72
# Nobody says more of one. Each is looked for in all of them: the 2,000 that fit into an address took a second.
WORDS_LIMIT = 6
_SUGGESTED = ("👍", "❤️", "😂", "🎉", "👀", "🙏", "✅", "🚀")


class Section(NamedTuple):
    """Some emoji under a title."""

    title: str
    emoji: Sequence[Emoji]


def found(text: str) -> list[Section]:
    """All of them by group, or those that a few letters find: by a shortcode before by a tag."""
    words = text.lower().replace(":", " ").replace("_", " ").split()[:WORDS_LIMIT]
    if not words:
        return _groups()
    # `thumbsup` is one word to its shortcode, and two to whoever looks for it.
    queries = [words, ["".join(words)]] if len(words) > 1 else [words]
    ranked = [(max(_rank(emoji, query) for query in queries), emoji) for emoji in everything().values()]
    best = sorted((pair for pair in ranked if pair[0]), key=lambda pair: -pair[0])[:FOUND_LIMIT]
    return [Section("Found", [emoji for _, emoji in best])] if best else []


@cache
def suggested() -> list[Section]:
    return [Section("Often chosen", [everything()[character] for character in _SUGGESTED])]


@cache
def _groups() -> list[Section]:
    by_group: dict[int, list[Emoji]] = {group: [] for group in GROUPS}
    for emoji in everything().values():
        by_group[emoji.group].append(emoji)
    return [Section(GROUPS[group], emoji) for group, emoji in by_group.items()]


def _rank(emoji: Emoji, words: list[str]) -> int:
    """How well it is meant by these beginnings of words; zero if one of them finds nothing."""
    ranks = []
    for word in words:
        if word in emoji.shortcodes:
            ranks.append(4)
        elif any(name.startswith(word) for name in emoji.shortcodes):
            ranks.append(3)
        elif any(part.startswith(word) for name in emoji.shortcodes for part in name.split("_")):
            ranks.append(2)
        elif any(tag.startswith(word) for tag in emoji.tags):
            ranks.append(1)
        else:
            return 0
    return min(ranks)
