"""The roster: who is here, by lease.

A person is in a room while a connection of theirs holds a lease on it. Leases are refreshed and run out, so that a
killed worker heals itself. Whoever is told first that somebody came or went is the only one told, however many workers
and tabs there are: one step on one clock decides.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

T = TypeVar("T")

LEASE_SECONDS = 45.0
REFRESH_SECONDS = 15.0
# A reload or a lost train tunnel is not a departure.
LEAVE_AFTER_SECONDS = 10.0

# In a crowd nobody reads who came in, nor is shown at once who is there.
CROWD = 50

# A room, a person and one of their connections.
Lease = tuple[int, int, str]


@dataclass(frozen=True)
class Arrival:
    """Whether the person was not in the room, how many are there now, and who, if they are no crowd."""

    is_new: bool
    count: int
    people: list[int]


class RosterUnavailable(Exception):
    """The roster did not answer; what was known of it stands."""


class Roster(Protocol):
    """Every method raises `RosterUnavailable`."""

    def join(self, lease: Lease) -> Arrival: ...

    def leave(self, lease: Lease) -> None:
        """The connection left; the person has, when none of theirs is back after `LEAVE_AFTER_SECONDS`."""

    def refresh(self, leases: Iterable[Lease]) -> None:
        """Renew leases, and quietly put back whoever was lost."""

    def departed(self, room_ids: Collection[int]) -> list[tuple[int, int]]:
        """Who has left since anybody asked: rooms and people, each pair told once."""

    def people(self, room_id: int) -> list[int]: ...

    def counts(self, room_ids: Collection[int]) -> dict[int, int]: ...


class MemoryRoster:
    """The roster of a server with one worker, and the tests'."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._leases: dict[tuple[int, int], dict[str, float]] = {}
        self._rooms: dict[int, dict[int, float]] = {}

    def join(self, lease: Lease) -> Arrival:
        room_id, user_id, connection_id = lease
        with self._lock:
            new = user_id not in self._rooms.setdefault(room_id, {})
            self._hold(room_id, user_id, connection_id)
        people = self.people(room_id)
        return Arrival(new, len(people), people if len(people) <= CROWD else [])

    def leave(self, lease: Lease) -> None:
        room_id, user_id, connection_id = lease
        with self._lock:
            now = self._clock()
            leases = self._leases.get((room_id, user_id), {})
            leases.pop(connection_id, None)
            others = [expiry for expiry in leases.values() if expiry > now]
            if user_id in self._rooms.get(room_id, {}):
                self._rooms[room_id][user_id] = max(others, default=now + LEAVE_AFTER_SECONDS)

    def refresh(self, leases: Iterable[Lease]) -> None:
        with self._lock:
            for lease in leases:
                self._hold(*lease)

    def departed(self, room_ids: Collection[int]) -> list[tuple[int, int]]:
        with self._lock:
            now = self._clock()
            gone = [
                (room_id, user_id)
                for room_id in room_ids
                for user_id, expiry in self._rooms.get(room_id, {}).items()
                if expiry <= now
            ]
            for room_id, user_id in gone:
                del self._rooms[room_id][user_id]
                self._leases.pop((room_id, user_id), None)
                if not self._rooms[room_id]:
                    del self._rooms[room_id]
            return gone

    def people(self, room_id: int) -> list[int]:
        with self._lock:
            now = self._clock()
            return [user_id for user_id, expiry in self._rooms.get(room_id, {}).items() if expiry > now]

    def counts(self, room_ids: Collection[int]) -> dict[int, int]:
        return {room_id: len(self.people(room_id)) for room_id in room_ids}

    def _hold(self, room_id: int, user_id: int, connection_id: str) -> None:
        expiry = self._clock() + LEASE_SECONDS
        self._leases.setdefault((room_id, user_id), {})[connection_id] = expiry
        self._rooms.setdefault(room_id, {})[user_id] = expiry


class LastKnownRoster:
    """A roster that is asked by pages: while the real one is away, what was last known stands."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        # Of rooms in which somebody was when they were last asked for.
        self._people: dict[int, list[int]] = {}
        self._counts: dict[int, int] = {}

    def people(self, room_id: int) -> list[int]:
        with contextlib.suppress(RosterUnavailable):
            self.note(room_id, self._roster.people(room_id))
        return self._people.get(room_id, [])

    def note(self, room_id: int, people: list[int]) -> None:
        """The roster has just said so to somebody else."""
        _note(self._people, room_id, people)

    def counts(self, room_ids: Collection[int]) -> dict[int, int]:
        with contextlib.suppress(RosterUnavailable):
            for room_id, count in self._roster.counts(room_ids).items():
                _note(self._counts, room_id, count)
        return {room_id: self._counts.get(room_id, 0) for room_id in room_ids}


def _note(known: dict[int, T], room_id: int, what: T) -> None:
    if what:
        known[room_id] = what
    else:
        known.pop(room_id, None)
