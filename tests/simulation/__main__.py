"""bin/simulate: thousands of histories, one a seed, on all cores."""

import argparse
import multiprocessing
import sys
import time
import traceback

from tests.simulation.history import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/simulate", description=__doc__.partition(": ")[2])
    parser.add_argument("--seeds", type=int, default=10_000, metavar="N", help="how many histories (10,000)")
    parser.add_argument("--seed", type=int, metavar="S", help="this one alone, with what went wrong")
    options = parser.parse_args()
    if options.seed is not None:
        print(run(options.seed))
        return 0
    began, revisions, failures = time.monotonic(), 0, []
    with multiprocessing.Pool() as pool:
        for number, (seed, changes, failure) in enumerate(pool.imap_unordered(_try, range(options.seeds), 20), 1):
            revisions += changes
            if failure:
                failures.append(seed)
                print(f"\r{failure.strip()}\nAgain: bin/simulate --seed {seed}")
            if number % 100 == 0 or number == options.seeds:
                _show(number, options.seeds, time.monotonic() - began)
    print(f"\n{options.seeds:,} histories with {revisions:,} changes, {len(failures)} of them wrong")
    return bool(failures)


def _try(seed: int) -> tuple[int, int, str | None]:
    try:
        return seed, run(seed).revisions, None
    except BaseException:
        return seed, 0, traceback.format_exc()


def _show(done: int, of: int, seconds: float) -> None:
    width = 40 * done // of
    print(f"\r[{'#' * width}{'.' * (40 - width)}] {done:,} of {of:,}, {seconds:.0f} s", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
