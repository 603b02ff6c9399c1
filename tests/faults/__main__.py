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
# Each is a server of its own, which has half a minute to start.
WAITING_AT_ONCE = 5
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
    # First those that mostly wait, several at a time: beside each other they take as long as one.
    ordered = sorted(runs, key=lambda key: key[0] not in WAITING)
    waiting = sum(name in WAITING for name, *_ in runs)
    results: dict[tuple[str, str, int], Result] = {}
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres(forgetful=False)) if options.database == "postgresql" else None
        # A ^C waits for those that are under way.
        pool = stack.enter_context(ThreadPoolExecutor(WAITING_AT_ONCE))
        begun = [pool.submit(run, *key, postgres, output) for key in ordered[:waiting]]
        stack.callback(pool.shutdown, cancel_futures=True)
        # On standard error, so that the table alone is the output.
        bar = stack.enter_context(
            click.progressbar(ordered, file=sys.stderr, item_show_func=_title, show_pos=True, show_eta=False)
        )
        for number, key in enumerate(bar):
            results[key] = begun[number].result() if number < waiting else run(*key, postgres, output)
            so_far = [asdict(results[done]) for done in runs if done in results]
            output.write_text(json.dumps(so_far, indent=2) + "\n", encoding="utf-8")
            if not results[key].is_good:
                _complain(results[key])
    failed = sum(not result.is_good for result in results.values())
    print(table([results[key] for key in runs]))
    print(f"\n{len(results)} runs, {failed} failed; figures are in {output}")
    return 1 if failed else 0


def run(name: str, database: str, seed: int, postgres: Postgres | None, output: Path) -> Result:
    """One scenario once. What it leaves behind when it fails lies beside the output: history, and the server's log."""
    result = Result(name, database, seed, 0, 0, 0, 0, 0, 0, 0, 0, {}, {})
    try:
        with Ground(name, database, seed, postgres) as ground:
            try:
                result = SCENARIOS[name](ground)
            except Exception as error:
                result.clients = len(ground.clients)
                _end_with(result, error)
            if not result.is_good:
                beside = output.with_suffix("")
                ground.history.write(Path(f"{beside}-{name}-{database}-{seed}.history.jsonl"))
                if ground.is_started:
                    log = Path(f"{beside}-{name}-{database}-{seed}.server.log")
                    log.write_text(ground.house.log(), encoding="utf-8")
    except Exception as error:  # its server did not stop, for one
        _end_with(result, error)
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


def _end_with(result: Result, error: Exception) -> None:
    traceback.print_exception(error)
    result.broken.append(f"it ended with {type(error).__name__}: {str(error).splitlines()[:1]}")


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
