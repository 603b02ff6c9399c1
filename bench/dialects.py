"""How a client talks to each kind of server: what it says first, how it says something, when it is in."""

import json
import re
import time
import uuid
from dataclasses import dataclass
from typing import Protocol

# In every message: its number, and the nanosecond at which it was sent. One clock for all processes, of a fixed width.
MARK = re.compile(rb"@@(\d{8})\.(\d{20})@@")
MARK_BYTES = 33
# As much as people say at once.
BODY_BYTES = 120
FILLER = "So shall we meet at the harbour at nine, or is the ferry cancelled again? Bring the charts. "


@dataclass(frozen=True)
class Seat:
    """Where one client belongs: whose cookie it has, in which room it is, and from which revision on."""

    room: int = 0
    cookie: str = ""
    after: int | None = None


class Dialect(Protocol):
    """What differs between servers; the driver's clients are the same for all."""

    def opening(self, seat: Seat) -> list[str]:
        """What a client says when the handshake is done."""

    def is_in(self, text: bytes) -> bool:
        """Whether this is the last word of its entry."""

    def say(self, seat: Seat, number: int) -> str: ...

    def answer(self, text: bytes) -> str | None:
        """What is to be said at once, to whatever keeps the connection alive."""


def mark(number: int) -> str:
    return f"@@{number:08d}.{time.monotonic_ns():020d}@@"


class Multichat:
    """Ours: `join` first, whose answer ends with the roster.

    Where a crowd comes, the roster is sent to all of them once a second. With `asks` they do not wait for it: a command
    that there is none of follows, and its error says that the one before is done.
    """

    def __init__(self, body_bytes: int = BODY_BYTES, asks: bool = True) -> None:
        size = body_bytes - MARK_BYTES
        self._filler = (FILLER * (size // len(FILLER) + 1))[:size]
        self._asks = asks

    def opening(self, seat: Seat) -> list[str]:
        join = {"command": "join", "room": seat.room}
        if seat.after is not None:
            join["after"] = seat.after
        return [json.dumps(join), *([json.dumps({"command": "none", "client_id": "in"})] if self._asks else [])]

    def is_in(self, text: bytes) -> bool:
        return (b'data-client-id="in"' if self._asks else b'-roster"') in text

    def say(self, seat: Seat, number: int) -> str:
        body, client_id = mark(number) + self._filler, str(uuid.uuid4())
        return json.dumps({"command": "send", "room": seat.room, "body": body, "client_id": client_id})

    def answer(self, text: bytes) -> str | None:
        return None


class Relay:
    """A server that sends to everybody what anybody says: it is given ours to carry, whole, mark replaced."""

    def __init__(self, sample: str) -> None:
        found = MARK.search(sample.encode())
        assert found is not None, "the sample has no mark"
        self._before, _, self._after = sample.partition(found[0].decode())

    def opening(self, seat: Seat) -> list[str]:
        return []

    def is_in(self, text: bytes) -> bool:
        return True

    def say(self, seat: Seat, number: int) -> str:
        return self._before + mark(number) + self._after

    def answer(self, text: bytes) -> str | None:
        return None


class SocketIo(Relay):
    """Socket.IO over Engine.IO 4, on a WebSocket from the first byte on; packets are 2 ping, 40 connect, 42 event.

    The payload is a JSON string: quotes and line ends make it about a twentieth longer.
    """

    def opening(self, seat: Seat) -> list[str]:
        return ["40"]

    def is_in(self, text: bytes) -> bool:
        return text.startswith(b"40")

    def say(self, seat: Seat, number: int) -> str:
        return "42" + json.dumps(["message", super().say(seat, number)])

    def answer(self, text: bytes) -> str | None:
        return "3" if text == b"2" else None
