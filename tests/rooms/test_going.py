"""Rooms that go, and what stays of a page that showed them."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from multichat.database import db
from multichat.messages.changes import post
from multichat.models import Message, NotFound, Room
from multichat.rooms import changes
from tests.support.person import Person


@pytest.fixture
def garden(app: Flask) -> Room:
    with app.app_context():
        return changes.create("Garden")


def test_a_deleted_room_takes_what_was_said_in_it_along(
    app: Flask, alice: Person, lobby: Room, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "SLICE_MESSAGES", 2)
    with app.app_context():
        for number in range(5):
            post(lobby, alice.user, f"{number}", uuid4())
        post(garden, alice.user, "this stays", uuid4())
        changes.delete(lobby.id)
        assert db.session.scalar(select(func.count(Message.id))) == 1
        with pytest.raises(NotFound):
            Room.find_for(alice.user, lobby.id)


def test_a_neighbour_that_is_gone_closes_no_page(app: Flask, alice: Person, lobby: Room, garden: Room) -> None:
    address = f"/rooms/{lobby.id}?beside={garden.id}"
    assert alice.get(address).text.count("<room-timeline") == 2
    with app.app_context():
        changes.delete(garden.id)
    answer = alice.get(address)
    assert answer.status_code == 200
    assert answer.text.count("<room-timeline") == 1


def test_a_hidden_neighbour_looks_like_one_that_is_gone(alice: Person, lobby: Room, backstage: Room) -> None:
    answer = alice.get(f"/rooms/{lobby.id}?beside={backstage.id}")
    assert answer.status_code == 200
    assert "Backstage" not in answer.text
