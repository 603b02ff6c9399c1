"""What holds for every text: what comes of it is what was meant, and nothing else."""

from html import escape
from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from multichat.messages.markdown import plain, render
from multichat.messages.markdown.sanitiser import ALLOWED_CLASSES, TAGS, sanitise

INLINE = {"a", "br", "code", "em", "s", "span", "strong"}
WITHIN = {
    "ul": {"li"},
    "ol": {"li"},
    "pre": {"code"},
    "table": {"thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
    "div": {"pre", "table"},
    "code": {"span"},
    **dict.fromkeys(("p", "h2", "h3", "h4", "h5", "h6", "th", "td", "a", "em", "s", "strong"), INLINE),
    **dict.fromkeys(("", "blockquote"), TAGS - INLINE - {"li", "pre", "table", "thead", "tbody", "tr", "th", "td"}),
    "li": TAGS - {"li", "pre", "table", "thead", "tbody", "tr", "th", "td"},
    "span": set(),
}
ATTRIBUTES = {
    "a": {"href", "title", "target", "rel"},
    "ol": {"start"},
    "div": {"class", "tabindex"},
    "pre": {"tabindex"},
    "p": {"class"},
    "span": {"class"},
    "th": {"align"},
    "td": {"align"},
}
PEOPLE = {"bob": 5, "alice": 6}

# The same texts each time: a build that fails by chance says nothing.
often = settings(derandomize=True, max_examples=150, deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=300)
SNIPPETS = """
* ** _ __ ~~ ` ``` ~~~ > - + 1. # ## | |-|-| [ ] ( ) ![ ]( <> < > & &lt; \\ \\* : @ a b 7 é 🎉 py html
@bob @here :tada: https:// https://a.test/ bob@example.com javascript: data: // /rooms/7
<script> </script> <b <!-- --> <![CDATA[ ]]> </p> </div></article> <svg/onload=x>
<img src=x onerror=x> <a href=javascript:x> <p hx-get=/ hx-trigger=load> hx-on:: data-hx-get=/ ws-connect=ws://evil.test
id=app style=x class=message onfocus=x " ' "x" =x
"""
SPACES = ["\n", "\n\n", "    ", "\t", " ", "  \n", "\n> ", "\n- ", "\n```\n", "\n```py\n", "\xa0", "\u200b", "\u202e"]
snippets = st.lists(st.sampled_from(SNIPPETS.split() + SPACES), max_size=60).map("".join)
bodies = texts | snippets


class Strict(HTMLParser):
    """Refuses what a browser would have to repair, and what nobody meant."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = [""]
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in WITHIN[self.open[-1]], f"<{tag}> in <{self.open[-1]}>"
        assert not (tag == "a" and "a" in self.open)
        assert len(dict(attrs)) == len(attrs)
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set()), attrs
        for name, value in attrs:
            if name == "class":
                assert value in ALLOWED_CLASSES[tag]
            elif name == "href":
                assert (value or "").startswith(("http://", "https://", "mailto:", "/")), value
                assert not (value or "").startswith(("//", "/\\"))
        if tag == "br":
            self.text += "\n"
        elif tag != "hr":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raise AssertionError(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def read(html: str) -> str:
    """Its text. Raises `AssertionError` for HTML that is not what it seems."""
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == [""]
    return parser.text


@often
@given(bodies)
def test_the_tree_is_balanced_and_holds_nothing_foreign(body: str) -> None:
    html = render(body, PEOPLE).html
    assert read(html).strip() or not body.strip()
    # A mention holds an id, and only what was typed outside of links to images is counted.
    assert set(render(body, PEOPLE).mentioned) == {who for who in PEOPLE.values() if f'"mention">@{who}<' in html}


@often
@given(bodies)
def test_the_sanitiser_has_nothing_left_to_do(body: str) -> None:
    html = render(body, PEOPLE).html
    assert sanitise(html) == html


@often
@given(bodies)
def test_what_is_shown_as_it_was_typed_says_just_that(body: str) -> None:
    assert read(plain(body)) == body
    assert sanitise(plain(body)) == plain(body)


words = st.text(st.characters(categories=["L"]), min_size=1, max_size=8) | st.sampled_from(
    ["don't", '"so"', "a,", "(b)?"]
)
lines = st.lists(words, min_size=1, max_size=6).map(" ".join)
paragraphs = st.lists(st.lists(lines, min_size=1, max_size=3), min_size=1, max_size=4)


@often
@given(paragraphs)
def test_plain_words_stay_as_they_are(said: list[list[str]]) -> None:
    body = "\n\n".join("\n".join(paragraph) for paragraph in said)
    assert render(body).html == "\n".join(plain("\n".join(paragraph)) for paragraph in said)


# Pairs of what is typed and what is to come of it.
escaped = words.map(lambda word: (word, escape(word, quote=False)))
spans = st.one_of(
    escaped,
    escaped.map(lambda it: (f"**x{it[0]}x**", f"<strong>x{it[1]}x</strong>")),
    escaped.map(lambda it: (f"~~x{it[0]}x~~", f"<s>x{it[1]}x</s>")),
    escaped.map(lambda it: (f"`<{it[0]}>`", f"<code>&lt;{it[1]}&gt;</code>")),
    escaped.map(lambda it: (f"[{it[0]}](/rooms/7)", f'<a href="/rooms/7">{it[1]}</a>')),
    st.just(("@bob", '<span class="mention">@5</span>')),
    st.just((":tada:", "🎉")),
    st.just(("<b onclick=x>", "&lt;b onclick=x&gt;")),
)
sentences = st.lists(spans, min_size=1, max_size=5).map(
    lambda them: ("x " + " ".join(typed for typed, _ in them), "x " + " ".join(meant for _, meant in them))
)
blocks = st.one_of(
    sentences.map(lambda it: (it[0], f"<p>{it[1]}</p>")),
    sentences.map(lambda it: (f"## {it[0]}", f"<h2>{it[1]}</h2>")),
    sentences.map(lambda it: (f"> {it[0]}", f"<blockquote>\n<p>{it[1]}</p>\n</blockquote>")),
    st.lists(sentences, min_size=1, max_size=3).map(
        lambda them: (
            "\n".join(f"1. {typed}" for typed, _ in them),
            "<ol>\n" + "".join(f"<li>{meant}</li>\n" for _, meant in them) + "</ol>",
        )
    ),
    escaped.map(
        lambda it: (
            f"```\n<{it[0]}>\n```",
            f'<div class="code"><pre tabindex="0"><code>&lt;{it[1]}&gt;\n</code></pre></div>',
        )
    ),
)


@often
@given(
    st.lists(blocks, min_size=1, max_size=5).filter(
        lambda them: not any(a[0][:2] == b[0][:2] == "1." for a, b in pairwise(them))
    )
)
def test_markup_becomes_exactly_the_tree_that_was_meant(said: list[tuple[str, str]]) -> None:
    rendered = render("\n\n".join(typed for typed, _ in said), PEOPLE)
    assert rendered.html == "\n".join(meant for _, meant in said)
