"""Statements: how many SQL statements each thing takes, on a server that notes them."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.crowd import BenchError, Crowd
from bench.dialects import Multichat, Seat
from bench.measure import settle
from bench.options import Options, Step
from bench.pages import fetch
from bench.scenarios.connect import say
from bench.sites import Ours
from multichat.config import PROJECT

TIMES = 10


def run(options: Options, step: Step) -> dict[str, Any]:
    step("counting statements")
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        notes = Path(directory, "statements")
        conf = PROJECT / "bench" / "counted_conf.py"
        with Ours(BENCH_STATEMENTS=str(notes), GUNICORN_CMD_ARGS=f"--config {conf}") as site:
            seats = list(site.seats(TIMES))
            behind = [Seat(seat.room, seat.cookie, 0) for seat in seats]

            def come(seats: list[Seat]) -> None:
                with Crowd(site.port, site.path, Multichat(asks=False)) as crowd:
                    if crowd.come(seats).failed:
                        raise BenchError("not everybody came")
                    settle(site, 5)

            # A worker's first requests ask what it then knows.
            come(site.seats(TIMES))
            path = f"/rooms/{site.room}?newest=1"
            for seat in seats:
                fetch(site, path, seat.cookie)
            counts = {
                "page": _count(notes, lambda: [fetch(site, path, seat.cookie) for seat in seats]),
                "handshake and first join": _count(notes, lambda: come(seats)),
                "handshake and join": _count(notes, lambda: come(seats)),
            }
            say(site, site.room, TIMES)
            counts["handshake and join, behind"] = _count(notes, lambda: come(behind))
            with Crowd(site.port, site.path, Multichat(asks=False)) as crowd:
                crowd.come(behind)
                crowd.talk(TIMES, 1)
                counts["message"] = _count(notes, lambda: crowd.talk(TIMES, 1))
    return {"counts": counts}


def steps(options: Options) -> int:
    return 1


def _count(notes: Path, do: Callable[[], object]) -> float:
    """Of one of ten."""
    before = len(notes.read_text().splitlines())
    do()
    return (len(notes.read_text().splitlines()) - before) / TIMES
