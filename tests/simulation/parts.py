"""What stands around the code under test: the log, the bus and the sockets, each with its failures."""

import errno
import json
import select
import socket
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from multichat.realtime.bus import BusListener
from multichat.realtime.connection import Connection
from multichat.realtime.frame import Frame
from multichat.realtime.log import Changes, LogUnavailable, Page, State
from tests.simulation.world import Task, Violation, World

# Small ones, so that short histories reach them.
CHANGES_LIMIT = 8
PAGE_SIZE = 12
LOG_KINDS = ("append", "upsert", "answer", "reset")
# The promise is a second; what comes on top is the check itself, which reads the database.
RIGHTS_SECONDS = 1.0 + 0.3


@dataclass
class Message:
    room_id: int
    ordinal: int
    revision: int
    body: str
    client_id: str

    def frame(self, kind: str) -> str:
        return json.dumps([kind, self.room_id, self.revision, self.ordinal, self.body, self.client_id])


@dataclass
class RoomLog:
    revision: int = 0
    messages: list[Message] = field(default_factory=list)


class Log:
    """The database. A read takes its time between the position and the rows; a commit is one step."""

    def __init__(self, world: World, room_ids: Collection[int]) -> None:
        self.rooms = {room_id: RoomLog() for room_id in room_ids}
        self.rights = 1
        self.away = False
        self.stored: dict[str, Message] = {}
        # Who may not see a room, and since when; and until when the database, by being away, excused a late check.
        self.denied: dict[tuple[int, int], float] = {}
        self.excused_until = 0.0
        self.committed_at: dict[tuple[int, int], float] = {}
        self._world = world

    # What a worker does

    def post(self, room_id: int, body: str, client_id: str) -> tuple[Message, bool]:
        """The message, and whether it was stored before."""
        self._read()
        if client_id in self.stored:
            return self.stored[client_id], True
        room = self.rooms[room_id]
        message = Message(room_id, len(room.messages) + 1, self._next(room_id), body, client_id)
        room.messages.append(message)
        self.stored[client_id] = message
        return message, False

    def change(self, room_id: int, ordinal: int, body: str) -> Message:
        self._read()
        message = self.rooms[room_id].messages[ordinal - 1]
        message.revision, message.body = self._next(room_id), body
        return message

    def may_see(self, user_id: int, room_id: int) -> bool:
        self._read()
        return (user_id, room_id) not in self.denied

    def deny(self, user_id: int, room_id: int) -> None:
        self.denied.setdefault((user_id, room_id), self._world.now)
        self.rights += 1

    def allow(self, user_id: int, room_id: int) -> None:
        self.denied.pop((user_id, room_id), None)
        self.rights += 1

    # What the keeper reads

    def state(self, room_ids: Collection[int]) -> State:
        self._read()
        state = State(self.rights, {room_id: self.rooms[room_id].revision for room_id in room_ids})
        self._world.sleep(self._latency())
        return state

    def changes(self, room_id: int, after: int) -> Changes | None:
        self._read()
        room = self.rooms[room_id]
        revision = room.revision
        if after > revision:
            return None
        self._world.sleep(self._latency())
        changed = [message for message in room.messages if message.revision > after]
        if len(changed) > CHANGES_LIMIT:
            return None
        upserts = sorted((message.revision, message.frame("upsert")) for message in changed)
        self._world.sleep(self._latency())
        return Changes(max([revision, *(at for at, _ in upserts)]), upserts)

    def page(self, room_id: int) -> Page:
        self._read()
        room = self.rooms[room_id]
        revision = room.revision
        self._world.sleep(self._latency())
        rows = [[m.revision, m.ordinal, m.body, m.client_id] for m in room.messages[-PAGE_SIZE:]]
        return Page(revision, json.dumps(["reset", room_id, revision, rows]))

    def _read(self) -> None:
        self._world.sleep(self._latency())
        if self.away:
            raise LogUnavailable("the database is away")

    def _latency(self) -> float:
        return self._world.chance.choice((0.0, 0.001, 0.02))

    def _next(self, room_id: int) -> int:
        room = self.rooms[room_id]
        room.revision += 1
        self.committed_at[room_id, room.revision] = self._world.now
        return room.revision


class Redis:
    """Loses, doubles, delays and reorders; goes away and comes back."""

    def __init__(self, world: World) -> None:
        self.up = True
        self.buses: list[Bus] = []
        chance = world.chance
        self.loss = chance.choice((0.0, 0.0, 0.1, 0.5))
        self.doubling = chance.choice((0.0, 0.1))
        self.delay_seconds = chance.choice((0.001, 0.01, 0.3))

    def stop(self) -> None:
        self.up = False
        for bus in self.buses:
            bus.cut()

    def start(self) -> None:
        self.up = True


