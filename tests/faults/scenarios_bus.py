"""The bus dies, stands still, loses its listeners, is slow: nobody is disconnected, and what is said arrives."""

import time
from collections.abc import Callable
from pathlib import Path

import redis

from tests.faults.ground import AFTERWARDS_SECONDS, BEFORE_SECONDS, Ground
from tests.faults.history import Disconnected
from tests.faults.proxy import Proxy
from tests.faults.result import Result
from tests.support.valkey import Valkey

# The keeper looks every second, and then has some work to do.
DELAY_SECONDS = 2.0
# Time enough for it to be there again, and for something to be said over it.
BETWEEN_KILLS_SECONDS = 1.0
# 32 KB in UTF-8, and more than the part of an answer that Valkey keeps outside of what it limits.
LONG = "😀" * 7_900
OVERFLOWS = "pubsub 4096 0 0"


def bus_killed(ground: Ground, clients: int = 40, rate: float = 10.0, kills: int = 3) -> Result:
    """The embedded one, again and again; the master starts it anew."""
    house = ground.start()

    def kill() -> None:
        for _ in range(kills):
            house.kill_bus()
            ground.let_pass(BETWEEN_KILLS_SECONDS)

    return _outage(ground, kill, clients, rate)


def bus_restarted(ground: Ground, clients: int = 40, rate: float = 10.0, seconds: float = 5.0) -> Result:
    """Away for a while, as for an upgrade."""
    valkey, _ = _start(ground)

    def restart() -> None:
        valkey.stop()
        ground.let_pass(seconds)
        valkey.start()

    return _outage(ground, restart, clients, rate)


def bus_stands_still(ground: Ground, clients: int = 40, rate: float = 10.0, seconds: float = 10.0) -> Result:
    """SIGSTOP: it holds its connections and answers nothing."""
    valkey, _ = _start(ground)

    def stop() -> None:
        valkey.freeze()
        ground.let_pass(seconds)
        valkey.thaw()

    return _outage(ground, stop, clients, rate)


def bus_loses_subscribers(ground: Ground, clients: int = 40, rate: float = 10.0, kills: int = 5) -> Result:
    """`CLIENT KILL TYPE pubsub`: a client that comes back by itself would not know what it missed."""
    valkey, _ = _start(ground)
    killed: list[int] = []

    def kill() -> None:
        with redis.Redis.from_url(valkey.url) as client:
            for _ in range(kills):
                killed.append(int(client.client_kill_filter(_type="pubsub")))
                ground.let_pass(BETWEEN_KILLS_SECONDS)

    result = _outage(ground, kill, clients, rate)
    result.promise(sum(killed) > 0, "no subscriber was killed")
    return result


def bus_overflows(ground: Ground, clients: int = 20, rate: float = 4.0, seconds: float = 5.0) -> Result:
    """Its output buffer is over the limit with each long message: it drops the subscriber, and the message."""
    valkey, _ = _start(ground)
    dropped: list[int] = []

    def overflow() -> None:
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("client-output-buffer-limit", OVERFLOWS)
            ground.let_pass(seconds)
            client.config_set("client-output-buffer-limit", "pubsub 33554432 8388608 60")
            dropped.append(int(client.info("stats")["client_output_buffer_limit_disconnections"]))

    result = _outage(ground, overflow, clients, rate, LONG)
    result.promise(sum(dropped) > 0, "nothing overflowed")
    return result


def bus_slow(ground: Ground, clients: int = 40, rate: float = 10.0, seconds: float = 10.0) -> Result:
    """Everything that it says comes 500 ms late."""
    _, proxy = _start(ground)

    def slow() -> None:
        proxy.down.delay_seconds = 0.5
        ground.let_pass(seconds)
        proxy.down.delay_seconds = 0.0

    return _outage(ground, slow, clients, rate)


def bus_cut_off(ground: Ground, clients: int = 40, rate: float = 10.0, seconds: float = 10.0) -> Result:
    """The network between swallows everything, both ways, and then comes back; connections that were open are not."""
    _, proxy = _start(ground)

    def swallow() -> None:
        proxy.up.swallows = proxy.down.swallows = True
        ground.let_pass(seconds)
        proxy.up.swallows = proxy.down.swallows = False
        proxy.reset()

    return _outage(ground, swallow, clients, rate)


def _start(ground: Ground) -> tuple[Valkey, Proxy]:
    """A server whose bus is its own, behind a proxy."""
    valkey: Valkey = ground.enter(Valkey())
    path = ground.directory / "bus"
    proxy: Proxy = ground.enter(Proxy(ground.loop, Path(valkey.url.removeprefix("unix://")), path))
    ground.start(REDIS_URL=f"unix://{path}")
    return valkey, proxy


def _outage(ground: Ground, fault: Callable[[], None], clients: int, rate: float, padding: str = "") -> Result:
    """People talk before, while and after it happens; the fault returns when it is over."""
    room = ground.room()
    crowd = ground.crowd(clients, room)
    ground.talk(crowd, room, rate, BEFORE_SECONDS, padding).result(30)
    begun = time.monotonic()
    with ground.talking(crowd, room, rate, padding):
        fault()
        over = time.monotonic()
        ground.let_pass(AFTERWARDS_SECONDS)
    ended = time.monotonic()
    ground.settle(room.id)
    result = ground.result(room)
    result.figures["outage"] = round(over - begun, 1)
    result.at_most("delay meanwhile", max(ground.delays(begun, over), default=None), DELAY_SECONDS)
    result.at_most("delay afterwards", max(ground.delays(over, ended), default=None), DELAY_SECONDS)
    waiting = sum(len(client.pending) for client in crowd)
    result.promise(not waiting, f"{waiting} messages were not acknowledged")
    cut = len(list(ground.history.of(Disconnected)))
    result.promise(not cut, f"{cut} were disconnected")
    return result
