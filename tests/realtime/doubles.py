"""Real parts in the small: a clock that is told the time, a log in memory, a worker, a client behind a socket."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from multichat.realtime.bus import Bus, Exchange, MemoryBus
from multichat.realtime.connection import Connection
from multichat.realtime.frame import Frame, room_topic
from multichat.realtime.hub import Hub
from multichat.realtime.keeper import Keeper
from multichat.realtime.log import Changes, LogUnavailable, Page, State
from multichat.realtime.machine import Machine

LOBBY = 7
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


class Clock(Machine):
    """A machine on which time passes when a test says so, and when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:  # type: ignore[override]
        return self.now

    def sleep(self, seconds: float) -> None:  # type: ignore[override]
        self.now += seconds


class Threads(Machine):
    """A machine that remembers which threads it was asked for."""

    def __init__(self) -> None:
        self.started: list[threading.Thread] = []

    def spawn(self, target: Callable[[], None]) -> None:
        self.started.append(threading.Thread(target=target, daemon=True))
        self.started[-1].start()


@dataclass
class Message:
    ordinal: int
    revision: int
    body: str

    def upsert(self) -> str:
        return json.dumps(["upsert", self.revision, self.ordinal, self.body])


@dataclass
class RoomLog:
    revision: int = 0
    messages: list[Message] = field(default_factory=list)


class MemoryLog:
    """What the database is to the hub. Frames are JSON: what happened, the revision, the ordinal, the body."""

    changes_limit = 300

    def __init__(self) -> None:
        self.rights = 1
        self.rooms: dict[int, RoomLog] = {LOBBY: RoomLog()}
        self.away = False
        # A commit, or one statement's snapshot, where threads meet.
        self._lock = threading.Lock()
        # What was asked, in order.
        self.asked: list[str] = []
        # Called in the middle of a read, between its statements, and after them.
        self.meanwhile: Callable[[], object] = lambda: None

    def post(self, body: str = "hi", room_id: int = LOBBY) -> Frame:
        """Commit a message; the frame is what its author's worker publishes afterwards."""
        with self._lock:
            room = self.rooms[room_id]
            room.revision += 1
            message = Message(len(room.messages) + 1, room.revision, body)
            room.messages.append(message)
            return _frame("append", message, room_id)

    def edit(self, ordinal: int, body: str, room_id: int = LOBBY) -> Frame:
        with self._lock:
            room = self.rooms[room_id]
            room.revision += 1
            message = room.messages[ordinal - 1]
            message.revision, message.body = room.revision, body
            return _frame("upsert", message, room_id)

    def state(self, room_ids: Collection[int]) -> State:
        self._ask("state")
        return State(
            self.rights, {room_id: self.rooms[room_id].revision for room_id in room_ids if room_id in self.rooms}
        )

    def changes(self, room_id: int, after: int) -> Changes | None:
        self._ask(f"changes after {after}")
        room = self.rooms.get(room_id, RoomLog())
        with self._lock:
            revision = room.revision
            changed = [message.ordinal for message in room.messages if message.revision > after]
        if after > revision or len(changed) > self.changes_limit:
            return None
        self.meanwhile()
        with self._lock:
            read = [room.messages[ordinal - 1] for ordinal in changed]
            upserts = sorted((message.revision, message.upsert()) for message in read)
        self.meanwhile()
        return Changes(revision, [(at, html) for at, html in upserts if at <= revision])

    def page(self, room_id: int) -> Page:
        self._ask("page")
        room = self.rooms.get(room_id, RoomLog())
        revision = room.revision
        self.meanwhile()
        with self._lock:
            messages = [[message.revision, message.ordinal, message.body] for message in room.messages[-50:]]
        return Page(revision, json.dumps(["reset", revision, messages]))

    def _ask(self, question: str) -> None:
        self.asked.append(question)
        if self.away:
            raise LogUnavailable("the database is away")


def _frame(kind: str, message: Message, room_id: int) -> Frame:
    html = json.dumps([kind, message.revision, message.ordinal, message.body])
    return Frame(room_topic(room_id), html, message.revision)


