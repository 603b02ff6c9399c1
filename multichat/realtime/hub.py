"""The hub: this worker's connections, by topic, and the two threads that serve them, turn by turn.

The *fan-out* hands what is ready to the connections, and each second looks after a slice of them. The *keeper* reads
the database: it starts feeds, repairs what is missing, and notices that rights moved. Nothing else waits for anything:
what a request or the bus brings is put in order under a lock, and goes out in the fan-out's next turn together with
whatever else came meanwhile.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence

from multichat.realtime.bus import Bus
from multichat.realtime.connection import STOPPING, Connection, ConnectionLost
from multichat.realtime.feed import HOLD_SECONDS, Delivery, Feed
from multichat.realtime.frame import HEARTBEAT, RIGHTS_TOPIC, Frame, room_topic, text_frame
from multichat.realtime.log import Log, LogUnavailable

COMPARE_SECONDS = 1.0
HEARTBEAT_SECONDS = 20
# A pass over thousands of connections lets others run after so long.
TURN_SECONDS = 0.005
# What one connection is sent at once while it catches up.
SLICE_BYTES = 64 * 1024
# A room whose feed cannot start for so long has no database behind it.
START_PATIENCE_SECONDS = 5.0
# One that has no position yet waits for the bus, or there is no such room. (The bus's confirmation wakes the keeper.)
START_RETRY_SECONDS = 0.05
STOPPING_RATE_PER_SECOND = 500
STOPPING_SECONDS = 2.0

logger = logging.getLogger(__name__)


class NotJoined(Exception):
    """The connection was taken out of the room while it caught up; whoever did that has told it."""


class Hub:
    """This worker's connections, by topic.

    `check_rights` is called with the hub whenever rights may have changed; it looks the connections' up and lets go of
    whoever has lost them.
    """

    def __init__(
        self,
        log: Log,
        bus: Bus,
        check_rights: Callable[["Hub"], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.stopping = False
        self._log = log
        self._bus = bus
        self._check_rights = check_rights
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._connections: dict[Connection, set[str]] = {}
        self._listeners: dict[str, set[Connection]] = {}
        self._ready: dict[str, deque[bytes]] = {}
        self._feeds: dict[int, Feed] = {}
        self._moved: set[Feed] = set()
        self._slots: list[set[Connection]] = [set() for _ in range(HEARTBEAT_SECONDS)]
        self._added = 0
        self._sweeps = 0
        self._next_sweep = clock() + 1.0
        self._fan_out_due = threading.Event()
        self._keeper_due = threading.Event()
        self._started = threading.Condition(self._lock)
        self._compare_at = clock()
        # The version of the rights that the connections were last looked up with.
        self.rights: int | None = None
        self._rights_due = False

    # Connections

    def add(self, connection: Connection) -> None:
        with self._lock:
            self._connections[connection] = set()
            self._slots[self._added % HEARTBEAT_SECONDS].add(connection)
            self._added += 1

    def remove(self, connection: Connection) -> None:
        with self._lock:
            topics = self._connections.pop(connection, set())
            for slot in self._slots:
                slot.discard(connection)
            gone = [topic for topic in topics if self._unlisten(topic, connection)]
            gone += [room_topic(room) for room in tuple(connection.rooms) if self._drop(room, connection)]
        if gone:
            self._bus.follow(gone)

    def connections(self) -> list[Connection]:
        with self._lock:
            return list(self._connections)

    def count_of(self, user_id: int) -> int:
        """How many open connections this person has on this worker."""
        with self._lock:
            return sum(connection.user_id == user_id and connection.closing is None for connection in self._connections)

    # Topics without a log

    def listen(self, connection: Connection, topics: Collection[str]) -> None:
        """Make these the connection's topics: what is not among them ends."""
        with self._lock:
            if connection not in self._connections:
                return
            had, wanted = self._connections[connection], set(topics)
            self._connections[connection] = wanted
            new = [topic for topic in wanted - had if self._add_listener(topic, connection)]
            gone = [topic for topic in had - wanted if self._unlisten(topic, connection)]
        if new or gone:
            self._bus.follow(new + gone)

    # Rooms

    def join(self, connection: Connection, room_id: int) -> bool:
        """Register it for the room, catching up; True if it had not joined.

        Authorise after it, so that nothing falls between.
        """
        with self._lock:
            if connection not in self._connections:
                raise ConnectionLost
            feed = self._feeds.get(room_id)
            new = feed is None
            if feed is None:
                feed = self._feeds[room_id] = Feed(room_id, self._clock())
            joined = room_id not in connection.rooms
            connection.rooms.add(room_id)
            feed.joined.add(connection)
            feed.hold_back(connection)
        if new:
            self._bus.follow([room_topic(room_id)])
            self._keeper_due.set()
        return joined

    def leave(self, connection: Connection, room_id: int) -> bool:
        """True if it had joined."""
        with self._lock:
            had = room_id in connection.rooms
            gone = self._drop(room_id, connection)
        if gone:
            self._bus.follow([room_topic(room_id)])
        return had

    def catch_up(self, connection: Connection, room_id: int, cursor: int | None) -> None:
        """Bring the connection from its cursor to where the feed is, and make it live; in its own handler.

        Without a cursor it begins now. Raises `ConnectionLost`, `NotJoined`, and `LogUnavailable`, also for a log that
        ends before what was fanned out: the room is gone, or the database older.
        """
        while True:
            position = self._position(connection, room_id)
            cursor = position if cursor is None else cursor
            if cursor == position and self._go_live(connection, room_id, cursor):
                return
            cursor, frames = self._read(room_id, cursor)
            if cursor < position:
                raise LogUnavailable("the log ends before what was fanned out")
            self._write_slices(connection, [data for _, data in frames])
            if self._go_live(connection, room_id, cursor):
                return

    def answer(self, connection: Connection, frame: Frame, room_id: int) -> None:
        """Deliver a frame of the log to one connection, once its stream of that room has passed its revision."""
        data = text_frame(frame.html)
        with self._lock:
            feed = self._feeds.get(room_id)
            joined = room_id in connection.rooms
            if feed is not None and joined:
                feed.deliver_after(frame.revision or 0, connection, data)
                self._moved.add(feed)
                if frame.revision is not None:
                    feed.expect(frame.revision, self._clock())
        if joined:
            self._fan_out_due.set()
            self._keeper_due.set()
        else:
            connection.deliver(data)

    # What comes in

    def receive(self, frame: Frame, but: Connection | None = None) -> None:
        """Take a frame, from a request of this worker or from the bus, for everybody but one. Never waits."""
        if frame.topic == RIGHTS_TOPIC:
            self._rights_due = True
            self._keeper_due.set()
            return
        with self._lock:
            feed = self._feed_of(frame.topic)
            if feed is not None:
                data = text_frame(frame.html)
                if frame.revision is None:
                    feed.pass_by(data, but)
                else:
                    feed.receive(frame.revision, data, self._clock())
                    if feed.repair_at(0) is not None:
                        self._keeper_due.set()
                self._moved.add(feed)
            elif frame.topic in self._listeners:
                self._ready.setdefault(frame.topic, deque()).append(text_frame(frame.html))
            else:
                return
        self._fan_out_due.set()

    def subscribed(self, topic: str) -> None:
        """The bus confirms a subscription, the first or one after an outage: compare, frames may have been missed."""
        with self._lock:
            feed = self._feed_of(topic)
            if feed is not None:
                feed.confirmed = True
                self._compare_at = self._clock()
        if feed is not None:
            self._keeper_due.set()

    def topics(self) -> list[str]:
        """Everything this worker listens to; what the bus subscribes to."""
        with self._lock:
            return [RIGHTS_TOPIC, *self._listeners, *(room_topic(room_id) for room_id in self._feeds)]

    # The fan-out

    def fan_out_turn(self) -> None:
        self._fan_out_due.wait(max(0.0, self._next_sweep - self._clock()))
        self._fan_out_due.clear()
        self.fan_out()
        if self._clock() >= self._next_sweep:
            self._next_sweep = self._clock() + 1.0
            self.sweep()

    def fan_out(self) -> None:
        """Hand out all that is ready."""
        with self._lock:
            deliveries: list[Delivery] = [delivery for feed in self._moved for delivery in feed.take()]
            self._moved.clear()
            for topic, frames in self._ready.items():
                deliveries.append((b"".join(frames), tuple(self._listeners.get(topic, ()))))
            self._ready.clear()
        turn_ends = self._clock() + TURN_SECONDS
        for data, connections in deliveries:
            for connection in connections:
                connection.deliver(data)
                if self._clock() > turn_ends:
                    self._sleep(0)
                    turn_ends = self._clock() + TURN_SECONDS

    def sweep(self) -> None:
        """One second's slice of the connections gets its heartbeat; the closing and the silent are let go."""
        now = self._clock()
        with self._lock:
            self._sweeps += 1
            slot = tuple(self._slots[self._sweeps % HEARTBEAT_SECONDS])
            closing = [connection for connection in self._connections if connection.closing is not None]
        for connection in slot:
            connection.deliver(HEARTBEAT)
        for connection in (*slot, *closing):
            connection.tend(now)

    # The keeper

    def keeper_turn(self) -> None:
        self._keeper_due.wait(self._keeper_pause())
        self._keeper_due.clear()
        try:
            self.keep()
        except LogUnavailable as error:
            # Nothing is lost: the next turn asks again, and nobody is behind the log for good.
            logger.warning("The database did not answer, feeds wait: %s", error)
            self._sleep(HOLD_SECONDS)

    def keep(self) -> None:
        """Start feeds, compare them with the log each second, repair what is missing. Raises `LogUnavailable`."""
        now = self._clock()
        with self._lock:
            compare = now >= self._compare_at
            feeds = [feed for feed in self._feeds.values() if compare or feed.may_start(now)]
            if compare:
                self._compare_at = now + COMPARE_SECONDS
        if compare or feeds:
            self._compare(feeds)
        hold = HOLD_SECONDS if self._bus.connected else 0.0
        with self._lock:
            now = self._clock()
            gaps = [(feed.room_id, feed.tail) for feed in self._feeds.values() if _due(feed.repair_at(hold), now)]
        failure: Exception | None = None
        for room_id, tail in gaps:
            try:
                self._repair(room_id, tail)
            except Exception as error:
                failure = error  # one room's trouble is not the others', nor the rights'
        # Last, so that a check that fails keeps no message from anybody.
        if self._rights_due:
            self._rights_due = False
            try:
                self._check_rights(self)
            except BaseException:
                self._rights_due = True  # somebody may still have what was taken from them
                raise
        if failure is not None:
            raise failure

    def _keeper_pause(self) -> float:
        hold = HOLD_SECONDS if self._bus.connected else 0.0
        with self._lock:
            now = self._clock()
            due = [self._compare_at]
            for feed in self._feeds.values():
                if (repair_at := feed.repair_at(hold)) is not None:
                    due.append(repair_at)
                if feed.position is None:
                    due.append(now + START_RETRY_SECONDS)
        return max(0.0, min(due) - now)

    def _compare(self, feeds: Sequence[Feed]) -> None:
        now = self._clock()
        # A feed's first position is read after its subscription: what is published later cannot be missed.
        readable = [feed for feed in feeds if feed.position is not None or feed.may_start(now)]
        state = self._log.state([feed.room_id for feed in readable])
        with self._lock:
            for feed in readable:
                if feed.room_id in state.revisions:
                    feed.stands_at(state.revisions[feed.room_id], now)
                    self._moved.add(feed)
            self._started.notify_all()
            if state.rights != self.rights:
                self._rights_due = True
                self.rights = state.rights
        self._fan_out_due.set()

    def _repair(self, room_id: int, tail: int) -> None:
        revision, upserts = self._read(room_id, tail)
        with self._lock:
            feed = self._feeds.get(room_id)
            if feed is not None:
                feed.fill(revision, upserts, self._clock())
                self._moved.add(feed)
        self._fan_out_due.set()

    # Stopping

    def drain(self) -> None:
        """Close everybody with 1012, spread over time, so that they do not all come back in the same instant."""
        self.stopping = True
        connections = self.connections()
        pause = min(1 / STOPPING_RATE_PER_SECOND, STOPPING_SECONDS / max(1, len(connections)))
        begun = self._clock()
        for number, connection in enumerate(connections):
            connection.shut(STOPPING, "restarting")
            ahead = begun + number * pause - self._clock()
            if ahead > 0:
                self._sleep(ahead)

    # Inside

    def _position(self, connection: Connection, room_id: int) -> int:
        with self._lock:
            deadline = self._clock() + START_PATIENCE_SECONDS
            while (position := self._joined(connection, room_id).position) is None:
                if self._clock() > deadline:
                    raise LogUnavailable("the room's feed did not start")
                self._started.wait(1.0)
            return position

    def _go_live(self, connection: Connection, room_id: int, cursor: int) -> bool:
        with self._lock:
            feed = self._joined(connection, room_id)
            live = feed.go_live(connection, cursor)
            if live and cursor > feed.tail:
                feed.expect(cursor, self._clock())
                self._keeper_due.set()
            self._moved.add(feed)
        self._fan_out_due.set()
        return live

    def _joined(self, connection: Connection, room_id: int) -> Feed:
        """Inside the lock: the feed that the connection has joined."""
        if connection not in self._connections:
            raise ConnectionLost
        if room_id not in connection.rooms:
            raise NotJoined
        return self._feeds[room_id]

    def _read(self, room_id: int, after: int) -> tuple[int, list[tuple[int, bytes]]]:
        """The revision that the room has come to, and the frames that lead there, each with its own."""
        changes = self._log.changes(room_id, after)
        if changes is None:
            page = self._log.page(room_id)
            return page.revision, [(page.revision, text_frame(page.html))]
        else:
            return changes.revision, [(revision, text_frame(html)) for revision, html in changes.upserts]

    def _write_slices(self, connection: Connection, frames: Sequence[bytes]) -> None:
        batch: list[bytes] = []
        size = 0
        for frame in frames:
            batch.append(frame)
            size += len(frame)
            if size >= SLICE_BYTES:
                connection.write(b"".join(batch))
                batch, size = [], 0
        if batch:
            connection.write(b"".join(batch))

    def _feed_of(self, topic: str) -> Feed | None:
        kind, _, room_id = topic.partition(":")
        return self._feeds.get(int(room_id)) if kind == "room" and room_id.isdecimal() else None

    def _add_listener(self, topic: str, connection: Connection) -> bool:
        """True for the first one."""
        listeners = self._listeners.setdefault(topic, set())
        listeners.add(connection)
        return len(listeners) == 1

    def _unlisten(self, topic: str, connection: Connection) -> bool:
        """True when nobody is left."""
        listeners = self._listeners.get(topic, set())
        listeners.discard(connection)
        if listeners:
            return False
        self._listeners.pop(topic, None)
        return True

    def _drop(self, room_id: int, connection: Connection) -> bool:
        """True when nobody is left in the room."""
        feed = self._feeds.get(room_id)
        connection.rooms.discard(room_id)
        if feed is None or connection not in feed.joined:
            return False
        feed.drop(connection)
        if feed.joined:
            return False
        del self._feeds[room_id]
        self._moved.discard(feed)
        return True


def _due(at: float | None, now: float) -> bool:
    return at is not None and at <= now
