"""What the crowd and its driver processes tell each other."""

import time
from collections import Counter
from dataclasses import dataclass, field

from bench.dialects import Dialect


@dataclass(frozen=True)
class Plan:
    """What a driver is told once: where to go, and how to talk there."""

    port: int
    path: str
    dialect: Dialect


@dataclass
class Arrivals:
    """How clients came: seconds to the end of the handshake, and until they were in the room; from when until when."""

    opened: list[float] = field(default_factory=list)
    entered: list[float] = field(default_factory=list)
    failed: int = 0
    compressed: int = 0
    complaints: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    ended: float = 0.0

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class Said:
    """Of each room, how many messages were said, and the sum of their numbers."""

    by_room: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, room: int, number: int) -> None:
        messages, total = self.by_room.get(room, (0, 0))
        self.by_room[room] = messages + 1, total + number


@dataclass(frozen=True)
class Heard:
    """What came: the nanoseconds of each delivery, as an array's bytes; by room, count of messages and sum of their
    numbers, how many clients heard just that; the close codes of those who are gone."""

    latencies: bytes
    tallies: Counter[tuple[int, int, int]]
    gone: Counter[int | None]
    complaints: list[str]
