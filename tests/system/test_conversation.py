"""People on different workers talk."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask

from multichat.models import Message, Room
from tests.support.visitor import Visitor
from tests.system.conftest import HOUSES, SOON_SECONDS, House

EVERYWHERE = pytest.mark.parametrize(
    "house",
    [
        pytest.param(name, marks=pytest.mark.smoke if name == "sqlite-gevent" else pytest.mark.slow)
        for name in HOUSES
        if name != "without a bus"
    ],
    indirect=True,
)


@EVERYWHERE
def test_two_people_on_different_workers_talk_both_ways(
    house: House, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    first, second = house.both_workers()
    hers, his = alice.enter(lobby.id, on=first), bob.enter(lobby.id, on=second)
    assert (house.worker_of(hers.socket), house.worker_of(his.socket)) == (first, second)

    his.until(hers.say(lobby.id, "hi bob"))
    hers.until(his.say(lobby.id, "hi alice"))
    his.until(hers.say(lobby.id, "how are you?"))

    page = alice.timeline(lobby.id)
    assert page.bodies == ["hi bob", "hi alice", "how are you?"]
    assert hers.timelines[lobby.id] == his.timelines[lobby.id] == page


@pytest.mark.parametrize("house", ["without a bus"], indirect=True)
def test_without_a_bus_they_talk_a_second_late(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    hers, _ = house.tab_on_each_worker(alice, lobby.id)
    _, his = house.tab_on_each_worker(bob, lobby.id)
    his.until(hers.say(lobby.id, "hi bob"), SOON_SECONDS)
    hers.until(his.say(lobby.id, "hi alice"), SOON_SECONDS)
    assert hers.timelines == his.timelines


def test_what_is_posted_with_a_form_reaches_every_tab(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    his = house.tab_on_each_worker(bob, lobby.id)
    assert alice.say(lobby.id, "no script here").status_code == 303
    for tab in his:
        tab.until("no script here")
        assert tab.timelines[lobby.id] == alice.timeline(lobby.id)


def test_a_repeat_on_two_workers_at_once_is_stored_once_and_acknowledged_twice(
    house: House, app: Flask, alice: Visitor, lobby: Room
) -> None:
    tabs = house.tab_on_each_worker(alice, lobby.id)
    for number in range(5):
        client_id = str(uuid4())
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda tab, id=client_id: tab.say(lobby.id, "only once", client_id=id), tabs))
        with app.app_context():
            assert len(Message.latest(lobby.id, 50)) == number + 1
    page = alice.timeline(lobby.id)
    assert page.bodies == ["only once"] * 5
    for tab in tabs:
        assert tab.timelines[lobby.id] == page


def test_a_renamed_room_is_renamed_in_everybodys_list(house: House, ada: Visitor, bob: Visitor, lobby: Room) -> None:
    _, his = house.tab_on_each_worker(bob, lobby.id)
    form = {"name": f"Foyer {lobby.id}", "topic": "Mind the step", "access": "open"}
    assert ada.post(f"/admin/rooms/edit/?id={lobby.id}", form).status_code == 303
    room_list = his.until(f"Foyer {lobby.id}")
    assert 'hx-swap-oob="innerHTML:#room-list"' in room_list
    assert lobby.name not in room_list
    his.until(f"hx-swap-oob=\"innerHTML:[data-room-name='{lobby.id}']\">Foyer {lobby.id}<")
