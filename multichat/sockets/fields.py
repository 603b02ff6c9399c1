"""Reading a command: what comes over the wire is checked like any input."""

import json
from typing import Any
from uuid import UUID

from multichat.models import Level
from multichat.sockets.errors import Code, CommandError

# A number of 20 digits and more is nobody's id, and Python refuses to read one of 4,300.
DIGITS_LIMIT = 19


def read_command(data: str | bytes) -> dict[str, Any]:
    """The JSON object of a text message. Raises `CommandError`."""
    try:
        command = json.loads(data) if isinstance(data, str) else None
    except (ValueError, RecursionError):
        command = None
    if not isinstance(command, dict):
        raise _invalid("A command is a JSON object.")
    return command


class Fields:
    """A command's fields, by the type that they must have; each method raises `CommandError`."""

    def __init__(self, command: dict[str, Any]) -> None:
        self._command = command

    def text(self, name: str) -> str:
        value = self._command.get(name)
        if not isinstance(value, str):
            raise _invalid(f"This command needs a text named {name}.")
        return value

    def number(self, name: str) -> int:
        """Numbers may come as strings, since forms send strings."""
        value = self._command.get(name)
        if isinstance(value, str):
            digits = value.removeprefix("-")
            if digits.isascii() and digits.isdigit() and len(digits) <= DIGITS_LIMIT:
                return int(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            return value
        raise _invalid(f"This command needs a whole number named {name}.")

    def flag(self, name: str) -> bool:
        """False when it is not there."""
        value = self._command.get(name, False)
        if value in (True, "true"):
            return True
        if value in (False, "false", ""):
            return False
        raise _invalid(f"This command needs true or false for {name}.")

    def cursor(self) -> int | None:
        """The last revision that the page has; None when it begins now."""
        if self._command.get("after") in (None, ""):
            return None
        after = self.number("after")
        if after < 0:
            raise _invalid("There is no revision below zero.")
        return after

    def reply_to(self) -> int | None:
        """The ordinal of the message that is answered, if one is."""
        return None if self._command.get("reply_to") in (None, "") else self.number("reply_to")

    def mark(self) -> int | None:
        """Under which mark of unread the page reads; None when it knows of none."""
        return None if self._command.get("mark") in (None, "") else self.number("mark")

    def client_id(self) -> UUID:
        try:
            return UUID(self.text("client_id"))
        except ValueError:
            raise _invalid("This command needs a UUID named client_id.") from None

    def level(self) -> Level:
        if self._command.get("level") in (None, ""):
            return Level.message
        try:
            return Level(self.text("level"))
        except ValueError:
            raise _invalid("There is no such level.") from None


def _invalid(text: str) -> CommandError:
    return CommandError(Code.COMMAND_INVALID, text)
