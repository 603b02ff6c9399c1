"""Readers that are slow, or stop: they cost the others nothing, and the server little."""

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from multichat.models import Room
from tests.faults.checker import percentile
from tests.faults.client import Client
from tests.faults.ground import Ground
from tests.faults.proxy import Proxy
from tests.faults.result import Result

SLOW_BYTES_PER_SECOND = 1024
P99_RATIO, P99_SECONDS = 1.2, 0.005
CUT_WITHIN_SECONDS = 15.0
HELD_LIMIT_BYTES = 1024 * 1024
# What its process takes from the system beside it in the meantime, for the hundred others.
NOISE_BYTES = 1024 * 1024
LONG = "x" * 7_900
RATE = 10.0
# Between two looks at what its worker holds: the most of it is what counts, and the log is read whole each time.
BETWEEN_LOOKS_SECONDS = 0.1


def readers(ground: Ground, clients: int = 100, runs: int = 5, seconds: float = 5.0) -> Result:
    """A hundred that read, one that stops, one at 1 KB/s."""
    house = ground.start()
    proxy = ground.enter(Proxy(ground.loop, house.port, narrow=True))
    room = ground.room()
    fast = ground.crowd(clients, room)
    for_stopped, for_slow = ground.people(2)
    stopped = ground.client(for_stopped, [room.id])
    slow = ground.client(for_slow, [room.id], port=proxy.port)
    stopped.is_narrow = True

    # First, while what was held for a reader before is not there to be used again; but warm.
    _talk(ground, fast, room, 2 * RATE, seconds)
    cut_after, held = _stop_for_good(ground, fast, stopped, room)

    p99: dict[bool, list[float]] = {False: [], True: []}
    for run in range(2 * runs):
        with_slow = run % 2 == 1
        _connect_anew(ground, proxy, stopped, slow)
        ground.settle(room.id)
        if with_slow:
            proxy.down.bytes_per_second = SLOW_BYTES_PER_SECOND
            ground.loop.call(stopped.stop_reading)
        p99[with_slow].append(_talk(ground, fast, room, RATE, seconds))
        proxy.down.bytes_per_second = None
        ground.loop.call(stopped.go_on_reading)

    ground.settle(room.id)
    result = ground.result(room)
    without, beside = median(p99[False]), median(p99[True])
    result.figures["p99 without"] = round(without, 4)
    result.at_most("p99 beside the slow", beside, without * P99_RATIO + P99_SECONDS)
    result.at_most("stopped one cut after", cut_after, CUT_WITHIN_SECONDS)
    result.at_most("memory held for it, MiB", held / 2**20, (HELD_LIMIT_BYTES + NOISE_BYTES) / 2**20)
    return result


def _connect_anew(ground: Ground, proxy: Proxy, stopped: Client, slow: Client) -> None:
    """What the last run left in their kernels is gone."""
    proxy.reset()
    ground.loop.call(stopped.drop)
    ground.house.wait_until(lambda: stopped.is_there and slow.is_there, 20)


def _talk(ground: Ground, fast: Sequence[Client], room: Room, rate: float, seconds: float) -> float:
    """The 99th percentile of what the fast ones waited for."""
    begun = time.monotonic()
    ground.talk(fast, room, rate, seconds, LONG).result(seconds + 30)
    ground.settle(room.id, clients=fast)
    return percentile(ground.delays(begun, to=fast), 0.99) or float("inf")


def _stop_for_good(ground: Ground, fast: Sequence[Client], stopped: Client, room: Room) -> tuple[float | None, int]:
    """It stops reading: after how many seconds the server lets go of it, and how much its worker grew by then."""
    house = ground.house
    ground.loop.call(stopped.drop)
    house.wait_until(lambda: stopped.is_there, 20)
    assert stopped.connection is not None
    worker = house.worker_of(stopped.connection)
    closed = f"close person={stopped.account.id} "
    before = house.log().count(closed)
    begun, size = time.monotonic(), _resident_bytes(worker)
    ground.loop.call(stopped.stop_reading)
    talking = ground.talk(fast, room, 2 * RATE, CUT_WITHIN_SECONDS + 5, LONG)
    largest = size
    cut_after = None
    while cut_after is None and not talking.done():
        largest = max(largest, _resident_bytes(worker))
        if house.log().count(closed) > before:
            cut_after = time.monotonic() - begun
        ground.let_pass(BETWEEN_LOOKS_SECONDS)
    talking.cancel()
    ground.loop.call(stopped.go_on_reading)
    return cut_after, largest - size


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
