"""Frames: what one WebSocket text message carries, and its two encodings, for the bus and for the socket."""

import json
import struct
from dataclasses import dataclass

# Every hub listens to it: rights changed somewhere, look at your connections. It carries nothing to anybody.
RIGHTS_TOPIC = "rights"

_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A

# What a close frame without a code stands for (RFC 6455, section 7.4.1).
_NO_CODE = 1005


@dataclass(frozen=True, slots=True)
class Frame:
    """HTML for everybody who listens to a topic. Frames of a room's log have the revision that they lead to.

    For those of a room's list, `about` says what they are about: of two about the same the newer one is enough.
    """

    topic: str
    html: str
    revision: int | None = None
    about: str = ""


def room_topic(room_id: int) -> str:
    """Who has joined the room."""
    return f"room:{room_id}"


def list_topic(room_id: int) -> str:
    """Who may see the room."""
    return f"room:{room_id}:list"


def user_topic(user_id: int) -> str:
    """A person's own tabs."""
    return f"user:{user_id}"


def pack(frame: Frame, origin: str) -> bytes:
    """A frame for the bus: a line of JSON, then the HTML. `origin` names the worker that publishes it."""
    return f"{json.dumps([origin, frame.topic, frame.revision, frame.about])}\n{frame.html}".encode()


def unpack(payload: bytes) -> tuple[str, Frame]:
    """The origin and the frame. Raises `ValueError` for what `pack` did not make."""
    head, _, html = payload.partition(b"\n")
    match json.loads(head):
        case [str(origin), str(topic), int() | None as revision, str(about)]:
            return origin, Frame(topic, html.decode(), revision, about)
        case _:
            raise ValueError("not a frame of ours")


def text_frame(html: str) -> bytes:
    """The bytes of an unmasked, unfragmented text message (RFC 6455, section 5.2)."""
    return _encode(_TEXT, html.encode())


def close_frame(code: int, reason: str = "") -> bytes:
    """RFC 6455, section 5.5.1; the reason may have 123 bytes."""
    return _encode(_CLOSE, struct.pack("!H", code) + reason.encode()[:123])


def closing_code(data: bytes) -> int | None:
    """The code of the close frame that ends these control frames; None if none does, or if they are something else."""
    while data[:1] == bytes([_PONG]):
        data = data[2 + data[1] :]
    if data[:1] != bytes([_CLOSE]):
        return None
    (code,) = struct.unpack("!H", data[2:4]) if data[1] else (_NO_CODE,)
    return int(code)


def _encode(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", first, size) + payload
    elif size < 65536:
        return struct.pack("!BBH", first, 126, size) + payload
    else:
        return struct.pack("!BBQ", first, 127, size) + payload


# A ping proves that the client is there; the comment, which a page can see, proves that the server is.
HEARTBEAT = _encode(_PING, b"") + text_frame("<!-- -->")
