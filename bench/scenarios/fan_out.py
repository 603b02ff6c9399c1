"""Fan-out: one room, more and more clients; said slowly, steadily, and as fast as it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.crowd import BenchError, Crowd
from bench.measure import load, rest, settle
from bench.sites import Site

SLOW, STEADY, FLAT_OUT = "1 a second", "5 a second", "flat out"
# So many messages are on their way when it goes as fast as it goes.
WINDOW = 32


@dataclass(frozen=True)
class Scale:
    """How many clients, and for how many seconds: said slowly, steadily, flat out, and not at all."""

    sizes: Sequence[int] = (100, 500, 1000, 2000)
    slow: float = 12.0
    steady: float = 8.0
    flat_out: float = 5.0
    rest: float = 4.0


def run(site: Site, scale: Scale, step: Callable[[str], None]) -> list[dict[str, Any]]:
    """Each size and pace on one running server; the crowd grows from size to size."""
    loads = []
    with Crowd(site.port, site.path, site.dialect) as crowd:
        for size in scale.sizes:
            step(f"{site.name}, {size} clients")
            arrivals = crowd.come(site.seats(size - crowd.size))
            if arrivals.failed:
                raise BenchError(f"{arrivals.failed} clients did not come: {arrivals.complaints[:1]}")
            settled = settle(site)
            at_rest = rest(site, scale.rest)
            paces = (
                (SLOW, lambda: crowd.talk(1, scale.slow)),
                (STEADY, lambda: crowd.talk(5, scale.steady)),
                (FLAT_OUT, lambda: crowd.flood(scale.flat_out, WINDOW)),
            )
            for pace, talk in paces:
                figures = load(site, crowd, talk, at_rest).as_json()
                loads.append(figures | {"pace": pace, "settled": settled, "compressed": arrivals.compressed})
    return loads
