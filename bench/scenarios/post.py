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
    seconds = options.pick(10, 3)
    step("each alone in a room")
    with Ours() as site, Crowd(site.port, site.path, site.dialect) as crowd:
        crowd.come(seats_in_rooms(site, ALONE, 1))
        crowd.talk(
            2 * ALONE, 2
        )  # whose first words cost more: caches fill, and each one's first message is their entry
        settle(site)
        alone = load(site, crowd, partial(crowd.talk, 2 * ALONE, seconds), rest(site, seconds / 2))
    step(f"{SENDERS} senders, flat out")
    with Ours() as site, Crowd(site.port, site.path, site.dialect) as crowd:
        cookies = site.cookies(SENDERS)
        rooms = [site.room_named(f"Room {number}") for number in range(ROOMS)]
        crowd.come([Seat(room, cookie, 0) for room in rooms for cookie in cookies])
        crowd.talk(2 * ALONE, 2)
        settle(site)
        together = load(site, crowd, partial(crowd.flood, seconds, SENDERS), rest(site, seconds / 2))
    return {
        "alone": alone.as_json(),
        "together": together.as_json() | {"a_second": together.messages / together.seconds},
    }


def steps(options: Options) -> int:
    return 2
