"""What a scenario came to: one row of the table."""

from dataclasses import dataclass, field

from tests.faults.checker import Verdict, percentile

PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
# Of the checker's words, those that have a column of their own.
OUT_OF_ORDER = ("misordered", "misplaced", "misnumbered")


@dataclass
class Result:
    """Figures are by name, times in seconds; `broken` names every promise that was not kept."""

    scenario: str
    database: str
    seed: int
    clients: int
    messages: int
    expected: int
    delivered: int
    doubled: int
    misordered: int
    leaked: int
    never_returned: int
    recovery: dict[str, float | None]
    replay: dict[str, float | None]
    figures: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.broken

    def promise(self, kept: bool, what: str) -> None:
        """Note what was promised and did not hold."""
        if not kept:
            self.broken.append(what)

    def at_most(self, name: str, value: float | None, limit: float) -> None:
        """A figure that has a limit; one that could not be measured breaks the promise too."""
        if value is None:
            self.broken.append(f"{name} could not be measured")
        else:
            self.figures[name] = round(value, 3)
            self.promise(value <= limit, f"{name} was {value:.2f}, promised is {limit:.2f} at most")

    @classmethod
    def of(cls, scenario: str, database: str, seed: int, clients: int, messages: int, verdict: Verdict) -> "Result":
        counts = verdict.counts
        result = cls(
            scenario=scenario,
            database=database,
            seed=seed,
            clients=clients,
            messages=messages,
            expected=verdict.expected,
            delivered=verdict.delivered,
            doubled=counts["doubled"] + counts["stored twice"],
            misordered=sum(counts[kind] for kind in OUT_OF_ORDER),
            leaked=counts["leaked"],
            never_returned=len(verdict.never_returned),
            recovery=_spread(verdict.recovery),
            replay=_spread(verdict.replay),
            problems=verdict.problems,
        )
        for kind, count in counts.items():
            result.promise(not count, f"{kind}: {count}")
        result.promise(not verdict.never_returned, f"never returned: {verdict.never_returned[:5]}")
        result.promise(verdict.expected > 0, "nothing was expected of anybody")
        return result


def _spread(seconds: list[float]) -> dict[str, float | None]:
    return {name: percentile(seconds, share) for name, share in PERCENTILES.items()}
