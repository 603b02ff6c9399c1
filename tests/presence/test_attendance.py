"""Coming, going and being there, as the room is told of it."""

import socket
from collections.abc import Collection, Iterable, Iterator
from functools import partial

import pytest
from flask import Flask

from multichat.accounts import changes as accounts
from multichat.database import writing
from multichat.extensions import realtime
from multichat.models import Membership, Room, User
from multichat.presence.attendance import ROSTER_SECONDS, WATCH_SECONDS, Attendance
from multichat.presence.typing import FORGOTTEN_SECONDS
from multichat.realtime.bus import MemoryBus
from multichat.realtime.connection import Connection
from multichat.realtime.frame import room_topic
from multichat.realtime.roster import (
    CROWD,
    LEASE_SECONDS,
    LEAVE_AFTER_SECONDS,
    REFRESH_SECONDS,
    Arrival,
    LastKnownRoster,
    Lease,
    MemoryRoster,
    RosterUnavailable,
)
from tests.realtime.doubles import Client, Clock
from tests.support.markup import parse
from tests.support.person import Person

QUIET_SECONDS = 45.0


class MoodyRoster(MemoryRoster):
    """Is away when a test says so."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock.clock)
        self.away: set[str] = set()
        self.looks = 0

    def join(self, lease: Lease) -> Arrival:
        self._answer("join")
        return super().join(lease)

    def leave(self, lease: Lease) -> None:
        self._answer("leave")
        super().leave(lease)

    def refresh(self, leases: Iterable[Lease]) -> None:
        self._answer("refresh")
        super().refresh(leases)

    def departed(self, room_ids: Collection[int]) -> list[tuple[int, int]]:
        self.looks += 1
        return super().departed(room_ids)

    def people(self, room_id: int) -> list[int]:
        self._answer("people")
        return super().people(room_id)

    def _answer(self, question: str) -> None:
        if question in self.away or "all" in self.away:
            raise RosterUnavailable


class House:
    """The workers of one server, by their attendances, on one roster; and a room that bob watches."""

    def __init__(self, app: Flask, room: Room, bob: Person) -> None:
        self.app = app
        self.room = room
        self.clock = Clock()
        self.roster = MoodyRoster(self.clock)
        self.bus = MemoryBus()
        self.workers: list[Attendance] = []
        self.sockets: list[socket.socket] = []
        with app.app_context():
            realtime.bus.start(realtime.hub)
        watching, self.bob = self.tab(bob)
        with app.app_context():
            realtime.keeper.keep()
            realtime.keeper.catch_up(watching, room.id, None)

    def worker(self, quiet_seconds: float = 0.0) -> Attendance:
        self.workers.append(Attendance(self.app, self.roster, self.bus, quiet_seconds, self.clock.clock))
        return self.workers[-1]

    def tab(self, person: Person) -> tuple[Connection, Client]:
        """An open page of theirs on the room."""
        ours, theirs = socket.socketpair()
        self.sockets += [ours, theirs]
        connection = Connection(ours)
        connection.user_id = person.id
        with self.app.app_context():
            realtime.hub.add(connection)
            realtime.hub.join(connection, self.room.id)
        return connection, Client(theirs)

    def enter(self, worker: Attendance, person: Person) -> Connection:
        connection, _ = self.tab(person)
        with self.app.app_context():
            worker.enter(connection, self.room.id, User.get(person.id))
        return connection

    def join(self, *people: Person) -> None:
        """By a form, say: they are members, and not there."""
        with self.app.app_context(), writing():
            for person in people:
                Membership.raise_last_read(self.room.id, person.id, 0)

    def recognise(self, worker: Attendance) -> None:
        with self.app.app_context():
            worker.recognise()

    def away(self) -> list[list[str]]:
        """Who is said to be away, on each roster that bob was told meanwhile."""
        with self.app.app_context():
            realtime.hub.fan_out()
        return [
            [name.text for section in sections for name in section.all(class_="roster__name")]
            for html in self.bob.received()
            if f'"innerHTML:#room-{self.room.id}-roster"' in html
            for sections in [parse(html).all(class_="roster__section roster__section--away")]
        ]

    def pass_time(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.sleep(1.0)
            self.tend()

    def tend(self) -> None:
        with self.app.app_context():
            for worker in self.workers:
                worker.tend()

    def bus_returns(self) -> None:
        self.bus.connected = True
        self.missed_something()

    def missed_something(self) -> None:
        """The room's subscription is confirmed again, or later than the room went live."""
        with self.app.app_context():
            realtime.hub.subscribed(room_topic(self.room.id))

    def typing(self) -> list[str]:
        """Whom bob was told of as typing; nobody, where it was that they stopped."""
        realtime.hub.fan_out()
        marks = [parse(html).all("span", class_="typing__person") for html in self.bob.received()]
        return [mark.text for (mark,) in filter(None, marks)]

    def told(self) -> list[str]:
        """What bob was told meanwhile: who came in, who left, and who is said to be here."""
        with self.app.app_context():
            realtime.hub.fan_out()
        told = []
        for html in self.bob.received():
            for notice in parse(html).all(data_level=None):
                told.append(f"{notice.one(data_person=None).text} {notice['data-level']}s")
            if f'"innerHTML:#room-{self.room.id}-roster"' in html:
                people = parse(html).one(class_="roster__section roster__section--here").all("li", data_person=None)
                told.append(f"here: {len(people)}")
        return told


