"""The roster as a page is shown it: to whoever joins, once for all of them, and as its people look now."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from multichat.accounts import changes as accounts
from multichat.models import People, Room, SignIn, User
from multichat.presence import broadcasts
from multichat.presence.attendance import ROSTER_SECONDS, Attendance
from multichat.realtime import Realtime
from multichat.realtime.connection import Connection
from multichat.realtime.roster import CROWD, Arrival, LastKnownRoster, Lease, MemoryRoster, RosterUnavailable
from tests.realtime.doubles import Client, Clock
from tests.support.markup import parse
from tests.support.person import Person


@dataclass
class Tab:
    connection: Connection
    client: Client


class Door:
    """Where people come into a room: the attendance of the app's one worker, on a clock and a roster of its own."""

    def __init__(self, app: Flask, room: Room) -> None:
        self.app = app
        self.room = room
        self.clock = Clock()
        self.roster = MemoryRoster(self.clock.clock)
        self.realtime: Realtime = app.extensions["realtime"]
        self.realtime.here = LastKnownRoster(self.roster)
        self.realtime.bus.start(self.realtime.hub)
        self.attendance = Attendance(app, self.roster, self.realtime.bus, 0.0, self.clock.clock)
        app.extensions["attendance"] = self.attendance
        self.sockets: list[socket.socket] = []

    def enter(self, person: Person) -> Tab:
        """Come in with a tab; `seen` has what it is shown."""
        ours, theirs = socket.socketpair()
        self.sockets += [ours, theirs]
        connection = Connection(ours)
        with self.app.app_context():
            sign_in = SignIn.find(person.token)
            assert sign_in is not None
            connection.user_id, connection.sign_in_id = person.id, sign_in.id
            self.realtime.hub.add(connection)
            self.realtime.hub.join(connection, self.room.id)
            self.realtime.keeper.keep()
            self.realtime.keeper.catch_up(connection, self.room.id, None)
            self.attendance.enter(connection, self.room.id, User.get(person.id))
        return Tab(connection, Client(theirs))

    def show(self, tab: Tab) -> list[list[str]]:
        with self.app.app_context():
            self.attendance.show(tab.connection, self.room.id)
        return self.seen(tab)

    def tell(self, tab: Tab) -> list[list[str]]:
        """Let the time pass after which a changed roster is told."""
        self.clock.sleep(ROSTER_SECONDS)
        with self.app.app_context():
            self.attendance.tend()
        return self.seen(tab)

    def seen(self, tab: Tab) -> list[list[str]]:
        """The names on each roster that came."""
        self.realtime.hub.fan_out()
        return [
            [name.text for name in parse(html).all(class_="roster__name")]
            for html in tab.client.received()
            if f'"innerHTML:#room-{self.room.id}-roster"' in html
        ]


@pytest.fixture
def door(app: Flask, lobby: Room) -> Iterator[Door]:
    door = Door(app, lobby)
    yield door
    for sock in door.sockets:
        sock.close()


def test_who_joins_is_shown_who_is_there_though_it_is_about_to_be_told(door: Door, alice: Person, bob: Person) -> None:
    door.enter(bob)
    assert door.seen(door.enter(alice)) == [["alice", "bob"]]


def test_a_crowd_is_not_shown_a_roster_that_is_about_to_be_told(door: Door, alice: Person) -> None:
    door.roster.refresh((door.room.id, 1000 + number, str(number)) for number in range(CROWD))
    tab = door.enter(alice)
    assert door.seen(tab) == []
    assert door.seen(door.enter(alice)) == [], "a second tab of theirs neither"
    assert door.tell(tab) == [["alice"]], "the only one of them who has an account"
    assert door.show(tab) == [["alice"]]


def test_a_roster_is_rendered_once_for_all_who_are_shown_it(
    door: Door, alice: Person, bob: Person, statements: list[str]
) -> None:
    tabs = [door.enter(alice), door.enter(bob)]
    door.seen(tabs[0])
    statements.clear()
    assert [door.show(tab)[-1] for tab in tabs] == [["alice", "bob"]] * 2
    assert statements == [], "it is the one that bob was shown"


