"""The driver's own WebSocket, against bytes that are known."""

import zlib

import pytest

from bench.dialects import MARK, MARK_BYTES, Multichat, Relay, Seat, SocketIo, mark
from bench.wire import TEXT, Broken, Refused, Wire, encode

ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
COMPRESSED = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"


@pytest.mark.parametrize("size", [5, 126, 70_000])
def test_frames_of_every_length_come_whole_in_any_pieces(size: int) -> None:
    payload = b"x" * size
    head = encode(TEXT, payload)[: -4 - size]
    stream = ACCEPTED + bytes([head[0], head[1] & 0x7F]) + head[2:] + payload
    for piece in (len(stream), 1000, 7):
        wire = Wire()
        parts = [stream[at : at + piece] for at in range(0, len(stream), piece)]
        assert [frame for part in parts for frame in wire.feed(part)] == [(TEXT, payload)]


def test_two_compressed_messages_share_a_window() -> None:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    stream = COMPRESSED
    for _ in range(2):
        data = (deflate.compress(b"hello hello") + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
        stream += bytes([0xC1, len(data)]) + data
    wire = Wire()
    assert [payload for _, payload in wire.feed(stream)] == [b"hello hello"] * 2
    assert wire.is_compressed


def test_what_is_no_stream_of_frames_is_said() -> None:
    with pytest.raises(Broken, match="nothing was agreed on"):
        list(Wire().feed(ACCEPTED + b"\xc1\x01x"))
    with pytest.raises(Refused, match="403"):
        list(Wire().feed(b"HTTP/1.1 403 Forbidden\r\n\r\n"))


def test_every_dialect_carries_one_mark_of_one_width() -> None:
    sample = f'<article data-revision="7">{mark(1)}!</article>'
    for dialect in (Multichat(), Relay(sample), SocketIo(sample)):
        said = dialect.say(Seat(room=7), 1234)
        assert MARK.findall(said.encode())[0][0] == b"00001234"
        assert len(MARK.search(said.encode())[0]) == MARK_BYTES == len(mark(1))
    assert len(Relay(sample).say(Seat(), 5)) == len(sample)
