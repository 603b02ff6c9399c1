"""Which emoji there are."""

import re

import pytest

from multichat.config import PROJECT
from multichat.messages.emoji import by_shortcode, everything, is_emoji, is_few_emoji
from multichat.messages.emoji_picker import WORDS_LIMIT, found


def test_there_are_all_of_them_and_the_file_is_small() -> None:
    assert len(everything()) > 1900
    assert (PROJECT / "static/vendor/emoji.json").stat().st_size < 150_000
    assert next(iter(everything())) == "😀"


def test_each_has_a_name_of_its_own() -> None:
    names = [name for emoji in everything().values() for name in emoji.shortcodes]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9_+-]{1,40}", name) for name in names)
    assert all(emoji.shortcodes for emoji in everything().values())


@pytest.mark.parametrize(
    ("name", "emoji"), [("tada", "🎉"), ("+1", "👍"), ("Smile", "😄"), ("heart", "❤️"), ("de", "🇩🇪")]
)
def test_they_go_by_the_names_that_github_gave_them(name: str, emoji: str) -> None:
    assert by_shortcode(name) == emoji


def test_a_name_that_is_none_means_nothing() -> None:
    assert by_shortcode("nope") is None
    assert by_shortcode("") is None


@pytest.mark.parametrize("text", ["👍", "👍🏽", "❤️", "☝️", "☝🏽", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "👨‍👩‍👧", "🕵🏻‍♂️", "©️"])
def test_an_emoji_is_one_in_its_tone_too(text: str) -> None:
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["", "a", "1", "😀😀", "😀 ", "😀🏽", "🏽", "👍️", "❤", "<b>", "👍\n"])
def test_anything_else_is_none_nor_is_an_emoji_written_otherwise(text: str) -> None:
    """Or two people who mean the same reaction would make two."""
    assert not is_emoji(text)


def test_all_of_them_alone_are_few() -> None:
    assert all(is_emoji(emoji) and is_few_emoji(emoji) for emoji in everything())


def test_few_are_up_to_twelve_with_nothing_said() -> None:
    assert is_few_emoji("😀 🇩🇪🇫🇷\n👨‍👩‍👧1️⃣👍️👍🏽")
    assert is_few_emoji("😀" * 12)
    for text in ("", "😀" * 13, "😀!", "😀 1", "🇩" * 3, "😀" * 8000):
        assert not is_few_emoji(text)


def test_an_endless_search_is_for_its_first_words() -> None:
    assert found("smile " * WORDS_LIMIT + "and so on, " * 300) == found("smile")
