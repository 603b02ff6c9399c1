"""bin/faults: run the scenarios over seeds, show a table, write the figures beside it as JSON."""

import argparse
import json
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tests.faults.ground import Ground
from tests.faults.result import PERCENTILES, Result
from tests.faults.scenarios import ONLY_ON, SCENARIOS, WAITING
from tests.support.postgres import Postgres

DATABASES = ("sqlite", "postgresql")
RESULTS = Path(__file__).parent / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    output: Path = options.output or RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    runs = [
        (name, options.database, seed)
        for seed in range(options.first_seed, options.first_seed + options.seeds)
        for name in options.scenario or SCENARIOS
        if ONLY_ON.get(name, options.database) == options.database
    ]
    # Those that wait do it together, and before the others: beside them nothing is measured.
    runs.sort(key=lambda run: run[0] not in WAITING)
    waiting = sum(name in WAITING for name, *_ in runs)
    results: list[Result] = []
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(forgetful=False)) if options.database == "postgresql" else None
        pool = stack.enter_context(ThreadPoolExecutor(waiting or 1))
        begun = [pool.submit(run, *which, postgres, output) for which in runs[:waiting]]
        # On standard error, so that the table alone is the output.
        bar = stack.enter_context(
            click.progressbar(runs, file=sys.stderr, item_show_func=_title, show_pos=True, show_eta=False)
        )
        for number, which in enumerate(bar):
            result = begun[number].result() if number < waiting else run(*which, postgres, output)
            results.append(result)
            output.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n", encoding="utf-8")
            if not result.is_good:
                _complain(result)
    print(table(results))
    print(f"\n{len(results)} runs, {sum(not result.is_good for result in results)} failed; figures are in {output}")
    return 0 if all(result.is_good for result in results) else 1


def run(name: str, database: str, seed: int, postgres: Postgres | None, output: Path) -> Result:
    """One scenario once. What it leaves behind when it fails lies beside the output: history, and the server's log."""
    with Ground(name, database, seed, postgres) as ground:
        try:
            result = SCENARIOS[name](ground)
        except Exception as error:
            traceback.print_exc()
            result = Result(name, database, seed, len(ground.clients), 0, 0, 0, 0, 0, 0, 0, {}, {})
            result.broken.append(f"it ended with {type(error).__name__}: {str(error).splitlines()[:1]}")
        if not result.is_good:
            beside = output.with_suffix("")
            ground.history.write(Path(f"{beside}-{name}-{database}-{seed}.history.jsonl"))
            if ground.is_started:
                log = Path(f"{beside}-{name}-{database}-{seed}.server.log")
                log.write_text(ground.house.log(), encoding="utf-8")
        return result


def table(results: Sequence[Result]) -> str:
    """One line a run, in columns."""
    head = ("scenario", "database", "seed", "clients", "messages", "delivered", "doubled", "misordered", "leaked")
    rows = [(*head, *(f"back {name}" for name in PERCENTILES), "replay p99", "never back", "seconds", "")]
    for result in results:
        share = f"{result.delivered / result.expected:.2%}" if result.expected else "-"
        numbers = (result.clients, result.messages, share, result.doubled, result.misordered, result.leaked)
        times = [_seconds(result.recovery.get(name)) for name in PERCENTILES]
        row = (result.scenario, result.database, result.seed, *numbers, *times, _seconds(result.replay.get("p99")))
        verdict = "ok" if result.is_good else "; ".join(result.broken)
        rows.append(tuple(map(str, (*row, result.never_returned, f"{result.seconds:.0f}", verdict))))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="how many times, each with another seed")
    parser.add_argument("--first-seed", type=int, default=1, metavar="SEED", help="the first of them")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS, help="this one alone; may be repeated")
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    parser.add_argument("--output", type=Path, help="where the JSON goes, instead of tests/faults/results/")
    return parser.parse_args(arguments)


def _title(run: Any) -> str:
    return "" if run is None else " ".join(map(str, run))


def _complain(result: Result) -> None:
    again = f"bin/faults --scenario {result.scenario} --database {result.database} --first-seed {result.seed}"
    lines = [
        f"\n{result.scenario} failed with seed {result.seed}:",
        *result.broken,
        *result.problems,
        f"again: {again}",
    ]
    print("\n  ".join(lines), file=sys.stderr, flush=True)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"


if __name__ == "__main__":
    sys.exit(main())
