"""bin/bench: measure, and write down what was measured."""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from types import ModuleType

import click

from bench import report, results
from bench.crowd import BenchError
from bench.options import Options
from bench.scenarios import avalanche, connect, fan_out, history, idle, page, post, rooms, slow_reader, statements

SCENARIOS: dict[str, ModuleType] = {
    "fan-out": fan_out,
    "rooms": rooms,
    "idle": idle,
    "connect": connect,
    "avalanche": avalanche,
    "post": post,
    "statements": statements,
    "page": page,
    "history": history,
    "slow-reader": slow_reader,
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    options = Options(asked.quick, asked.peers, asked.clients)
    chosen = {name: SCENARIOS[name] for name in asked.scenario or SCENARIOS}
    # The document compares: fan-out goes there with its peers or not at all.
    is_look = options.quick or options.clients is not None or ("fan-out" in chosen and not options.peers)
    written = results.Results(is_look)
    failed: list[str] = []
    with ExitStack() as stack:
        # On standard error, so that the figures alone are the output.
        bar = stack.enter_context(
            click.progressbar(
                length=sum(scenario.steps(options) for scenario in chosen.values()),
                file=sys.stderr,
                item_show_func=lambda what: what,
                show_pos=True,
                show_eta=False,
            )
        )
        for name, scenario in chosen.items():
            began = time.monotonic()
            try:
                figures = scenario.run(options, lambda what, name=name: bar.update(1, f"{name}: {what}"))
            except BenchError as error:
                failed.append(f"{name} could not be measured: {error}")
            else:
                written.add(name, figures, time.monotonic() - began)
    print(report.tables(written.content["scenarios"]))
    print(f"\nThe figures are in {written.path}")
    if not is_look:
        report.write()
    for reason in failed:
        print(reason, file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("scenario", nargs="*", choices=[[], *SCENARIOS], metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--peers", action="store_true", help="the same fan-out on other servers too")
    parser.add_argument("--clients", type=int, metavar="N", help="fan out to so many alone")
    parser.add_argument("--quick", action="store_true", help="less of everything: under two minutes, for a look")
    return parser


if __name__ == "__main__":
    sys.exit(main())