class Client:
    """The other end of a connection: reads what arrives as frames, and knows nothing of the server's code."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._unread = b""

    def read(self, seconds: float = 5.0) -> tuple[int, bytes]:
        """The next frame: its opcode and what it carries. Raises `EOFError` at the end, `TimeoutError` before it."""
        self.sock.settimeout(seconds)
        first, size = self._take(2)
        assert first & 0xF0 == 0x80, "a whole frame, without extensions"
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        return first & 0x0F, self._take(size)

    def text(self) -> str:
        """The next text message; pings are passed over."""
        while True:
            opcode, payload = self.read()
            if opcode == TEXT:
                return payload.decode()
            assert opcode == PING, f"a message was due, not {opcode} {payload!r}"

    def close_code(self) -> int:
        """The code that the connection ends with, whatever comes before it; nothing may come after it."""
        while True:
            opcode, payload = self.read()
            if opcode == CLOSE:
                (code,) = struct.unpack("!H", payload[:2])
                return int(code)

    def received(self) -> list[str]:
        """The text messages that are here already."""
        return [payload.decode() for opcode, payload in self.frames() if opcode == TEXT]

    def frames(self) -> list[tuple[int, bytes]]:
        """All that is here already."""
        frames: list[tuple[int, bytes]] = []
        while self._is_there():
            frames.append(self.read())
        return frames

    def at_end(self) -> bool:
        """Whether nothing more will ever come; waits for it."""
        self.sock.settimeout(5.0)
        return not self._unread and self.sock.recv(1) == b""

    def close(self) -> None:
        self.sock.close()

    def _is_there(self) -> bool:
        if self._unread:
            return True
        self.sock.settimeout(0)
        try:
            self._unread = self.sock.recv(65536)
        except BlockingIOError:
            return False
        return bool(self._unread)

    def _take(self, size: int) -> bytes:
        parts = bytearray(self._unread)
        while len(parts) < size:
            part = self.sock.recv(65536)
            if not part:
                raise EOFError
            parts += part
        self._unread = bytes(parts[size:])
        return bytes(parts[:size])


def bodies(client: Client) -> list[str]:
    """What was said, as far as it has arrived; of a reset, all that is on the page."""
    said: list[str] = []
    for frame in map(json.loads, client.received()):
        said += [body for _, _, body in frame[2]] if frame[0] == "reset" else [frame[3]]
    return said


class Timeline:
    """What a browser makes of the log's frames: a timeline and its cursor, as `<room-timeline>` keeps them."""

    def __init__(self, revision: int = 0) -> None:
        self.cursor = revision
        self.elements: dict[int, tuple[int, str]] = {}

    def apply(self, frames: list[str]) -> None:
        for frame in frames:
            kind, revision, *rest = json.loads(frame)
            if kind == "reset":
                self.elements = {ordinal: (at, body) for at, ordinal, body in rest[0]}
                self.cursor = revision
            else:
                ordinal, body = rest
                if revision > self.elements.get(ordinal, (0, ""))[0]:
                    self.elements[ordinal] = (revision, body)
                self.cursor = max(self.cursor, revision)


class Worker:
    """A hub on a bus, driven step by step: nothing happens in it but when a test says so."""

    def __init__(
        self, log: MemoryLog, bus: Bus | None = None, clock: Clock | None = None, started: bool = True
    ) -> None:
        self.log = log
        self.clock = clock or Clock()
        self.bus = bus or MemoryBus(Exchange())
        # How often rights were looked up, and what goes wrong when they are.
        self.checks = 0
        self.failure: Exception | None = None
        self.hub = Hub(self.bus, self.clock)
        self.keeper = Keeper(self.hub, log, self.bus, self._check_rights, self.clock)
        if started:
            self.bus.start(self.hub)
        self._sockets: list[socket.socket] = []

    def connect(self, user_id: int = 5) -> tuple[Connection, Client]:
        ours, theirs = socket.socketpair()
        self._sockets += [ours, theirs]
        connection = Connection(ours, self.clock)
        connection.user_id = user_id
        self.hub.add(connection)
        return connection, Client(theirs)

    def join(self, room_id: int = LOBBY, after: int | None = None) -> tuple[Connection, Client]:
        """A new connection in a room, caught up."""
        connection, client = self.connect()
        self.rejoin(connection, room_id, after)
        return connection, client

    def rejoin(self, connection: Connection, room_id: int = LOBBY, after: int | None = None) -> None:
        self.hub.join(connection, room_id)
        self.keeper.keep()
        self.keeper.catch_up(connection, room_id, after)
        self.hub.fan_out()

    def publish(self, frame: Frame) -> None:
        """To this worker and the others, as `Realtime` does."""
        self.hub.receive(frame)
        self.bus.publish(frame)

    def turn(self) -> None:
        """Whatever is due now: the keeper's pass, then the fan-out's."""
        self.keeper.keep()
        self.hub.fan_out()

    def pass_time(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        self.turn()

    def close(self) -> None:
        self.bus.close()
        for sock in self._sockets:
            sock.close()

    def _check_rights(self, _hub: Hub) -> None:
        self.checks += 1
        if self.failure is not None:
            raise self.failure


@contextmanager
def closing(*workers: Worker) -> Iterator[None]:
    try:
        yield
    finally:
        for worker in workers:
            worker.close()
