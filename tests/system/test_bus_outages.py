"""The bus dies, is cut off, stands still: nobody is disconnected, nothing is lost, nothing waits for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis

from multichat.config import bus_socket_path
from multichat.models import Room
from tests.support.socket import Tab
from tests.support.visitor import Visitor
from tests.system.conftest import SOON_SECONDS, House


@contextmanager
def outage(house: House) -> Iterator[None]:
    """Both workers are on the bus before, and will be on it again afterwards."""

    def on_the_bus() -> int:
        return house.log().count("The bus is there")

    house.wait_until(lambda: on_the_bus() >= 2)
    before = on_the_bus()
    yield
    house.wait_until(lambda: on_the_bus() >= before + 2)


def talk(first: Tab, second: Tab, room: Room, text: str) -> None:
    """One says it, the other hears it soon, and the other way round."""
    for speaker, listener in ((first, second), (second, first)):
        client_id = speaker.say(room.id, text)
        listener.until(client_id, SOON_SECONDS)


def test_a_killed_bus_disconnects_nobody_and_loses_nothing(
    house: House, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    hers, his = house.tab_on_each_worker(alice, lobby.id)[0], house.tab_on_each_worker(bob, lobby.id)[1]
    with outage(house):
        house.kill_bus()
        talk(hers, his, lobby, "while it is away")
        talk(hers, his, lobby, "while it comes back")
    talk(hers, his, lobby, "while it is here again")
    assert hers.timelines == his.timelines == {lobby.id: alice.timeline(lobby.id)}
    assert len(hers.timelines[lobby.id].bodies) == 6


def test_a_cut_subscription_loses_nothing(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    hers, his = house.tab_on_each_worker(alice, lobby.id)[0], house.tab_on_each_worker(bob, lobby.id)[1]
    with outage(house), redis.Redis(unix_socket_path=str(bus_socket_path(house.instance))) as bus:
        assert bus.client_kill_filter(_type="pubsub") == 2
        talk(hers, his, lobby, "while nobody listens")
    talk(hers, his, lobby, "while everybody listens")
    assert hers.timelines == his.timelines == {lobby.id: alice.timeline(lobby.id)}


@pytest.mark.slow
def test_a_bus_that_stands_still_makes_nobody_wait(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    hers, his = house.tab_on_each_worker(alice, lobby.id)[0], house.tab_on_each_worker(bob, lobby.id)[1]
    bus = house.bus()
    assert bus is not None
    said = []
    with house.stopped(bus):
        ends = time.monotonic() + 3
        while time.monotonic() < ends:
            begun = time.monotonic()
            said.append(hers.say(lobby.id, f"message {len(said)}"))
            posted = time.monotonic()
            assert alice.get(f"/rooms/{lobby.id}").status_code == 200
            answered = time.monotonic()
            assert (posted - begun < 1, answered - posted < 1) == (True, True)
            if said[-1] not in "".join(his.frames):
                his.until(said[-1], SOON_SECONDS)
    hers.until(his.say(lobby.id, "it moves again"), SOON_SECONDS)
    assert hers.timelines == his.timelines == {lobby.id: alice.timeline(lobby.id)}
    assert len(hers.timelines[lobby.id].bodies) == len(said) + 1


@pytest.mark.parametrize("house", ["without a bus"], indirect=True)
def test_a_server_without_its_bus_is_degraded_and_well(house: House, alice: Visitor) -> None:
    health, readiness = alice.get("/healthz"), alice.get("/readyz")
    assert (health.status_code, health.text) == (200, "ok\n")
    assert readiness.status_code == 200
    assert '"bus":"degraded"' in readiness.text
    assert '"status":"degraded"' in readiness.text
