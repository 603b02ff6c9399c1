"""The bus on a real server: carried, cut, killed and frozen."""

import logging
import queue
import time
from collections.abc import Iterator

import pytest
import redis

from multichat.realtime import redis_bus
from multichat.realtime.bus import BusListener
from multichat.realtime.feed import HOLD_SECONDS
from multichat.realtime.frame import Frame, room_topic
from multichat.realtime.redis_bus import QUEUE_LIMIT_FRAMES, RedisBus, connect
from tests.realtime.doubles import LOBBY, Clock, MemoryLog, Worker, closing
from tests.support.valkey import Valkey
from tests.support.waiting import wait_until

# A post may not be held up by the bus for longer.
AT_ONCE_SECONDS = 0.3
# Until a lost connection is there again, on a machine that has other things to do.
RETURN_SECONDS = 10.0


class Ear:
    """Listens to a bus, and hands on what it hears."""

    def __init__(self, *topics: str, hub: BusListener | None = None) -> None:
        self.wanted = list(topics)
        self.heard: queue.Queue[str] = queue.Queue()
        self.confirmed: queue.Queue[str] = queue.Queue()
        self.missed: queue.Queue[str] = queue.Queue()
        self._hub = hub

    def receive(self, frame: Frame) -> None:
        if self._hub is not None:
            self._hub.receive(frame)
        self.heard.put(frame.html)

    def subscribed(self, topic: str) -> None:
        if self._hub is not None:
            self._hub.subscribed(topic)
        self.confirmed.put(topic)

    def lost(self, topic: str) -> None:
        self.missed.put(topic)

    def topics(self) -> list[str]:
        return self._hub.topics() if self._hub is not None else self.wanted

    def wait_for(self, *topics: str) -> None:
        """Until these are confirmed, in whatever order."""
        left = set(topics)
        while left:
            left.discard(self.confirmed.get(timeout=RETURN_SECONDS))

    def hears(self) -> str:
        return self.heard.get(timeout=RETURN_SECONDS)


@pytest.fixture
def buses(valkey: Valkey) -> Iterator[tuple[RedisBus, RedisBus]]:
    """Two workers' buses."""
    pair = bus_on(valkey), bus_on(valkey)
    yield pair
    for bus in pair:
        bus.close()


@pytest.fixture
def hasty_buses(valkey: Valkey) -> Iterator[tuple[RedisBus, RedisBus]]:
    """Two workers' buses that wait no longer than real ones."""
    pair = RedisBus(connect(valkey.url), lambda: "ours:"), RedisBus(connect(valkey.url), lambda: "ours:")
    yield pair
    for bus in pair:
        bus.close()


def bus_on(valkey: Valkey, prefix: str = "ours:", query: str = "") -> RedisBus:
    """One that waits as long as a busy machine takes: a real one drops what it cannot say in a quarter of a second."""
    return RedisBus(redis.Redis.from_url(valkey.url + query, protocol=2), lambda: prefix)


def listen(bus: RedisBus, *topics: str) -> Ear:
    ear = Ear(*topics)
    bus.start(ear)
    ear.wait_for(*topics)
    return ear


def ask(valkey: Valkey, *command: str) -> object:
    with redis.Redis.from_url(valkey.url) as client:
        return client.execute_command(*command)


def pings(valkey: Valkey) -> int:
    """How often it was asked whether it is there."""
    with redis.Redis.from_url(valkey.url) as client:
        return int(client.info("commandstats").get("cmdstat_ping", {}).get("calls", 0))


def publish_until_heard(bus: RedisBus, frame: Frame, ear: Ear) -> None:
    """After an outage the breaker keeps a bus from trying for a moment, and what it is given then is dropped."""
    deadline = time.monotonic() + RETURN_SECONDS
    while time.monotonic() < deadline:
        bus.publish(frame)
        try:
            while ear.heard.get(timeout=0.1) != frame.html:
                pass
            return
        except queue.Empty:
            continue
    raise AssertionError(f"{frame.html} was never heard")


def test_a_frame_reaches_the_other_worker_and_not_its_own(buses: tuple[RedisBus, RedisBus]) -> None:
    here, there = buses
    ear, other = listen(here, "room:7"), listen(there, "room:7")
    here.publish(Frame("room:7", "from here", 3))
    assert other.hears() == "from here"
    there.publish(Frame("room:7", "from there"))
    assert ear.hears() == "from there"
    assert ear.heard.empty(), "its own came back and was dropped"


def test_frames_come_in_the_order_in_which_they_were_published(buses: tuple[RedisBus, RedisBus]) -> None:
    here, there = buses
    ear = listen(there, "room:7")
    for number in range(500):
        here.publish(Frame("room:7", str(number)))
    assert [ear.hears() for _ in range(500)] == [str(number) for number in range(500)]


def test_topics_are_followed_as_they_are_listened_to(buses: tuple[RedisBus, RedisBus]) -> None:
    here, there = buses
    ear = listen(there, "room:7")
    ear.wanted = ["room:8"]
    there.follow(["room:7", "room:8"])
    ear.wait_for("room:8")
    here.publish(Frame("room:7", "no longer"))
    here.publish(Frame("room:8", "now"))
    assert ear.hears() == "now"


def test_a_thousand_topics_are_no_trouble(buses: tuple[RedisBus, RedisBus]) -> None:
    here, there = buses
    ear = listen(there, "room:7")
    many = [f"user:{number}" for number in range(5000)]
    ear.wanted += many
    for topic in many:
        there.follow([topic])
    ear.wait_for(*many)
    here.publish(Frame("user:4999", "hi"))
    assert ear.hears() == "hi"


