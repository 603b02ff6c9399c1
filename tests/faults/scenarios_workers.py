"""Workers that die, stop, stand still, or are replaced."""

import os
import signal
import time
from itertools import cycle
from pathlib import Path

from tests.faults.ground import BEFORE_SECONDS, Ground
from tests.faults.history import Disconnected
from tests.faults.last_words import AT_THE_BUS, BEFORE_PUBLISHING
from tests.faults.result import Result

# The keeper looks every second, and then has some work to do.
DELAY_SECONDS = 2.0
RECOVERY_P95_SECONDS = 5.0
# At any moment of a talk, as chance has it.
MOMENTS_SECONDS = (1.0, 3.0)


def worker_killed(ground: Ground, clients: int = 100, rate: float = 20.0, kills: int = 3) -> Result:
    """`kill -9`, one worker after the other, while people post."""
    house = ground.start()
    room = ground.room()
    crowd = ground.crowd(clients, room)
    seconds = 6.0 * kills
    talking = ground.talk(crowd, room, rate, seconds)
    for _ in range(kills):
        ground.let_pass(ground.random.uniform(*MOMENTS_SECONDS))
        os.kill(ground.random.choice(house.both_workers()), signal.SIGKILL)
        house.both_workers()
    talking.result(seconds + 60)
    ground.settle(room.id)
    return _returned(ground.result(room))


def worker_stopped(ground: Ground, clients: int = 100, rate: float = 20.0) -> Result:
    """SIGTERM to a worker: its people are told to come back, and do."""
    house = ground.start()
    room = ground.room()
    crowd = ground.crowd(clients, room)
    talking = ground.talk(crowd, room, rate, 8.0)
    ground.let_pass(ground.random.uniform(*MOMENTS_SECONDS))
    old = ground.random.choice(house.both_workers())
    os.kill(old, signal.SIGTERM)
    house.wait_until(lambda: old not in house.workers(), 10)
    house.both_workers()
    talking.result(60)
    ground.settle(room.id)
    result = _returned(ground.result(room))
    codes = {event.code for event in ground.history.of(Disconnected)}
    result.promise(codes == {1012}, f"they were closed with {sorted(codes)} and not with 1012")
    return result


def reload(ground: Ground, clients: int = 1_000, rate: float = 5.0) -> Result:
    """SIGHUP under a thousand open tabs, as a deploy does it: all are back soon, and have everything."""
    house = ground.start()
    room = ground.room()
    crowd = ground.crowd(clients, room, people=50)
    talking = ground.talk(crowd, room, rate, 12.0)
    ground.let_pass(BEFORE_SECONDS)
    house.reload()
    talking.result(60)
    ground.settle(room.id, seconds=30)
    return _returned(ground.result(room))


def worker_stands_still(ground: Ground, clients: int = 60, rate: float = 10.0, seconds: float = 10.0) -> Result:
    """SIGSTOP: the other worker's people notice nothing, its own lose nothing and are not even disconnected."""
    house = ground.start()
    room = ground.room()
    crowd = ground.crowd(clients, room)
    still = ground.random.choice(house.both_workers())
    (watching,) = ground.people(1)
    # By tabs of its own, since only of these it is known where they are.
    other = next(worker for worker in house.both_workers() if worker != still)
    speaker, listener = (ground.client(watching, [room.id], worker=other) for _ in range(2))
    ground.wait_for([*crowd, speaker, listener])
    with house.stopped(still):
        begun = time.monotonic()
        ground.talk([speaker], room, rate / 2, seconds).result(seconds + 30)
        # What is said to the one that stands still waits there, and is not lost.
        ground.talk(crowd, room, rate / 2, 1.0).result(30)
        ground.let_pass(max(0.0, begun + seconds - time.monotonic()))
    ended = time.monotonic()
    ground.settle(room.id)
    result = ground.result(room)
    delays = ground.delays(begun, ended, by=[speaker], to=[speaker, listener])
    result.at_most("delay on the other worker", max(delays, default=None), DELAY_SECONDS)
    cut = len(list(ground.history.of(Disconnected)))
    result.promise(not cut, f"{cut} were disconnected")
    return result


def gap(ground: Ground, clients: int = 40, deaths: int = 4) -> Result:
    """The worker dies between the commit and the publishing of a message, or when only its own people were told."""
    house = ground.start(GUNICORN_CMD_ARGS=f"--config {Path(__file__).parent / 'dying_conf.py'}")
    room = ground.room()
    crowd = ground.crowd(clients, room)
    words = cycle([BEFORE_PUBLISHING, AT_THE_BUS])
    delays: list[float] = []
    for number, last_words in zip(range(deaths), words, strict=False):
        ground.talk(crowd, room, 10.0, 0.5).result(30)
        before, at = house.both_workers(), time.monotonic()
        ground.say(ground.random.choice(crowd), room, f"{last_words} {number}")
        house.wait_until(lambda before=before: set(house.workers()) != set(before), 10)
        house.both_workers()
        ground.settle(room.id)
        delays += ground.delays(at)
    result = _returned(ground.result(room))
    result.at_most("delay by repair", max(delays, default=None), DELAY_SECONDS)
    return result


def _returned(result: Result) -> Result:
    result.promise(result.recovery["p95"] is not None, "nobody was disconnected")
    if result.recovery["p95"] is not None:
        result.at_most("recovery p95", result.recovery["p95"], RECOVERY_P95_SECONDS)
    return result
