"""Deleting: that something was said stays, what was said is gone."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from multichat.messages.changes import delete, edit, post, react
from multichat.messages.log import DatabaseLog
from multichat.models import Message, NotFound, Refused, Room
from multichat.rooms import changes as rooms
from tests.messages.conftest import DeleteMeanwhile, Ear, Say
from tests.messages.test_edit import NUMBERS_NO_DATABASE_TAKES, at
from tests.support.markup import parse
from tests.support.person import Person

SECRET = "swordfish"

Concerns = Callable[[Room, int], dict[int, str]]
Traces = Callable[[str], list[str]]


def test_its_author_deletes_a_message(app: Flask, alice: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        delete(lobby, alice.user, ordinal)
        tombstone = at(lobby, ordinal)
        assert (tombstone.ordinal, tombstone.revision) == (1, 2)
        assert tombstone.deleted_at is not None
        assert not tombstone.deleted_by_staff


@pytest.mark.parametrize("who", ["sam", "ada"])
def test_staff_delete_anybodys_and_it_says_so(
    app: Flask, alice: Person, lobby: Room, say: Say, ear: Ear, who: str, request: pytest.FixtureRequest
) -> None:
    ordinal = say(alice, "hi")
    ear.log()
    with app.app_context():
        delete(lobby, request.getfixturevalue(who).user, ordinal)
    (frame,) = ear.log()
    assert frame["data-frame"] == "upsert"
    assert frame.one("article").one(class_="message__gone").text == "This message was deleted by staff."


def test_a_member_deletes_nobody_elses(app: Flask, alice: Person, bob: Person, lobby: Room, say: Say) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        with pytest.raises(Refused):
            delete(lobby, bob.user, ordinal)
        assert at(lobby, ordinal).body == "hi"


def test_twice_is_once(app: Flask, alice: Person, sam: Person, lobby: Room, say: Say, ear: Ear) -> None:
    ordinal = say(alice, "hi")
    ear.log()
    with app.app_context():
        delete(lobby, alice.user, ordinal)
        delete(lobby, sam.user, ordinal)
        assert at(lobby, ordinal).revision == 2
        assert not at(lobby, ordinal).deleted_by_staff
    assert len(ear.log()) == 1


@pytest.mark.parametrize("ordinal", [2, *NUMBERS_NO_DATABASE_TAKES])
def test_what_is_not_there_is_not_found(app: Flask, sam: Person, lobby: Room, say: Say, ordinal: int) -> None:
    say(sam, "hi")
    with app.app_context(), pytest.raises(NotFound):
        delete(lobby, sam.user, ordinal)


def test_an_archived_room_is_cleaned_by_administration_alone(
    app: Flask, alice: Person, ada: Person, lobby: Room, say: Say
) -> None:
    ordinal = say(alice, "hi")
    with app.app_context():
        rooms.archive(lobby.id)
        with pytest.raises(Refused):
            delete(lobby, alice.user, ordinal)
        assert at(lobby, ordinal).body == "hi"
        delete(lobby, ada.user, ordinal, even_archived=True)
        assert at(lobby, ordinal).body == ""


def test_nothing_of_the_text_is_left(
    app: Flask,
    alice: Person,
    bob: Person,
    mallory: Person,
    lobby: Room,
    say: Say,
    ear: Ear,
    traces: Traces,
    concerns: Concerns,
) -> None:
    log = DatabaseLog(app)
    ordinal = say(alice, f"the **{SECRET}** is @bob's")
    say(mallory, "oh", reply_to=ordinal)
    with app.app_context():
        edit(lobby, alice.user, ordinal, f"the {SECRET}, I said, is @bob's")
        react(lobby, bob.user, ordinal, "👀", on=True)
    assert traces(SECRET) == ["messages"]
    assert traces("👀") == ["reactions"]
    assert concerns(lobby, ordinal) == {bob.id: "mention"}
    # As they were rendered, they are kept for whoever asks next.
    before = log.changes(lobby.id, 0)
    assert before is not None
    assert [SECRET in html for _, html in before.upserts] == [True, True]
    ear.log()
    with app.app_context():
        delete(lobby, alice.user, ordinal)
    assert traces(SECRET) == traces("👀") == []
    assert concerns(lobby, ordinal) == {}
    after = log.changes(lobby.id, 0)
    assert after is not None
    assert not any(SECRET in html or "👀" in html for _, html in after.upserts)
    assert SECRET not in log.page(lobby.id).html
    (frame,) = ear.log()
    assert SECRET not in repr(frame.text) + repr(frame.attributes)


def test_who_quoted_it_quotes_a_tombstone(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, ear: Ear
) -> None:
    ordinal = say(alice, SECRET)
    say(bob, "oh", reply_to=ordinal)
    ear.log()
    with app.app_context():
        delete(lobby, alice.user, ordinal)
    (frame,) = ear.log()
    quoted = frame.one(class_="message__quoted", data_ordinal=str(ordinal))
    assert "This message was deleted." in quoted.text
    (reply,) = [article for article in parse(upserts(app, lobby)).all("article") if article["data-ordinal"] == "2"]
    assert reply["data-reply-to"] == str(ordinal)
    assert "This message was deleted." in reply.one("a", class_="message__quote").text


def test_who_answers_while_it_is_deleted_quotes_nothing_of_it(
    alice: Person, bob: Person, say: Say, ear: Ear, delete_meanwhile: DeleteMeanwhile
) -> None:
    ordinal = say(alice, SECRET)
    ear.log()
    delete_meanwhile(alice, ordinal)
    say(bob, "oh", reply_to=ordinal)
    deleted, answered = ear.log()
    assert deleted.all(class_="message__gone")
    assert answered.one(class_="message__quote").text.split() == ["alice", "This", "message", "was", "deleted."]


def test_a_deletion_takes_as_many_statements_however_long_the_room(
    app: Flask, alice: Person, bob: Person, lobby: Room, say: Say, statements: list[str]
) -> None:
    first, second = say(alice, "hi"), say(alice, "hello")
    counts = []
    for ordinal in (first, second):
        with app.app_context():
            statements.clear()
            delete(lobby, alice.user, ordinal)
            counts.append([statement.split()[0] for statement in statements])
        for _ in range(9):
            say(bob, "so it is", reply_to=second)
    # The message; the revision, the message once more, its end, those of its reactions and of its concerns.
    assert counts[0] == ["SELECT", "UPDATE", "SELECT", "UPDATE", "DELETE", "DELETE", "SELECT"]
    assert counts[1] == counts[0]


def upserts(app: Flask, room: Room) -> str:
    changes = DatabaseLog(app).changes(room.id, 0)
    assert changes is not None
    return "".join(html for _, html in changes.upserts)


def test_a_repeat_of_what_was_deleted_since_brings_the_tombstone(
    app: Flask, alice: Person, lobby: Room, traces: Traces
) -> None:
    """A page that saw no answer sends it again."""
    client_id = uuid4()
    with app.app_context():
        ordinal = post(lobby, alice.user, SECRET, client_id).message.ordinal
        delete(lobby, alice.user, ordinal)
        again = post(lobby, alice.user, SECRET, client_id)
        assert again.repeated
        assert again.message.deleted_at is not None
        assert len(Message.latest(lobby.id, 10)) == 1
    assert traces(SECRET) == []
