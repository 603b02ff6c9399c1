"""A connection: the one way onto a client's socket.

simple-websocket is handed a `Connection` in place of the socket, so that its pongs and close frames pass here too. It
would send with a plain `send` and ignore how much was taken: a slow reader got 319 bytes of a 20,011-byte frame, and
garbage ever after. Here every byte goes, under one lock, straight to the kernel when nothing waits, else into a
bounded outbox that a writer drains; the writer exists only as long as something waits.

The lock is one that greenlets know nothing of, so nothing inside it may switch to another: no condition, no log, no
wait. Whoever waits for the outbox does so outside, for an event.
"""

import contextlib
import select
import socket
import threading
import uuid
from collections.abc import Callable

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

DONT_WAIT = int(socket.MSG_DONTWAIT)

GOING_AWAY, TOO_BIG, FAULT, STOPPING, SLOW, SIGNED_OUT, TOO_MANY = 1001, 1009, 1011, 1012, 1013, 4401, 4429


class ConnectionLost(Exception):
    """The socket is gone or closing; what was to be written is not."""


class Connection:
    """One client's WebSocket on this worker, and whose it is.

    Stands in for the socket towards simple-websocket (`send`, `recv`, `close`). Closing it never closes the socket
    object: that is gunicorn's, which counts its connections by it.
    """

    # Thousands of them are walked for each message, through memory that the kernel's work for the last one has pushed
    # out of the caches: all of one lies together, and `deliver` looks at little of it.
    __slots__ = (
        "_clock",
        "_close_deadline",
        "_drained",
        "_flows",
        "_heard_at",
        "_lock",
        "_lost",
        "_machine",
        "_outbox",
        "_outbox_bytes",
        "_raw",
        "_send",
        "_sock",
        "_writer_runs",
        "closing",
        "dismissed",
        "handle_input",
        "id",
        "opened_at",
        "room_list",
        "rooms",
        "sign_in_id",
        "user_id",
    )

    def __init__(self, sock: socket.socket, machine: Machine = MACHINE) -> None:
        self.id = uuid.uuid4().hex
        # Known once it is authorised.
        self.user_id = 0
        self.sign_in_id = 0
        # The rooms it has joined; the hub's to change. What its page was last told of the list of rooms.
        self.rooms: set[int] = set()
        self.room_list = b""
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
        self._lock = machine.native_lock()
        self._send = self._raw.send
        # Open, and nothing waits: what is to be sent may go straight to the kernel.
        self._flows = True
        # A list, since an empty deque takes 600 bytes.
        self._outbox: list[memoryview] = []
        self._outbox_bytes = 0
        self._writer_runs = False
        # What the handler waits for, when it does: the outbox is empty, or nothing will come of it.
        self._drained: threading.Event | None = None
        self._lost = False
        self._close_deadline = 0.0
        self.opened_at = self._heard_at = machine.clock()

    def deliver(self, data: bytes) -> None:
        """Send without waiting. Over the outbox's limit the connection is closed with 1013, to come back."""
        with self._lock:
            self._deliver(data)

    def write(self, data: bytes) -> None:
        """Send as fast as the socket takes it; for the connection's own handler alone. Raises `ConnectionLost`."""
        while True:
            with self._lock:
                if self._lost or self.closing is not None:
                    raise ConnectionLost
                if self._flows:
                    self._deliver(data)
                    return
                drained = self._drained = self._machine.event()
            drained.wait(STALLED_SECONDS)

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
        deadline = self._clock() + CLOSING_SECONDS
        while self._outbox and self._clock() < deadline:
            with self._lock:
                drained = self._drained = self._machine.event()
                if not self._outbox:
                    break
            drained.wait(deadline - self._clock())
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
        if self._lost:
            return b""
        data = self._sock.recv(size)
        self.heard()
        return data

    def heard(self) -> None:
        """The other side is there, or was not listened to: nobody is silent while their command is done."""
        self._heard_at = self._clock()

    def close(self) -> None:
        """simple-websocket is done reading; what waits may still pass."""
        with self._lock:
            if self.closing is None:
                self._end_with(GOING_AWAY)

    # Inside the lock

    def _deliver(self, data: bytes) -> None:
        sent = self._try_send(data) if self._flows else 0
        if sent < len(data):
            self._keep(data, sent)

    def _keep(self, data: bytes, sent: int) -> None:
        """What the socket has a part of does not count: a long message, once begun, is to arrive."""
        if self.closing is not None or self._lost:
            return
        if self._outbox and self._outbox_bytes - len(self._outbox[0]) + len(data) > OUTBOX_LIMIT_BYTES:
            self._close(SLOW)
        else:
            self._queue(data, sent)

    def _queue(self, data: bytes, sent: int) -> None:
        self._flows = False
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
            del self._outbox[1:]
            self._outbox_bytes = sum(map(len, self._outbox))
        data = close_frame(code, reason)
        sent = self._try_send(data) if self._flows else 0
        if sent < len(data) and not self._lost:
            self._queue(data, sent)
        self.dismissed = True
        self._end_with(code)

    def _end_with(self, code: int) -> None:
        """Nothing is said any more."""
        self._close_deadline = self._clock() + CLOSING_SECONDS  # first: the sweep looks at it without the lock
        self.closing = code
        self._flows = False
        self._wake_handler()

    def _try_send(self, data: bytes | memoryview) -> int:
        try:
            send = self._send  # called as `self._send(...)` it would be looked up as a method, for 0.1 us
            return send(data, DONT_WAIT)
        except BlockingIOError:
            return 0
        except OSError:
            self._abandon()
            return 0

    def _abandon(self) -> None:
        self._lost = True
        self._flows = False
        self._outbox.clear()
        self._outbox_bytes = 0
        self._wake_handler()

    def _wake_handler(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None

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
                        del self._outbox[0]
                    else:
                        self._outbox[0] = self._outbox[0][sent:]
                elif stalled:
                    self._abandon()
                if not self._outbox:
                    self._writer_runs = False
                    self._flows = self.closing is None and not self._lost
                    self._wake_handler()
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
