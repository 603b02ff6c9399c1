"""Posting a message, by whichever way."""

from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.local import LocalProxy

from multichat.messages.changes import TooFast, delete, post
from multichat.models import Invalid, Level, Message, Refused, Room, User
from multichat.rooms import changes as rooms
from tests.support.person import Person


def test_a_message_takes_the_rooms_next_revision_and_ordinal(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        first = post(lobby, alice.user, "hi", uuid4()).message
        second = post(lobby, alice.user, "hi again", uuid4()).message
    assert (first.revision, first.ordinal) == (1, 1)
    assert (second.revision, second.ordinal) == (2, 2)


def test_a_new_message_has_its_room_and_its_author_and_no_proxy(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        author = LocalProxy(lambda: User.get(alice.id))  # as a view has it
        message = post(lobby, author, "hi", uuid4()).message  # type: ignore[arg-type]
    assert message.room is lobby
    assert type(message.author) is User
    assert message.author.id == message.author_id == alice.id


def test_posting_takes_three_statements(app: Flask, alice: Person, lobby: Room, statements: list[str]) -> None:
    with app.app_context():
        author = User.get(alice.id)  # as a request has it
        statements.clear()
        post(lobby, author, "hi", uuid4())
    assert [statement.split()[0] for statement in statements] == ["UPDATE", "INSERT", "INSERT"]


def test_the_same_client_id_is_stored_once(app: Flask, alice: Person, lobby: Room) -> None:
    client_id = uuid4()
    with app.app_context():
        first = post(lobby, alice.user, "hi", client_id)
        again = post(lobby, alice.user, "hi", client_id)
        assert not first.repeated
        assert again.repeated
        assert again.message.id == first.message.id
        assert Room.revisions([lobby.id]) == {lobby.id: 1}


def test_a_repeat_is_acknowledged_however_fast_it_comes(app: Flask, alice: Person, lobby: Room) -> None:
    client_id = uuid4()
    with app.app_context():
        first = post(lobby, alice.user, "hi", client_id)
        for number in range(19):
            post(lobby, alice.user, f"{number}", uuid4())
        with pytest.raises(TooFast):
            post(lobby, alice.user, "one too many", uuid4())
        again = post(lobby, alice.user, "hi", client_id)
        assert again.repeated
        assert again.message.id == first.message.id


def test_a_repeat_is_acknowledged_in_a_room_archived_since(app: Flask, alice: Person, lobby: Room) -> None:
    client_id = uuid4()
    with app.app_context():
        post(lobby, alice.user, "hi", client_id)
        rooms.archive(lobby.id)
        assert post(lobby, alice.user, "hi", client_id).repeated


def test_a_client_id_belongs_to_one_room(app: Flask, sam: Person, lobby: Room, backstage: Room) -> None:
    client_id = uuid4()
    with app.app_context():
        post(lobby, sam.user, "hi", client_id)
        with pytest.raises(Invalid):
            post(backstage, sam.user, "hi", client_id)


def test_two_people_may_use_one_client_id(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    client_id = uuid4()
    with app.app_context():
        assert not post(lobby, alice.user, "hi", client_id).repeated
        assert not post(lobby, bob.user, "hi", client_id).repeated


@pytest.mark.parametrize("body", ["", " \r\n\t", "x" * 8001, "nul\0", "half a pair \ud83d"])
def test_what_is_no_message_is_refused(app: Flask, alice: Person, lobby: Room, body: str) -> None:
    with app.app_context():
        with pytest.raises(Invalid):
            post(lobby, alice.user, body, uuid4())
        assert Message.latest(lobby.id, 50) == []


def test_the_limit_counts_characters_after_newlines_became_one(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        message = post(lobby, alice.user, "👩🏽\r\n" + "x" * 7997, uuid4()).message
    assert message.body.startswith("👩🏽\nxxx")
    assert len(message.body) == 8000


def test_markup_is_text(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        message = post(lobby, alice.user, "<script>alert(1)</script>\n&amp;", uuid4()).message
    assert message.body_html == "<p>&lt;script&gt;alert(1)&lt;/script&gt;<br>&amp;amp;</p>"


def test_staff_choose_a_level(app: Flask, sam: Person, lobby: Room) -> None:
    with app.app_context():
        assert post(lobby, sam.user, "Fire drill at noon", uuid4(), Level.alert).message.level is Level.alert


def test_a_member_may_not_choose_a_level(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        with pytest.raises(Refused):
            post(lobby, alice.user, "Look at me", uuid4(), Level.alert)
        assert Message.latest(lobby.id, 50) == []


def test_an_archived_room_takes_no_message(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        post(lobby, alice.user, "while it is open", uuid4())
        rooms.archive(lobby.id)
        with pytest.raises(Refused):
            post(lobby, alice.user, "too late", uuid4())
        assert [message.body for message in Message.latest(lobby.id, 50)] == ["while it is open"]


def test_more_than_the_rate_is_refused(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        for number in range(20):
            post(lobby, alice.user, f"{number}", uuid4())
        with pytest.raises(TooFast):
            post(lobby, alice.user, "one too many", uuid4())
        assert not post(lobby, bob.user, "others go on", uuid4()).repeated


def test_a_deleted_message_leaves_a_tombstone(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        message = post(lobby, alice.user, "a secret", uuid4()).message
        delete(lobby, alice.user, message.ordinal)
        (tombstone,) = Message.latest(lobby.id, limit=10)
        assert tombstone.id == message.id
        assert tombstone.revision == 2
        assert tombstone.deleted_at is not None
        assert tombstone.body == tombstone.body_html == ""
