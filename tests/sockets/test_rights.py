"""When rights moved, every connection of the worker is looked at again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from multichat.accounts import changes as accounts
from multichat.database import now, writing
from multichat.models import Access, Role, Room, SignIn
from multichat.presence import broadcasts as presence
from multichat.realtime import listeners
from multichat.rooms import changes as rooms
from multichat.sockets.rights import check_rights
from tests.sockets.conftest import Tab
from tests.support.markup import parse
from tests.support.person import Person
from tests.support.waiting import wait_until

Tabs = Callable[..., Tab]


def look(tab: Tab) -> None:
    with tab.app.app_context():
        check_rights(tab.app, tab.realtime.hub)


def listed(frames: list[str]) -> list[str]:
    """The names of the rooms in the one list that came."""
    (room_list,) = [frame for frame in frames if 'hx-swap-oob="innerHTML:#room-list"' in frame]
    return [name.text for name in parse(room_list).all(class_="room-list__name")]


def closed(frames: list[str]) -> list[str | None]:
    """The rooms that were closed."""
    return [pane["data-room"] for frame in frames for pane in parse(frame).all("div", data_frame="closed")]


def test_a_page_is_shown_its_rooms_once(tab: Tabs, alice: Person, sam: Person, lobby: Room, backstage: Room) -> None:
    hers, his = tab(alice), tab(sam)
    look(hers)
    assert listed(hers.heard()) == ["Lobby"]
    assert listed(his.heard()) == ["Backstage", "Lobby"]
    look(hers)
    assert hers.heard() == his.heard() == []


def test_who_lost_a_room_is_let_go_and_the_others_are_not(
    app: Flask, tab: Tabs, alice: Person, sam: Person, lobby: Room
) -> None:
    hers, his = tab(alice, lobby), tab(sam, lobby)
    look(hers)
    hers.heard(), his.heard()
    with app.app_context():
        rooms.edit(lobby.id, "Lobby", "", Access.staff)
    look(hers)
    frames = hers.heard()
    assert closed(frames) == [str(lobby.id)]
    assert listed(frames) == []
    assert hers.connection.rooms == set()
    assert hers.connection.closing is None
    frames = his.heard()
    assert closed(frames) == []
    assert listed(frames) == ["Lobby"]
    his.say(lobby, "among us")
    assert hers.heard() == []


def test_a_deleted_room_is_closed_to_everybody(app: Flask, tab: Tabs, ada: Person, lobby: Room) -> None:
    hers = tab(ada, lobby)
    with app.app_context():
        rooms.delete(lobby.id)
    look(hers)
    frames = hers.heard()
    assert closed(frames) == [str(lobby.id)]
    assert listed(frames) == []


def test_an_archived_room_stays_open_and_is_listed_apart(app: Flask, tab: Tabs, alice: Person, lobby: Room) -> None:
    hers = tab(alice, lobby)
    look(hers)
    hers.heard()
    with app.app_context():
        rooms.archive(lobby.id)
    look(hers)
    frames = hers.heard()
    assert closed(frames) == []
    assert listed(frames) == ["Lobby"]
    shown, pane = parse(frames[-2]), parse(frames[-1])
    assert shown.one("details").all("a", href=f"/rooms/{lobby.id}")
    assert pane.one("p", id=f"room-{lobby.id}-closed")


def test_who_becomes_staff_sees_staff_rooms_and_who_is_no_more_does_not(
    app: Flask, tab: Tabs, alice: Person, backstage: Room
) -> None:
    hers = tab(alice)
    with app.app_context():
        accounts.set_role(alice.id, Role.staff)
    look(hers)
    assert listed(hers.heard()) == ["Backstage"]
    hers.do("join", room=backstage.id)
    with app.app_context():
        accounts.set_role(alice.id, Role.member)
    look(hers)
    frames = hers.heard()
    assert closed(frames) == [str(backstage.id)]
    assert listed(frames) == []


@pytest.mark.parametrize("end", [accounts.deactivate, accounts.sign_out_everywhere])
def test_whose_sign_in_is_gone_is_told_and_closed(
    app: Flask, tab: Tabs, alice: Person, bob: Person, lobby: Room, end: Callable[[int], None]
) -> None:
    hers, his = tab(alice, lobby), tab(bob, lobby)
    with app.app_context():
        end(alice.id)
    look(hers)
    _, text = hers.client.read()
    assert b'data-code="USER_HAS_TO_LOGIN"' in text
    assert hers.client.close_code() == 4401
    assert his.connection.closing is None
    assert his.connection.rooms == {lobby.id}


def test_a_page_that_is_open_all_day_stays_signed_in(app: Flask, tab: Tabs, alice: Person, lobby: Room) -> None:
    hers = tab(alice, lobby)
    with app.app_context():
        with writing() as session:
            session.execute(update(SignIn).values(expires_at=now() + timedelta(hours=1)))
        hers.say(lobby)
        sign_in = SignIn.find(alice.token)
    assert sign_in is not None
    assert sign_in.expires_at > now() + timedelta(days=29)


def test_everybodys_rights_take_a_fixed_number_of_statements(
    tab: Tabs, alice: Person, bob: Person, sam: Person, lobby: Room, backstage: Room, statements: list[str]
) -> None:
    hers = tab(alice, lobby)
    statements.clear()
    look(hers)
    for_one = len(statements)
    for person in (alice, bob, sam, sam):
        tab(person, lobby)
    statements.clear()
    look(hers)
    assert len(statements) == for_one == 5


def test_a_topic_ends_with_the_right_to_it(
    app: Flask, tab: Tabs, alice: Person, sam: Person, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may not see a room does not hear how many are there."""
    monkeypatch.setattr(listeners, "LIST_SECONDS", 0.0)
    hers, his = tab(alice), tab(sam)

    def tell() -> None:
        with app.app_context():
            presence.roster(lobby.id, "", 3)

    tell()
    assert f"data-room-present='{lobby.id}'" in "".join(hers.heard())
    with app.app_context():
        rooms.edit(lobby.id, "Lounge", "", Access.staff)
    look(hers)
    hers.heard(), his.heard()
    tell()
    assert f"data-room-present='{lobby.id}'" in "".join(his.heard())
    assert hers.heard() == []


def test_what_a_room_became_last_is_what_is_shown(app: Flask, tab: Tabs, alice: Person, lobby: Room) -> None:
    """Changed twice within a second: nothing that was held back shows the first again."""
    hers = tab(alice, lobby)
    look(hers)
    hers.heard()
    with app.app_context():
        presence.roster(lobby.id, "", 3)
        rooms.edit(lobby.id, "Lounge", "", Access.open)
        rooms.archive(lobby.id)
    look(hers)
    frames = hers.heard()

    def has_all() -> bool:
        frames.extend(hers.heard())
        return hers.realtime.hub._listeners.due_at() is None

    wait_until(has_all)
    assert "archived" in "".join(frames)
    assert "written to again" not in "".join(frames)


def test_who_loses_a_room_does_not_learn_its_new_name(
    app: Flask, tab: Tabs, alice: Person, sam: Person, lobby: Room
) -> None:
    hers, his = tab(alice, lobby), tab(sam, lobby)
    look(hers)
    hers.heard(), his.heard()
    with app.app_context():
        rooms.edit(lobby.id, "Headquarters", "Who is next", Access.staff)
    frames = hers.heard()
    look(hers)
    frames += hers.heard()
    assert closed(frames) == [str(lobby.id)]
    assert not [frame for frame in frames if "Headquarters" in frame or "Who is next" in frame]
    assert listed(his.heard()) == ["Headquarters"]
