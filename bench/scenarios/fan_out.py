"""Fan-out: one room, more and more clients; said slowly, steadily, and as fast as it goes.

Every run takes ours, the floor and the peers one after the other, so that they are compared within minutes.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bench.compare import FLAT_OUT, FLOOR, ONE_WORKER, OURS, SLOW, STEADY
from bench.crowd import BenchError, Crowd
from bench.dialects import mark
from bench.measure import load, rest, settle
from bench.options import Options, Step
from bench.peers import RECIPES, Peer, versions
from bench.sample import sample
from bench.sites import Floor, Ours, Site, Unavailable

# So many messages are on their way when it goes as fast as it goes.
WINDOW = 32
# Where ours with one worker, and the peers, are compared; ours and the floor are measured at every size.
COMPARED_AT = 1000


@dataclass(frozen=True)
class Scale:
    """How many clients, and for how many seconds: said slowly, steadily, flat out, and not at all."""

    sizes: Sequence[int] = (100, 500, 1000, 2000)
    slow: float = 12.0
    steady: float = 8.0
    flat_out: float = 5.0
    rest: float = 4.0


QUICK = Scale(sizes=(100, 250), slow=1.0, steady=1.0, flat_out=0.5, rest=0.5)
# Compilers and caches warm up first; and at each size everybody who is new.
WARM_UP_SECONDS = 1.0


def run(options: Options, step: Step) -> dict[str, Any]:
    step("taking a sample")
    carried = sample()
    runs = []
    for number in range(options.runs):
        figures: dict[str, Any] = {}
        for name, site, scale in _sites(options, carried):
            try:
                with site as running:
                    figures[name] = crowd_on(running, scale, partial(_say, step, f"run {number + 1}: {name}"))
            except (Unavailable, BenchError) as reason:
                figures[name] = {"missing": str(reason)}
        runs.append(figures)
    peers = {name: {"versions": versions(name), "processes": recipe.processes} for name, recipe in RECIPES.items()}
    return {"frame_bytes": len(carried.encode()), "window": WINDOW, "peers": peers, "runs": runs}


def steps(options: Options) -> int:
    return 1 + options.runs * sum(len(scale.sizes) for _, _, scale in _sites(options, mark(0)))


def crowd_on(site: Site, scale: Scale, step: Step) -> list[dict[str, Any]]:
    """Each size and pace on one running server; the crowd grows from size to size."""
    loads = []
    with Crowd(site.port, site.path, site.dialect) as crowd:
        for size in scale.sizes:
            step(f"{size} clients")
            arrivals = crowd.come(site.seats(size - crowd.size))
            if arrivals.failed:
                raise BenchError(f"{arrivals.failed} of {size} clients did not come: {arrivals.complaints[:1]}")
            crowd.flood(WARM_UP_SECONDS, WINDOW)
            settled = settle(site)
            at_rest = rest(site, scale.rest)
            paces = (
                (SLOW, partial(crowd.talk, 1, scale.slow)),
                (STEADY, partial(crowd.talk, 5, scale.steady)),
                (FLAT_OUT, partial(crowd.flood, scale.flat_out, WINDOW)),
            )
            for pace, talk in paces:
                figures = load(site, crowd, talk, at_rest).as_json()
                loads.append(figures | {"pace": pace, "settled": settled, "compressed": arrivals.compressed})
    return loads


def _sites(options: Options, carried: str) -> Iterator[tuple[str, AbstractContextManager[Site], Scale]]:
    scale = QUICK if options.quick else Scale()
    if options.clients is not None:
        scale = replace(scale, sizes=(options.clients,))
    at = COMPARED_AT if COMPARED_AT in scale.sizes else max(scale.sizes)
    yield OURS, Ours(), scale
    yield FLOOR, Floor(carried), scale
    if not options.quick:
        yield ONE_WORKER, Ours(workers=1), replace(scale, sizes=(at,))
    if options.peers:
        for name in RECIPES:
            yield name, Peer(name, carried), replace(scale, sizes=(at,))


def _say(step: Step, where: str, what: str) -> None:
    step(f"{where}, {what}")
