"""What fan-out's runs say when they are laid side by side: a figure of each run, the median of them, the ratios."""

from collections.abc import Callable
from typing import Any

from bench.figures import Line, line, median

OURS, FLOOR, ONE_WORKER = "multichat", "floor", "multichat, 1 worker"
SLOW, STEADY, FLAT_OUT = "1 a second", "5 a second", "flat out"
# Below this a line over the sizes is bent by what does not grow with them.
LARGE = 500

Run = dict[str, Any]


class FanOut:
    """The runs of one invocation."""

    def __init__(self, figures: dict[str, Any]) -> None:
        self.runs: list[Run] = figures["runs"]

    def servers(self) -> list[str]:
        return list(self.runs[0])

    def sizes(self, server: str) -> list[int]:
        loads = self.runs[0][server]
        return [] if "missing" in loads else sorted({load["clients"] for load in loads})

    @property
    def compared_at(self) -> int:
        """The size at which every server was measured."""
        sizes = self.sizes(OURS)
        return 1000 if 1000 in sizes else sizes[-1]

    def missing(self, server: str) -> str | None:
        """Why there are no figures of this one."""
        reasons = [run[server]["missing"] for run in self.runs if "missing" in run[server]]
        return reasons[0] if reasons else None

    def median(self, server: str, pace: str, clients: int, figure: str) -> float | None:
        """`figure` is a load's, or a percentile of its latencies."""
        return median(
            [value for run in self.runs if (value := figure_of(run, server, pace, clients, figure)) is not None]
        )

    def ratio(self, server: str, other: str, pace: str, figure: str, clients: int | None = None) -> float | None:
        """Of this server's figure to the other's: within each run, and of those the median."""
        at = clients or self.compared_at
        ratios = []
        for run in self.runs:
            own, others = (figure_of(run, name, pace, at, figure) for name in (server, other))
            if own is not None and others:
                ratios.append(own / others)
        return median(ratios)

    def lines(self, server: str, low: int = LARGE, high: int | None = None) -> list[Line]:
        """Of each run: milliseconds a message over clients in the room, said steadily."""
        found = []
        for run in self.runs:
            points = [
                (load["clients"], load["message_ms"])
                for load in _loads(run, server)
                if load["pace"] == STEADY and low <= load["clients"] <= (high or load["clients"])
            ]
            if len(points) > 1:
                found.append(line(points))
        return found

    def slopes(self, server: str, low: int = LARGE, high: int | None = None) -> list[float]:
        """Microseconds for one delivery more."""
        return [line.slope * 1e3 for line in self.lines(server, low, high)]

    def compressed(self, server: str) -> list[bool]:
        """Of each load, whether the server compressed what it sent."""
        return [load["compressed"] > 0 for run in self.runs for load in _loads(run, server)]

    def lost(self, server: str) -> dict[str, int]:
        """By pace, how many deliveries never came, in all runs."""
        lost: dict[str, int] = {}
        for run in self.runs:
            for load in _loads(run, server):
                lost[load["pace"]] = lost.get(load["pace"], 0) + load["lost"]
        return {pace: number for pace, number in lost.items() if number}


def figure_of(run: Run, server: str, pace: str, clients: int, figure: str) -> float | None:
    for load in _loads(run, server):
        if load["pace"] == pace and load["clients"] == clients:
            found: float | None = load[figure] if figure in load else load["latency_ms"].get(figure)
            return found
    return None


def within_each_run(ours: list[float], floor: list[float], of: Callable[[float, float], float]) -> float | None:
    return median([of(own, other) for own, other in zip(ours, floor, strict=False)])


def _loads(run: Run, server: str) -> list[dict[str, Any]]:
    loads = run.get(server, [])
    return [] if "missing" in loads else loads
