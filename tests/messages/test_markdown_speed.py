"""No message that fits keeps its server from everybody else: 100 ms, whatever is in it."""

import time

import pytest

from multichat.messages.markdown import render
from multichat.models import BODY_LIMIT

LIMIT_SECONDS = 0.1


def full_of(text: str) -> str:
    return (text * (BODY_LIMIT // len(text) + 1))[:BODY_LIMIT]


PATHOLOGICAL = {
    "brackets": full_of("["),
    "images": full_of("![["),
    "links": full_of("[a]("),
    "nested links": "[" * 1300 + "a" + "](/b)" * 1300,
    "stars": full_of("*a **a "),
    "stars and underscores": full_of("*_"),
    "quotes": full_of(">"),
    "quotes of lines": full_of("> " * 8 + "a\n"),
    "lists in lists": "\n".join(" " * 2 * depth + "- a" for depth in range(85)),
    "lists in a line": full_of("- - - - - - - - a\n"),
    "list": full_of("- a\n"),
    "wide table": "|" + "a|" * 1300 + "\n|" + "-|" * 1300 + "\n|" + "b|" * 1300,
    "tall table": "|a|b|\n|-|-|\n" + "|c|d|\n" * 1300,
    "table of short rows": "|" + "a|" * 900 + "\n|" + "-|" * 900 + "\n" + "|\n" * 2000,
    "backticks": "".join("`" * length + "a" for length in range(1, 125)),
    "fences": full_of("~~~a\n```b\n"),
    "less": full_of("<"),
    "comments": full_of("<!--"),
    "references": "[" + "a" * 7990 + "]: b",
    "reference titles": full_of("[a]: b 'c\n"),
    "mentions": full_of("@a "),
    "mentions in a run": "@" + "a." * 3999,
    "marks": "@a" + "\N{COMBINING ACUTE ACCENT}" * 7998,
    "schemes": full_of("a://"),
    "addresses": full_of("https://a "),
    "an address of brackets": "https://a.test/" + "{[(" * 2661,
    "many addresses of brackets": full_of("https://a.test/[ "),
    "mail": full_of("a@b.co "),
    "shortcodes": full_of(":tada:"),
    "colons": full_of(":a"),
    "emoji": full_of("🎉"),
    "joined emoji": full_of("👨\N{ZERO WIDTH JOINER}"),
    "lines": full_of("a\n"),
    "rules": full_of("---\n"),
    "backslashes": full_of("\\*"),
}
# Each of them kept Pygments busy for seconds.
CODE = {
    "bash": "<<" + "a" * 2900,
    "c": "a\n \n" * 700,
    "csharp": "a\n" * 1400,
    "docker": "RUN <<" + "a" * 2900,
    "javascript": "\"\\'" * 950,
    "python": "case" + " " * 2900,
    "typescript": "a" + "{#" * 1400,
}


@pytest.mark.parametrize("body", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
def test_a_full_message_is_rendered_in_time(body: str) -> None:
    assert len(body) <= BODY_LIMIT
    assert seconds(body) < LIMIT_SECONDS


@pytest.mark.parametrize(("language", "source"), CODE.items())
def test_code_is_coloured_in_time(language: str, source: str) -> None:
    assert seconds(f"```{language}\n{source}\n```") < LIMIT_SECONDS


def seconds(body: str) -> float:
    """Of this thread's own, and the best of three: other tests want the processor too."""
    best = float("inf")
    for _ in range(3):
        begun = time.thread_time()
        render(body, {"a": 5})
        best = min(best, time.thread_time() - begun)
    return best
