"""Code in a fence, its words coloured by classes."""

import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token as MarkdownToken
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, String, _TokenType

# Characters of a message. Some lexers take a millisecond for a kilobyte; more code is shown without colours.
HIGHLIGHT_LIMIT = 4000

# Pygments has hundreds, some of which a few thousand characters keep busy for seconds. These were tried.
LEXERS = {
    name: lexer
    for lexer, names in {
        "bash": "sh shell zsh",
        "c": "h",
        "cpp": "c++ cc",
        "csharp": "c# cs",
        "css": "",
        "diff": "patch udiff",
        "docker": "dockerfile",
        "go": "golang",
        "html": "",
        "ini": "cfg",
        "java": "",
        "javascript": "js jsx mjs",
        "json": "jsonc",
        "kotlin": "kt",
        "lua": "",
        "make": "makefile",
        "nginx": "",
        "perl": "pl",
        "php": "",
        "python": "py python3",
        "ruby": "rb",
        "rust": "rs",
        "scss": "",
        "sql": "",
        "swift": "",
        "toml": "",
        "typescript": "ts tsx",
        "xml": "svg",
        "yaml": "yml",
    }.items()
    for name in (lexer, *names.split())
}

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
    lexer = LEXERS.get(language.lower())
    if lexer is None:
        return escape(code, quote=False)
    tokens = get_lexer_by_name(lexer, stripnl=False, ensurenl=False).get_tokens(code)
    return "".join(
        _span(name, "".join(text for _, text in group))
        for name, group in groupby(tokens, key=lambda token: _class_of(token[0]))
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