@pytest.fixture
def house(app: Flask, lobby: Room, bob: Person) -> Iterator[House]:
    house = House(app, lobby, bob)
    yield house
    for sock in house.sockets:
        sock.close()


def test_who_comes_in_is_told_once_however_many_tabs_and_workers(house: House, alice: Person) -> None:
    here, there = house.worker(), house.worker()
    for worker in (here, there, here, there, here):
        house.enter(worker, alice)
    assert house.told() == ["alice enters"]
    house.tend()
    assert house.told() == ["here: 1"]


def test_who_leaves_is_told_once_ten_seconds_later(house: House, alice: Person) -> None:
    here, there = house.worker(), house.worker()
    tabs = [(here, house.enter(here, alice)), (there, house.enter(there, alice))]
    house.pass_time(2)
    house.told()
    for worker, tab in tabs:
        worker.leave_all(tab)
    house.pass_time(LEAVE_AFTER_SECONDS - 1)
    assert house.told() == []
    house.pass_time(2)
    assert sorted(house.told()) == ["alice leaves", "here: 0"]
    house.pass_time(LEASE_SECONDS)
    assert house.told() == []


def test_the_people_of_a_killed_worker_leave(house: House, alice: Person, mallory: Person) -> None:
    here, there = house.worker(), house.worker()
    house.enter(here, mallory)
    house.enter(there, alice)
    house.workers.remove(there)
    house.pass_time(LEASE_SECONDS - 1)
    assert "alice leaves" not in house.told()
    house.pass_time(3)
    assert sorted(house.told()) == ["alice leaves", "here: 1"]


def test_who_stays_is_not_told_of(house: House, alice: Person) -> None:
    house.enter(house.worker(), alice)
    house.pass_time(1)
    house.told()
    house.pass_time(5 * LEASE_SECONDS)
    assert house.told() == []


def test_nobody_is_told_of_after_a_start(house: House, alice: Person) -> None:
    worker = house.worker(QUIET_SECONDS)
    tab = house.enter(worker, alice)
    house.pass_time(1)
    worker.leave_all(tab)
    house.pass_time(LEAVE_AFTER_SECONDS + 2)
    assert house.told() == ["here: 1", "here: 0"]
    house.pass_time(QUIET_SECONDS)
    house.enter(worker, alice)
    assert house.told() == ["alice enters"]


def test_nobody_is_told_of_when_the_bus_comes_back_with_an_empty_roster(house: House, alice: Person) -> None:
    worker = house.worker(QUIET_SECONDS)
    house.enter(worker, alice)
    house.pass_time(2 * QUIET_SECONDS)
    house.told()
    house.bus.connected = False
    house.roster.away = {"all"}
    house.pass_time(5)
    house.roster._rooms.clear()
    house.roster._leases.clear()
    house.roster.away = set()
    house.bus_returns()
    house.pass_time(1)
    assert house.told() == ["here: 1"]
    house.enter(worker, alice)
    house.pass_time(LEASE_SECONDS)
    assert house.told() == []


def test_while_the_roster_is_away_people_come_and_are_there_when_it_is_back(house: House, alice: Person) -> None:
    worker = house.worker()
    house.roster.away = {"all"}
    house.enter(worker, alice)
    house.pass_time(2)
    assert house.told() == []
    house.roster.away = set()
    house.pass_time(1)
    assert house.roster.people(house.room.id) == [alice.id]
    assert house.told() == ["here: 1"]


def test_who_came_while_only_their_entering_failed_is_told_of(house: House, alice: Person) -> None:
    worker = house.worker()
    house.pass_time(1)
    house.roster.away = {"join", "refresh"}
    house.enter(worker, alice)
    house.tend()
    house.roster.away = {"refresh"}
    house.pass_time(2)
    assert house.told() == []
    house.roster.away = set()
    house.pass_time(1)
    assert house.told() == ["here: 1"]


