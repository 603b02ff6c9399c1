"""`@name`: who is meant."""

import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from multichat.models.names import name_key

CALLS = ("here", "room")
# As many different names are looked up for a message; whoever names more of them means nobody.
NAMES_LIMIT = 50

# What a name may hold, and marks that become letters when they are composed; not in a word or an address.
_NAME = re.compile(r"(?<![^\W_])(?<![.+@-])@([^\W_][\w.\u0300-\u036f-]{0,63})(?!@\w)")
_END = re.compile(r"[^\W_][\u0300-\u036f]*(?=[._-]|$)")


def extend(markdown: MarkdownIt) -> None:
    markdown.inline.ruler.before("link", "mention", _mention)
    markdown.add_render_rule("mention", _span)


def names_in(body: str) -> set[str]:
    """The keys of the names that may be meant, `NAMES_LIMIT` of them at most; some may turn out to stand in code."""
    keys: set[str] = set()
    for match in _NAME.finditer(body):
        for name in _candidates(match[1]):
            if len(keys) == NAMES_LIMIT:
                return keys
            keys.add(name_key(name))
    return keys - set(CALLS)


def renamed(body: str, names: Mapping[str, str]) -> str:
    """The body with other names in place of those that have these keys."""

    def replaced(match: re.Match[str]) -> str:
        for name in _candidates(match[1]):
            if (other := names.get(name_key(name))) is not None:
                return f"@{other}{match[1][len(name) :]}"
        return match[0]

    return _NAME.sub(replaced, body) if names else body


def _candidates(run: str) -> Iterator[str]:
    """`bob.smith.` may mean bob.smith or bob: the longest comes first, and none ends in the middle of a word."""
    for match in reversed(list(_END.finditer(run))):
        yield run[: match.end()]


def _mention(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "@":
        return False
    match = _NAME.match(state.src, state.pos)
    if match is None:
        return False
    for name in _candidates(match[1]):
        key = name_key(name)
        if key in CALLS or key in state.env["mentions"]:
            if not silent:
                token = state.push("mention", "", 0)
                token.content = f"@{name}"
                token.meta = {"key": key}
            state.pos += 1 + len(name)
            return True
    return False


def _span(_: Any, tokens: Sequence[Token], index: int, __: Any, env: MutableMapping[str, Any]) -> str:
    """The id in place of the name, so that a rename follows."""
    key = tokens[index].meta["key"]
    if key in CALLS:
        env["calls"].add(key)
    else:
        env["mentioned"].add(env["mentions"][key])
    return f'<span class="mention">@{key if key in CALLS else env["mentions"][key]}</span>'
