"""What a person is told over the socket when a command cannot be done."""

from enum import StrEnum
from typing import Any

from multichat.fragments import render_fragment

ECHO_LIMIT = 64


class Code(StrEnum):
    """The protocol's error codes, each with the HTTP status that says the same."""

    USER_HAS_TO_LOGIN = "USER_HAS_TO_LOGIN"  # 401
    ROOM_INVALID = "ROOM_INVALID"  # 404
    ROOM_ACCESS_DENIED = "ROOM_ACCESS_DENIED"  # 403
    COMMAND_INVALID = "COMMAND_INVALID"  # 400
    MESSAGE_INVALID = "MESSAGE_INVALID"  # 400
    RATE_LIMITED = "RATE_LIMITED"  # 429


class CommandError(Exception):
    """A command that is answered with an error; the socket stays open. The text is a sentence for the person."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def error_fragment(error: CommandError, room: Any = None, client_id: Any = None) -> str:
    """The error as a fragment, with the room and client id as the command gave them."""
    return render_fragment(
        "frames/error.html",
        code=error.code.value,
        text=error.text,
        room_id=_echo(room),
        client_id=_echo(client_id),
    )


def signed_out() -> str:
    return error_fragment(CommandError(Code.USER_HAS_TO_LOGIN, "You are signed out. Sign in again to go on."))


def _echo(value: Any) -> str | int | None:
    """What was given, if it is of a kind that has a place in an attribute."""
    if isinstance(value, str):
        # Lone surrogates, which JSON can spell, have no UTF-8.
        return value[:ECHO_LIMIT].encode(errors="replace").decode()
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**64:
        return value
    else:
        return None