def test_a_roster_that_may_have_been_missed_is_told_again(house: House, alice: Person) -> None:
    house.enter(house.worker(), alice)
    house.pass_time(2)
    assert house.told() == ["alice enters", "here: 1"]
    house.missed_something()
    house.pass_time(1)
    assert house.told() == ["here: 1"]
    house.bus.connected = False
    with house.app.app_context():
        realtime.hub.lost(room_topic(house.room.id))
    house.pass_time(5)
    assert house.told() == []  # while the bus is away nobody would hear of it
    house.bus.connected = True
    house.pass_time(2)
    assert house.told() == ["here: 1"]


def test_a_refresh_that_failed_is_made_as_soon_as_it_can_be(house: House, alice: Person) -> None:
    house.enter(house.worker(), alice)
    house.pass_time(REFRESH_SECONDS - 1)
    house.roster.away = {"refresh"}
    house.pass_time(2)
    house.roster.away = set()
    house.pass_time(2)
    house.clock.sleep(LEASE_SECONDS - 2)
    assert house.roster.people(house.room.id) == [alice.id]


def test_a_roster_that_could_not_be_told_is_told_later(house: House, alice: Person) -> None:
    house.enter(house.worker(), alice)
    house.roster.away = {"people"}
    house.pass_time(3)
    assert house.told() == ["alice enters"]
    house.roster.away = set()
    house.pass_time(1)
    assert house.told() == ["here: 1"]


def test_many_who_come_at_once_are_one_roster_a_second(house: House, app: Flask) -> None:
    worker = house.worker()
    for number in range(5):
        house.enter(worker, Person(app, f"guest{number}"))
        house.tend()
    assert [told for told in house.told() if told.startswith("here")] == ["here: 1"]
    house.pass_time(ROSTER_SECONDS)
    assert house.told() == ["here: 5"]


def test_however_many_come_leases_are_looked_at_once_a_second(house: House, app: Flask) -> None:
    worker = house.worker()
    for number in range(5):
        house.enter(worker, Person(app, f"guest{number}"))
        house.tend()
    assert house.roster.looks == 1


def test_in_a_crowd_nobody_is_told_of(house: House, app: Flask, alice: Person) -> None:
    worker = house.worker()
    house.roster.refresh((house.room.id, 1000 + number, str(number)) for number in range(CROWD + 1))
    tab = house.enter(worker, alice)
    worker.leave_all(tab)
    house.pass_time(LEAVE_AFTER_SECONDS + 2)
    assert [told for told in house.told() if not told.startswith("here")] == []


def test_who_is_evicted_while_they_enter_is_no_ghost(house: House, app: Flask, alice: Person) -> None:
    worker = house.worker()
    connection, _ = house.tab(alice)
    with app.app_context():
        realtime.hub.leave(connection, house.room.id)
        worker.leave(connection, house.room.id)
        worker.enter(connection, house.room.id, User.get(alice.id))
    house.pass_time(LEAVE_AFTER_SECONDS + 2)
    assert house.roster.people(house.room.id) == []


def test_who_was_put_out_without_a_word_is_no_ghost(house: House, app: Flask, alice: Person) -> None:
    """The check of rights failed in the middle, say, and found nobody to put out when it was made again."""
    connection = house.enter(house.worker(), alice)
    with app.app_context():
        realtime.hub.leave(connection, house.room.id)
    house.pass_time(REFRESH_SECONDS + LEAVE_AFTER_SECONDS + 2)
    assert house.roster.people(house.room.id) == []


def test_a_connection_that_ends_leaves_wherever_it_was(house: House, app: Flask, alice: Person) -> None:
    worker = house.worker()
    connection = house.enter(worker, alice)
    with app.app_context():
        realtime.hub.leave(connection, house.room.id)
    worker.leave_all(connection)
    house.pass_time(LEAVE_AFTER_SECONDS + 2)
    assert house.roster.people(house.room.id) == []


def test_a_lease_that_is_given_up_while_it_is_renewed_is_given_up(house: House, app: Flask, alice: Person) -> None:
    worker = house.worker()
    connection = house.enter(worker, alice)
    renew = house.roster.refresh

    def refresh(leases: Iterable[Lease]) -> None:
        house.roster.refresh = renew  # type: ignore[method-assign]
        worker.leave_all(connection)
        renew(leases)

    house.roster.refresh = refresh  # type: ignore[method-assign]
    house.pass_time(REFRESH_SECONDS + LEAVE_AFTER_SECONDS + 2)
    assert house.roster.people(house.room.id) == []


