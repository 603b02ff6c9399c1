"""The table of the figures: of several seeds the worst."""

from dataclasses import asdict

from tests.faults.report import table
from tests.faults.result import Result


def run(seed: int, delivered: int, back: float | None, **figures: float) -> dict[str, object]:
    times = {"p50": back, "p95": back, "p99": back}
    result = Result("reload", "sqlite", seed, 10, 100, 1000, delivered, seed, 0, 0, 0, times, times, figures)
    result.promise(delivered == 1000, "lost: 1")
    return asdict(result)


def test_the_worst_of_all_seeds_is_shown_and_what_was_not_kept_is_said() -> None:
    runs = [run(1, 1000, 0.5, outage=3.0), run(2, 999, 1.25, outage=2.5), run(3, 1000, None)]
    assert table(runs).splitlines()[2:] == [
        "| reload | sqlite | 3 | 10 | 300 | 99.90% | 6, 0, 0 | 1.25 / 1.25 / 1.25 | 1.25 | 0 | outage 3; **lost: 1** |"
    ]


def test_what_was_not_measured_is_left_empty() -> None:
    (row,) = table([run(1, 1000, None)]).splitlines()[2:]
    assert row == "| reload | sqlite | 1 | 10 | 100 | 100.00% | 1, 0, 0 |  |  | 0 |  |"


def test_a_run_that_ended_with_an_exception_is_a_row_too() -> None:
    ended = Result("gap", "sqlite", 1, 0, 0, 0, 0, 0, 0, 0, 0, {}, {}, broken=["it ended with OSError"])
    (row,) = table([asdict(ended)]).splitlines()[2:]
    assert row == "| gap | sqlite | 1 | 0 | 0 | 0.00% | 0, 0, 0 |  |  | 0 | **it ended with OSError** |"
