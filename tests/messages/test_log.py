"""The log as the fan-out reads it: an upsert is rendered once for all who missed it, until it would look otherwise."""

import threading
from uuid import uuid4

import pytest
from flask import Flask

from multichat.accounts import changes as accounts
from multichat.messages.changes import delete, post
from multichat.messages.log import DatabaseLog
from multichat.models import Message, Room
from tests.support.markup import parse
from tests.support.person import Person


@pytest.fixture
def log(app: Flask) -> DatabaseLog:
    return DatabaseLog(app)


@pytest.fixture
def message(app: Flask, alice: Person, lobby: Room) -> Message:
    with app.app_context():
        return post(lobby, alice.user, "hi", uuid4()).message


def upsert(log: DatabaseLog, room: Room) -> str:
    """The one message of the room, to a page that has none."""
    changes = log.changes(room.id, 0)
    assert changes is not None
    ((_, html),) = changes.upserts
    return html


def author(html: str) -> str:
    return parse(html).one(class_="message__author").text


def test_an_upsert_is_rendered_once(log: DatabaseLog, message: Message, lobby: Room) -> None:
    html = upsert(log, lobby)
    assert author(html) == "alice"
    assert upsert(log, lobby) is html


def test_an_upsert_is_rendered_anew_after_its_authors_rename(
    app: Flask, log: DatabaseLog, message: Message, alice: Person, lobby: Room
) -> None:
    assert author(upsert(log, lobby)) == "alice"
    with app.app_context():
        accounts.rename(alice.id, "Alicia")
    html = upsert(log, lobby)
    assert author(html) == "Alicia"
    assert upsert(log, lobby) is html


def test_an_upsert_is_rendered_anew_after_a_change(
    app: Flask, log: DatabaseLog, message: Message, alice: Person, lobby: Room
) -> None:
    assert parse(upsert(log, lobby)).one(class_="message__body").text == "hi"
    with app.app_context():
        delete(lobby, alice.user, message.ordinal)
    assert parse(upsert(log, lobby)).all(class_="message__body") == []
    assert parse(upsert(log, lobby)).one(class_="message__gone")


def test_what_changes_while_it_is_read_hides_nothing_in_between(
    app: Flask, log: DatabaseLog, message: Message, alice: Person, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two questions somebody says something, and then the message is deleted."""
    with_ids = Message.with_ids

    def meanwhile(ids: list[int]) -> list[Message]:
        monkeypatch.undo()
        thread = threading.Thread(target=say_and_delete)
        thread.start()
        thread.join()
        return with_ids(ids)

    def say_and_delete() -> None:
        with app.app_context():
            post(lobby, alice.user, "in between", uuid4())
            delete(lobby, alice.user, message.ordinal)

    monkeypatch.setattr(Message, "with_ids", meanwhile)
    changes = log.changes(lobby.id, 0)
    assert changes is not None
    assert changes.revision == message.revision
    later = log.changes(lobby.id, changes.revision)
    assert later is not None
    shown = [html for _, html in (*changes.upserts, *later.upserts)]
    assert any("in between" in html for html in shown)
    assert "message__gone" in shown[-1]
