"""Connect: handshake, sign-in check, `join`; for the first time, and coming back to ten new messages."""

from typing import Any
from uuid import uuid4

from bench.crowd import BenchError, Crowd
from bench.dialects import FILLER, Multichat, Seat
from bench.figures import percentiles
from bench.measure import settle
from bench.options import Options, Step
from bench.processes import cpu_seconds
from bench.scenarios.rooms import seats_in_rooms
from bench.sites import Ours
from multichat.database import db
from multichat.messages.changes import post
from multichat.models import Room, User

PEOPLE_IN_A_ROOM = 50
# So many clients are on their way at a time.
WINDOW = 50
MISSED = 10


def run(options: Options, step: Step) -> dict[str, Any]:
    clients = options.pick(1000, 100)
    waves = {}
    with Ours() as site:
        seats = seats_in_rooms(site, clients // PEOPLE_IN_A_ROOM, PEOPLE_IN_A_ROOM)
        step("for the first time")
        waves["first"] = _wave(site, seats)
        step("again")
        waves["again"] = _wave(site, seats)
        step(f"again, {MISSED} messages behind")
        for room_id in {seat.room for seat in seats}:
            say(site, room_id, MISSED)
        settle(site)
        waves["behind"] = _wave(site, seats)
    return {"clients": clients, "window": WINDOW, "missed": MISSED, "waves": waves}


def steps(options: Options) -> int:
    return 3


def say(site: Ours, room_id: int, messages: int) -> None:
    """By somebody who is not there, as a `flask` command would."""
    with site.app.app_context():
        room, author = db.session.get_one(Room, room_id), User.get(1)
        for _ in range(messages):
            post(room, author, FILLER, uuid4())


def _wave(site: Ours, seats: list[Seat]) -> dict[str, Any]:
    """All of them come, are counted, and go again."""
    before = cpu_seconds(site.roots)
    with Crowd(site.port, site.path, Multichat(asks=False)) as crowd:
        arrivals = crowd.come(seats, WINDOW)
        cpu = cpu_seconds(site.roots) - before
    if arrivals.failed:
        raise BenchError(f"{arrivals.failed} did not come: {arrivals.complaints[:1]}")
    settle(site)
    return {
        "a_second": len(seats) / arrivals.seconds,
        "cpu_ms": cpu / len(seats) * 1e3,
        "opened_ms": percentiles([seconds * 1e3 for seconds in arrivals.opened]),
        "entered_ms": percentiles([seconds * 1e3 for seconds in arrivals.entered]),
    }