def test_who_looks_otherwise_is_shown_so_once(house: House, alice: Person) -> None:
    worker = house.worker()
    house.join(alice)
    house.enter(worker, alice)
    house.pass_time(ROSTER_SECONDS)
    assert house.told()[-1] == "here: 1"
    with house.app.app_context():
        accounts.rename(alice.id, "Alicia")
    for told in (["here: 1"], []):
        house.recognise(worker)
        house.pass_time(ROSTER_SECONDS)
        assert house.told() == told


# Away


def test_who_goes_is_away(house: House, alice: Person) -> None:
    worker = house.worker()
    house.join(alice)
    connection = house.enter(worker, alice)
    house.pass_time(1)
    assert house.away() == [[]]
    with house.app.app_context():
        worker.leave_all(connection)
    house.pass_time(LEAVE_AFTER_SECONDS + 1)
    assert house.away() == [["alice"]]


def test_who_becomes_a_member_without_being_there_is_away(house: House, alice: Person, sam: Person) -> None:
    house.enter(house.worker(), sam)
    house.pass_time(1)
    assert house.away() == [[]]
    house.join(alice)
    house.pass_time(1)
    assert house.away() == [["alice"]]
    house.pass_time(5)
    assert house.away() == []


def test_who_becomes_a_member_and_is_there_is_told_of_once(house: House, alice: Person) -> None:
    here, there = house.worker(), house.worker()
    house.pass_time(1)
    house.join(alice)
    for worker in (here, there):
        house.enter(worker, alice)
    house.pass_time(5)
    assert house.away() == [[]]


def test_who_was_there_and_went_is_away_on_the_rosters_of_other_workers_too(
    house: House, alice: Person, sam: Person
) -> None:
    """One that has kept the roster from before they came shows it to nobody."""
    here, there = house.worker(), house.worker()
    house.enter(here, sam)
    house.pass_time(2)
    house.join(alice)
    connection = house.enter(there, alice)
    house.pass_time(2)
    there.leave_all(connection)
    house.pass_time(LEAVE_AFTER_SECONDS + 1)
    house.away()
    with house.app.app_context():
        realtime.hub.subscribed(room_topic(house.room.id))
    house.pass_time(2)
    assert house.away() == [["alice"]]


def test_who_is_away_and_looks_otherwise_or_is_no_member_any_more_is_shown_so(
    house: House, alice: Person, sam: Person
) -> None:
    worker = house.worker()
    house.join(alice, sam)
    house.enter(worker, sam)
    house.pass_time(1)
    assert house.away() == [["alice"]]
    for change, away in (
        (partial(accounts.rename, alice.id, "Alicia"), ["Alicia"]),
        (partial(accounts.deactivate, alice.id), []),
    ):
        with house.app.app_context():
            change()
        house.recognise(worker)
        house.pass_time(2)
        assert house.away() == [away]
    house.recognise(worker)
    house.pass_time(2)
    assert house.away() == []


# Typing


def test_who_leaves_or_is_gone_is_typing_no_longer(house: House, app: Flask, alice: Person) -> None:
    worker = house.worker()
    for leave in (lambda tab: worker.leave(tab, house.room.id), worker.leave_all):
        tab = house.enter(worker, alice)
        with app.app_context():
            worker.types(tab, house.room.id, alice.user)
            assert house.typing() == ["alice"]
            leave(tab)
            assert house.typing() == [""]
            leave(tab)
            assert house.typing() == []


def test_of_who_was_forgotten_nobody_is_told_that_they_left(house: House, app: Flask, alice: Person) -> None:
    worker = house.worker()
    tab = house.enter(worker, alice)
    with app.app_context():
        worker.types(tab, house.room.id, alice.user)
        house.clock.sleep(FORGOTTEN_SECONDS)
        house.typing()
        worker.leave_all(tab)
        assert house.typing() == []


def test_of_a_room_that_everybody_left_nothing_is_kept(house: House, alice: Person) -> None:
    worker, known = house.worker(), LastKnownRoster(house.roster)
    connection = house.enter(worker, alice)
    house.pass_time(ROSTER_SECONDS)
    assert (known.people(house.room.id), known.counts([house.room.id])) == ([alice.id], {house.room.id: 1})
    with house.app.app_context():
        worker.leave_all(connection)
    house.pass_time(WATCH_SECONDS + ROSTER_SECONDS)
    assert (known.people(house.room.id), known.counts([house.room.id])) == ([], {house.room.id: 0})
    for keeper in (worker, house.roster, known):
        kept = {name: value for name, value in vars(keeper).items() if isinstance(value, dict | set) and value}
        assert not kept
