"""The sockets between pages and workers, with their failures, and the frames that pass through them."""

import errno
import select
import socket
from collections import deque
from typing import Any

from tests.simulation.world import Task, World


class Socket:
    """A connection between a page and a worker: both ends, and a kernel's buffer in between."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connection_id = ""
        self.buffer = bytearray()
        self.capacity = world.chance.choice((300, 2000, 100_000))
        # What the page has said, for the handler to take.
        self.commands: deque[dict[str, Any]] = deque()
        # The server ended it; the network broke, and the server does not know or will learn when it sends.
        self.ended = False
        self.broken = False
        self.vanished = False
        self._readers: deque[Task] = deque()
        self._writers: deque[Task] = deque()
        self._page: deque[Task] = deque()

    # The worker's end, as `Connection` uses it

    def send(self, data: bytes, _flags: int = 0) -> int:
        if self.broken or self.ended:
            raise OSError(errno.EPIPE, "broken")
        free = self.capacity - len(self.buffer)
        if free <= 0:
            raise BlockingIOError
        taken = min(free, len(data))
        self.buffer += data[:taken]
        self.world.wake(self._page)
        return taken

    def recv(self, _size: int, flags: int = 0) -> bytes:
        while not self.commands and not (self.broken or self.ended):
            if flags & socket.MSG_DONTWAIT:
                raise BlockingIOError
            self.world.wait_in(self._readers, None)
        return b"" if self.broken or self.ended else b"a command"

    def shutdown(self, how: int) -> None:
        if how != socket.SHUT_WR:
            self.ended = True
            self._wake_server()
        self.world.wake(self._page)

    def wait_ready(self, events: int, seconds: float) -> bool:
        line = self._writers if events & select.POLLOUT else self._readers
        return self._is_ready(events) or self.world.wait_in(line, seconds) or self._is_ready(events)

    # The page's end

    def say(self, command: dict[str, Any]) -> None:
        if not self.vanished and not self.broken:
            self.commands.append(command)
            self.world.wake(self._readers)

    def take(self, most: int) -> bytes | None:
        """What is there, waiting for it; `None` at the end."""
        while not self.buffer:
            if self.ended or self.broken or self.vanished:
                return None
            self.world.wait_in(self._page, None)
        taken = bytes(self.buffer[:most])
        del self.buffer[:most]
        self.world.wake(self._writers)
        return taken

    def cut(self) -> None:
        """The network is gone, and both know it. What was on its way is lost."""
        self.broken = True
        self.buffer.clear()
        self._wake_server()
        self.world.wake(self._page)

    def vanish(self) -> None:
        """The page is gone without a word: the server goes on sending, until nothing more fits."""
        self.vanished = True
        self.world.wake(self._page)

    def _wake_server(self) -> None:
        while self._readers:
            self.world.wake(self._readers)
        while self._writers:
            self.world.wake(self._writers)

    def _is_ready(self, events: int) -> bool:
        if self.broken or self.ended:
            return True
        return len(self.buffer) < self.capacity if events & select.POLLOUT else bool(self.commands)


def frames_in(buffer: bytearray) -> list[bytes]:
    """Take the whole text messages out of the buffer; an empty one for a ping."""
    frames: list[bytes] = []
    while len(buffer) >= 2:
        size, head = buffer[1], 2
        if size == 126:
            size, head = int.from_bytes(buffer[2:4]), 4
        elif size == 127:
            size, head = int.from_bytes(buffer[2:10]), 10
        if len(buffer) < head + size or len(buffer) < head:
            break
        opcode = buffer[0] & 0x0F
        frames.append(bytes(buffer[head : head + size]) if opcode == 1 else b"" if opcode == 9 else b"close")
        del buffer[: head + size]
    return frames
