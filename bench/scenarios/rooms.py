"""Many rooms: as many people as in one large room, spread over rooms of ten."""

from functools import partial
from typing import Any

from bench.crowd import Crowd
from bench.dialects import Seat
from bench.measure import load, rest, settle
from bench.options import Options, Step
from bench.sites import Ours

PEOPLE_IN_A_ROOM = 10
WINDOW = 32


def run(options: Options, step: Step) -> dict[str, Any]:
    rooms, seconds = options.pick(100, 15), options.pick(10, 1)
    step(f"{rooms} rooms of {PEOPLE_IN_A_ROOM}")
    with Ours() as site:
        seats = seats_in_rooms(site, rooms, PEOPLE_IN_A_ROOM)
        with Crowd(site.port, site.path, site.dialect) as crowd:
            crowd.come(seats)
            settle(site)
            at_rest = rest(site, seconds / 3)
            talks = {
                "20 a second": partial(crowd.talk, 20, seconds),
                "flat out": partial(crowd.flood, seconds / 2, WINDOW),
            }
            figures = {pace: load(site, crowd, talk, at_rest).as_json() for pace, talk in talks.items()}
    return {"rooms": rooms, "people_in_a_room": PEOPLE_IN_A_ROOM, "paces": figures}


def steps(options: Options) -> int:
    return 1


def seats_in_rooms(site: Ours, rooms: int, people: int) -> list[Seat]:
    """Everybody somebody else, neighbours in different rooms."""
    room_ids = [site.room_named(f"Room {number}") for number in range(rooms)]
    after = {room_id: site.revision(room_id) for room_id in room_ids}
    cookies = site.cookies(rooms * people)
    return [Seat(room_id, cookie, after[room_id]) for cookie, room_id in zip(cookies, room_ids * people, strict=True)]
