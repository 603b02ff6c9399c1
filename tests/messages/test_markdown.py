"""What becomes of what people write, by example."""

import logging

import pytest
from flask import Flask

from multichat.messages.markdown import code, render
from multichat.messages.markdown.mentions import NAMES_LIMIT, names_in
from tests.support.markup import parse

ELSEWHERE = 'target="_blank" rel="noopener noreferrer nofollow"'
PEOPLE = {"bob": 5, "bob.smith": 6, "zoë": 7}


def html(body: str) -> str:
    return render(body, PEOPLE).html


def mention(who: int | str) -> str:
    return f'<span class="mention">@{who}</span>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("hello", "<p>hello</p>"),
        ("two\nlines", "<p>two<br>lines</p>"),
        ("two\n\n\nparagraphs", "<p>two</p>\n<p>paragraphs</p>"),
        ("**bold**, _slanted_, ~~gone~~", "<p><strong>bold</strong>, <em>slanted</em>, <s>gone</s></p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("snake_case_name 2*3*4", "<p>snake_case_name 2<em>3</em>4</p>"),
        ("# Title\nwords", "<h2>Title</h2>\n<p>words</p>"),
        ("# a\n### b\n###### c\n## d", "<h2>a</h2>\n<h3>b</h3>\n<h4>c</h4>\n<h3>d</h3>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("3. three\n4. four", '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("above\n\n---\n\nbelow", "<p>above</p>\n<hr>\n<p>below</p>"),
        ("#channel +1 a|b", "<p>#channel +1 a|b</p>"),
    ],
)
def test_markdown_is_what_it_is_elsewhere(body: str, expected: str) -> None:
    assert html(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("> said\nmy answer", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>my answer</p>"),
        ("- milk\n- eggs\nThanks!", "<ul>\n<li>milk</li>\n<li>eggs</li>\n</ul>\n<p>Thanks!</p>"),
        ("- > said\nme", "<ul>\n<li>\n<blockquote>\n<p>said</p>\n</blockquote>\n</li>\n</ul>\n<p>me</p>"),
        ("regards\n---\nbob", "<p>regards</p>\n<hr>\n<p>bob</p>"),
        ("[bread]: everything", "<p>[bread]: everything</p>"),
        ("&nbsp; &lt; &#64;", "<p>&amp;nbsp; &amp;lt; &amp;#64;</p>"),
    ],
)
def test_no_line_is_swallowed_or_drawn_into_another(body: str, expected: str) -> None:
    assert html(body) == expected


@pytest.mark.parametrize("body", ["-", "#", ">", "1.", "---", "``` ```", "[](/x)", "> - #", "```", "***"])
def test_markup_around_nothing_is_what_was_typed(body: str) -> None:
    assert parse(html(body)).text == body


def test_a_table_scrolls_and_is_aligned_without_a_style() -> None:
    table = parse(html("| a | b |\n|---|--:|\n| 1 | 2 |\nafter")).one(class_="table")
    assert [cell.text for cell in table.all("td")] == ["1", "2"]
    assert [cell.attributes for cell in table.all("td")] == [{}, {"align": "right"}]
    assert html("| a |\n|---|\n| 1 |\nafter").endswith("<p>after</p>")


@pytest.mark.parametrize(
    ("body", "href", "text"),
    [
        ("https://a.test/b_c_d?e=1&f=2.", "https://a.test/b_c_d?e=1&f=2", "https://a.test/b_c_d?e=1&f=2"),
        ("**https://a.test**", "https://a.test", "https://a.test"),
        ("<https://a.test/>", "https://a.test/", "https://a.test/"),
        ("[words](https://a.test)", "https://a.test", "words"),
        ("bob@example.com", "mailto:bob@example.com", "bob@example.com"),
        ("![a cat](https://a.test/cat.png)", "https://a.test/cat.png", "a cat"),
        ("![](https://a.test/cat.png)", "https://a.test/cat.png", "https://a.test/cat.png"),
        ("[![a cat](https://a.test/cat.png)](https://a.test)", "https://a.test", "a cat"),
    ],
)
def test_a_foreign_link_opens_elsewhere_and_tells_nothing(body: str, href: str, text: str) -> None:
    link = parse(html(body)).one("a")
    assert link.text == text
    assert link.attributes == {"href": href, "target": "_blank", "rel": "noopener noreferrer nofollow"}


@pytest.mark.parametrize("body", ["[seven](/rooms/7)", "![seven](/rooms/7)"])
def test_an_own_link_opens_in_place(body: str) -> None:
    assert html(body) == '<p><a href="/rooms/7">seven</a></p>'


def test_a_link_to_the_public_address_opens_in_place(app: Flask) -> None:
    app.config["MULTICHAT_PUBLIC_URL"] = "https://chat.test"
    with app.app_context():
        assert html("https://chat.test/rooms/7") == (
            '<p><a href="https://chat.test/rooms/7">https://chat.test/rooms/7</a></p>'
        )
        assert ELSEWHERE in html("https://chat.test.evil.test/")


