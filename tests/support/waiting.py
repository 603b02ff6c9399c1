"""Waiting for what nobody announces."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Between two looks: another process, or a thread that tells nobody, can only be asked again.
LOOK_SECONDS = 0.01


def wait_until(ask: Callable[[], T | None], seconds: float = 10.0) -> T:
    """The first true answer. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.1f} s in vain")
        time.sleep(LOOK_SECONDS)
    return answer
