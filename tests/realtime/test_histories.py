"""After any history the timeline of a page equals that of a fresh page load. Chance makes the histories."""

import random
import socket

import pytest

from multichat.realtime.bus import Exchange, MemoryBus
from multichat.realtime.connection import Connection, ConnectionLost
from multichat.realtime.feed import HOLD_SECONDS
from multichat.realtime.keeper import COMPARE_SECONDS
from multichat.realtime.log import LogUnavailable
from tests.realtime.doubles import LOBBY, Client, Clock, MemoryLog, Timeline, Worker, closing

STEPS = 150


class BadExchange(Exchange):
    """Loses frames, carries them twice, and some of them late."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._late: list[tuple[MemoryBus, str, bytes]] = []

    def carry(self, sender: MemoryBus, topic: str, payload: bytes) -> None:
        fate = self._chance.random()
        if fate < 0.2:
            return
        elif fate < 0.5:
            self._late.append((sender, topic, payload))
        else:
            super().carry(sender, topic, payload)
            if fate > 0.9:
                super().carry(sender, topic, payload)

    def catch_up(self) -> None:
        self._chance.shuffle(self._late)
        while self._late:
            super().carry(*self._late.pop())


class Page:
    """A person's page: loses its socket now and then, comes back on any worker, and goes on from its cursor."""

    def __init__(self, log: MemoryLog) -> None:
        self.timeline = Timeline()
        room = log.rooms[LOBBY]
        self.timeline.cursor = room.revision
        self.timeline.elements = {message.ordinal: (message.revision, message.body) for message in room.messages}
        self.worker: Worker | None = None

    def come_back(self, worker: Worker) -> None:
        ours, theirs = socket.socketpair()
        self._sockets = ours, theirs
        self.worker, self.connection, self.client = worker, Connection(ours), Client(theirs)
        worker.hub.add(self.connection)
        self.join()

    def join(self) -> None:
        assert self.worker is not None
        try:
            self.worker.rejoin(self.connection, after=self.timeline.cursor)
        except (LogUnavailable, ConnectionLost):
            self.leave()

    def read(self) -> None:
        if self.worker is not None:
            self.timeline.apply(self.client.received())

    def leave(self) -> None:
        """What was on its way to the page may be lost with the socket."""
        if self.worker is not None:
            self.worker.hub.remove(self.connection)
            for sock in self._sockets:
                sock.close()
            self.worker = None


@pytest.mark.parametrize("seed", range(40))
def test_a_page_ends_up_as_a_fresh_one_would_be(seed: int) -> None:
    chance = random.Random(seed)
    log, clock, exchange = MemoryLog(), Clock(), BadExchange(chance)
    log.changes_limit = 12
    workers = [Worker(log, MemoryBus(exchange), clock) for _ in range(2)]
    pages = [Page(log) for _ in range(3)]
    log.post("first")

    def act() -> None:
        worker, page = chance.choice(workers), chance.choice(pages)
        match chance.randrange(12):
            case 0 | 1 | 2:
                worker.publish(log.post(str(chance.random())))
            case 3:
                ordinal = chance.randrange(len(log.rooms[LOBBY].messages)) + 1
                worker.publish(log.edit(ordinal, str(chance.random())))
            case 4:
                for _ in range(chance.randrange(15)):
                    log.post("published by nobody")
            case 5:
                page.leave()
                page.come_back(worker)
            case 6 if page.worker is not None:
                page.join()
            case 7:
                page.leave()
            case 8:
                exchange.catch_up()
            case 9:
                worker.bus.connected = not worker.bus.connected
            case 10:
                page.read()
            case _:
                clock.sleep(chance.choice([0.01, HOLD_SECONDS, COMPARE_SECONDS]))

    def turn(worker: Worker) -> None:
        log.away = chance.random() < 0.1
        try:
            worker.turn()
        except LogUnavailable:
            worker.hub.fan_out()
        log.away = False

    def meanwhile() -> None:
        if chance.random() < 0.2:
            chance.choice(workers).publish(log.post("in the middle of a read"))

    with closing(*workers):
        log.meanwhile = meanwhile
        for _ in range(STEPS):
            act()
            turn(chance.choice(workers))
        log.meanwhile = lambda: None
        for page in pages:
            if page.worker is None:
                page.come_back(workers[0])
        for _ in range(4):
            for worker in workers:
                worker.pass_time(COMPARE_SECONDS)
        room = log.rooms[LOBBY]
        fresh = {message.ordinal: (message.revision, message.body) for message in room.messages}
        for page in pages:
            page.read()
            assert page.timeline.cursor == room.revision
            assert {
                ordinal: seen for ordinal, seen in fresh.items() if page.timeline.elements.get(ordinal) != seen
            } == {ordinal: seen for ordinal, seen in fresh.items() if ordinal not in page.timeline.elements}, (
                "whatever it shows is as it is now"
            )
            latest = list(fresh)[-50:]
            assert {ordinal: page.timeline.elements.get(ordinal) for ordinal in latest} == {
                ordinal: fresh[ordinal] for ordinal in latest
            }
            page.leave()
