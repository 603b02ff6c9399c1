"""A connection: the one way onto a client's socket.

simple-websocket is handed a `Connection` in place of the socket, so that its pongs and close frames pass here too. It
would send with a plain `send` and ignore how much was taken: a slow reader got 319 bytes of a 20,011-byte frame, and
garbage ever after. Here every byte goes, under one lock, straight to the kernel when nothing waits, else into a
bounded outbox that a writer drains; the writer exists only as long as something waits.
"""

import contextlib
import select
import socket
import uuid
from collections import deque
from collections.abc import Callable, Hashable

from multichat.realtime.frame import close_frame, closing_code
from multichat.realtime.machine import MACHINE, Machine

# A client this far behind is served faster by the database, when it comes back, than by its queue.
OUTBOX_LIMIT_BYTES = 1024 * 1024
# A socket that takes not one byte for so long has a reader that stopped reading.
STALLED_SECONDS = 10.0
# A heartbeat goes out every 20 s; who has said nothing for so long when the next is due is not there. With the close
# and the roster's patience that is 54 s at most.
SILENCE_SECONDS = 35.0
# How long the other side has to answer a close frame, and how much of what it was sending is thrown away meanwhile.
CLOSING_SECONDS = 2.0
LINGER_LIMIT_BYTES = 16 * 1024 * 1024

GOING_AWAY, TOO_BIG, FAULT, STOPPING, SLOW, SIGNED_OUT, TOO_MANY = 1001, 1009, 1011, 1012, 1013, 4401, 4429


class ConnectionLost(Exception):
    """The socket is gone or closing; what was to be written is not."""


