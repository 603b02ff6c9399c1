"""A breaker: after a failed call the next are left out for a moment, so that nobody queues for a dead server."""

import time
from collections.abc import Callable

PAUSE_SECONDS = 1.0


class Breaker:
    """Whether calls to a server are worth trying."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: float | None = None

    def allows(self) -> bool:
        return self._until is None or self._clock() >= self._until

    def failed(self) -> bool:
        """True for the first failure of an outage, which alone is worth a line in the log."""
        first = self._until is None
        self._until = self._clock() + PAUSE_SECONDS
        return first

    def succeeded(self) -> bool:
        """True for the first success after an outage."""
        first = self._until is not None
        self._until = None
        return first
