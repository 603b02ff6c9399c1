"""The client's side of the WebSocket, to be driven by hand: a handshake as a browser makes it, and frames."""

import base64
import os
import struct
import zlib
from collections.abc import Iterator

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
# What Chromium offers. Whoever accepts it compresses each message, for each connection anew.
COMPRESSION_OFFER = "permessage-deflate; client_max_window_bits"
# A mask of zeros is one too (RFC 6455, section 5.3), and leaves the payload as it is.
MASK = b"\0\0\0\0"


class Refused(Exception):
    """The server answered the handshake with something else than 101."""


class Broken(Exception):
    """What came is no stream of frames: two threads wrote at once, or a part of one was never sent."""


class Wire:
    """The bytes of one connection: what is fed in comes out as frames."""

    def __init__(self) -> None:
        self.is_open = False
        self._buffer = b""
        self._inflate: zlib._Decompress | None = None
        self._forgets = False

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each whole frame, as its kind and its payload. Fragmented messages are not understood: none of ours are."""
        data = self._buffer + data if self._buffer else data
        start = 0
        if not self.is_open:
            start = self._shake_hands(data)
        end = len(data)
        while end - start >= 2:
            first, size, head = data[start], data[start + 1] & 0x7F, start + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if end < head + width:
                    break
                size, head = int.from_bytes(data[head : head + width]), head + width
            if end < head + size:
                break
            start = head + size
            payload = data[head:start]
            if first & 0x40:
                payload = self._inflated(payload)
            if not first & 0x80:
                raise Broken("a frame that is a part of a message")
            yield first & 0x0F, payload
        self._buffer = data[start:]

    def _shake_hands(self, data: bytes) -> int:
        """How many bytes the answer had; none while it is not whole."""
        head, end, _ = data.partition(b"\r\n\r\n")
        if not end:
            return 0
        if not head.startswith(b"HTTP/1.1 101 "):
            raise Refused(head.partition(b"\r\n")[0].decode(errors="replace"))
        extensions = b"".join(
            line for line in head.lower().split(b"\r\n") if line.startswith(b"sec-websocket-extensions:")
        )
        if b"permessage-deflate" in extensions:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            self._forgets = b"server_no_context_takeover" in extensions
        self.is_open = True
        return len(head) + len(end)

    def _inflated(self, payload: bytes) -> bytes:
        if self._inflate is None:
            raise Broken("a compressed message, though nothing was agreed on")
        inflate = self._inflate
        if self._forgets:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            return inflate.decompress(payload + b"\x00\x00\xff\xff")  # RFC 7692, section 7.2.2
        except zlib.error as error:
            raise Broken(f"a compressed message that is none: {error}") from error

    @property
    def is_compressed(self) -> bool:
        return self._inflate is not None


def handshake(host: str, path: str, cookie: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Sec-WebSocket-Extensions: {COMPRESSION_OFFER}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: en-US,en;q=0.9",
        "Cache-Control: no-cache",
        "Pragma: no-cache",
    ]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return "\r\n".join((*lines, "", "")).encode()


def encode(kind: int, payload: bytes) -> bytes:
    """A whole frame of a client (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | kind, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | kind, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x80 | kind, 0xFF, size)
    return head + MASK + payload
