"""Names in what people wrote, and the line that a quote has of it."""

import pytest

from multichat.mentions import EXCERPT_LIMIT, excerpt, with_names

BOB = '<p>lunch, <span class="mention">@5</span>?</p>'


def test_who_is_meant_goes_by_their_name_of_now() -> None:
    assert with_names(BOB, {5: "Bob"}) == '<p>lunch, <span class="mention" data-person="5">@Bob</span>?</p>'


def test_a_name_is_text() -> None:
    assert "@&lt;b&gt;" in with_names(BOB, {5: "<b>"})


def test_somebody_whose_name_is_not_known_is_somebody() -> None:
    assert "@somebody" in with_names(BOB, {})


def test_what_looks_like_a_mention_and_is_text_is_left() -> None:
    typed = "<p>&lt;span class=&quot;mention&quot;&gt;@5&lt;/span&gt;</p>"
    assert with_names(typed, {5: "Bob"}) == typed


@pytest.mark.parametrize(
    ("html", "line"),
    [
        (BOB, "lunch, @Bob?"),
        ("<p>one<br>two</p>\n<p>three</p>", "one two three"),
        ("<p>a &lt;b&gt; &amp; <code>x &lt; y</code></p>", "a <b> & x < y"),
        (f"<p>{'word ' * 100}</p>", f"{('word ' * 28)[: EXCERPT_LIMIT - 1].rstrip()}…"),
        ("", ""),
    ],
)
def test_an_excerpt_is_one_line_of_text(html: str, line: str) -> None:
    assert excerpt(html, {5: "Bob"}) == line
