"""One measurement: what was said, what came, and what it cost the server."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.crowd import Crowd, Talk
from bench.figures import percentiles
from bench.processes import command, cpu_by_process, cpu_seconds
from bench.sites import Site

# A server is at rest when it takes less of a core than this, or as much all the time: thousands of sockets have
# heartbeats.
REST_SHARE, STEADY_SHARE = 0.04, 0.02
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Load:
    """A talk and its price. Times are seconds, milliseconds or microseconds, as their names say."""

    clients: int
    messages: int
    deliveries: int
    lost: int
    # Clients that did not hear every message once, connections that ended, what clients were told of errors.
    wrong: int
    gone: dict[str, int]
    complaints: list[str]
    seconds: float
    cpu_seconds: float
    cpu_by_process: dict[str, float]
    # Of a core, when nobody says anything.
    rest: float
    latency_ms: dict[str, float]

    @property
    def is_whole(self) -> bool:
        return not self.lost and not self.wrong

    @property
    def message_ms(self) -> float:
        """All processor time for one message, what the sockets cost anyway included."""
        return self.cpu_seconds / self.messages * 1e3

    @property
    def net_message_ms(self) -> float:
        return (self.cpu_seconds - self.rest * self.seconds) / self.messages * 1e3

    @property
    def delivery_us(self) -> float:
        return self.cpu_seconds / max(1, self.deliveries) * 1e6

    def as_json(self) -> dict[str, Any]:
        made = {name: getattr(self, name) for name in ("message_ms", "net_message_ms", "delivery_us", "is_whole")}
        return asdict(self) | made


def load(site: Site, crowd: Crowd, talk: Callable[[], Talk], rest: float = 0.0) -> Load:
    before, began = cpu_by_process(site.roots), time.monotonic()
    heard = talk()
    after, seconds = cpu_by_process(site.roots), time.monotonic() - began
    spent = {pid: cpu - before.get(pid, 0.0) for pid, cpu in after.items()}
    return Load(
        clients=crowd.size,
        messages=heard.messages,
        deliveries=heard.deliveries,
        lost=heard.expected - heard.deliveries,
        wrong=heard.wrong,
        gone=heard.gone,
        complaints=heard.complaints,
        seconds=seconds,
        cpu_seconds=sum(after.values()) - sum(before.values()),
        cpu_by_process={f"{pid} {command(pid)}": cpu for pid, cpu in spent.items()},
        rest=rest,
        latency_ms=percentiles(heard.latencies_ms),
    )


def rest(site: Site, seconds: float) -> float:
    """The share of a core that the server takes for doing nothing."""
    before, began = cpu_seconds(site.roots), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(site.roots) - before) / (time.monotonic() - began)


def settle(site: Site, seconds: float = 30.0) -> float:
    """Wait until the server has nothing left to do of what was before; how long that was, at most so long."""
    began = time.monotonic()
    shares = [1.0, 1.0]
    while time.monotonic() - began < seconds:
        shares.append(rest(site, LOOK_SECONDS))
        # Two quiet looks in a row: rosters go out once a second.
        if max(shares[-2:]) < REST_SHARE or max(shares[-4:]) - min(shares[-4:]) < STEADY_SHARE:
            break
    return time.monotonic() - began