def test_after_a_rename_the_roster_is_told_and_shown_with_the_new_name(door: Door, app: Flask, alice: Person) -> None:
    tab = door.enter(alice)
    assert door.tell(tab)[-1] == ["alice"]
    with app.app_context():
        accounts.rename(alice.id, "Alicia")
    door.realtime.keeper.keep()
    assert door.tell(tab) == [["Alicia"]]
    assert door.show(tab) == [["Alicia"]]


def test_after_a_rename_elsewhere_the_roster_is_shown_with_the_new_name(
    door: Door, app: Flask, alice: Person, bob: Person
) -> None:
    """Of somebody whose tabs are on another worker, which tells the room; this one must not show what it has kept."""
    door.roster.join((door.room.id, bob.id, "on another worker"))
    tab = door.enter(alice)
    assert door.seen(tab) == [["alice", "bob"]]
    with app.app_context():
        accounts.rename(bob.id, "Robert")
    door.realtime.keeper.keep()
    assert door.show(tab) == [["alice", "Robert"]]


def test_who_is_shown_what_was_just_told_otherwise_is_shown_it_again(
    door: Door, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the showing bob came in, and everybody was told, by another worker."""
    tab = door.enter(alice)
    door.tell(tab)
    people = door.realtime.here.people

    def late(room_id: int) -> list[int]:
        monkeypatch.undo()
        here = people(room_id)
        door.enter(bob)
        door.clock.sleep(ROSTER_SECONDS)
        door.attendance.tend()
        door.realtime.hub.fan_out()
        return here

    monkeypatch.setattr(door.realtime.here, "people", late)
    assert door.show(tab)[-1] == ["alice", "bob"]


def test_who_comes_in_while_the_room_is_told_otherwise_is_shown_that_too(
    door: Door, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the roster's answer and the showing bob came in, and everybody was told, by another worker."""
    join = door.roster.join

    def late(lease: Lease) -> Arrival:
        monkeypatch.undo()
        arrival = join(lease)
        door.enter(bob)
        door.clock.sleep(ROSTER_SECONDS)
        door.attendance.tend()
        door.realtime.hub.fan_out()
        return arrival

    monkeypatch.setattr(door.roster, "join", late)
    shown = door.seen(door.enter(alice))
    assert ["alice"] in shown, "what was overtaken"
    assert shown[-1] == ["alice", "bob"]


def test_who_came_last_before_the_roster_went_away_is_on_the_pages_that_are_loaded_meanwhile(
    door: Door, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(room_id: int) -> list[int]:
        raise RosterUnavailable

    door.enter(bob)
    door.enter(alice)
    monkeypatch.setattr(door.roster, "people", away)
    assert sorted(door.realtime.here.people(door.room.id)) == sorted([alice.id, bob.id])


def test_a_roster_says_how_many_it_leaves_out(app: Flask, lobby: Room, alice: Person, bob: Person) -> None:
    def others(people: People) -> list[str]:
        with app.app_context():
            html = broadcasts.roster_html(lobby.id, people)
        return [line.text.strip() for line in parse(html).all("li", class_="roster__others")]

    assert others(People([alice.user], 1003, [bob.user], 2)) == ["and 1,002 more", "and 1 more"]
    assert others(People([alice.user], 1, [], 5)) == ["5 more"]
    assert others(People([alice.user], 1, [bob.user], 1)) == []


def test_a_roster_that_overtook_a_newer_one_is_told_again(
    door: Door, alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker asked later, and told sooner."""
    tab = door.enter(alice)
    door.tell(tab)
    only_alice = door.roster.people(door.room.id)
    door.enter(bob)
    monkeypatch.setattr(door.roster, "people", lambda _: only_alice)
    assert door.tell(tab) == [["alice"]]
    monkeypatch.undo()
    assert door.tell(tab) == [["alice", "bob"]]
    assert door.tell(tab) == []
