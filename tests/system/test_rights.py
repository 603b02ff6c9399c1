"""Rights that are given or taken reach every open socket, on whichever worker."""

import pytest

from multichat.models import Room
from tests.support.visitor import Visitor
from tests.system.conftest import SOON_SECONDS, House

WITH_AND_WITHOUT_A_BUS = pytest.mark.parametrize(
    "house",
    ["sqlite-gevent", "without a bus", pytest.param("postgresql-gthread", marks=pytest.mark.slow)],
    indirect=True,
)


def make_staff_only(ada: Visitor, room: Room) -> None:
    form = {"name": room.name, "topic": "", "access": "staff"}
    assert ada.post(f"/admin/rooms/edit/?id={room.id}", form).status_code == 303


def test_a_staff_room_is_invisible_to_a_member(alice: Visitor, sam: Visitor, lobby: Room, backstage: Room) -> None:
    assert backstage.name in sam.get("/").text
    home = alice.get("/").text
    assert lobby.name in home
    assert backstage.name not in home

    missing = backstage.id + 1_000_000
    for path in ("/rooms/{}", "/rooms/{}?before=1"):
        answer, nothing = alice.get(path.format(backstage.id)), alice.get(path.format(missing))
        assert (answer.status_code, answer.text) == (nothing.status_code, nothing.text)
        assert answer.status_code == 404
    for neighbour in (backstage.id, missing):
        page = alice.get(f"/rooms/{lobby.id}?beside={neighbour}")
        assert page.status_code == 200
        assert page.text.count("<room-timeline") == 1
        assert backstage.name not in page.text
    assert alice.say(backstage.id, "hello?").status_code == alice.say(missing, "hello?").status_code == 404


def test_a_staff_room_is_invisible_on_the_socket(alice: Visitor, sam: Visitor, lobby: Room, backstage: Room) -> None:
    staff = sam.enter(backstage.id)
    tab = alice.enter(lobby.id)
    missing = backstage.id + 1_000_000
    for command in ("join", "leave", "typing", "read", "send"):
        errors = []
        for room_id in (backstage.id, missing):
            fields = {"ordinal": 1, "body": "hello?", "client_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}
            tab.tell(command, room=room_id, **fields)
            errors.append(tab.error())
        assert errors[0] | {"data-room": str(missing)} == errors[1]
        assert errors[0]["data-code"] == "ROOM_INVALID"

    staff.say(backstage.id, "a secret")
    tab.say(lobby.id, "hello all")
    assert not [frame for frame in tab.frames if backstage.name in frame or "a secret" in frame]


@WITH_AND_WITHOUT_A_BUS
def test_a_room_made_staff_only_lets_members_go_within_a_second(
    house: House, ada: Visitor, alice: Visitor, sam: Visitor, lobby: Room
) -> None:
    members, staff = house.tab_on_each_worker(alice, lobby.id), house.tab_on_each_worker(sam, lobby.id)
    members[0].say(lobby.id, "for everybody")
    make_staff_only(ada, lobby)
    for tab in members:
        closed = tab.until('data-frame="closed"', SOON_SECONDS)
        assert f'hx-swap-oob="innerHTML:#room-{lobby.id}"' in closed
        assert lobby.name not in tab.until('hx-swap-oob="innerHTML:#room-list"')

    staff[0].say(lobby.id, "for staff alone")
    staff[1].until("for staff alone")
    for tab in members:
        tab.send(lobby.id, "still me?")
        assert tab.code() == "ROOM_INVALID"
        assert not [frame for frame in tab.frames if "for staff alone" in frame]


@WITH_AND_WITHOUT_A_BUS
def test_a_room_that_opens_appears_in_everybodys_list(
    house: House, ada: Visitor, alice: Visitor, lobby: Room, backstage: Room
) -> None:
    tabs = house.tab_on_each_worker(alice, lobby.id)
    form = {"name": backstage.name, "topic": "", "access": "open"}
    assert ada.post(f"/admin/rooms/edit/?id={backstage.id}", form).status_code == 303
    for tab in tabs:
        tab.until(backstage.name, SOON_SECONDS)
        tab.join(backstage.id)


@WITH_AND_WITHOUT_A_BUS
def test_a_deactivated_persons_sockets_close_within_a_second(
    house: House, ada: Visitor, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    hers, his = house.tab_on_each_worker(alice, lobby.id), house.tab_on_each_worker(bob, lobby.id)
    assert ada.post(f"/admin/people/deactivate/?id={alice.id}").status_code == 303
    for tab in hers:
        assert "USER_HAS_TO_LOGIN" in tab.until("data-code=", SOON_SECONDS)
        assert tab.close_code() == 4401
    his[1].until(his[0].say(lobby.id, "where is alice?"))


def test_signing_out_closes_that_devices_sockets_at_once(house: House, alice: Visitor, lobby: Room) -> None:
    tabs = house.tab_on_each_worker(alice, lobby.id)
    elsewhere = alice.on_another_device().enter(lobby.id)
    assert alice.post("/sign-out").status_code == 303
    for tab in tabs:
        assert "USER_HAS_TO_LOGIN" in tab.until("data-code=", seconds=0.5)
        assert tab.close_code() == 4401
    elsewhere.say(lobby.id, "still here on the telephone")


def test_a_new_password_closes_all_sockets(house: House, ada: Visitor, alice: Visitor, lobby: Room) -> None:
    tabs = house.tab_on_each_worker(alice, lobby.id)
    assert ada.post(f"/admin/people/password/?id={alice.id}", {"password": "entirely else"}).status_code == 303
    assert [tab.close_code(SOON_SECONDS) for tab in tabs] == [4401, 4401]
