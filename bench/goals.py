"""The figures to reach, each with what was measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.compare import FLAT_OUT, FLOOR, ONE_WORKER, OURS, SLOW, STEADY, FanOut, within_each_run
from bench.figures import median


@dataclass(frozen=True)
class Goal:
    """`measured` is None where nothing was; `limit` is what it may be at most."""

    what: str
    limit: float
    unit: str
    measured: float | None

    @property
    def at_most(self) -> str:
        return f"{self.limit:.3g} {self.unit}"

    @property
    def is_reached(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.limit


def goals(results: dict[str, Any]) -> list[Goal]:
    """Of whatever there are results of."""
    found: list[Goal] = []
    for scenario, read in READERS.items():
        if scenario in results:
            found += read(results[scenario])
    return found


def _fan_out(figures: dict[str, Any]) -> Iterator[Goal]:
    seen = FanOut(figures)
    at = seen.compared_at
    slope = within_each_run(seen.slopes(OURS), seen.slopes(FLOOR), lambda own, floor: own / floor)
    yield Goal("a delivery, as the slope over 500 to 2000 clients, against the floor's", 1.3, "times", slope)
    intercept = median([line.intercept for line in seen.lines(OURS)])
    yield Goal("a message, as the same line's intercept", 3.0, "ms", intercept)
    flat = seen.ratio(OURS, FLOOR, FLAT_OUT, "delivery_us")
    yield Goal(f"a delivery flat out to {at} clients, against the floor's", 1.2, "times", flat)
    bend = within_each_run(seen.slopes(OURS, 100, 500), seen.slopes(OURS), lambda few, many: abs(few / many - 1) * 100)
    yield Goal("the slope over 100 to 500 clients off that over 500 to 2000", 25, "%", bend)
    two = seen.ratio(OURS, ONE_WORKER, STEADY, "delivery_us")
    yield Goal("a delivery with two workers, against one", 1.15, "times", two)
    for channels in ("Django Channels, uvicorn", "Django Channels, daphne"):
        cpu = seen.ratio(OURS, channels, STEADY, "delivery_us")
        yield Goal(f"a delivery, against {channels}", 1 / 25, "times", cpu)
        yield Goal(f"p50, against {channels}", 1 / 10, "times", seen.ratio(OURS, channels, STEADY, "p50"))
    yield Goal("a delivery, against Node ws", 0.5, "times", seen.ratio(OURS, "Node ws", STEADY, "delivery_us"))
    yield Goal("p99, against Node ws", 1.0, "times", seen.ratio(OURS, "Node ws", STEADY, "p99"))
    best = _best_peer(seen)
    if best is not None:
        yield Goal(f"p99 at one message a second, against {best}", 1.25, "times", seen.ratio(OURS, best, SLOW, "p99"))


def _best_peer(seen: FanOut) -> str | None:
    """uWebSockets where it runs, else the one with the lowest p99."""
    peers = [name for name in seen.servers() if name not in (OURS, FLOOR, ONE_WORKER)]
    p99 = {name: at for name in peers if (at := seen.median(name, SLOW, seen.compared_at, "p99")) is not None}
    return "uWebSockets" if "uWebSockets" in p99 else min(p99, key=p99.__getitem__, default=None)


def _idle(figures: dict[str, Any]) -> Iterator[Goal]:
    yield Goal("memory of an idle socket", 40, "KB", figures["bytes_a_socket"] / 1000)


def _connect(figures: dict[str, Any]) -> Iterator[Goal]:
    yield Goal("a handshake with its sign-in check and `join`", 2.0, "ms", figures["waves"]["again"]["cpu_ms"])


def _post(figures: dict[str, Any]) -> Iterator[Goal]:
    yield Goal("a post, from the socket to stored and published", 2.5, "ms", figures["alone"]["net_message_ms"])


def _page(figures: dict[str, Any]) -> Iterator[Goal]:
    short, long = (figures["lengths"][length]["cpu_ms"] for length in sorted(figures["lengths"], key=int))
    yield Goal("a page of a million messages, against one of a thousand", 1.25, "times", long / short)
    yield Goal("a page of a million messages", 12, "ms", long)


READERS: dict[str, Callable[[dict[str, Any]], Iterator[Goal]]] = {
    "fan-out": _fan_out,
    "idle": _idle,
    "connect": _connect,
    "post": _post,
    "page": _page,
}