class Connection:
    """One client's WebSocket on this worker, and whose it is.

    Stands in for the socket towards simple-websocket (`send`, `recv`, `close`). Closing it never closes the socket
    object: that is gunicorn's, which counts its connections by it.
    """

    def __init__(self, sock: socket.socket, machine: Machine = MACHINE) -> None:
        self.id = uuid.uuid4().hex
        # Known once it is authorised.
        self.user_id = 0
        self.sign_in_id = 0
        # The rooms it has joined; the hub's to change. What its page was last told of the list of rooms.
        self.rooms: set[int] = set()
        self.room_list: Hashable = None
        # The code that it ends with, and whether it was we who ended it.
        self.closing: int | None = None
        self.dismissed = False
        # Does what simple-websocket has read so far.
        self.handle_input: Callable[[], None] = lambda: None
        self._sock = sock
        # gevent's socket would catch EAGAIN and wait; the real one below it answers at once.
        self._raw: socket.socket = getattr(sock, "_sock", sock)
        self._machine = machine
        self._clock = machine.clock
        self._lock = machine.lock()
        self._drained = machine.condition(self._lock)
        self._outbox: deque[memoryview] = deque()
        self._outbox_bytes = 0
        self._writer_runs = False
        self._lost = False
        self._close_deadline = 0.0
        self.opened_at = self._heard_at = machine.clock()

    def deliver(self, data: bytes) -> None:
        """Send without waiting. Over the outbox's limit the connection is closed with 1013, to come back."""
        with self._lock:
            self._deliver(data)

    def write(self, data: bytes) -> None:
        """Send as fast as the socket takes it; for the connection's own handler alone. Raises `ConnectionLost`."""
        with self._lock:
            while self._outbox and not self._lost and self.closing is None:
                self._drained.wait(STALLED_SECONDS)
            if self._lost or self.closing is not None:
                raise ConnectionLost
            self._put(data)

    def shut(self, code: int, reason: str = "") -> None:
        """Send a close frame after what already waits; the first code given stands."""
        with self._lock:
            if self.closing is None:
                self._close(code, reason)

    def tend(self, now: float) -> None:
        """What the hub's sweep asks of each connection: let go of whoever is silent or does not answer a close."""
        if self._lost or (self.closing is not None and now > self._close_deadline):
            self._lose()
        elif now - self._heard_at > SILENCE_SECONDS:
            self.shut(SLOW, "no answer")

    def finish(self) -> None:
        """The handler is done: give the last bytes their time, then end both directions.

        What the client is still sending is read and thrown away, since a close with unread input becomes a reset, which
        can overtake the close frame.
        """
        with self._lock:
            deadline = self._clock() + CLOSING_SECONDS
            while self._outbox and not self._lost and self._clock() < deadline:
                self._drained.wait(CLOSING_SECONDS)
        if not self._lost and self.closing is not None:
            self._linger(deadline)
        self._lose()

    def _linger(self, deadline: float) -> None:
        try:
            self._raw.shutdown(socket.SHUT_WR)
            left = LINGER_LIMIT_BYTES
            while left > 0 and self._clock() < deadline and self._ready(select.POLLIN, deadline - self._clock()):
                taken = self._raw.recv(65536, socket.MSG_DONTWAIT)
                if not taken:
                    break
                left -= len(taken)
        except OSError:
            pass  # the client was faster

    # Towards simple-websocket

    def send(self, data: bytes) -> int:
        """What it says by itself: the handshake's answer, pongs, and a close, after which nothing may follow."""
        with self._lock:
            self._deliver(data)
            code = closing_code(data)
            if code is not None and self.closing is None:
                self._end_with(code)
        return len(data)

    def recv(self, size: int) -> bytes:
        """Wait for more, once what came before is done: whatever a client sends meanwhile waits in the kernel."""
        self.handle_input()
        # Nobody is silent while we do not listen.
        self._heard_at = self._clock()
        if self._lost:
            return b""
        data = self._sock.recv(size)
        self._heard_at = self._clock()
        return data

    def close(self) -> None:
        """simple-websocket is done reading; what waits may still pass."""
        with self._lock:
            if self.closing is None:
                self._end_with(GOING_AWAY)

    # Inside the lock

    def _deliver(self, data: bytes) -> None:
        if self.closing is None and not self._lost:
            # What the socket has a part of does not count: a long message, once begun, is to arrive.
            if self._outbox and self._outbox_bytes - len(self._outbox[0]) + len(data) > OUTBOX_LIMIT_BYTES:
                self._close(SLOW)
            else:
                self._put(data)

    def _put(self, data: bytes) -> None:
        sent = 0 if self._outbox else self._try_send(data)
        if sent < len(data) and not self._lost:
            self._outbox.append(memoryview(data)[sent:])
            self._outbox_bytes += len(data) - sent
            if not self._writer_runs:
                self._start_writer()

    def _start_writer(self) -> None:
        try:
            self._machine.spawn(self._drain)
            self._writer_runs = True
        except RuntimeError:  # no more threads: the sweep lets go of it, and the client comes back
            self._abandon()

    def _close(self, code: int, reason: str = "") -> None:
        if code == SLOW:
            # The frame that the client has part of must end; the rest it gets when it comes back.
            head = self._outbox.popleft() if self._outbox else None
            self._outbox.clear()
            if head is not None:
                self._outbox.append(head)
            self._outbox_bytes = len(head or b"")
        self._put(close_frame(code, reason))
        self.dismissed = True
        self._end_with(code)

    def _end_with(self, code: int) -> None:
        """Nothing is said any more."""
        self._close_deadline = self._clock() + CLOSING_SECONDS  # first: the sweep looks at it without the lock
        self.closing = code
        self._drained.notify_all()

    def _try_send(self, data: bytes | memoryview) -> int:
        try:
            return self._raw.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        except OSError:
            self._abandon()
            return 0

    def _abandon(self) -> None:
        self._lost = True
        self._outbox.clear()
        self._outbox_bytes = 0
        self._drained.notify_all()

    # The writer

    def _drain(self) -> None:
        stalled = False
        while True:
            with self._lock:
                sent = self._try_send(self._outbox[0]) if self._outbox else 0
                if sent:
                    self._heard_at = self._clock()  # who makes room is there, however slow to answer
                    self._outbox_bytes -= sent
                    if sent == len(self._outbox[0]):
                        self._outbox.popleft()
                    else:
                        self._outbox[0] = self._outbox[0][sent:]
                elif stalled:
                    self._abandon()
                if not self._outbox:
                    self._writer_runs = False
                    self._drained.notify_all()
                    break
            # False twice in a row: woken, and still not a byte taken.
            stalled = not sent and not self._ready(select.POLLOUT, STALLED_SECONDS)
        if self._lost:
            self._lose()

    def _ready(self, events: int, seconds: float) -> bool:
        return self._machine.wait_ready(self._sock, events, seconds)

    def _lose(self) -> None:
        """End both directions at once. The reader wakes up with an end of file and the handler ends."""
        with self._lock:
            self._abandon()
        with contextlib.suppress(OSError):  # it was gone already
            self._sock.shutdown(socket.SHUT_RDWR)
        self.close()
