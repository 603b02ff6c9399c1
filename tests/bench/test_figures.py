"""Percentiles, lines and ratios, on figures that one can check in one's head."""

import pytest

from bench.compare import FanOut
from bench.figures import line, percentile, percentiles
from bench.goals import goals


def test_a_percentile_is_always_one_of_the_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert [percentile([7.0], share) for share in (1, 50, 100)] == [7, 7, 7]
    assert percentile([1.0, 2.0, 3.0], 50) == 2
    assert percentile([1.0, 2.0, 3.0], 67) == 3


def test_percentiles_need_no_order_and_none_are_made_of_nothing() -> None:
    assert percentiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "p99": 3.0, "max": 3.0}
    assert percentiles([]) == {}


def test_a_line_finds_slope_and_intercept() -> None:
    fit = line([(500, 5.5), (1000, 8.0), (2000, 13.0)])
    assert (fit.intercept, fit.slope) == (pytest.approx(3.0), pytest.approx(0.005))


def test_ratios_are_taken_within_a_run_and_then_the_median() -> None:
    """A machine that is twice as slow in one run changes no ratio."""
    fan_out = FanOut({"runs": [run(1.0), run(2.0), run(1.0, dear=3.0)]})
    assert fan_out.ratio("multichat", "floor", "5 a second", "delivery_us") == pytest.approx(1.5)
    assert fan_out.slopes("floor") == pytest.approx([4.0, 8.0, 4.0])
    reached = {goal.what: goal for goal in goals({"fan-out": {"runs": fan_out.runs}})}
    slope = reached["a delivery, as the slope over 500 to 2000 clients, against the floor's"]
    assert slope.measured == pytest.approx(1.25)
    assert slope.is_reached
    assert reached["a delivery, against Node ws"].is_reached is None


def test_a_server_that_is_not_there_has_a_reason_and_no_figures() -> None:
    fan_out = FanOut({"runs": [run(1.0) | {"Node ws": {"missing": "there is no node with npm"}}]})
    assert fan_out.missing("Node ws") == "there is no node with npm"
    assert fan_out.ratio("multichat", "Node ws", "5 a second", "delivery_us") is None


def run(slowness: float, dear: float = 1.0) -> dict[str, object]:
    """The floor takes 4 us a delivery and nothing more; ours 5 and 1 ms a message."""
    return {
        "multichat": [load(size, (size * 0.005 + 1) * slowness * dear) for size in (500, 1000, 2000)],
        "floor": [load(size, size * 0.004 * slowness) for size in (500, 1000, 2000)],
    }


def load(clients: int, message_ms: float) -> dict[str, object]:
    figures = {"message_ms": message_ms, "delivery_us": message_ms / clients * 1e3}
    return {"clients": clients, "pace": "5 a second", "lost": 0, "latency_ms": {}} | figures
