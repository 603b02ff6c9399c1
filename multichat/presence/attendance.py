"""This worker's part in the roster: its leases, and telling rooms who came and went."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from multichat.extensions import realtime
from multichat.models import Face, People, User
from multichat.presence import broadcasts
from multichat.presence.newcomers import Newcomers
from multichat.presence.typing import Typing
from multichat.realtime.bus import Bus
from multichat.realtime.connection import Connection
from multichat.realtime.frame import text_frame
from multichat.realtime.roster import CROWD, LEAVE_AFTER_SECONDS, REFRESH_SECONDS, Lease, Roster, RosterUnavailable

# Somebody who comes and goes, or a hundred who come at once, are one frame a second.
ROSTER_SECONDS = 1.0
# A room that the last of our connections left is looked after until whoever was there has surely gone.
WATCH_SECONDS = 2 * LEAVE_AFTER_SECONDS

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rendered:
    """A room's roster, what it was made of, and how those whom it shows look."""

    version: tuple[frozenset[int], int, int]
    html: str
    faces: dict[int, Face]


class Attendance:
    """The leases of this worker's connections.

    Nobody is said to enter or leave within `quiet_seconds` of a start or of the bus's return: then everybody comes back
    at once, and they never left.
    """

    def __init__(
        self,
        app: Flask,
        roster: Roster,
        bus: Bus,
        quiet_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._roster = roster
        self._bus = bus
        self._quiet_seconds = quiet_seconds
        self._clock = clock
        self._typing = Typing(clock)
        self._newcomers = Newcomers()
        self._quiet_until = clock() + quiet_seconds
        self._refresh_at = clock() + REFRESH_SECONDS
        self._look_at = clock()
        self._lock = threading.Lock()
        # By connection, so that all of them end with it, whatever it has joined and left.
        self._leases: dict[Connection, set[Lease]] = {}
        self._watched_until: dict[int, float] = {}
        self._changed: set[int] = set()
        # Rooms with a lease that the roster may not have.
        self._unplaced: set[int] = set()
        # Within the last second alone: when, and whom.
        self._told: dict[int, tuple[float, list[int]]] = {}
        # The roster of each room that somebody here is in, and how often it had new members meanwhile.
        self._rendered: dict[int, Rendered] = {}
        self._grown: dict[int, int] = {}
        # How often rights moved. Not their version, which moves before those who were shown are looked at again: who
        # was shown them anew in between would be the only one.
        self._recognised = 0
        self._due = threading.Event()
        self._bus_was_there: bool | None = None

    def enter(self, connection: Connection, room_id: int, person: User) -> None:
        """The person joined the room on this connection, and is shown who is there."""
        lease = (room_id, person.id, connection.id)
        with self._lock:
            self._leases.setdefault(connection, set()).add(lease)
        told = realtime.hub.passed(room_id)
        try:
            arrival = self._roster.join(lease)
        except RosterUnavailable:
            # The lease is ours: it is put there, and told of, when the roster answers.
            with self._lock:
                self._unplaced.add(room_id)
            self._refresh_at = self._clock()
            arrival = None
        if arrival is not None and arrival.is_new:
            self._roster_changed(room_id)
            if self._speaks_to(arrival.count):
                broadcasts.entered(room_id, person, connection)
                told += 1
        if room_id not in connection.rooms:
            self._give_up(connection, lease)  # evicted meanwhile, perhaps before there was a lease to give up
        elif arrival is None:
            self.show(connection, room_id)
        elif arrival.count <= CROWD:
            realtime.here.note(room_id, arrival.people)
            self._show(connection, room_id, arrival.people, told)
        elif not self._is_about_to_tell(room_id):
            self.show(connection, room_id)

    def show(self, connection: Connection, room_id: int) -> None:
        """Who is there, to somebody who has joined."""
        told = realtime.hub.passed(room_id)
        self._show(connection, room_id, realtime.here.people(room_id), told)

    def _show(self, connection: Connection, room_id: int, here: list[int], told: int) -> None:
        """`told` is how much the room had been told when they were asked for."""
        connection.deliver(text_frame(self._html(room_id, here)))
        # If the room was told meanwhile, that was overtaken by what it had been before.
        while (passed := realtime.hub.passed(room_id)) != told:
            told = passed
            connection.deliver(text_frame(self._html(room_id, realtime.here.people(room_id))))

    def leave(self, connection: Connection, room_id: int) -> None:
        """The connection is no longer in the room; whether its person still is, the roster tells later."""
        self.stops_typing(connection, room_id)
        lease = (room_id, connection.user_id, connection.id)
        if lease in self._leases_of(connection):
            self._give_up(connection, lease)

    def leave_all(self, connection: Connection) -> None:
        """The connection is gone, from wherever it was."""
        for lease in self._leases_of(connection):
            self._give_up(connection, lease)
        for room_id in self._typing.forget(connection):
            broadcasts.stopped_typing(room_id, connection)

    def types(self, connection: Connection, room_id: int, person: User) -> None:
        """Told to the others, unless they were told just now."""
        if self._typing.begins(connection, room_id):
            broadcasts.typing(room_id, person, connection)

    def stops_typing(self, connection: Connection, room_id: int) -> None:
        """Told to the others, if they still believe that something is coming."""
        if self._typing.ends(connection, room_id):
            broadcasts.stopped_typing(room_id, connection)

    def said(self, connection: Connection, room_id: int) -> None:
        """What they typed is there, which says by itself that they stopped; more of it is told of at once."""
        self._typing.begin_anew(connection, room_id)

    def recognise(self) -> None:
        """Rights moved: a roster that shows somebody who looks otherwise or belongs there no longer is told anew."""
        rendered = dict(self._rendered)
        shown = {user_id for roster in rendered.values() for user_id in roster.faces}
        faces = People.faces_of_members(rendered.keys(), shown)
        self._recognised += 1
        for room_id, roster in rendered.items():
            if not roster.faces.items() <= faces[room_id].items():
                self._roster_changed(room_id)

    def turn(self) -> None:
        self._due.wait(ROSTER_SECONDS)
        self._due.clear()
        with self._app.app_context():
            self.tend()

    def tend(self) -> None:
        """Refresh leases when it is time, tell who left, and send the rosters that changed."""
        try:
            self._mind_the_bus()
            # However many come and go: this looks at all leases.
            if self._clock() >= self._look_at:
                self._look_at = self._clock() + ROSTER_SECONDS
                self._refresh()
                self._see_off()
                self._meet_newcomers()
            self._tell()
        except RosterUnavailable:
            pass  # the last one stands
        except SQLAlchemyError as error:
            logger.warning("Rosters wait for the database: %s", error)

    def _mind_the_bus(self) -> None:
        there = self._bus.connected
        if there and self._bus_was_there is False:
            self._quiet_until = self._clock() + self._quiet_seconds
            self._refresh_at = self._look_at = self._clock()
        self._bus_was_there = there
        if there and (missed := realtime.hub.take_missed()):
            with self._lock:
                self._changed.update(missed)

    def _refresh(self) -> None:
        due, now = self._refresh_at, self._clock()
        if now < due:
            return
        self._refresh_at = now + REFRESH_SECONDS
        with self._lock:
            held = [(connection, lease) for connection, leases in self._leases.items() for lease in leases]
            unplaced, self._unplaced = self._unplaced, set()
        kept = {lease for connection, lease in held if lease[0] in connection.rooms}
        try:
            self._roster.refresh(kept)
        except RosterUnavailable:
            self._refresh_at = due
            with self._lock:
                self._unplaced |= unplaced
            raise
        for room_id in unplaced:
            self._roster_changed(room_id)
        for connection, lease in held:
            # Out of the room without a word, or left while the lease was renewed.
            if lease not in kept or lease not in self._leases_of(connection):
                self._give_up(connection, lease)

    def _see_off(self) -> None:
        now = self._clock()
        with self._lock:
            self._watched_until = {room: until for room, until in self._watched_until.items() if until > now}
            here = {(room_id, user_id) for leases in self._leases.values() for room_id, user_id, _ in leases}
            rooms = {room_id for room_id, _ in here} | self._watched_until.keys()
            for room_id in self._rendered.keys() - rooms:
                del self._rendered[room_id]
            for room_id in self._grown.keys() - rooms:
                del self._grown[room_id]
        departed = self._roster.departed(rooms)
        for room_id, _ in departed:
            self._roster_changed(room_id)
        counts = self._roster.counts({room_id for room_id, _ in departed})
        for room_id, user_id in departed:
            if self._speaks_to(counts[room_id]):
                broadcasts.left(room_id, User.get(user_id))

    def _meet_newcomers(self) -> None:
        """Whoever came in by a socket is on a roster already; by a form, or from another's hand, they are away."""
        for room_id, user_ids in self._newcomers.look().items():
            self._grown[room_id] = self._grown.get(room_id, 0) + 1
            try:
                here = self._roster.people(room_id) if room_id in self._rendered else user_ids
            except RosterUnavailable:
                here = []
            if not user_ids.issubset(here):
                self._roster_changed(room_id)

    def _tell(self) -> None:
        now = self._clock()
        with self._lock:
            past = [room_id for room_id, (at, _) in self._told.items() if now - at >= ROSTER_SECONDS]
            due = [room_id for room_id in self._changed if room_id in past or room_id not in self._told]
            self._changed.difference_update(due)
        try:
            for room_id in dict.fromkeys((*due, *past)):
                here = self._roster.people(room_id)
                if room_id in due or set(here) != set(self._told[room_id][1]):
                    # In a context of its own: SQLite would show the people as they were when the first room was told.
                    with self._app.app_context():
                        broadcasts.roster(room_id, self._html(room_id, here), len(here))
                    # To be looked at again in a second: another worker may have asked later and told sooner.
                    self._told[room_id] = now, here
                else:
                    del self._told[room_id]
        except BaseException:
            with self._lock:
                self._changed.update(due)  # to be told when it can be
            raise

    def _html(self, room_id: int, user_ids: list[int]) -> str:
        """Rendered once for all who are shown the same people."""
        # Whoever is seen longest comes last, so that the order changes and means nothing.
        version = frozenset(user_ids), self._grown.get(room_id, 0), self._recognised
        known = self._rendered.get(room_id)
        if known is None or known.version != version:
            people = People.of(room_id, user_ids)
            known = self._rendered[room_id] = Rendered(version, broadcasts.roster_html(room_id, people), people.faces)
        return known.html

    def _leases_of(self, connection: Connection) -> set[Lease]:
        with self._lock:
            return set(self._leases.get(connection, ()))

    def _give_up(self, connection: Connection, lease: Lease) -> None:
        with self._lock:
            leases = self._leases.get(connection, set())
            leases.discard(lease)
            if not leases:
                self._leases.pop(connection, None)
            self._watched_until[lease[0]] = self._clock() + WATCH_SECONDS
        with contextlib.suppress(RosterUnavailable):  # then it runs out by itself
            self._roster.leave(lease)

    def _is_about_to_tell(self, room_id: int) -> bool:
        """Then a crowd's roster would be rendered for each of those who come, and again for all of them."""
        with self._lock:
            return room_id in self._changed

    def _roster_changed(self, room_id: int) -> None:
        with self._lock:
            self._changed.add(room_id)
        self._due.set()

    def _speaks_to(self, count: int) -> bool:
        return self._clock() >= self._quiet_until and count <= CROWD
