"""Idle: what a socket costs that nobody says anything on."""

from typing import Any

from bench.crowd import BenchError, Crowd
from bench.figures import line
from bench.measure import rest, settle
from bench.options import Options, Step
from bench.processes import pss_bytes
from bench.scenarios.rooms import seats_in_rooms
from bench.sites import Ours

PEOPLE_IN_A_ROOM = 50


def run(options: Options, step: Step) -> dict[str, Any]:
    """Memory as PSS of all processes, the bus included; with nobody there, and at each size."""
    points = []
    with Ours() as site, Crowd(site.port, site.path, site.dialect) as crowd:
        seats = seats_in_rooms(site, _sizes(options)[-1] // PEOPLE_IN_A_ROOM, PEOPLE_IN_A_ROOM)
        for size in (0, *_sizes(options)):
            step(f"{size} sockets")
            if size:
                arrivals = crowd.come(seats[crowd.size : size])
                if arrivals.failed:
                    raise BenchError(f"{arrivals.failed} of {size} did not come: {arrivals.complaints[:1]}")
            settle(site)
            points.append(
                {"sockets": size, "pss_bytes": pss_bytes(site.roots), "rest": rest(site, options.pick(20, 1))}
            )
    memory = line([(point["sockets"], point["pss_bytes"]) for point in points[1:]])
    return {"points": points, "bytes_a_socket": memory.slope}


def steps(options: Options) -> int:
    return 1 + len(_sizes(options))


def _sizes(options: Options) -> tuple[int, ...]:
    return (100, 200) if options.quick else (1000, 3000, 5000)
