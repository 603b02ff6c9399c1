"""How often something may happen."""

import time
from collections import deque
from collections.abc import Callable


class Pace:
    """At most `limit` times in any `seconds`."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._times: deque[float] = deque(maxlen=limit)

    def allows(self) -> bool:
        """Whether it may happen now; if so it counts."""
        now = self._clock()
        if len(self._times) == self._times.maxlen and now - self._times[0] < self._seconds:
            return False
        self._times.append(now)
        return True
