"""Avalanche: everybody is closed by a reload, and comes back as pages do, by chance within five seconds."""

import signal
import time
from typing import Any

from bench.crowd import Crowd
from bench.dialects import Multichat
from bench.figures import percentiles
from bench.measure import settle
from bench.options import Options, Step
from bench.processes import cpu_seconds
from bench.scenarios.rooms import seats_in_rooms
from bench.sites import Ours

PEOPLE_IN_A_ROOM = 50
BACK_WITHIN_SECONDS = 60.0


def run(options: Options, step: Step) -> dict[str, Any]:
    clients = options.pick(1000, 100)
    step(f"{clients} sockets and a reload")
    with Ours() as site, Crowd(site.port, site.path, Multichat(asks=False)) as crowd:
        crowd.come(seats_in_rooms(site, clients // PEOPLE_IN_A_ROOM, PEOPLE_IN_A_ROOM))
        settle(site)
        crowd.come_back()
        before, began = cpu_seconds(site.roots), time.monotonic()
        site.server.process.send_signal(signal.SIGHUP)
        arrivals = crowd.returned(BACK_WITHIN_SECONDS)
        seconds, cpu = time.monotonic() - began, cpu_seconds(site.roots) - before
    return {
        "clients": clients,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "away_ms": percentiles([away * 1e3 for away in arrivals.entered]),
        "came_back": len(arrivals.entered),
        "failed_tries": arrivals.failed,
    }


def steps(options: Options) -> int:
    return 1
