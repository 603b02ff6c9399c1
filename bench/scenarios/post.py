"""Post: what a message costs that hardly anybody hears, and how many a second fifty people can say."""

from functools import partial
from typing import Any

from bench.crowd import Crowd
from bench.dialects import Seat
from bench.measure import load, rest, settle
from bench.options import Options, Step
from bench.scenarios.rooms import seats_in_rooms
from bench.sites import Ours

ALONE = 20
# Fifty people with four tabs each, in rooms of fifty: a socket may say six things a second, and no more.
ROOMS = 4
SENDERS = 50


def run(options: Options, step: Step) -> dict[str, Any]:
    seconds = options.pick(10, 1)
    with Ours() as site:
        step("each alone in a room")
        with Crowd(site.port, site.path, site.dialect) as crowd:
            crowd.come(seats_in_rooms(site, ALONE, 1))
            _warm_up(site, crowd)
            alone = load(site, crowd, partial(crowd.talk, 2 * ALONE, seconds), rest(site, seconds / 2))
        step(f"{SENDERS} senders, flat out")
        with Crowd(site.port, site.path, site.dialect) as crowd:
            cookies = site.cookies(SENDERS)
            rooms = [site.room_named(f"Dock {number}") for number in range(ROOMS)]
            crowd.come([Seat(room, cookie, 0) for room in rooms for cookie in cookies])
            _warm_up(site, crowd)
            together = load(site, crowd, partial(crowd.flood, seconds, SENDERS), rest(site, seconds / 2))
    return {
        "alone": alone.as_json(),
        "together": together.as_json() | {"a_second": together.messages / together.seconds},
    }


def steps(options: Options) -> int:
    return 2


def _warm_up(site: Ours, crowd: Crowd) -> None:
    """First words cost more: caches fill."""
    crowd.talk(2 * ALONE, 1)
    settle(site)
