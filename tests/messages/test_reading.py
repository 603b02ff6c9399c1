"""How far somebody has read, and what their tabs hear of it."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask

from multichat.database import db
from multichat.messages import reading
from multichat.messages.changes import delete, post
from multichat.models import Membership, Message, Notify, Room
from multichat.realtime import Realtime
from multichat.realtime.frame import Frame
from tests.support.markup import parse
from tests.support.person import Person


@pytest.fixture
def told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """What is published from here on."""
    here: Realtime = app.extensions["realtime"]
    frames: list[Frame] = []
    publish = here.publish
    monkeypatch.setattr(here, "publish", lambda frame: (frames.append(frame), publish(frame)))
    return frames


@pytest.fixture
def room(app: Flask, alice: Person, bob: Person, lobby: Room) -> Iterator[Room]:
    """Bob has said five things in it; alice, who is a member, has read none of them."""
    with app.app_context():
        reading.read_all(lobby, alice.user)
        say(lobby, bob, 5)
        yield db.session.get_one(Room, lobby.id, populate_existing=True)


def say(room: Room, person: Person, count: int = 1) -> list[Message]:
    return [post(room, person.user, "hi", uuid4()).message for _ in range(count)]


def membership(room: Room, person: Person) -> Membership:
    found = Membership.of(room.id, person.id)
    assert found is not None
    return found


def read(room: Room, person: Person, ordinal: int, mark: int | None = None) -> int:
    """How far they have read then."""
    reading.read(room, membership(room, person), ordinal, mark)
    return membership(room, person).last_read


def states(frames: list[Frame], person: Person) -> list[dict[str, str | None]]:
    """What the tabs of a person were told."""
    own = [frame for frame in frames if frame.topic == f"user:{person.id}"]
    return [dict(parse(frame.html).one("i").attributes) for frame in own]


def test_reading_only_ever_raises(room: Room, alice: Person) -> None:
    assert [read(room, alice, ordinal) for ordinal in (3, 2, 3, -1, 4, 10**300)] == [3, 3, 3, 3, 4, 5]


def test_what_a_page_read_before_it_was_marked_unread_is_read_no_more(room: Room, alice: Person) -> None:
    assert read(room, alice, 5, mark=0) == 5
    reading.mark_unread(room, alice.user, 3)
    assert read(room, alice, 5, mark=0) == 2
    assert read(room, alice, 4, mark=1) == 4
    assert read(room, alice, 5, mark=10**300) == 5


def test_a_mark_that_comes_in_between_stands(room: Room, alice: Person) -> None:
    before = membership(room, alice)
    db.session.expunge(before)
    reading.mark_unread(room, alice.user, 1)
    reading.read(room, before, 5, mark=0)
    assert (membership(room, alice).last_read, membership(room, alice).mark) == (0, 1)


@pytest.mark.parametrize(("ordinal", "last_read"), [(3, 2), (1, 0), (0, 0), (-7, 0), (10**300, 5)])
def test_unread_from_a_message_on(room: Room, alice: Person, ordinal: int, last_read: int) -> None:
    read(room, alice, 4)
    reading.mark_unread(room, alice.user, ordinal)
    assert membership(room, alice).last_read == last_read
    reading.mark_unread(room, alice.user, ordinal)
    assert membership(room, alice).mark == 2


def test_all_of_it_is_read_even_what_was_marked(room: Room, alice: Person) -> None:
    reading.mark_unread(room, alice.user, 1)
    reading.read_all(room, alice.user)
    assert (membership(room, alice).last_read, membership(room, alice).mark) == (5, 1)


@pytest.mark.parametrize(
    ("act", "last_read", "notify"),
    [
        (lambda room, who: reading.read_all(room, who), 5, Notify.everything),
        (lambda room, who: reading.mark_unread(room, who, 3), 2, Notify.everything),
        (lambda room, who: reading.notify(room, who, Notify.nothing), 5, Notify.nothing),
    ],
)
def test_who_was_no_member_becomes_one(
    room: Room, mallory: Person, act: Callable[[Room, object], None], last_read: int, notify: Notify
) -> None:
    assert Membership.of(room.id, mallory.id) is None
    act(room, mallory.user)
    assert (membership(room, mallory).last_read, membership(room, mallory).notify) == (last_read, notify)


def test_of_what_one_wants_to_know(room: Room, alice: Person, bob: Person) -> None:
    reading.notify(room, alice.user, Notify.mentions)
    assert membership(room, alice).notify is Notify.mentions
    assert membership(room, alice).last_read == 0
    assert membership(room, bob).notify is Notify.everything


def test_all_tabs_of_a_person_hear_of_it_and_nobody_elses(room: Room, alice: Person, told: list[Frame]) -> None:
    read(room, alice, 4)
    read(room, alice, 3)
    reading.mark_unread(room, alice.user, 2)
    reading.notify(room, alice.user, Notify.nothing)
    assert {frame.topic for frame in told} == {f"user:{alice.id}"}
    known = [(state["data-last-read"], state["data-mark"], state["data-notify"]) for state in states(told, alice)]
    assert known == [("4", "0", "everything"), ("1", "1", "everything"), ("1", "1", "nothing")]


def test_what_one_says_is_read_on_all_ones_devices(room: Room, alice: Person, told: list[Frame]) -> None:
    say(room, alice)
    assert membership(room, alice).last_read == 6
    assert [state["data-last-read"] for state in states(told, alice)] == ["6"]


def test_a_tombstone_keeps_its_place_and_counts(room: Room, alice: Person, bob: Person) -> None:
    delete(room, bob.user, 5)
    read(room, alice, 4)
    assert (
        db.session.get_one(Room, room.id, populate_existing=True).last_ordinal - membership(room, alice).last_read == 1
    )


def test_reading_takes_a_fixed_number_of_statements(room: Room, alice: Person, statements: list[str]) -> None:
    member = membership(room, alice)
    statements.clear()
    reading.read(room, member, 4)
    # It is read; what it is now, and whether anything else concerns them.
    assert [statement.split()[0] for statement in statements] == ["UPDATE", "SELECT", "SELECT"]
    statements.clear()
    reading.read(room, member, 4, mark=-1)
    assert statements == []


# Over plain HTTP


def test_all_is_read_by_a_form(room: Room, alice: Person) -> None:
    answer = alice.post(f"/rooms/{room.id}/read")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/rooms/{room.id}")
    assert membership(room, alice).last_read == 5


def test_it_is_marked_unread_by_a_form_which_does_not_lead_back_into_it(room: Room, alice: Person) -> None:
    answer = alice.post(f"/rooms/{room.id}/unread", {"ordinal": "4"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert membership(room, alice).last_read == 3


def test_a_level_is_chosen_by_a_form(room: Room, alice: Person) -> None:
    answer = alice.post(f"/rooms/{room.id}/notify", {"level": "mentions"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/rooms/{room.id}")
    assert membership(room, alice).notify is Notify.mentions


@pytest.mark.parametrize(
    ("act", "fields"), [("read", {}), ("unread", {"ordinal": "4"}), ("notify", {"level": "nothing"})]
)
def test_a_page_with_a_socket_hears_of_it_there(room: Room, alice: Person, act: str, fields: dict[str, str]) -> None:
    answer = alice.post(f"/rooms/{room.id}/{act}", fields, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (204, "")


@pytest.mark.parametrize(
    ("act", "fields"),
    [("unread", {}), ("unread", {"ordinal": "x"}), ("notify", {}), ("notify", {"level": "everything please"})],
)
def test_nonsense_is_refused(room: Room, alice: Person, act: str, fields: dict[str, str]) -> None:
    assert alice.post(f"/rooms/{room.id}/{act}", fields).status_code == 400
    assert (membership(room, alice).mark, membership(room, alice).notify) == (0, Notify.everything)


@pytest.mark.parametrize("act", ["read", "unread", "notify"])
def test_a_room_that_one_may_not_see_is_like_none_at_all(
    app: Flask, mallory: Person, backstage: Room, act: str
) -> None:
    fields = {"ordinal": "1", "level": "nothing"}
    for room_id in (backstage.id, 404):
        assert mallory.post(f"/rooms/{room_id}/{act}", fields).status_code == 404
    with app.app_context():
        assert Membership.of(backstage.id, mallory.id) is None
