"""A WebSocket client of a few microseconds a frame, on asyncio: hundreds of them share one thread.

It is no judge of the server's frames, only a reader of them: the conformance tests have a strict one.
"""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast

from bench.wire import CLOSE, PING, PONG, TEXT, encode

NO_CLOSE_FRAME = 1006


class Wire(asyncio.Protocol):
    """One connection: the handshake, then messages. `ended` is called once, whatever ended it."""

    def __init__(
        self,
        host: str,
        path: str,
        cookie: str,
        opened: Callable[[], None],
        received: Callable[[str], None],
        ended: Callable[[int], None],
    ) -> None:
        self._host = host
        self._path = path
        self._cookie = cookie
        self._opened = opened
        self._received = received
        self._ended = ended
        self._buffer = bytearray()
        self._is_open = False
        self._code = NO_CLOSE_FRAME
        self.transport: asyncio.Transport | None = None

    def send(self, text: str) -> None:
        if self._is_open and self.transport is not None:
            self.transport.write(encode(TEXT, text.encode()))

    def close(self) -> None:
        """As a closed tab does."""
        if self.transport is not None:
            if self._is_open:
                self.transport.write(encode(CLOSE, struct.pack("!H", 1001)))
            self.transport.close()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    # Towards asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        lines = (
            f"GET {self._path} HTTP/1.1",
            f"Host: {self._host}",
            f"Origin: http://{self._host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            f"Cookie: {self._cookie}",
        )
        self.transport.write("\r\n".join((*lines, "", "")).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._is_open or self._shake_hands():
            self._read_frames()

    def connection_lost(self, error: Exception | None) -> None:
        self._is_open = False
        self._ended(self._code)

    # Inside

    def _shake_hands(self) -> bool:
        head, end, _ = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101 "):
            self.abort()
            return False
        del self._buffer[: len(head) + len(end)]
        self._is_open = True
        self._opened()
        return True

    def _read_frames(self) -> None:
        buffer, start = self._buffer, 0
        while len(buffer) - start >= 2:
            kind, size, head = buffer[start] & 0x0F, buffer[start + 1] & 0x7F, start + 2
            if size >= 126:
                width = 2 if size == 126 else 8
                if len(buffer) < head + width:
                    break
                size, head = int.from_bytes(buffer[head : head + width]), head + width
            if len(buffer) < head + size:
                break
            payload, start = bytes(buffer[head : head + size]), head + size
            self._take(kind, payload)
        del buffer[:start]

    def _take(self, kind: int, payload: bytes) -> None:
        assert self.transport is not None
        if kind == TEXT:
            self._received(payload.decode())
        elif kind == PING:
            self.transport.write(encode(PONG, payload))
        elif kind == CLOSE:
            self._code = int.from_bytes(payload[:2]) if payload else 1005
            self.transport.write(encode(CLOSE, payload[:2]))
            self.transport.close()
