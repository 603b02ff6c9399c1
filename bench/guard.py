"""A guard against slipping: a delivery may cost at most so many times what the kernel asks for. A minute at the most.

Two sizes make a line, and its slope is a delivery's price without what a message costs anyway. A machine that does
other things meanwhile is no fault of ours: only three tries of three that are too dear are.
"""

import sys

from bench.crowd import BenchError, Crowd
from bench.figures import line
from bench.measure import load, settle
from bench.sample import sample
from bench.sites import Floor, Ours, Site, Unavailable

LIMIT = 2.5
TRIES = 3
SIZES = (40, 340)
# Enough messages for their differences to even out.
A_SECOND, SECONDS = 20, 3.0


def main() -> int:
    try:
        carried = sample()
        for number in range(1, TRIES + 1):
            with Floor(carried) as floor:
                lowest = slope_us(floor)
            with Ours() as site:
                own = slope_us(site)
            said = f"try {number}: {own:.1f} us a delivery, {own / lowest:.2f} times the floor's {lowest:.1f}"
            if 0 < own <= LIMIT * lowest:  # below zero is noise
                print(f"A delivery's price is fine; {said}")
                return 0
            print(f"A delivery is dear; {said}", file=sys.stderr)
    except Unavailable as reason:
        print(f"A delivery's price is not looked at: {reason}")
        return 0
    except BenchError as error:
        print(f"The fan-out does not hold: {error}", file=sys.stderr)
        return 1
    print(f"A delivery costs more than {LIMIT} times the floor's in {TRIES} tries of {TRIES}.", file=sys.stderr)
    return 1


def slope_us(site: Site) -> float:
    """Processor time for one delivery more, at a pace that is the same for all."""
    points = []
    with Crowd(site.port, site.path, site.dialect) as crowd:
        for size in SIZES:
            crowd.come(site.seats(size - crowd.size))
            settle(site, 5)
            talk = load(site, crowd, lambda: crowd.talk(A_SECOND, SECONDS))
            if not talk.is_whole:
                raise BenchError(f"{talk.lost} deliveries to {size} clients never came")
            points.append((size, talk.message_ms * 1e3))
    return line(points).slope


if __name__ == "__main__":
    sys.exit(main())
