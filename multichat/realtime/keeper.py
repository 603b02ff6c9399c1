"""The keeper: whatever reads the log for the hub. It starts feeds, repairs what is missing, brings connections up to
where their rooms are, and notices that rights moved.
"""

import logging
from collections.abc import Callable, Sequence

from multichat.realtime.bus import Bus
from multichat.realtime.connection import Connection
from multichat.realtime.feed import HOLD_SECONDS, Feed
from multichat.realtime.frame import text_frame
from multichat.realtime.hub import Hub
from multichat.realtime.log import Log, LogUnavailable
from multichat.realtime.machine import MACHINE, Machine

COMPARE_SECONDS = 1.0
# Nothing bumps the rights when a sign-in runs out, so they are looked up this often all the same.
RIGHTS_SECONDS = 60.0
# What one connection is sent at once while it catches up.
SLICE_BYTES = 64 * 1024
# A room whose feed cannot start for so long has no database behind it.
START_PATIENCE_SECONDS = 5.0
# One that has no position yet waits for the bus, or there is no such room. (The bus's confirmation wakes the keeper.)
START_RETRY_SECONDS = 0.05

logger = logging.getLogger(__name__)


class Keeper:
    """Keeps a hub's feeds with the log.

    `check_rights` is called with the hub whenever rights may have changed; it looks the connections' up and lets go of
    whoever has lost them.
    """

    def __init__(
        self, hub: Hub, log: Log, bus: Bus, check_rights: Callable[[Hub], None], machine: Machine = MACHINE
    ) -> None:
        # The version of the rights that the connections were last looked up with.
        self.rights: int | None = None
        self._hub = hub
        self._log = log
        self._bus = bus
        self._check_rights = check_rights
        self._clock = machine.clock
        self._sleep = machine.sleep
        self._started = machine.condition(hub.lock)
        self._compare_at = self._clock()
        self._rights_at = self._clock() + RIGHTS_SECONDS

    def turn(self) -> None:
        self._hub.keeper_due.wait(self._pause())
        self._hub.keeper_due.clear()
        try:
            self.keep()
        except LogUnavailable as error:
            # Nothing is lost: the next turn asks again, and nobody is behind the log for good.
            logger.warning("The database did not answer, feeds wait: %s", error)
            self._sleep(HOLD_SECONDS)

    def keep(self) -> None:
        """Start feeds, compare them with the log each second, repair what is missing. Raises `LogUnavailable`."""
        hub, now = self._hub, self._clock()
        with hub.lock:
            # With the rights too: what is looked up below belongs to the version that is read here.
            compare = hub.compare_due or hub.rights_due or now >= self._compare_at
            hub.compare_due = False
            feeds = [feed for feed in hub.feeds.values() if compare or feed.may_start(now)]
            if compare:
                self._compare_at = now + COMPARE_SECONDS
        if compare or feeds:
            self._compare(feeds)
        hold = self._hold_seconds
        with hub.lock:
            now = self._clock()
            gaps = [(feed.room_id, feed.tail) for feed in hub.feeds.values() if _due(feed.repair_at(hold), now)]
        failure: Exception | None = None
        for room_id, tail in gaps:
            try:
                self._repair(room_id, tail)
            except Exception as error:
                failure = error  # one room's trouble is not the others', nor the rights'
        # Last, so that a check that fails keeps no message from anybody.
        if hub.rights_due or now >= self._rights_at:
            hub.rights_due = False
            try:
                self._check_rights(hub)
            except BaseException:
                hub.rights_due = True  # somebody may still have what was taken from them
                raise
            self._rights_at = now + RIGHTS_SECONDS
        if failure is not None:
            raise failure

    @property
    def _hold_seconds(self) -> float:
        return HOLD_SECONDS if self._bus.connected else 0.0

    def _pause(self) -> float:
        hold = self._hold_seconds
        with self._hub.lock:
            now = self._clock()
            due = [self._compare_at]
            for feed in self._hub.feeds.values():
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
        with self._hub.lock:
            for feed in readable:
                if feed.room_id in state.revisions:
                    feed.stands_at(state.revisions[feed.room_id], now)
                    self._hub.moved(feed)
            self._started.notify_all()
            if state.rights != self.rights:
                self._hub.rights_due = True
                self.rights = state.rights

    def _repair(self, room_id: int, tail: int) -> None:
        revision, upserts = self._read(room_id, tail)
        with self._hub.lock:
            feed = self._hub.feeds.get(room_id)
            if feed is not None:
                feed.fill(revision, upserts, self._clock())
                self._hub.moved(feed)

    def _read(self, room_id: int, after: int) -> tuple[int, list[tuple[int, bytes]]]:
        """The revision that the room has come to, and the frames that lead there, each with its own."""
        changes = self._log.changes(room_id, after)
        if changes is None:
            page = self._log.page(room_id)
            return page.revision, [(page.revision, text_frame(page.html))]
        else:
            return changes.revision, [(revision, text_frame(html)) for revision, html in changes.upserts]

    # Catching up

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
            cursor, frames = self._missed(connection, room_id, cursor)
            if cursor < position:
                raise LogUnavailable("the log ends before what was fanned out")
            _write_slices(connection, frames)
            if self._go_live(connection, room_id, cursor):
                return

    def _position(self, connection: Connection, room_id: int) -> int:
        with self._hub.lock:
            deadline = self._clock() + START_PATIENCE_SECONDS
            while (position := self._hub.joined(connection, room_id).position) is None:
                if self._clock() > deadline:
                    raise LogUnavailable("the room's feed did not start")
                self._started.wait(1.0)
            return position

    def _missed(self, connection: Connection, room_id: int, cursor: int) -> tuple[int, list[bytes]]:
        """The revision that what lies behind the cursor leads to, and its frames."""
        with self._hub.lock:
            feed = self._hub.joined(connection, room_id)
            bridge = feed.bridge(cursor)
            if bridge is not None and feed.position is not None:
                return feed.position, bridge
        revision, upserts = self._read(room_id, cursor)
        frames = [data for _, data in upserts]
        with self._hub.lock:
            self._hub.joined(connection, room_id).lay_bridge(cursor, revision, frames)
        return revision, frames

    def _go_live(self, connection: Connection, room_id: int, cursor: int) -> bool:
        with self._hub.lock:
            feed = self._hub.joined(connection, room_id)
            live = feed.go_live(connection, cursor)
            if live and cursor > feed.tail:
                feed.expect(cursor, self._clock())
                self._hub.keeper_due.set()
            self._hub.moved(feed)
        return live


def _write_slices(connection: Connection, frames: Sequence[bytes]) -> None:
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


def _due(at: float | None, now: float) -> bool:
    return at is not None and at <= now