@pytest.mark.parametrize(
    "body",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,hi)",
        "[x](vbscript:x)",
        "[x](//evil.test)",
        "[x](\\\\evil.test)",
        "[x](relative)",
        "[x](#room-7)",
        "[x]()",
        "[x](<>)",
        "![x]()",
        "[**x** [y]()]()",
        "<javascript:alert(1)>",
        "//evil.test",
        "ftp://evil.test",
        "readme.md a.co www.a.test",
        "https://",
        "xhttps://a.test",
        "https://" + "a" * 3000,
    ],
)
def test_what_may_not_be_linked_to_is_no_link(body: str) -> None:
    assert not parse(html(body)).all("a")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("@bob hi", f"{mention(5)} hi"),
        ("hi @BOB.", f"hi {mention(5)}."),
        ("@bob.smith.", f"{mention(6)}."),
        ("@bob.jones", f"{mention(5)}.jones"),
        ("(@bob), @bob's @bob: @bob!", f"({mention(5)}), {mention(5)}'s {mention(5)}: {mention(5)}!"),
        ("_@bob_ **@bob**", f"<em>{mention(5)}</em> <strong>{mention(5)}</strong>"),
        ("@zoe\N{COMBINING DIAERESIS}", mention(7)),
        ("@zoë", mention(7)),
        ("@carol @bobby @bo", "@carol @bobby @bo"),
        ("\\@bob `@bob`", "@bob <code>@bob</code>"),
        ("x@bob x.@bob @bob@social.test", "x@bob x.@bob @bob@social.test"),
        ("[to @bob](/rooms/7)", f'<a href="/rooms/7">to {mention(5)}</a>'),
    ],
)
def test_a_name_that_is_known_is_a_mention(body: str, expected: str) -> None:
    assert html(body) == f"<p>{expected}</p>"


def test_who_is_mentioned_is_who_is_named_outside_of_code() -> None:
    rendered = render("@bob `@bob.smith`\n```\n@zoë\n```\n    @zoë\n@here", PEOPLE)
    assert rendered.mentioned == {5}
    assert rendered.calls == {"here"}
    assert render("@Room, @HERE!").calls == {"here", "room"}
    assert render("@Room").html == f"<p>{mention('room')}</p>"
    assert render("@rooms @hereby").calls == frozenset()


def test_an_image_mentions_nobody() -> None:
    rendered = render("![@bob](https://a.test/bob.png)", PEOPLE)
    assert (parse(rendered.html).text, rendered.mentioned) == ("@bob", frozenset())


def test_the_names_to_look_up_are_all_that_may_be_meant() -> None:
    assert names_in("@Bob.Smith. and @carol-ann, x@mail.test @here @room `@dave`") == {
        *("bob.smith", "bob", "carol-ann", "carol", "dave")
    }
    assert names_in("nobody") == set()
    assert len(names_in(" ".join(f"@n{number}" for number in range(1000)))) == NAMES_LIMIT


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("well :tada: done", "<p>well 🎉 done</p>"),
        (":+1::tada:", '<p class="large">👍🎉</p>'),
        ("🎉 👨‍👩‍👧\n🇩🇪", '<p class="large">🎉 👨‍👩‍👧<br>🇩🇪</p>'),
        ("🎉" * 13, f"<p>{'🎉' * 13}</p>"),
        ("🎉!", "<p>🎉!</p>"),
        ("10:100:30 :nope: `:tada:`", "<p>10:100:30 :nope: <code>:tada:</code></p>"),
        ("https://a.test/:tada:", f'<p><a href="https://a.test/:tada:" {ELSEWHERE}>https://a.test/:tada:</a></p>'),
    ],
)
def test_emoji_by_name_and_alone(body: str, expected: str) -> None:
    assert html(body) == expected


def test_code_has_its_colours_by_classes() -> None:
    block = parse(html('```py\nreturn "x"  # <b>\n```')).one(class_="code").one("code")
    assert block.text == 'return "x"  # <b>\n'
    assert [(span["class"], span.text) for span in block.all("span")] == [("k", "return"), ("s", '"x"'), ("c", "# <b>")]


@pytest.mark.parametrize("language", ["", "nope", "text"])
def test_code_of_no_language_of_ours_is_plain(language: str) -> None:
    block = parse(html(f"~~~{language}\n\nif x:\n\n    y\n\n~~~")).one("code")
    assert (block.text, block.elements) == ("\nif x:\n\n    y\n\n", [])


def test_words_after_a_fence_are_not_lost() -> None:
    assert parse(html("```see the log\nboom")).one("code").text == "see the log\nboom"


@pytest.mark.parametrize("language", sorted(code.LEXERS))
def test_colours_change_no_code(language: str) -> None:
    source = "\n\n  if (x == 'é' && y) { return \"<b>\" } // a\n# b\n\t-- c\n\n&amp; <!-- d -->\n"
    assert parse(code.highlight(source, language)).text == source


def test_much_code_is_plain() -> None:
    source = "return 1\n" * (code.HIGHLIGHT_LIMIT // 9 + 1)
    assert not parse(html(f"```py\n{source}```")).all("span")


@pytest.mark.parametrize(
    "body",
    [
        ">" * 40 + " deep",
        "\n".join(" " * 2 * depth + "- deep" for depth in range(40)),
        "[" * 600 + "brackets",
        "|a|b|c|d|\n|-|-|-|-|\n" + "|1|2|3|4|\n" * 400,
        "- a\n" * 1900,
    ],
)
def test_too_much_of_anything_is_shown_as_it_was_typed(body: str) -> None:
    assert parse(html(body)).text == body


def test_what_cannot_be_rendered_is_shown_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("a lexer's own mistake")

    monkeypatch.setattr(code, "get_lexer_by_name", broken)
    body = "@bob **see**:\n```py\n<b>\n```"
    with caplog.at_level(logging.WARNING):
        rendered = render(body, PEOPLE)
    assert rendered.html == "<p>@bob **see**:<br>```py<br>&lt;b&gt;<br>```</p>"
    assert rendered.mentioned == frozenset()
    assert "could not be rendered" in caplog.text
    assert "**see**" not in caplog.text
