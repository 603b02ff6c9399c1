"""The bus within one process, and what holds for every bus."""

import threading
from collections.abc import Collection

from multichat.realtime.bus import Exchange, MemoryBus
from multichat.realtime.frame import Frame, room_topic
from tests.realtime.doubles import LOBBY, Clock, MemoryLog, Worker, closing


class Ear:
    """Listens to a bus, and writes down what it hears."""

    def __init__(self, *topics: str) -> None:
        self.wanted = list(topics)
        self.heard: list[str] = []
        self.confirmed: list[str] = []

    def receive(self, frame: Frame) -> None:
        self.heard.append(frame.html)

    def subscribed(self, topic: str) -> None:
        self.confirmed.append(topic)

    def lost(self, topic: str) -> None:
        raise AssertionError("a memory bus loses nothing")

    def topics(self) -> list[str]:
        return self.wanted


def test_a_frame_reaches_the_other_workers_that_listen() -> None:
    exchange = Exchange()
    ears = [Ear("room:7"), Ear("room:7"), Ear("room:8")]
    buses = [MemoryBus(exchange) for _ in ears]
    for bus, ear in zip(buses, ears, strict=True):
        bus.start(ear)
    buses[0].publish(Frame("room:7", "hi"))
    assert [ear.heard for ear in ears] == [[], ["hi"], []]


def test_two_exchanges_are_two_servers() -> None:
    ear, bus, other = Ear("room:7"), MemoryBus(), MemoryBus()
    bus.start(ear)
    other.publish(Frame("room:7", "hi"))
    assert ear.heard == []


def test_what_is_listened_to_from_now_on_is_confirmed_and_what_is_not_ends() -> None:
    exchange = Exchange()
    ear, bus, other = Ear("room:7"), MemoryBus(exchange), MemoryBus(exchange)
    bus.start(ear)
    ear.confirmed.clear()
    ear.wanted = ["room:8"]
    bus.follow(["room:7", "room:8"])
    assert ear.confirmed == ["room:8"]
    other.publish(Frame("room:7", "gone"))
    other.publish(Frame("room:8", "new"))
    assert ear.heard == ["new"]


def test_whatever_is_listened_to_at_the_start_is_confirmed() -> None:
    ear = Ear("room:7", "user:5")
    MemoryBus().start(ear)
    assert sorted(ear.confirmed) == ["room:7", "user:5"]


def test_a_closed_bus_brings_nothing() -> None:
    exchange = Exchange()
    ear, bus, other = Ear("room:7"), MemoryBus(exchange), MemoryBus(exchange)
    bus.start(ear)
    bus.close()
    bus.follow(["room:7"])
    other.publish(Frame("room:7", "hi"))
    assert ear.heard == []


class HesitantBus(MemoryBus):
    """Is slow to do what it is asked the first time."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self.asked = threading.Event()
        self.may_go_on = threading.Event()

    def follow(self, topics: Collection[str]) -> None:
        if threading.current_thread().name == "slow":
            self.asked.set()
            self.may_go_on.wait(5)
        super().follow(topics)


def test_a_room_that_one_leaves_while_another_joins_stays_subscribed(log: MemoryLog, clock: Clock) -> None:
    exchange = Exchange()
    bus = HesitantBus(exchange)
    here, there = Worker(log, bus, clock), Worker(log, MemoryBus(exchange), clock)
    with closing(here, there):
        bobs, _ = here.join()
        leaving = threading.Thread(target=here.hub.leave, args=(bobs, LOBBY), name="slow")
        leaving.start()
        assert bus.asked.wait(5)
        _, alice = here.join()
        bus.may_go_on.set()
        leaving.join()
        there.publish(log.post("hi"))
        here.hub.fan_out()
        assert len(alice.received()) == 1


def test_a_room_that_one_joins_while_another_leaves_is_not_listened_to_for_ever(log: MemoryLog, clock: Clock) -> None:
    exchange = Exchange()
    bus = HesitantBus(exchange)
    here, there = Worker(log, bus, clock), Worker(log, MemoryBus(exchange), clock)
    with closing(here, there):
        bobs, _ = here.connect()
        joining = threading.Thread(target=here.hub.join, args=(bobs, LOBBY), name="slow")
        joining.start()
        assert bus.asked.wait(5)
        here.hub.leave(bobs, LOBBY)
        bus.may_go_on.set()
        joining.join()
        assert room_topic(LOBBY) not in exchange._buses[bus]
