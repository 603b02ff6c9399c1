"""The hub: this worker's connections, by topic, and the *fan-out*, which hands them what is ready, turn by turn.

Nothing here waits for anything: what a request, the bus or the keeper brings is put in order under a lock, and goes out
in the fan-out's next turn together with whatever else came meanwhile. Each second a turn looks after a slice of the
connections.
"""

from itertools import chain

from multichat.realtime.bus import Bus
from multichat.realtime.connection import STOPPING, Connection, ConnectionLost
from multichat.realtime.feed import Delivery, Feed
from multichat.realtime.frame import HEARTBEAT, RIGHTS_TOPIC, Frame, room_topic, text_frame
from multichat.realtime.listeners import Listeners
from multichat.realtime.machine import MACHINE, Machine

HEARTBEAT_SECONDS = 20
# A pass over thousands of connections lets others run after so long.
TURN_SECONDS = 0.005
STOPPING_RATE_PER_SECOND = 500
STOPPING_SECONDS = 2.0


class NotJoined(Exception):
    """The connection was taken out of the room while it caught up; whoever did that has told it."""


class Hub:
    """This worker's connections, by topic.

    `lock` is over all of it. `feeds` are the rooms that somebody here has joined.
    """

    def __init__(self, bus: Bus, machine: Machine = MACHINE) -> None:
        self.stopping = False
        self.lock = machine.lock()
        self.feeds: dict[int, Feed] = {}
        # For the keeper: that there is something to do, and that rights, or whatever the bus brings, may have moved.
        self.keeper_due = machine.event()
        self.rights_due = False
        self.compare_due = False
        # Rooms in which somebody may have missed what no repair brings, who is there above all.
        self._missed: set[int] = set()
        self._bus = bus
        self._clock = machine.clock
        self._sleep = machine.sleep
        self._connections: set[Connection] = set()
        self._listeners = Listeners()
        # In the order in which they moved.
        self._moved: dict[int, Feed] = {}
        self._slots: list[set[Connection]] = [set() for _ in range(HEARTBEAT_SECONDS)]
        self._added = 0
        self._sweeps = 0
        self._next_sweep = self._clock() + 1.0
        self._fan_out_due = machine.event()

    # Connections

    def add(self, connection: Connection) -> None:
        with self.lock:
            self._connections.add(connection)
            self._slots[self._added % HEARTBEAT_SECONDS].add(connection)
            self._added += 1

    def remove(self, connection: Connection) -> None:
        with self.lock:
            self._connections.discard(connection)
            for slot in self._slots:
                slot.discard(connection)
            gone = self._listeners.remove(connection)
            gone += [room_topic(room) for room in tuple(connection.rooms) if self._drop(room, connection)]
        if gone:
            self._bus.follow(gone)

    def connections(self) -> list[Connection]:
        with self.lock:
            return list(self._connections)

    def count_of(self, user_id: int) -> int:
        """How many open connections that listen to this person's topic are on this worker."""
        with self.lock:
            return sum(connection.closing is None for connection in self._listeners.of_person(user_id))

    # Topics without a log

    def listen(self, connection: Connection, user_id: int, rooms: frozenset[int]) -> None:
        """Let it hear what this person's tabs are told, and what lists show of these rooms, and nothing else."""
        with self.lock:
            if connection not in self._connections:
                return
            changed = self._listeners.put(connection, user_id, rooms)
        if changed:
            self._bus.follow(changed)

    # Rooms

    def join(self, connection: Connection, room_id: int) -> bool:
        """Register it for the room, catching up; True if it had not joined.

        Authorise after it, so that nothing falls between.
        """
        with self.lock:
            if connection not in self._connections:
                raise ConnectionLost
            feed = self.feeds.get(room_id)
            new = feed is None
            if feed is None:
                feed = self.feeds[room_id] = Feed(room_id, self._clock())
            joined = room_id not in connection.rooms
            connection.rooms.add(room_id)
            feed.joined.add(connection)
            feed.hold_back(connection)
        if new:
            self._bus.follow([room_topic(room_id)])
            self.keeper_due.set()
        return joined

    def leave(self, connection: Connection, room_id: int) -> bool:
        """True if it had joined."""
        with self.lock:
            had = room_id in connection.rooms
            gone = self._drop(room_id, connection)
        if gone:
            self._bus.follow([room_topic(room_id)])
        return had

    def passed(self, room_id: int) -> int:
        """How many ephemeral frames have come for the room: if more by now, something was told meanwhile."""
        with self.lock:
            feed = self.feeds.get(room_id)
            return feed.passed if feed is not None else 0

    def joined(self, connection: Connection, room_id: int) -> Feed:
        """Inside the lock: the feed that the connection has joined. Raises `ConnectionLost` and `NotJoined`."""
        if connection not in self._connections:
            raise ConnectionLost
        if room_id not in connection.rooms:
            raise NotJoined
        return self.feeds[room_id]

    def answer(self, connection: Connection, frame: Frame, room_id: int) -> None:
        """Deliver a frame of the log to one connection, once its stream of that room has passed its revision."""
        data = text_frame(frame.html)
        with self.lock:
            feed = self.feeds.get(room_id)
            joined = room_id in connection.rooms
            if feed is not None and joined:
                feed.deliver_after(frame.revision or 0, connection, data)
                if frame.revision is not None:
                    feed.expect(frame.revision, self._clock())
                self.moved(feed)
        if joined:
            self.keeper_due.set()
        else:
            connection.deliver(data)

    # What comes in

    def receive(self, frame: Frame, but: Connection | None = None) -> None:
        """Take a frame, from a request of this worker or from the bus, for everybody but one. Never waits."""
        if frame.topic == RIGHTS_TOPIC:
            self.rights_due = True
            self.keeper_due.set()
            return
        with self.lock:
            feed = self._feed_of(frame.topic)
            if feed is not None:
                data = text_frame(frame.html)
                if frame.revision is None:
                    feed.pass_by(data, but)
                else:
                    feed.receive(frame.revision, data, self._clock())
                    if feed.repair_at(0) is not None:
                        self.keeper_due.set()
                self.moved(feed)
            elif self._listeners.receive(frame.topic, frame.about, text_frame(frame.html)):
                self._fan_out_due.set()

    def subscribed(self, topic: str) -> None:
        """The bus confirms a subscription, the first or one after an outage: compare, frames may have been missed."""
        with self.lock:
            feed = self._feed_of(topic)
            if feed is not None:
                feed.confirmed = self.compare_due = True
                if feed.position is not None:
                    self._missed.add(feed.room_id)
                self.keeper_due.set()

    def lost(self, topic: str) -> None:
        """The bus did not carry a frame of ours: the other workers' connections have missed it."""
        with self.lock:
            kind, _, rest = topic.partition(":")
            if kind == "room":
                # The list of rooms has a topic of each room's, and shows how many are there.
                self._missed.add(int(rest.partition(":")[0]))

    def take_missed(self) -> set[int]:
        """Rooms whose ephemeral frames may have been missed since anybody asked."""
        with self.lock:
            missed, self._missed = self._missed, set()
            return missed

    def topics(self) -> list[str]:
        """Everything this worker listens to; what the bus subscribes to."""
        with self.lock:
            return [RIGHTS_TOPIC, *self._listeners.topics(), *(room_topic(room_id) for room_id in self.feeds)]

    # The fan-out

    def moved(self, feed: Feed) -> None:
        """Inside the lock: the feed may have something ready, for the next turn."""
        self._moved[feed.room_id] = feed
        self._fan_out_due.set()

    def fan_out_turn(self) -> None:
        self._fan_out_due.wait(self._pause())
        self._fan_out_due.clear()
        self.fan_out()
        if self._clock() >= self._next_sweep:
            self._next_sweep = self._clock() + 1.0
            self.sweep()

    def _pause(self) -> float:
        with self.lock:
            lists_at = self._listeners.due_at()
        due = self._next_sweep if lists_at is None else min(self._next_sweep, lists_at)
        return max(0.0, due - self._clock())

    def fan_out(self) -> None:
        """Hand out all that is ready."""
        with self.lock:
            rooms: list[Delivery] = [delivery for feed in self._moved.values() for delivery in feed.take()]
            self._moved.clear()
            others = self._listeners.take(self._clock())
        clock = self._clock  # called as `self._clock()` it would be looked up as a method, for each delivery
        turn_ends = clock() + TURN_SECONDS
        for data, connections in chain(rooms, others):
            for connection in connections:
                connection.deliver(data)
                if clock() > turn_ends:
                    self._sleep(0)
                    turn_ends = clock() + TURN_SECONDS

    def sweep(self) -> None:
        """One second's slice of the connections gets its heartbeat; the closing and the silent are let go."""
        now = self._clock()
        with self.lock:
            self._sweeps += 1
            slot = tuple(self._slots[self._sweeps % HEARTBEAT_SECONDS])
            closing = [connection for connection in self._connections if connection.closing is not None]
        for connection in slot:
            connection.deliver(HEARTBEAT)
        for connection in (*slot, *closing):
            connection.tend(now)

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

    def _feed_of(self, topic: str) -> Feed | None:
        kind, _, room_id = topic.partition(":")
        return self.feeds.get(int(room_id)) if kind == "room" and room_id.isdecimal() else None

    def _drop(self, room_id: int, connection: Connection) -> bool:
        """True when nobody is left in the room."""
        feed = self.feeds.get(room_id)
        connection.rooms.discard(room_id)
        if feed is None or connection not in feed.joined:
            return False
        feed.drop(connection)
        if feed.joined:
            return False
        del self.feeds[room_id]
        self._moved.pop(room_id, None)
        return True
