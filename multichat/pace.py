"""How often something may happen."""

import time
from collections.abc import Callable


class Pace:
    """At most `limit` times in any `seconds`."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        # A list: each socket has one, and an empty deque takes 600 bytes.
        self._times: list[float] = []

    def allows(self) -> bool:
        """Whether it may happen now; if so it counts."""
        now = self._clock()
        if len(self._times) >= self._limit:
            if now - self._times[0] < self._seconds:
                return False
            del self._times[0]
        self._times.append(now)
        return True


class Paces:
    """A pace for each person, the same for all."""

    def __init__(self, limit: int, seconds: int) -> None:
        self.limit = limit
        self.seconds = seconds
        self._paces: dict[int, Pace] = {}

    def allows(self, user_id: int) -> bool:
        if user_id not in self._paces:
            self._paces[user_id] = Pace(self.limit, self.seconds)
        return self._paces[user_id].allows()
