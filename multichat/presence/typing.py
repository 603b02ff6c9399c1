"""Typing: what was passed on of it, for each connection and room."""

import threading
import time
from collections.abc import Callable

from multichat.realtime.connection import Connection

# A page says so no oftener; one that does is not passed on.
TYPING_SECONDS = 2.0
# Afterwards the others' pages have forgotten it by themselves.
FORGOTTEN_SECONDS = 5.0


class Typing:
    """Who is believed to be typing, by this worker's connections."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # When it was last passed on; where it was not taken back since. No more rooms than they have seen.
        self._told_at: dict[Connection, dict[int, float]] = {}
        self._open: set[tuple[Connection, int]] = set()

    def begins(self, connection: Connection, room_id: int) -> bool:
        """Whether to pass it on."""
        with self._lock:
            told_at, now = self._told_at.setdefault(connection, {}), self._clock()
            if now - told_at.get(room_id, -TYPING_SECONDS) < TYPING_SECONDS:
                return False
            told_at[room_id] = now
            self._open.add((connection, room_id))
            return True

    def ends(self, connection: Connection, room_id: int) -> bool:
        """Whether to take it back. Whoever types and stops in turn is passed on as seldom."""
        with self._lock:
            return self._take_back(connection, room_id)

    def begin_anew(self, connection: Connection, room_id: int) -> None:
        """Nothing was passed on yet."""
        with self._lock:
            self._take_back(connection, room_id)
            self._told_at.get(connection, {}).pop(room_id, None)

    def forget(self, connection: Connection) -> list[int]:
        """The connection is gone: the rooms in which to take it back."""
        with self._lock:
            rooms = [room_id for room_id in self._told_at.get(connection, ()) if self._take_back(connection, room_id)]
            self._told_at.pop(connection, None)
            return rooms

    def _take_back(self, connection: Connection, room_id: int) -> bool:
        if (connection, room_id) not in self._open:
            return False
        self._open.discard((connection, room_id))
        return self._clock() - self._told_at[connection][room_id] < FORGOTTEN_SECONDS