class Bus:
    """One worker's. Whether it is connected it learns late, in both directions."""

    def __init__(self, world: World, redis: Redis) -> None:
        self.connected = False
        self._world = world
        self._redis = redis
        self._topics: set[str] = set()
        self._listener: BusListener | None = None
        self._session = 0

    def start(self, listener: BusListener) -> None:
        self._listener = listener
        self._redis.buses.append(self)
        self._come_back()

    def publish(self, frame: Frame) -> None:
        redis, chance = self._redis, self._world.chance
        if not redis.up:
            return
        for bus in redis.buses:
            if bus is not self and frame.topic in bus._topics and chance.random() >= redis.loss:
                for _ in range(2 if chance.random() < redis.doubling else 1):
                    self._world.after(chance.random() * redis.delay_seconds, partial(bus._arrive, frame))

    def follow(self, topics: Collection[str]) -> None:
        session = self._session
        self._world.after(self._world.chance.random() * 0.1, partial(self._subscribe, sorted(topics), session))

    def ping(self) -> bool:
        return self.connected

    def close(self) -> None:
        self._topics.clear()
        self._redis.buses.remove(self)

    def cut(self) -> None:
        """Its subscriptions are gone; it notices soon, and tries again."""
        self._topics.clear()
        self._session += 1
        self._world.after(self._world.chance.random() * 0.5, self._notice)

    def _notice(self) -> None:
        self.connected = False
        self._world.after(0.1 + self._world.chance.random() * 0.5, self._come_back)

    def _come_back(self) -> None:
        if self not in self._redis.buses or self.connected:
            return
        if not self._redis.up:
            self._world.after(0.3, self._come_back)
            return
        assert self._listener is not None
        self.connected = True
        self._session += 1
        # The listener asks its hub for its topics; what is followed meanwhile is told after.
        self._world.after(0.001, partial(self._subscribe, None, self._session))

    def _subscribe(self, topics: Collection[str] | None, session: int) -> None:
        """In a thread, as the hub's lock has to be taken."""

        def subscribe() -> None:
            assert self._listener is not None
            wanted = self._listener.topics()
            if session != self._session or not self.connected:
                return
            for topic in wanted if topics is None else topics:
                if topic in wanted:
                    self._topics.add(topic)
                    self._listener.subscribed(topic)
                else:
                    self._topics.discard(topic)

        self._world.spawn(subscribe, self._process)

    def _arrive(self, frame: Frame) -> None:
        def arrive() -> None:
            assert self._listener is not None
            self._listener.receive(frame)

        self._world.spawn(arrive, self._process)

    @property
    def _process(self) -> Any:
        return self._listener.process  # type: ignore[union-attr]  # it is a WatchedHub


class Socket:
    """A connection between a page and a worker: both ends, and a kernel's buffer in between."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connection_id = ""
        self.buffer = bytearray()
        self.capacity = world.chance.choice((300, 2000, 100_000))
        # What the page has said, for the handler to take; `None` once it has gone.
        self.commands: deque[dict[str, Any] | None] = deque()
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
        return b"" if self.broken or self.ended or self.commands[0] is None else b"a command"

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


class WatchedConnection(Connection):
    """Looks at everything that is sent to somebody who may not see a room any more."""

    def __init__(self, sock: Socket, world: World, log: Log, number: int) -> None:
        super().__init__(sock, world)  # type: ignore[arg-type]
        self.id = str(number)
        self._number = number
        self._log = log
        self._world = world

    def __hash__(self) -> int:
        return self._number  # sets of connections are to be in the same order each time

    def deliver(self, data: bytes) -> None:
        self._watch(data)
        super().deliver(data)

    def write(self, data: bytes) -> None:
        self._watch(data)
        super().write(data)

    def _watch(self, data: bytes) -> None:
        denied = {room_id: since for (user_id, room_id), since in self._log.denied.items() if user_id == self.user_id}
        if not denied:
            return
        for frame in frames_in(bytearray(data)):
            kind, room_id, *rest = json.loads(frame) if frame[:1] == b"[" else ("", 0)
            if kind in LOG_KINDS and room_id in denied:
                revision = rest[0]
                lost_at = max(denied[room_id], self._log.excused_until)
                late = self._log.committed_at[room_id, revision] - lost_at
                if late > RIGHTS_SECONDS:
                    raise Violation(f"revision {revision} went to somebody who had lost the room {late:.2f} s before")


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
