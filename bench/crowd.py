"""The crowd: all clients of a scenario, spread over driver processes, as one."""

import socket
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self

from bench.dialects import Dialect, Seat
from bench.reports import Arrivals, Heard, Plan, Said
from multichat.config import PROJECT

CLIENTS_A_DRIVER = 250
# Every driver ends what it does by itself well before.
ANSWERS_WITHIN_SECONDS = 300.0
# What was said comes within so long, or is lost.
DELIVERY_SECONDS = 20.0
# Drivers are told to begin a moment from now, so that all of them begin together.
BEGINS_IN_SECONDS = 0.2


class BenchError(Exception):
    """A measurement that cannot be made. Its text says why."""


@dataclass
class Talk:
    """Some messages and what became of them."""

    messages: int
    expected: int
    latencies_ms: list[float]
    # Clients that did not hear each of their room's messages once.
    wrong: int
    gone: dict[str, int]
    complaints: list[str]

    @property
    def deliveries(self) -> int:
        return len(self.latencies_ms)

    @property
    def is_whole(self) -> bool:
        return self.deliveries == self.expected and not self.wrong


class Crowd:
    """Runs inside its `with`; its processes end with it."""

    def __init__(self, port: int, path: str, dialect: Dialect, clients_a_driver: int = CLIENTS_A_DRIVER) -> None:
        self._plan = Plan(port, path, dialect)
        self._clients_a_driver = clients_a_driver
        self._drivers: list[Pipe] = []
        self._seats: list[list[Seat]] = []
        self._first = 1
        # So many of the first driver's clients do not read.
        self._stopped = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for driver in self._drivers:
            driver.close()

    @property
    def size(self) -> int:
        return sum(map(len, self._seats))

    def come(self, seats: Sequence[Seat], window: int = 40) -> Arrivals:
        """Let so many more clients come, so many at a time in all. Raises BenchError when some do not."""
        shares: dict[int, list[Seat]] = {}
        for seat in seats:
            if not self._seats or len(self._seats[-1]) == self._clients_a_driver:
                self._drivers.append(Pipe(self._plan))
                self._seats.append([])
            self._seats[-1].append(seat)
            shares.setdefault(len(self._seats) - 1, []).append(seat)
        each = max(1, window // len(shares))
        drivers = [self._drivers[index] for index in shares]
        _ask(drivers, "listen", [(self._first,) for _ in drivers])  # the new ones are there when they answer
        return _together(_ask(drivers, "open", [(share, each) for share in shares.values()]))

    def talk(self, rate: float, seconds: float) -> Talk:
        """So many messages a second in all, evenly, by everybody in turn."""
        messages = max(1, round(rate * seconds))
        begin, drivers = time.monotonic() + BEGINS_IN_SECONDS, len(self._drivers)
        shares = [len(range(index, messages, drivers)) for index in range(drivers)]
        return self._count(
            "talk",
            [
                (begin + index / rate, drivers / rate, self._first + index, drivers, share)
                for index, share in enumerate(shares)
            ],
        )

    def flood(self, seconds: float, window: int) -> Talk:
        """As fast as the server goes with so many messages on their way, in all."""
        drivers = len(self._drivers)
        each, until = max(1, window // drivers), time.monotonic() + seconds
        return self._count("flood", [(each, until, self._first + index, drivers) for index in range(drivers)])

    def stop_reading(self, number: int) -> None:
        """So many clients of the first driver, who do not count from now on."""
        _ask(self._drivers[:1], "stop_reading", [(number,)])
        self._stopped = number

    def read_again(self) -> None:
        _ask(self._drivers[:1], "read_again", [(self._stopped,)])
        self._stopped = 0

    def come_back(self) -> None:
        """From now on, whoever is closed comes back."""
        self._ask("come_back", [() for _ in self._drivers])

    def returned(self, seconds: float) -> Arrivals:
        """Once everybody was closed and has come back."""
        return _together(self._ask("returned", [(seconds,) for _ in self._drivers]))

    def _count(self, verb: str, arguments: Sequence[tuple[Any, ...]]) -> Talk:
        self._ask("listen", [(self._first,) for _ in self._drivers])
        said: list[Said] = self._ask(verb, arguments)
        totals: dict[int, tuple[int, int]] = {}
        for part in said:
            for room, (messages, numbers) in part.by_room.items():
                so_far, total = totals.get(room, (0, 0))
                totals[room] = so_far + messages, total + numbers
        messages = sum(number for number, _ in totals.values())
        # Numbers are never used twice: a message that comes late counts nowhere.
        self._first += (messages + len(self._drivers)) * len(self._drivers)
        counted = [seats[self._stopped if seats is self._seats[0] else 0 :] for seats in self._seats]
        expected = [sum(totals.get(seat.room, (0, 0))[0] for seat in seats) for seats in counted]
        heard: list[Heard] = self._ask("collect", [(number, DELIVERY_SECONDS) for number in expected])
        latencies = array("q")
        for share in heard:
            latencies.frombytes(share.latencies)
        right = {(room, *total) for room, total in totals.items()}
        right |= {(seat.room, 0, 0) for seats in self._seats for seat in seats if seat.room not in totals}
        tallies = sum((share.tallies for share in heard), Counter[tuple[int, int, int]]())
        gone = sum((share.gone for share in heard), Counter[int | None]())
        return Talk(
            messages=messages,
            expected=sum(expected),
            latencies_ms=[nanoseconds / 1e6 for nanoseconds in latencies],
            wrong=sum(number for tally, number in tallies.items() if tally not in right),
            gone={str(code): number for code, number in gone.items()},
            complaints=[complaint for share in heard for complaint in share.complaints],
        )

    def _ask(self, verb: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        return _ask(self._drivers, verb, arguments)


class Pipe:
    """One driver process, seen from here."""

    def __init__(self, plan: Plan) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.driver", str(theirs.fileno())],
                cwd=PROJECT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._connection = Connection(ours.detach())
        self._connection.send(plan)

    def tell(self, verb: str, arguments: tuple[Any, ...]) -> None:
        self._connection.send((verb, arguments))

    def hear(self) -> Any:
        if not self._connection.poll(ANSWERS_WITHIN_SECONDS):
            raise BenchError("a driver does not answer")
        try:
            return self._connection.recv()
        except EOFError:
            raise BenchError("a driver died; its last words are above") from None

    def close(self) -> None:
        self._connection.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _ask(drivers: Sequence[Pipe], verb: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
    """All of them at once; their answers."""
    for driver, own in zip(drivers, arguments, strict=True):
        driver.tell(verb, own)
    return [driver.hear() for driver in drivers]


def _together(shares: Sequence[Arrivals]) -> Arrivals:
    arrivals = Arrivals(began=min(share.began for share in shares), ended=max(share.ended for share in shares))
    for share in shares:
        arrivals.opened += share.opened
        arrivals.entered += share.entered
        arrivals.failed += share.failed
        arrivals.compressed += share.compressed
        arrivals.complaints += share.complaints
    return arrivals
