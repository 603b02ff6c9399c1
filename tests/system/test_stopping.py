"""Servers and workers that stop: everybody is told to come back, and finds everything."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from multichat.models import Room
from multichat.realtime.hub import STOPPING_RATE_PER_SECOND, STOPPING_SECONDS
from tests.support.socket import Tab
from tests.support.visitor import Visitor
from tests.system.conftest import Build, House

SOCKETS = 200
# New workers begin before the old ones end.
RELOAD_SECONDS = 20.0


def come_back(person: Visitor, gone: Tab) -> Tab:
    """What a page does: a new socket, on which each timeline joins with its cursor."""
    back = person.open()
    back.timelines = gone.timelines
    for room_id in gone.timelines:
        back.join(room_id)
    return back


class TestTheServerStops:
    @pytest.fixture(params=["gevent", pytest.param("gthread", marks=pytest.mark.slow)])
    def house(self, request: pytest.FixtureRequest, build: Build) -> House:
        return build("sqlite", request.param, MULTICHAT_SOCKETS_PER_PERSON=str(SOCKETS))

    def test_everybody_is_told_to_come_back_and_no_process_is_left(
        self, house: House, alice: Visitor, lobby: Room
    ) -> None:
        tabs = [alice.open() for _ in range(SOCKETS)]
        for tab in tabs[:20]:
            tab.join(lobby.id)

        def end(tab: Tab) -> tuple[int, float]:
            return tab.close_code(), time.monotonic()

        with ThreadPoolExecutor(SOCKETS + 1) as pool:
            ends = [pool.submit(end, tab) for tab in tabs]
            began = time.monotonic()
            stopped = pool.submit(house.stop)
            codes, times = zip(*(end.result() for end in ends), strict=True)
        assert set(codes) == {1012}
        # Spread, so that they do not all come back in one instant: each of two workers has half of them, or so.
        assert max(times) - min(times) > SOCKETS / 2 / STOPPING_RATE_PER_SECOND * 0.75
        assert max(times) - began < STOPPING_SECONDS
        # It would have raised if it took more than 5 s, or had left a process, the bus included.
        assert stopped.result() < 5
        assert house.process.returncode == 0
        assert "Traceback" not in house.log()


def test_a_reload_tells_everybody_to_come_back_and_loses_nothing(
    house: House, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    hers, his = house.tab_on_each_worker(alice, lobby.id), house.tab_on_each_worker(bob, lobby.id)
    hers[0].say(lobby.id, "before")
    old = house.both_workers()
    os.kill(house.process.pid, signal.SIGHUP)
    assert [tab.close_code(RELOAD_SECONDS) for tab in (*hers, *his)] == [1012] * 4

    assert alice.say(lobby.id, "meanwhile").status_code == 303
    # Who comes back earlier may meet a worker that still stops, and is told once more.
    house.wait_until(lambda: not set(old) & set(house.workers()))
    back = [come_back(bob, tab) for tab in his]
    for tab in back:
        assert tab.timelines[lobby.id].bodies == ["before", "meanwhile"]
    back[1].until(back[0].say(lobby.id, "here again"))
    for tab in back:
        assert tab.timelines[lobby.id] == bob.timeline(lobby.id)


def test_a_reload_lets_nobody_go_before_the_new_workers_answer(house: House, alice: Visitor, lobby: Room) -> None:
    old, tab = house.both_workers(), alice.enter(lobby.id)
    begun = len(house.log())
    os.kill(house.process.pid, signal.SIGHUP)
    assert tab.close_code(RELOAD_SECONDS) == 1012
    house.wait_until(lambda: not set(old) & set(house.workers()))
    told = house.log()[begun:]
    ready = [told.index(f"Worker ready (pid: {worker})") for worker in house.workers()]
    gone = [told.index(f"Worker exiting (pid: {worker})") for worker in old]
    assert len(ready) == len(gone) == 2
    assert max(ready) < min([*gone, told.index(f"close person={alice.id} ")])


@pytest.fixture
def restored(house: House) -> Iterator[None]:
    yield
    house.both_workers()


@pytest.mark.usefixtures("restored")
def test_a_killed_workers_people_come_back_and_miss_nothing(
    house: House, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    (doomed, other), hers = house.both_workers(), house.tab_on_each_worker(alice, lobby.id)
    his = bob.enter(lobby.id, on=other)
    hers[0].say(lobby.id, "before")
    os.kill(doomed, signal.SIGKILL)
    assert hers[0].close_code() == 1006

    hers[1].until(his.say(lobby.id, "meanwhile"))
    back = come_back(alice, hers[0])
    assert back.timelines[lobby.id].bodies == ["before", "meanwhile"]
    his.until(back.say(lobby.id, "here again"))
    for tab in (back, his):
        assert tab.timelines[lobby.id] == alice.timeline(lobby.id)


@pytest.mark.usefixtures("restored")
def test_a_message_that_was_not_acknowledged_is_sent_again_and_stored_once(
    house: House, alice: Visitor, lobby: Room
) -> None:
    doomed, _ = house.both_workers()
    tab = alice.enter(lobby.id, on=doomed)
    client_id = tab.send(lobby.id, "did it arrive?")
    os.kill(doomed, signal.SIGKILL)
    tab.close_code()
    back = come_back(alice, tab)
    back.say(lobby.id, "did it arrive?", client_id=client_id)
    assert back.timelines[lobby.id].bodies == alice.timeline(lobby.id).bodies == ["did it arrive?"]
