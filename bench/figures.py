"""Percentiles, medians, straight lines: what is made of the raw figures."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

PERCENTILES = {"p50": 50, "p95": 95, "p99": 99, "max": 100}


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that so many percent do not exceed (nearest rank: always one that was measured)."""
    rank = math.ceil(len(ordered) * share / 100)
    return ordered[max(rank, 1) - 1]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """By name; empty when nothing was measured."""
    if not values:
        return {}
    ordered = sorted(values)
    return {name: percentile(ordered, share) for name, share in PERCENTILES.items()}


class Line(NamedTuple):
    """y = intercept + slope * x"""

    intercept: float
    slope: float


def line(points: Sequence[tuple[float, float]]) -> Line:
    """The least squares' line through these (x, y). Raises `statistics.StatisticsError` for fewer than two."""
    fit = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
    return Line(fit.intercept, fit.slope)


def median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
