"""However often somebody misbehaves, nothing is left of it in the worker: no memory, thread or descriptor."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.faults.conformance import CUTS, FRAMES, HANDSHAKES, LIMIT, Case, Cut, Handshake, Peer
from tests.faults.neighbourhood import Neighbourhood, neighbourhood

# gthread is slower at it, and nobody's default.
TIMES = {"gevent": 1_000, "gthread": 300}
AT_ONCE = 8
# After so many the worker is given the time to end what it still has open.
BATCH = 100

# A socket takes 39 KB while it is open: if a tenth of that were kept of each, it would be more.
MEMORY_MARGIN_KIB = 1024
# The pools of the database and the bus open more as they are needed, and keep them.
DESCRIPTORS_MARGIN = 20
# Until the last socket is closed, on a machine that has other things to do.
CALM_SECONDS = 30
# What the allocator keeps after one round it has for the next; what leaks grows with each.
ROUNDS = 6

Act = Callable[[Neighbourhood], object]


@dataclass(frozen=True)
class Usage:
    """What a process holds: its share of memory (proc(5), smaps_rollup), threads, and descriptors."""

    memory_kib: int
    threads: int
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Usage":
        proc = Path("/proc", str(pid))
        memory = re.search(r"^Pss: +(\d+) kB", (proc / "smaps_rollup").read_text(), re.MULTILINE)
        assert memory is not None
        return cls(int(memory[1]), len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir())))


def ask(handshake: Handshake, near: Neighbourhood) -> None:
    with closing(Peer(near.house.port)) as peer:
        status, _ = peer.ask(handshake.request(near.house.url, near.alice.cookie))
        assert status == handshake.status


def send(case: Case, near: Neighbourhood) -> None:
    with closing(near.peer(joined=False)) as peer:
        for data in case.sends:
            peer.say(data)
        if case.ends is None:
            peer.mark()
        else:
            assert list(peer.hear())


def leave(cut: Cut, near: Neighbourhood) -> None:
    near.peer().leave(cut)


def come_as_a_stranger(near: Neighbourhood) -> None:
    with closing(Peer(near.house.port)) as peer:
        peer.open(near.house.url, "multichat=forged")
        assert [payload[:2] for _, payload in peer.hear()][-1] == (4401).to_bytes(2)


def _cases(*codes: int | None) -> list[Act]:
    """Those that end like this, but those that are long: of them, each takes as much time as a hundred others."""
    return [
        partial(send, case)
        for case in FRAMES
        if case.ends in codes and "10,000" not in case.name and sum(map(len, case.sends)) < 2 * LIMIT
    ]


KINDS: dict[str, list[Act]] = {
    "handshakes that are refused": [partial(ask, handshake) for handshake in HANDSHAKES if handshake.status != 101],
    "strangers": [come_as_a_stranger],
    "faults in frames": _cases(1002),
    "texts that are no UTF-8": _cases(1007),
    "messages too long": _cases(1009),
    "closes": _cases(1000, 1001, 1005, 4000),
    "frames that are odd and allowed": _cases(None),
    "ends": [partial(leave, cut) for cut in CUTS if not cut.reset],
    "resets": [partial(leave, cut) for cut in CUTS if cut.reset],
}


@pytest.fixture(scope="module", params=["gevent", "gthread"])
def near(request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[Neighbourhood]:
    """Warm: as many have been there at once as ever will be, and of each kind some."""
    with neighbourhood(request.param, sqlite_template) as near:
        with ExitStack() as open_sockets:
            for _ in range(BATCH + AT_ONCE):
                open_sockets.enter_context(closing(near.peer()))
        near.expect_calm()
        for acts in KINDS.values():
            repeat(acts, near, BATCH)
        yield near


def repeat(acts: list[Act], near: Neighbourhood, times: int) -> None:
    """One after the other, again and again."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        endless = cycle(acts)
        for _ in range(times // BATCH):
            list(pool.map(lambda act: act(near), list(islice(endless, BATCH))))
            near.expect_calm()


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_leave_nothing_behind(near: Neighbourhood, kind: str) -> None:
    (worker,) = near.house.workers()
    worker_class = near.house.settings["MULTICHAT_WORKER_CLASS"]
    usages = [Usage.of(worker)]
    most = usages[0].descriptors + DESCRIPTORS_MARGIN
    for _ in range(ROUNDS):
        repeat(KINDS[kind], near, TIMES[worker_class])
        # It says that it is done with a socket a moment before the socket is closed.
        near.house.wait_until(lambda: Usage.of(worker).descriptors <= most, CALM_SECONDS)
        usages.append(Usage.of(worker))
        if _growth(usages) < MEMORY_MARGIN_KIB:
            break
    assert _growth(usages) < MEMORY_MARGIN_KIB
    assert usages[-1].threads <= usages[0].threads


def _growth(usages: list[Usage]) -> int:
    return usages[-1].memory_kib - usages[-2].memory_kib