def test_two_installations_on_one_server_do_not_mix(valkey: Valkey, buses: tuple[RedisBus, RedisBus]) -> None:
    """Not even on another database: pub/sub ignores its number."""
    foreign = bus_on(valkey, "theirs:", "?db=5")
    here, there = buses
    ear, their_ear = listen(here, "room:7"), listen(foreign, "room:7")
    foreign.publish(Frame("room:7", "theirs"))
    there.publish(Frame("room:7", "ours"))
    assert ear.hears() == "ours"
    assert their_ear.heard.empty()
    foreign.close()


def test_what_is_no_frame_is_dropped_and_nothing_else(
    valkey: Valkey, buses: tuple[RedisBus, RedisBus], caplog: pytest.LogCaptureFixture
) -> None:
    here, there = buses
    ear = listen(there, "room:7")
    assert ask(valkey, "PUBLISH", "ours:room:7", "spoiled") == 1
    here.publish(Frame("room:7", "good"))
    assert ear.hears() == "good"
    assert there.connected
    assert ear.confirmed.empty(), "it did not have to come back"
    assert "no frame of ours" in caplog.text


def test_a_closing_bus_says_first_what_it_was_given(
    valkey: Valkey, buses: tuple[RedisBus, RedisBus], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command publishes and ends."""
    monkeypatch.setattr(redis_bus, "CLOSE_SECONDS", RETURN_SECONDS)
    ear = listen(buses[0], "rights")
    for _ in range(100):
        command = bus_on(valkey)
        command.publish(Frame("rights", "moved"))
        command.close()
        assert ear.hears() == "moved"


def test_killed_subscriptions_come_back_and_the_log_is_compared(
    valkey: Valkey, buses: tuple[RedisBus, RedisBus], log: MemoryLog, clock: Clock
) -> None:
    """redis-py by itself would subscribe again and say nothing of what was lost."""
    here, there = buses
    worker = Worker(log, there, clock, started=False)
    ear = Ear(hub=worker.hub)
    with closing(worker):
        there.start(ear)
        ear.wait_for("rights")
        connection, alice = worker.connect()
        worker.hub.join(connection, LOBBY)
        ear.wait_for(room_topic(LOBBY))
        worker.turn()
        worker.keeper.catch_up(connection, LOBBY, 0)
        worker.turn()
        assert ask(valkey, "CLIENT", "KILL", "TYPE", "pubsub") == 1
        here.publish(log.post("lost"))
        ear.wait_for(room_topic(LOBBY))
        log.asked.clear()
        worker.turn()
        assert log.asked == ["state"]
        worker.pass_time(HOLD_SECONDS)
        assert len(alice.received()) == 1
        frame = log.post("next")
        here.publish(frame)
        while ear.hears() != frame.html:
            pass  # the one that was lost, if Redis took longer to publish it than to kill
        worker.turn()
        assert len(alice.received()) == 1


def test_a_server_that_is_killed_and_started_again_is_found_again(
    valkey: Valkey, hasty_buses: tuple[RedisBus, RedisBus], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    here, there = hasty_buses
    ear = listen(there, "room:7")
    valkey.stop()
    began = time.monotonic()
    for _ in range(50):
        here.publish(Frame("room:7", "lost"))
        there.follow(["room:8"])
    assert not here.ping()
    assert time.monotonic() - began < AT_ONCE_SECONDS
    ear.wanted.append("room:8")
    valkey.start()
    ear.wait_for("room:7", "room:8")
    assert there.connected
    publish_until_heard(here, Frame("room:8", "back"), ear)
    assert len([record for record in caplog.records if "The bus is away" in record.message]) == 2, "told once by each"


def test_what_could_not_be_carried_is_said(valkey: Valkey, hasty_buses: tuple[RedisBus, RedisBus]) -> None:
    here, _ = hasty_buses
    ear = listen(here, "room:7")
    valkey.stop()
    # The first fails, the second is not even tried.
    here.publish(Frame("room:7", "lost"))
    here.publish(Frame("room:8", "lost"))
    assert [ear.missed.get(timeout=RETURN_SECONDS) for _ in range(2)] == ["room:7", "room:8"]


def test_nobody_waits_for_a_server_that_hangs(valkey: Valkey, hasty_buses: tuple[RedisBus, RedisBus]) -> None:
    here, there = hasty_buses
    ear = listen(here, "room:7")
    listen(there, "room:7")
    valkey.freeze()
    try:
        for _ in range(3 * QUEUE_LIMIT_FRAMES):
            began = time.monotonic()
            here.publish(Frame("room:7", "x" * 1000))
            assert time.monotonic() - began < AT_ONCE_SECONDS
        # More than the socket takes: whoever sends it waits.
        ear.wanted += [f"user:{number}" for number in range(20_000)]
        began = time.monotonic()
        here.follow(ear.wanted)
        here.publish(Frame("room:7", "y"))
        here.follow(["user:1"])
        assert time.monotonic() - began < AT_ONCE_SECONDS
        began = time.monotonic()
        assert not here.ping()
        assert time.monotonic() - began < 2 * AT_ONCE_SECONDS
    finally:
        valkey.thaw()
    ear.wait_for(*ear.wanted)
    publish_until_heard(there, Frame("user:19999", "back"), ear)


def test_silence_is_not_believed_in_for_long(
    valkey: Valkey, hasty_buses: tuple[RedisBus, RedisBus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "LISTEN_SECONDS", 0.1)
    here, _ = hasty_buses
    ear = listen(here, "room:7")
    asked = pings(valkey)
    wait_until(lambda: pings(valkey) >= asked + 2)
    assert here.connected, "nobody spoke, and it asked whether anybody is there"
    valkey.freeze()
    try:
        wait_until(lambda: not here.connected)
    finally:
        valkey.thaw()
    ear.wait_for("room:7")
    assert here.connected
