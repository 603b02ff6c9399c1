"""What is done with rooms, by the panel and by the command line alike."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from multichat.messages.changes import post
from multichat.models import Access, Message, NotFound, Refused, Rights, Room
from multichat.rooms import changes
from tests.support.memberships import last_read
from tests.support.person import Person


def rights(app: Flask) -> int:
    with app.app_context():
        return Rights.current()


def rooms(app: Flask, person: Person) -> dict[str, tuple[Access, str, bool]]:
    with app.app_context():
        return {room.name: (room.access, room.topic, room.archived) for room in Room.all_for(person.user)}


def test_a_room_is_created_edited_archived_and_brought_back(app: Flask, ada: Person) -> None:
    with app.app_context():
        room = changes.create("Lobby", topic="Hello")
        assert rooms(app, ada) == {"Lobby": (Access.open, "Hello", False)}
        changes.edit(room.id, "Lounge", "Sit down", Access.staff)
        assert rooms(app, ada) == {"Lounge": (Access.staff, "Sit down", False)}
        changes.archive(room.id)
        assert rooms(app, ada) == {"Lounge": (Access.staff, "Sit down", True)}
        changes.restore(room.id)
        assert rooms(app, ada) == {"Lounge": (Access.staff, "Sit down", False)}


def test_with_a_room_goes_whatever_was_said_there(app: Flask, ada: Person, lobby: Room, backstage: Room) -> None:
    with app.app_context():
        post(lobby, ada.user, "hi", uuid4())
        post(backstage, ada.user, "hi", uuid4())
        changes.delete(lobby.id)
        assert Message.latest(lobby.id, 10) == []
        assert last_read(lobby, ada) is None
        assert len(Message.latest(backstage.id, 10)) == 1
    assert list(rooms(app, ada)) == ["Backstage"]


CHANGES: dict[str, Callable[[int], object]] = {
    "edit": lambda id: changes.edit(id, "Lounge", "", Access.open),
    "archive": changes.archive,
    "restore": changes.restore,
    "delete": changes.delete,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_moves_the_rights(app: Flask, lobby: Room, change: Callable[[int], object]) -> None:
    before = rights(app)
    with app.app_context():
        change(lobby.id)
    assert rights(app) > before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_room_that_is_not_there_is_not_changed(app: Flask, change: Callable[[int], object]) -> None:
    before = rights(app)
    with app.app_context(), pytest.raises(NotFound):
        change(404)
    assert rights(app) == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_direct_conversation_belongs_to_its_people(app: Flask, change: Callable[[int], object]) -> None:
    with app.app_context():
        direct = changes.create("alice and bob", Access.direct)
        with pytest.raises(Refused):
            change(direct.id)


def test_a_name_that_is_taken_changes_nothing(app: Flask, ada: Person, lobby: Room, backstage: Room) -> None:
    before = rights(app)
    with app.app_context():
        with pytest.raises(Refused):
            changes.create("lobby")
        with pytest.raises(Refused):
            changes.edit(backstage.id, "LOBBY", "", Access.open)
        # Its own name is no obstacle.
        changes.edit(backstage.id, "BACKSTAGE", "", Access.staff)
    assert set(rooms(app, ada)) == {"Lobby", "BACKSTAGE"}
    assert rights(app) == before + 1


def test_a_room_whose_name_was_taken_meanwhile_does_not_come_back(app: Flask, ada: Person, lobby: Room) -> None:
    with app.app_context():
        changes.archive(lobby.id)
        changes.create("Lobby")
        with pytest.raises(Refused):
            changes.restore(lobby.id)
        assert sorted(room.archived for room in Room.all_for(ada.user)) == [False, True]
