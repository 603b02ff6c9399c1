"""One driver process: up to 250 clients on one epoll, told what to do over a pipe by the crowd (crowd.py).

It does one thing at a time and answers when that is done. Nothing of ours but this folder is loaded: a driver is to be
small, since it has the same two cores as the server.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import os
import random
import select
import sys
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from bench.client import COMING, GONE, IN, Client
from bench.dialects import Seat
from bench.flood import Flood
from bench.reports import Arrivals, Heard, Plan, Said

# A page comes back after a random time of at most so long.
COMES_BACK_WITHIN_SECONDS = 5.0
# Whoever is not in the room by then is not coming.
ARRIVAL_SECONDS = 30.0
ARRIVALS_PER_SECOND = 20
LOOK_SECONDS = 0.05
COMPLAINTS_LIMIT = 20


class Driver:
    """Runs until its pipe ends. Each `do_` is one thing that the crowd asks for, and ends with one `_answer`."""

    def __init__(self, pipe: Connection, plan: Plan) -> None:
        self.dialect = plan.dialect
        self.path = plan.path
        self.address = ("127.0.0.1", plan.port)
        self.host = f"127.0.0.1:{plan.port}"
        self.is_listening = False
        self.first = 0
        self.clients: list[Client] = []
        self._pipe = pipe
        self._epoll = select.epoll()
        self._epoll.register(pipe.fileno(), select.EPOLLIN)
        self._by_descriptor: dict[int, Client] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._latencies = array("q")
        self._expected: int | None = None
        self._complaints: list[str] = []
        self._arrivals = Arrivals()
        self._to_come: deque[Client] = deque()
        self._coming = 0
        self._comes_back = False
        self._lost = 0
        self._flood: Flood | None = None

    def run(self) -> None:
        while True:
            pause = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            for descriptor, _ in self._epoll.poll(pause):
                client = self._by_descriptor.get(descriptor)
                if client is not None:
                    client.turn()
                elif descriptor == self._pipe.fileno():
                    try:
                        name, arguments = self._pipe.recv()
                    except EOFError:
                        return
                    getattr(self, f"do_{name}")(*arguments)
            while self._due and self._due[0][0] <= time.monotonic():
                heapq.heappop(self._due)[2]()

    # What the crowd asks for

    def do_open(self, seats: list[Seat], window: int) -> None:
        """Let these clients come, so many at a time; answer with the `Arrivals`."""
        self._arrivals = Arrivals()
        new = [Client(self, seat) for seat in seats]
        self.clients += new
        self._to_come.extend(new)
        self.at(time.monotonic() + ARRIVAL_SECONDS + len(seats) / ARRIVALS_PER_SECOND, self._stop_arriving)
        for _ in range(min(window, len(seats))):
            self._let_one_come()

    def do_listen(self, first: int) -> None:
        """Count the messages from this number on."""
        self.is_listening, self.first = True, first
        self._latencies = array("q")
        self._complaints.clear()
        for client in self.clients:
            client.count = client.sum = 0
        self.answer(None)

    def do_talk(self, begin: float, interval: float, first: int, stride: int, messages: int) -> None:
        """Say so many messages, evenly in time, by one client after the other; answer with what was `Said`."""
        said, speakers = Said(), self.speakers

        def say(index: int) -> None:
            if index == messages:
                self.answer(said)
                return
            client = speakers[index % len(speakers)]
            client.say(first + index * stride)
            said.add(client.seat.room, first + index * stride)
            self.at(begin + (index + 1) * interval, lambda: say(index + 1))

        self.at(begin, lambda: say(0))

    def do_flood(self, window: int, until: float, first: int, stride: int) -> None:
        """Keep so many messages on their way until then; answer with what was `Said`."""
        self._flood = Flood(self, window, until, first, stride)

    def do_collect(self, expected: int, seconds: float) -> None:
        """Answer with what was `Heard` when so much has come in all, or when it is not to come."""
        self._expected = expected
        self.at(time.monotonic() + seconds, self._collected)
        if len(self._latencies) >= expected:
            self._collected()

    def do_stop_reading(self, number: int) -> None:
        """So many of the clients stay connected, read no more, and are not counted."""
        for client in self.clients[:number]:
            client.reads = False
            self._epoll.unregister(client.socket.fileno())
        self.answer(None)

    def do_read_again(self, number: int) -> None:
        for client in self.clients[:number]:
            client.reads = True
            self._epoll.register(client.socket.fileno(), select.EPOLLIN)
        self.answer(None)

    def do_come_back(self) -> None:
        """From now on, whoever is closed comes back as a page does."""
        self._comes_back, self._lost, self._arrivals = True, 0, Arrivals()
        self.answer(None)

    def do_returned(self, seconds: float) -> None:
        """Answer with the `Arrivals` when everybody was closed and is back, or when they are not to come."""
        deadline = time.monotonic() + seconds

        def look() -> None:
            missing = sum(client.state is not IN for client in self.clients)
            if (not missing and self._lost >= len(self.clients)) or time.monotonic() > deadline:
                self._arrivals.failed += missing
                self._comes_back = False
                self._answer_arrivals()
            else:
                self.at(time.monotonic() + LOOK_SECONDS, look)

        look()

    # What clients tell

    @property
    def speakers(self) -> list[Client]:
        return [client for client in self.clients if client.reads]

    def watch(self, client: Client, events: int) -> None:
        self._by_descriptor[client.socket.fileno()] = client
        self._epoll.register(client.socket.fileno(), events)

    def expect_input(self, client: Client) -> None:
        self._epoll.modify(client.socket.fileno(), select.EPOLLIN)

    def unwatch(self, client: Client) -> None:
        # It is not there when it was refused at once, and not watched when it has stopped reading.
        if self._by_descriptor.pop(client.socket.fileno(), None) is not None:
            with contextlib.suppress(FileNotFoundError):
                self._epoll.unregister(client.socket.fileno())

    def came_in(self, client: Client) -> None:
        now = time.monotonic()
        if self._comes_back:
            self._arrivals.entered.append(now - client.lost_at)
        else:
            self._arrivals.opened.append(client.opened_at - client.connected_at)
            self._arrivals.entered.append(now - client.connected_at)
            self._arrivals.compressed += client.is_compressed
            self._one_came()

    def lost(self, client: Client, was: str) -> None:
        if self._comes_back:
            if was is IN:
                self._lost += 1
            else:
                self._arrivals.failed += 1
            self.at(time.monotonic() + random.random() * COMES_BACK_WITHIN_SECONDS, client.connect)
        elif was is COMING:
            self.complain(f"a socket ended before it was in, with {client.close_code}")
            self._arrivals.failed += 1
            self._one_came()

    def heard(self, nanoseconds: int) -> None:
        self._latencies.append(nanoseconds)
        if len(self._latencies) == self._expected:
            self._collected()

    def came_back(self, client: Client) -> None:
        """What it said has come to itself."""
        if self._flood is not None:
            self._flood.goes_on(client)

    def complain(self, what: str) -> None:
        if len(self._complaints) < COMPLAINTS_LIMIT:
            self._complaints.append(what)

    # Time, and the pipe

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._due, (when, next(self._order), what))

    def answer(self, value: Any) -> None:
        # It did one thing: whatever is still due was to end that.
        self._due.clear()
        self._flood = None
        self._pipe.send(value)

    # Inside

    def _let_one_come(self) -> None:
        if self._to_come:
            self._coming += 1
            self._to_come.popleft().connect()

    def _one_came(self) -> None:
        self._coming -= 1
        self._let_one_come()
        if not self._coming:
            self._answer_arrivals()

    def _stop_arriving(self) -> None:
        self._arrivals.failed += self._coming + len(self._to_come)
        self._coming = 0
        self._to_come.clear()
        self._answer_arrivals()

    def _answer_arrivals(self) -> None:
        self._arrivals.complaints, self._arrivals.ended = self._complaints[:], time.monotonic()
        self.answer(self._arrivals)

    def _collected(self) -> None:
        self._expected, self.is_listening = None, False
        tallies = Counter((client.seat.room, client.count, client.sum) for client in self.speakers)
        gone = Counter(client.close_code for client in self.clients if client.state is GONE)
        self.answer(Heard(self._latencies.tobytes(), tallies, gone, self._complaints[:]))


def main() -> None:
    # A driver that wakes up is not to push the server off its core: in life clients run elsewhere. A message to a
    # thousand of them was 300 such changes, a tenth of the server's processor time.
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    # There are no cycles to find, and a collection in the middle would look like a late message.
    gc.disable()
    pipe = Connection(int(sys.argv[1]))
    Driver(pipe, pipe.recv()).run()


if __name__ == "__main__":
    main()
