"""The Markdown of a chat: CommonMark, without what swallows or rearranges a line that somebody typed in passing."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from multichat.messages.markdown import code, links, mentions, shortcodes

# The parser drops what is nested deeper.
NESTING_LIMIT = 20
# To find what belongs to a bracket, all that follow are looked at.
BRACKETS_LIMIT = 500
# A row of one character gets as many cells as the table's head has, and everybody receives them.
CELLS_LIMIT = 1500
# A list of two thousand items fits into a message; one of a thousand is shown as such.
BLOCK_TOKENS_LIMIT = 6000

# Entities: who types `&nbsp;` speaks of it. References and the headings underlined with dashes: they take a line that
# was meant to be seen.
LEFT_OUT = ["entity", "html_block", "html_inline", "lheading", "reference"]


class TooMuch(Exception):
    """Brackets, cells, or quotes within quotes: more than anybody reads."""


@cache
def parser() -> MarkdownIt:
    """One for all threads: it keeps nothing of what it parses."""
    markdown = MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "xhtmlOut": False, "maxNesting": NESTING_LIMIT},
    )
    markdown.enable(["linkify", "strikethrough", "table"]).disable(LEFT_OUT)
    markdown.block.ruler.before("paragraph", "ends", _ends, {"alt": ["paragraph", "blockquote"]})
    markdown.block.ruler.at("table", _table, {"alt": ["paragraph"]})
    markdown.core.ruler.after("block", "limits", _check_limits)
    for rule in ("softbreak", "hardbreak"):
        markdown.add_render_rule(rule, _break)
    for tag in ("heading_open", "heading_close"):
        markdown.add_render_rule(tag, _render_heading)
    for tag in ("table_open", "table_close", "th_open", "td_open"):
        markdown.add_render_rule(tag, _render_table)
    for feature in (code, links, mentions, shortcodes):
        feature.extend(markdown)
    # Puts its rules in order, which threads that come together may not.
    markdown.render("a")
    return markdown


def _ends(state: StateBlock, line: int, _end: int, silent: bool) -> bool:
    """Whether a quote, a list or a table ends before this line, which in CommonMark it often does not."""
    if not silent:
        return False
    if state.parentType == "table":
        state.env["cells"] += state.env["columns"]
        if state.env["cells"] > CELLS_LIMIT:
            raise TooMuch
        return "|" not in state.src[state.bMarks[line] : state.eMarks[line]]
    return state.parentType == "blockquote" or state.sCount[line] < state.blkIndent


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    if line + 1 < end:
        state.env["columns"] = state.src.count("|", state.bMarks[line + 1], state.eMarks[line + 1])
    return table(state, line, end, silent)


def _check_limits(state: StateCore) -> None:
    if len(state.tokens) > BLOCK_TOKENS_LIMIT:
        raise TooMuch
    for token in state.tokens:
        if token.level + token.nesting >= NESTING_LIMIT or token.content.count("[") > BRACKETS_LIMIT:
            raise TooMuch


def _break(*_: Any) -> str:
    return "<br>"


def _render_heading(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Below the page's own, and one level below the heading that it is under."""
    token = tokens[index]
    if token.nesting == 1:
        above = [level for level in env["headings"] if level < token.tag]
        env["headings"] = [*above, token.tag]
    token.tag = f"h{min(len(env['headings']) + 1, 6)}"
    return str(renderer.renderToken(tokens, index, options, env))


def _render_table(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """In a box that scrolls, and aligned without a style."""
    token = tokens[index]
    style = token.attrs.pop("style", None)
    if style:
        token.attrSet("align", str(style).removeprefix("text-align:"))
    html = str(renderer.renderToken(tokens, index, options, env))
    return {"table_open": '<div class="table" tabindex="0">' + html, "table_close": html.rstrip("\n") + "</div>\n"}.get(
        token.type, html
    )
