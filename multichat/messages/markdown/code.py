"""Code in a fence, its words coloured by classes."""

import re
import time
from collections.abc import Sequence
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token as MarkdownToken
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, String, _TokenType

# Characters of a message. More code is shown without colours.
HIGHLIGHT_LIMIT = 3000
# Lexers take quadratic time and worse for what only somebody malicious writes, and everybody's sockets wait for it.
# Honest code takes a tenth of that.
PATIENCE_SECONDS = 0.04

# By what people call them. Pygments has hundreds, some of which a few thousand characters keep busy for seconds, in a
# single expression that nothing interrupts. These were tried; a language whose own would not do has its nearest one's.
LEXERS = {
    name: lexer
    for lexer, names in {
        "bash": "bash sh shell zsh",
        "css": "css scss less",
        "diff": "diff patch",
        "docker": "docker dockerfile",
        "go": "go golang",
        "java": "java c h cpp c++ cc csharp c# cs",
        "javascript": "javascript js jsx mjs typescript ts tsx",
        "json": "json jsonc",
        "kotlin": "kotlin kt",
        "lua": "lua",
        "make": "make makefile",
        "nginx": "nginx",
        "perl": "perl pl",
        "php": "php",
        "python": "python py python3",
        "ruby": "ruby rb",
        "rust": "rust rs",
        "sql": "sql",
        "swift": "swift",
        "toml": "toml ini cfg conf",
        "xml": "xml html svg",
        "yaml": "yaml yml",
    }.items()
    for name in names.split()
}
# What a here-document's end may be called. For a longer word its expression takes cubic time.
_LONG_WORD = re.compile(r"<<\W{0,3}\w{40}")

# The nearest of these that a token's type is within gives it its colour; the others are plain.
CLASSES_BY_TYPE = {
    Comment: "c",
    Generic.Deleted: "gd",
    Generic.Inserted: "gi",
    Generic.Subheading: "gu",
    Keyword: "k",
    Name.Attribute: "na",
    Name.Builtin: "nb",
    Name.Class: "nc",
    Name.Decorator: "nd",
    Name.Function: "nf",
    Name.Tag: "nt",
    Number: "m",
    String: "s",
}
CLASSES = frozenset(CLASSES_BY_TYPE.values())

_LANGUAGE = re.compile(r"[\w+#.-]*")


def extend(markdown: MarkdownIt) -> None:
    markdown.add_render_rule("fence", _fence)
    markdown.add_render_rule("code_block", _fence)


def highlight(code: str, language: str) -> str:
    """Its HTML, plain where the language is none of ours."""
    name = LEXERS.get(language.lower())
    if name is None or _LONG_WORD.search(code):
        return escape(code, quote=False)
    lexer = get_lexer_by_name(name, stripnl=False)
    tokens: list[tuple[str, str]] = []
    begun = time.thread_time()
    for kind, text in lexer.get_tokens(code):
        if time.thread_time() - begun > PATIENCE_SECONDS:
            return escape(code, quote=False)
        tokens.append((_class_of(kind), text))
    return "".join(
        _span(name, "".join(text for _, text in group)) for name, group in groupby(tokens, key=itemgetter(0))
    )


def _fence(_: Any, tokens: Sequence[MarkdownToken], index: int, __: Any, env: dict[str, Any]) -> str:
    info, code = tokens[index].info.strip(), tokens[index].content
    if not _LANGUAGE.fullmatch(info):
        # More than the name of a language, so it was said, and is shown.
        info, code = "", f"{info}\n{code}"
    env["code"] += len(code)
    html = highlight(code, info if env["code"] <= HIGHLIGHT_LIMIT else "")
    return f'<div class="code"><pre tabindex="0"><code>{html}</code></pre></div>\n'


def _class_of(kind: _TokenType) -> str:
    while kind.parent is not None and kind not in CLASSES_BY_TYPE:
        kind = kind.parent
    return CLASSES_BY_TYPE.get(kind, "")


def _span(name: str, text: str) -> str:
    html = escape(text, quote=False)
    return f'<span class="{name}">{html}</span>' if name else html
