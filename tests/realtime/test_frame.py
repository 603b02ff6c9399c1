"""A frame's two encodings."""

import pytest

from multichat.realtime.connection import Connection
from multichat.realtime.frame import HEARTBEAT, Frame, close_frame, closing_code, pack, text_frame, unpack
from tests.realtime.doubles import CLOSE, PING, TEXT, Client


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 200_000])
def test_a_text_of_any_length_arrives_whole(connection: Connection, client: Client, size: int) -> None:
    connection.deliver(text_frame("x" * size))
    assert client.read() == (TEXT, b"x" * size)


def test_a_text_is_measured_in_bytes(connection: Connection, client: Client) -> None:
    connection.deliver(text_frame("ä" * 100))
    assert client.text() == "ä" * 100


def test_a_close_frame_has_a_code_and_a_reason_that_fits(connection: Connection, client: Client) -> None:
    connection.deliver(close_frame(1012, "r" * 200))
    assert client.read() == (CLOSE, (1012).to_bytes(2, "big") + b"r" * 123)


def test_a_heartbeat_asks_the_client_and_shows_itself_to_the_page(connection: Connection, client: Client) -> None:
    connection.deliver(HEARTBEAT)
    assert client.read() == (PING, b"")
    assert client.read() == (TEXT, b"<!-- -->")


PONG = b"\x8a\x02hi"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (close_frame(1009, "Message is too big"), 1009),
        (b"\x88\x00", 1005),
        (PONG + b"\x8a\x00" + close_frame(1000), 1000),
        (PONG, None),
        (b"", None),
        (text_frame("hi"), None),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", None),
    ],
)
def test_a_close_is_recognised_among_what_simple_websocket_says(data: bytes, code: int | None) -> None:
    assert closing_code(data) == code


@pytest.mark.parametrize("revision", [None, 0, 2**53])
def test_a_frame_survives_the_bus(revision: int | None) -> None:
    frame = Frame("room:7", "<p>zwei\nZeilen, ein Euro: €</p>\n", revision)
    assert unpack(pack(frame, "some worker")) == ("some worker", frame)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"not json\n<p>",
        b'["origin", "room:7"]\n<p>',
        b'["origin", "room:7", "3"]\n<p>',
        b'["origin", 7, 3]\n<p>',
        b'{"origin": 1}\n<p>',
        b'["origin", "room:7", 3]\n\xff',
    ],
)
def test_what_is_no_frame_of_ours_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(payload)
