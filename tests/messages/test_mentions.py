"""Whom a message addresses: by name, all who are there, everybody, and whom it answers."""

import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from multichat.accounts import changes as accounts
from multichat.database import writing
from multichat.messages.addressing import ROOM_CALL_LIMIT
from multichat.messages.changes import delete, edit, post
from multichat.messages.log import DatabaseLog
from multichat.models import Access, Activity, Membership, Message, Refused, Room, User
from multichat.realtime import Realtime
from multichat.realtime.roster import MemoryRoster
from multichat.rooms import changes as rooms
from tests.messages.conftest import Ear, Say
from tests.messages.test_edit import at
from tests.support.markup import parse
from tests.support.person import Person

Concerns = Callable[[Room, int], dict[int, str]]


def join(room: Room, *people: Person) -> None:
    """Make them members, who have read everything so far."""
    for person in people:
        with person.app.app_context(), writing():
            Membership.raise_last_read(room.id, person.id, room.last_ordinal)


def come_in(app: Flask, room: Room, *people: Person) -> None:
    for person in people:
        roster(app).join((room.id, person.id, person.username))


def a_minute_later(app: Flask) -> None:
    """Nobody is there any more."""
    roster(app)._clock = lambda: time.monotonic() + 60.0


def roster(app: Flask) -> MemoryRoster:
    realtime: Realtime = app.extensions["realtime"]
    memory = realtime.here._roster
    assert isinstance(memory, MemoryRoster)
    return memory


def last_mention(app: Flask, room: Room, person: Person) -> int | None:
    with app.app_context():
        membership = Membership.of(room.id, person.id)
        return None if membership is None else membership.last_mention


def body(app: Flask, room: Room) -> str:
    """The only message, as a page shows it."""
    changes = DatabaseLog(app).changes(room.id, 0)
    assert changes is not None
    ((_, html),) = changes.upserts
    return parse(html).one(class_="message__body").text


def test_who_is_named_is_told_and_has_it_in_their_activity(
    app: Flask, alice: Person, bob: Person, mallory: Person, lobby: Room, say: Say, ear: Ear, concerns: Concerns
) -> None:
    join(lobby, bob, mallory)
    say(alice)
    ordinal = say(alice, "lunch, @bob?")
    assert concerns(lobby, ordinal) == {bob.id: "mention"}
    assert last_mention(app, lobby, bob) == ordinal
    assert last_mention(app, lobby, mallory) == 0
    assert ear.concerned() == [(str(ordinal), str(bob.id))]
    with app.app_context():
        assert Activity.any_unread(bob.id)
        assert not Activity.any_unread(mallory.id)


def test_a_name_is_kept_as_a_reference_and_a_rename_follows(
    app: Flask, alice: Person, bob: Person, lobby: Room
) -> None:
    with app.app_context():
        message = post(lobby, alice.user, "lunch, @Bob?", uuid4()).message
        assert message.mentions == {"bob": bob.id}
        assert message.body_html == f'<p>lunch, <span class="mention">@{bob.id}</span>?</p>'
    assert body(app, lobby) == "lunch, @bob?"
    with app.app_context():
        accounts.rename(bob.id, "Robert <b>")
    assert body(app, lobby) == "lunch, @Robert <b>?"
    (shown,) = parse(alice.get(f"/rooms/{lobby.id}").text).all(class_="mention")
    assert (shown.text, shown["data-person"]) == ("@Robert <b>", str(bob.id))


def test_a_message_says_whom_it_means(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ear: Ear) -> None:
    join(lobby, alice, bob)
    say(alice, "@bob @here @room @nobody")
    (frame,) = ear.log()
    assert frame.one("article")["data-mentions"] == f"{bob.id} here room"


def test_who_may_not_see_the_room_is_not_meant(
    app: Flask, sam: Person, ada: Person, mallory: Person, backstage: Room, say: Say, concerns: Concerns
) -> None:
    ordinal = say(sam, "@mallory is up to something, @ada", backstage)
    assert concerns(backstage, ordinal) == {ada.id: "mention"}
    with app.app_context():
        message = at(backstage, ordinal)
        assert message.mentions == {"ada": ada.id}
        assert message.body_html.startswith("<p>@mallory is")


def test_who_is_no_member_of_a_private_room_is_not_meant(
    app: Flask, alice: Person, bob: Person, ada: Person, say: Say, concerns: Concerns
) -> None:
    with app.app_context():
        den = rooms.create("Den", Access.private)
    join(den, alice, bob)
    ordinal = say(alice, "@ada knows nothing, @bob", den)
    assert concerns(den, ordinal) == {bob.id: "mention"}


def test_whose_account_is_closed_is_not_meant(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, concerns: Concerns
) -> None:
    with app.app_context():
        accounts.deactivate(bob.id)
    assert concerns(lobby, say(alice, "where is @bob?")) == {}


def test_a_name_in_code_means_nobody(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "`@bob` and `@room`")
    with app.app_context():
        assert at(lobby, ordinal).mentions == {}
        assert Activity.concerned(at(lobby, ordinal).id) == {}


def test_nobody_concerns_themself(
    app: Flask, alice: Person, lobby: Room, say: Say, ear: Ear, concerns: Concerns
) -> None:
    join(lobby, alice)
    come_in(app, lobby, alice)
    first = say(alice, "I, @alice, say to @here and @room")
    second = say(alice, "indeed", reply_to=first)
    assert concerns(lobby, first) == concerns(lobby, second) == {}
    assert ear.concerned() == []
    assert last_mention(app, lobby, alice) == 0


