"""A feed: a room's position on this worker. In order, none missing.

A pure state machine: the hub calls it under its lock, brings the time and does the I/O.
"""

from collections import deque
from collections.abc import Iterable

from multichat.realtime.connection import Connection

# A later revision waits so long for those before it, which other workers may just be publishing.
HOLD_SECONDS = 0.2
# A confirmed subscription usually takes a millisecond; without a bus there is nothing to wait for.
CONFIRMATION_SECONDS = 0.25
# Held frames beyond this are let go: the repair that their gap leads to brings them again.
HELD_LIMIT_FRAMES = 300

# After a reload a thousand pages come back from the same few revisions.
BRIDGES_LIMIT = 100
BRIDGE_LIMIT_BYTES = 64 * 1024

# Bytes for some connections, in the order in which they must go out.
Delivery = tuple[bytes, tuple[Connection, ...]]


class Feed:
    """A room's position on this worker, the frames that wait for it to move, and who is catching up with it.

    `tail` is the last revision put in order, `position` the last one fanned out: what lies between is `ready`.
    """

    def __init__(self, room_id: int, now: float) -> None:
        self.room_id = room_id
        self.position: int | None = None
        self.tail = 0
        self.confirmed = False
        self.created_at = now
        # Everybody who has joined; of these, who gets what is fanned out, and who will from a later revision on.
        self.joined: set[Connection] = set()
        self.live: set[Connection] = set()
        self.waiting: dict[Connection, int] = {}
        # Revision, bytes, and who is left out: an ephemeral frame tells others of somebody.
        self._ready: deque[tuple[int | None, bytes, Connection | None]] = deque()
        self._held: dict[int, bytes] = {}
        self._known = 0
        self._gap_since: float | None = None
        self._after: list[tuple[int, Connection, bytes]] = []
        # How many ephemeral frames there were.
        self.passed = 0
        self._audience: tuple[Connection, ...] | None = None
        # By cursor, what leads from there to the position, for as long as it stands and until the next look at the log.
        self._bridges: dict[int, list[bytes]] = {}

    # Frames come in

    def receive(self, revision: int, data: bytes, now: float) -> None:
        """Take a frame of the log: the next one is ready, an older one known, a later one held."""
        if self.position is not None and revision <= self.tail:
            return
        if len(self._held) < HELD_LIMIT_FRAMES:
            self._held[revision] = data
        self._settle(max(revision, self._known), now)

    def pass_by(self, data: bytes, but: Connection | None = None) -> None:
        """Take an ephemeral frame: it goes out beside the log, in the order in which it came, to all but one."""
        self._ready.append((None, data, but))
        self.passed += 1

    def stands_at(self, revision: int, now: float) -> None:
        """The room's revision in the database: the first one is where this feed begins, a later one shows a gap."""
        if self.position is None:
            self.position = self.tail = revision
        self._bridges.clear()
        self.expect(revision, now)

    def expect(self, revision: int, now: float) -> None:
        """The room has come as far as this revision, whether or not its frame is here."""
        self._settle(max(revision, self._known), now)

    def fill(self, revision: int, upserts: Iterable[tuple[int, bytes]], now: float) -> None:
        """Take a repair: everything up to `revision`, in its present state."""
        for upsert_revision, data in upserts:
            if upsert_revision > self.tail:
                self._ready.append((upsert_revision, data, None))
        # The log may end before what was announced: the room is gone, or the database is an older one.
        again = now if revision > self.tail else now + HOLD_SECONDS
        if revision > self.tail:
            self._ready.append((revision, b"", None))
            self.tail = revision
        self._gap_since = None
        self.expect(revision, again)

    def _settle(self, known: int, now: float) -> None:
        """Put in order whatever follows the tail; note since when something is missing."""
        self._known = known
        if self.position is None:
            return
        while (data := self._held.pop(self.tail + 1, None)) is not None:
            self.tail += 1
            self._ready.append((self.tail, data, None))
        if self.tail >= self._known:
            self._held.clear()
            self._gap_since = None
        elif self._gap_since is None:
            self._gap_since = now
        for revision in [revision for revision in self._held if revision <= self.tail]:
            del self._held[revision]

    # The hub asks

    def may_start(self, now: float) -> bool:
        return self.position is None and (self.confirmed or now >= self.created_at + CONFIRMATION_SECONDS)

    def repair_at(self, hold: float) -> float | None:
        """When the missing is to be asked for; None while nothing is missing."""
        return None if self._gap_since is None else self._gap_since + hold

    def take(self) -> list[Delivery]:
        """What is ready, joined for those who get it, and move the position past it.

        Somebody waiting at a revision goes live exactly there, even where that is in the middle of what is ready.
        """
        deliveries: list[Delivery] = []
        batch: list[bytes] = []
        while self._ready:
            revision, data, but = self._ready.popleft()
            if revision is not None and self.position is not None:
                if any(cursor < revision for cursor in self.waiting.values()):
                    self._flush(batch, deliveries)
                    self._promote(below=revision)
                self.position = revision
                self._bridges.clear()
            if but is not None and but in self.live:
                self._flush(batch, deliveries)
                deliveries.append((data, tuple(self.live - {but})))
            else:
                batch.append(data)
        self._flush(batch, deliveries)
        if self.position is not None:
            if self.waiting:
                self._promote(below=self.position + 1)
            if self._after:
                self._answer(self.position, deliveries)
        return deliveries

    def _flush(self, batch: list[bytes], deliveries: list[Delivery]) -> None:
        data = b"".join(batch)
        batch.clear()
        if data and self.live:
            if self._audience is None:
                self._audience = tuple(self.live)
            deliveries.append((data, self._audience))

    def _promote(self, below: int) -> None:
        for connection in [connection for connection, cursor in self.waiting.items() if cursor < below]:
            del self.waiting[connection]
            self._admit(connection)

    def _answer(self, position: int, deliveries: list[Delivery]) -> None:
        deliveries.extend((data, (connection,)) for revision, connection, data in self._after if revision <= position)
        self._after = [entry for entry in self._after if entry[0] > position]

    # Connections come and go

    def go_live(self, connection: Connection, cursor: int) -> bool:
        """Live at once where the feed is, or as soon as it gets to a cursor that is ahead; False if it is behind."""
        if self.position is None or connection not in self.joined or cursor < self.position:
            return False
        elif cursor == self.position:
            self._admit(connection)
        else:
            self.waiting[connection] = cursor
        return True

    def bridge(self, cursor: int) -> list[bytes] | None:
        """What leads from the cursor to the position, if somebody has just come that way."""
        return self._bridges.get(cursor)

    def lay_bridge(self, cursor: int, revision: int, frames: list[bytes]) -> None:
        """These frames lead from the cursor to this revision."""
        fits = len(self._bridges) < BRIDGES_LIMIT and sum(map(len, frames)) <= BRIDGE_LIMIT_BYTES
        if revision == self.position and fits:
            self._bridges[cursor] = frames

    def hold_back(self, connection: Connection) -> None:
        """It catches up from now on: nothing is queued for it."""
        self.live.discard(connection)
        self.waiting.pop(connection, None)
        self._audience = None
        # Catching up brings it; before that it would take the page's cursor past what is missing.
        self._after = [entry for entry in self._after if entry[1] is not connection]

    def drop(self, connection: Connection) -> None:
        self.joined.discard(connection)
        self.hold_back(connection)

    def deliver_after(self, revision: int, connection: Connection, data: bytes) -> None:
        """For this connection alone, once its stream has passed the revision."""
        self._after.append((revision, connection, data))

    def _admit(self, connection: Connection) -> None:
        self.live.add(connection)
        self._audience = None
