"""Joining a room: what can go wrong between asking and being in it."""

import json
import socket
from collections.abc import Iterator

import pytest
from flask import Flask

from multichat.accounts.changes import set_role
from multichat.extensions import realtime
from multichat.models import Rights, Role, Room, SignIn, Standing
from multichat.presence.attendance import Attendance
from multichat.realtime.connection import Connection
from multichat.realtime.frame import list_topic, room_topic
from multichat.sockets import connecting
from multichat.sockets.commands import Commands
from multichat.sockets.rights import check_rights
from tests.realtime.doubles import Client
from tests.support.markup import parse
from tests.support.person import Person


class Tab:
    """A person's socket, command by command; the worker's threads do not run, and what they do is asked for."""

    def __init__(self, app: Flask, person: Person) -> None:
        self.app = app
        ours, theirs = self.sockets = socket.socketpair()
        self.connection = Connection(ours)
        self.connection.user_id = person.id
        with app.app_context():
            sign_in = SignIn.find(person.token)
            assert sign_in is not None
        self.connection.sign_in_id = sign_in.id
        self.client = Client(theirs)
        self.commands = Commands(app, self.connection, person.token)
        with app.app_context():
            realtime.hub.add(self.connection)

    def tell(self, command: str, **fields: object) -> list[str]:
        """What it is answered with."""
        with self.app.test_request_context():
            self.commands.handle(json.dumps({"command": command, **fields}))
        return self.client.received()

    def codes(self, command: str, **fields: object) -> list[str | None]:
        return [
            error["data-code"]
            for html in self.tell(command, **fields)
            for error in parse(html).all("p", data_code=None)
        ]

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


@pytest.fixture
def started(app: Flask, lobby: Room, backstage: Room) -> None:
    """Somebody is in each room, so that their feeds have begun."""
    with app.app_context():
        realtime.bus.start(realtime.hub)
        ours, theirs = socket.socketpair()
        first = Connection(ours)
        realtime.hub.add(first)
        for room in (lobby, backstage):
            realtime.hub.join(first, room.id)
        realtime.keeper.keep()
        ours.close()
        theirs.close()


@pytest.fixture
def tab(app: Flask, started: None, sam: Person) -> Iterator[Tab]:
    """sam's, who may see both rooms."""
    tab = Tab(app, sam)
    yield tab
    tab.close()


@pytest.mark.parametrize("after", [-1, -(2**63) - 1, -(10**30)])
def test_a_cursor_below_zero_is_none(tab: Tab, lobby: Room, after: int) -> None:
    assert tab.codes("join", room=lobby.id, after=after) == ["COMMAND_INVALID"]
    assert tab.connection.rooms == set()


@pytest.mark.parametrize("after", [2**31, 2**63, 10**30])
def test_a_cursor_above_everything_gets_the_page_whole(tab: Tab, lobby: Room, after: int) -> None:
    assert any('data-frame="reset"' in html for html in tab.tell("join", room=lobby.id, after=after))


def test_who_may_no_longer_see_a_room_that_they_join_again_is_no_ghost_in_it(
    tab: Tab, app: Flask, backstage: Room, sam: Person, ada: Person
) -> None:
    tab.tell("join", room=backstage.id, after=0)
    attendance: Attendance = app.extensions["attendance"]
    with app.app_context():
        assert realtime.here.people(backstage.id) == [sam.id]
        set_role(sam.id, Role.member)
    assert tab.codes("join", room=backstage.id, after=0) == ["ROOM_INVALID"]
    with app.app_context():
        check_rights(app, realtime.hub)
    assert attendance._leases == {}, "it will run out, and is not renewed"


def test_a_right_that_is_taken_while_a_tab_opens_is_taken_from_it_too(
    tab: Tab, app: Flask, backstage: Room, sam: Person, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker looks rights up between the moment when the new tab's were read and the moment when they count."""
    read = Rights.standing
    interrupted: list[bool] = []

    def read_and_be_interrupted(token: str) -> tuple[int, Standing] | None:
        standing = read(token)
        if not interrupted:
            interrupted.append(True)
            set_role(sam.id, Role.member)
            realtime.hub.subscribed(room_topic(backstage.id))  # and so looks at the log at once
            realtime.keeper.keep()
        return standing

    with app.test_request_context():
        realtime.keeper.keep()
        monkeypatch.setattr(Rights, "standing", read_and_be_interrupted)
        connecting._authorise(app, tab.connection, sam.token, None)
        assert tab.connection.sign_in_id
        realtime.keeper.keep()
        assert list_topic(backstage.id) not in realtime.hub.topics()