def test_here_means_who_is_there(
    app: Flask, alice: Person, bob: Person, mallory: Person, lobby: Room, say: Say, concerns: Concerns
) -> None:
    join(lobby, bob, mallory)
    come_in(app, lobby, alice, bob)
    ordinal = say(alice, "coffee, @here?")
    assert concerns(lobby, ordinal) == {bob.id: "here"}


def test_room_means_every_member(
    app: Flask, alice: Person, bob: Person, mallory: Person, sam: Person, lobby: Room, say: Say, concerns: Concerns
) -> None:
    join(lobby, alice, bob, mallory)
    ordinal = say(alice, "meeting now, @room, and bring the notes, @bob")
    assert concerns(lobby, ordinal) == {bob.id: "mention", mallory.id: "room"}


def test_in_a_large_room_only_staff_call_everybody(
    app: Flask, alice: Person, sam: Person, lobby: Room, say: Say, concerns: Concerns
) -> None:
    crowd = [Person(app, f"person-{number}") for number in range(ROOM_CALL_LIMIT - 1)]
    join(lobby, alice, *crowd)
    assert len(concerns(lobby, say(alice, "all twenty of us, @room"))) == ROOM_CALL_LIMIT - 1
    join(lobby, sam)
    with app.app_context():
        with pytest.raises(Refused):
            post(lobby, alice.user, "@room, one more", uuid4())
        assert len(Message.latest(lobby.id, 10)) == 1
    assert len(concerns(lobby, say(sam, "quiet, @room"))) == ROOM_CALL_LIMIT
    with app.app_context():
        edit(lobby, alice.user, 1, "all twenty of us, @room!")
        with pytest.raises(Refused):
            edit(lobby, alice.user, post(lobby, alice.user, "a room", uuid4()).message.ordinal, "@room")
    assert len(concerns(lobby, 1)) == ROOM_CALL_LIMIT - 1


def test_an_answer_concerns_whom_it_answers_as_an_answer(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, concerns: Concerns
) -> None:
    join(lobby, alice)
    come_in(app, lobby, alice)
    ordinal = say(bob, "yes, @alice and @here", reply_to=say(alice, "noon?"))
    assert concerns(lobby, ordinal) == {alice.id: "reply"}
    assert last_mention(app, lobby, alice) == ordinal


def test_an_edit_concerns_whom_it_names_newly_and_no_longer_whom_it_does_not(
    app: Flask, alice: Person, bob: Person, mallory: Person, sam: Person, lobby: Room, say: Say, ear: Ear,
    concerns: Concerns,
) -> None:  # fmt: skip
    join(lobby, bob, mallory, sam)
    ordinal = say(alice, "lunch, @bob and @mallory?")
    ear.concerned()
    with app.app_context():
        edit(lobby, alice.user, ordinal, "lunch, @mallory and @sam?")
    assert concerns(lobby, ordinal) == {mallory.id: "mention", sam.id: "mention"}
    assert ear.concerned() == [(str(ordinal), str(sam.id))]
    assert last_mention(app, lobby, sam) == ordinal
    with app.app_context():
        assert at(lobby, ordinal).mentions == {"mallory": mallory.id, "sam": sam.id}
        assert not Activity.any_unread(bob.id)


def test_an_edited_answer_goes_on_concerning_whom_it_answers(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ear: Ear, concerns: Concerns
) -> None:
    ordinal = say(bob, "yse", reply_to=say(alice, "noon?"))
    ear.concerned()
    with app.app_context():
        edit(lobby, bob.user, ordinal, "yes")
    assert concerns(lobby, ordinal) == {alice.id: "reply"}
    assert ear.concerned() == []


def test_mending_a_call_calls_nobody_else_and_takes_nobodys_away(
    app: Flask, alice: Person, bob: Person, mallory: Person, lobby: Room, say: Say, ear: Ear, concerns: Concerns
) -> None:
    come_in(app, lobby, alice, bob)
    ordinal = say(alice, "cofee, @here?")
    a_minute_later(app)
    come_in(app, lobby, mallory)
    ear.concerned()
    with app.app_context():
        edit(lobby, alice.user, ordinal, "coffee, @here?")
    assert concerns(lobby, ordinal) == {bob.id: "here"}
    assert ear.concerned() == []
    with app.app_context():
        edit(lobby, alice.user, ordinal, "coffee?")
    assert concerns(lobby, ordinal) == {}


def test_what_is_deleted_concerns_nobody(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, concerns: Concerns
) -> None:
    join(lobby, bob)
    ordinal = say(alice, "@bob?")
    with app.app_context():
        delete(lobby, alice.user, ordinal)
        assert not Activity.any_unread(bob.id)
    assert concerns(lobby, ordinal) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Who is meant; the usual three, whom it concerns and their place; their names.
        ("@person-0", ["SELECT", "UPDATE", "INSERT", "INSERT", "INSERT", "UPDATE", "SELECT"]),
        ("@person-0 @person-1 @person-2", ["SELECT", "UPDATE", "INSERT", "INSERT", "INSERT", "UPDATE", "SELECT"]),
        # Nobody's name is asked for.
        ("@room", ["SELECT", "UPDATE", "INSERT", "INSERT", "INSERT", "UPDATE"]),
        ("@here", ["UPDATE", "INSERT", "INSERT"]),
    ],
)
def test_naming_people_takes_as_many_statements_however_many(
    app: Flask, alice: Person, lobby: Room, statements: list[str], text: str, expected: list[str]
) -> None:
    counts = []
    for first in (0, 5):
        join(lobby, *(Person(app, f"person-{first + number}") for number in range(5)))
        come_in(app, lobby, alice)
        with app.app_context():
            author = User.get(alice.id)  # as a request has it
            statements.clear()
            post(lobby, author, text, uuid4())
            counts.append([statement.split()[0] for statement in statements])
    assert counts == [expected, expected]
