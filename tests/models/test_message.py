"""Messages: the log of a room, and its pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, insert, text
from sqlalchemy.exc import IntegrityError

from multichat.database import db, now, writing
from multichat.models import Level, Message, Room
from tests.support.person import Person


def say(room: Room, author: Person, body: str, client_id: UUID | None = None) -> Message:
    with writing() as session:
        revision, ordinal = room.take_ordinal()
        message = Message(
            room_id=room.id,
            ordinal=ordinal,
            revision=revision,
            author_id=author.id,
            body=body,
            body_html=f"<p>{body}</p>",
            client_id=str(client_id or uuid4()),
        )
        session.add(message)
    return message


def delete(message: Message) -> None:
    with writing() as session:
        revision = Room.take_revision(message.room_id)
        deleted = session.get_one(Message, message.id)
        deleted.change(revision)
        deleted.delete(by_staff=False)


@pytest.fixture
def messages(app: Flask, alice: Person, lobby: Room, backstage: Room) -> list[Message]:
    """Five in Lobby, and between them some elsewhere."""
    with app.app_context():
        said = []
        for number in range(1, 6):
            said.append(say(lobby, alice, f"message {number}"))
            say(backstage, alice, "elsewhere")
        return said


def bodies(messages: list[Message]) -> list[str]:
    return [message.body for message in messages]


def test_what_happened_after_a_revision_comes_in_order(app: Flask, messages: list[Message], lobby: Room) -> None:
    with app.app_context():
        delete(messages[1])
        revision, changed = Message.changed_since(lobby.id, 3, limit=10)
        assert revision == 6
        assert [(version.message_id, version.revision) for version in changed] == [
            (messages[3].id, 4),
            (messages[4].id, 5),
            (messages[1].id, 6),
        ]
        assert len(Message.changed_since(lobby.id, 0, limit=10)[1]) == 5
        assert len(Message.changed_since(lobby.id, 0, limit=2)[1]) == 2
        assert Message.changed_since(lobby.id, 6, limit=10) == (6, [])
        assert Message.changed_since(404, 0, limit=10) == (0, [])


def test_a_page_is_the_last_so_many_oldest_first(app: Flask, messages: list[Message], lobby: Room) -> None:
    with app.app_context():
        assert bodies(Message.latest(lobby.id, 2)) == ["message 4", "message 5"]
        assert bodies(Message.latest(lobby.id, 2, before=4)) == ["message 2", "message 3"]
        assert bodies(Message.latest(lobby.id, 10, before=2)) == ["message 1"]
        assert Message.latest(lobby.id, 10, before=1) == []
        assert Message.latest(404, 10) == []


def test_a_page_goes_on_after_an_ordinal(app: Flask, messages: list[Message], lobby: Room) -> None:
    with app.app_context():
        assert bodies(Message.following(lobby.id, 2, after=0)) == ["message 1", "message 2"]
        assert bodies(Message.following(lobby.id, 2, after=2)) == ["message 3", "message 4"]
        assert bodies(Message.following(lobby.id, 10, after=4)) == ["message 5"]
        assert Message.following(lobby.id, 10, after=5) == []
        assert Message.following(404, 10, after=0) == []


def test_the_first_message_since_a_moment(app: Flask, messages: list[Message], lobby: Room) -> None:
    with app.app_context():
        third = messages[2]
        assert Message.first_since(lobby.id, third.created_at) == (third.id, 3)
        assert Message.first_since(lobby.id, third.created_at - timedelta(days=1)) == (messages[0].id, 1)
        assert Message.first_since(lobby.id, messages[4].created_at + timedelta(seconds=1)) is None
        assert Message.first_since(404, third.created_at) is None


def test_each_page_of_a_long_history_comes_from_the_one_index(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        fill(lobby, alice, 5000)
        for page in (
            lambda: Message.latest(lobby.id, 50),
            lambda: Message.latest(lobby.id, 50, before=2000),
            lambda: Message.following(lobby.id, 50, after=2000),
        ):
            plan, *_ = plans(page)
            # SQLite gives the constraint's index a name of its own; that nothing is sorted shows which it is.
            assert "uq_messages_room_id_ordinal" in plan or "sqlite_autoindex_messages_1 (room_id=?" in plan, plan
            assert "sort" not in plan.lower() and "b-tree" not in plan.lower(), plan
        (plan,) = plans(lambda: Message.first_since(lobby.id, now()))
        assert "ix_messages_room_id_created_at" in plan


def fill(room: Room, author: Person, count: int) -> None:
    """By one statement, and let the database know how many there are."""
    with writing() as session:
        common = {"room_id": room.id, "author_id": author.id, "body": "", "body_html": "", "created_at": now()}
        common |= {"level": Level.message}
        rows = [common | {"ordinal": n, "revision": n, "client_id": str(n)} for n in range(1, count + 1)]
        session.execute(insert(Message), rows)
        session.execute(text("ANALYZE messages"))


def plans(ask: Callable[[], object]) -> list[str]:
    """How the database goes about each statement that is asked."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    ask()
    event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    with db.engine.connect() as connection:
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))
            for statement, parameters in asked
        ]


def test_a_tombstone_keeps_its_place_and_nothing_else(app: Flask, messages: list[Message], lobby: Room) -> None:
    with app.app_context():
        delete(messages[2])
        (tombstone,) = [message for message in Message.latest(lobby.id, 10) if message.ordinal == 3]
        assert (tombstone.body, tombstone.body_html) == ("", "")
        assert tombstone.deleted_at is not None
        assert tombstone.revision == 6


def test_a_page_with_its_authors_and_reactions_is_two_statements(
    app: Flask, messages: list[Message], lobby: Room, alice: Person, bob: Person, statements: list[str]
) -> None:
    with app.app_context():
        say(lobby, bob, "me too")
        db.session.remove()
        statements.clear()
        names = {message.author.display_name for message in Message.latest(lobby.id, 50)}
        assert names == {"alice", "bob"}
        assert len(statements) == 2


def test_a_client_id_is_its_authors_alone(app: Flask, alice: Person, bob: Person, lobby: Room, backstage: Room) -> None:
    client_id = uuid4()
    with app.app_context():
        message = say(lobby, alice, "hi", client_id)
        say(lobby, bob, "hi", client_id)
        with pytest.raises(IntegrityError):
            say(backstage, alice, "again", client_id)
        found = Message.sent_as(alice.id, client_id)
        assert found is not None
        assert found.id == message.id
        assert Message.sent_as(alice.id, uuid4()) is None


def test_times_are_utc_on_both_databases(app: Flask, messages: list[Message], lobby: Room) -> None:
    with app.app_context():
        db.session.remove()
        (message,) = Message.latest(lobby.id, 1)
        assert message.created_at.utcoffset() is not None
        assert message.created_at.tzname() == "UTC"


def test_messages_go_with_their_room(app: Flask, messages: list[Message], lobby: Room, backstage: Room) -> None:
    with app.app_context():
        with writing() as session:
            session.delete(session.get_one(Room, lobby.id))
        assert Message.latest(lobby.id, 10) == []
        assert len(Message.latest(backstage.id, 10)) == 5
