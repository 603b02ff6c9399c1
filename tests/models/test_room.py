"""Rooms: their names, who sees them, and the counters that order what is said."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from multichat.database import db, writing
from multichat.models import Access, Membership, NotFound, Refused, Room
from multichat.models.room import NAME_LIMIT, TOPIC_LIMIT
from tests.support.person import Person


def create(name: str, access: Access = Access.open, topic: str = "") -> Room:
    with writing():
        return Room.create(name, access, topic)


def archive(room: Room) -> None:
    with writing():
        db.session.get_one(Room, room.id).archived = True


# Names


def test_a_name_and_a_topic_are_kept_tidy(app: Flask) -> None:
    with app.app_context():
        room = create("  Café \n terrace ", topic=" Sun,\tor rain ")
        assert (room.name, room.topic) == ("Café terrace", "Sun, or rain")


def test_one_look_is_one_name(app: Flask, lobby: Room) -> None:
    with app.app_context():
        for name in ("Lobby", "LOBBY", "lobby", " lobby ", "\uff2cobby", "loBBy"):
            assert Room.named(name) is not None
            with pytest.raises(Refused, match="already"):
                create(name)


def test_composed_and_decomposed_are_one_name(app: Flask) -> None:
    with app.app_context():
        create("Caf\u00e9")
        with pytest.raises(Refused, match="already"):
            create("Cafe\u0301")


def test_an_archived_room_keeps_its_name_from_nobody(app: Flask, lobby: Room) -> None:
    with app.app_context():
        archive(lobby)
        assert Room.named("Lobby") is None
        assert create("Lobby").id != lobby.id


def test_the_database_itself_keeps_two_rooms_from_one_name(app: Flask, lobby: Room) -> None:
    twin = Room(name="Lobby", name_key=lobby.name_key, topic="", access=Access.open, archived=False)
    with app.app_context(), pytest.raises(IntegrityError), writing() as session:
        session.add(twin)


def test_a_name_or_a_topic_that_cannot_be_is_refused(app: Flask) -> None:
    with app.app_context():
        for name in ("", " \t\n", "x" * (NAME_LIMIT + 1), "nul\0", "bell\a", "half \ud83d", "\x7f"):
            with pytest.raises(Refused):
                create(name)
        for topic in ("x" * (TOPIC_LIMIT + 1), "nul\0", "\ud83d"):
            with pytest.raises(Refused):
                create("Lobby", topic=topic)
        assert db.session.scalars(select(Room)).all() == []


def test_a_name_is_whatever_people_type(app: Flask) -> None:
    with app.app_context():
        for name in ("x", "x" * NAME_LIMIT, "👩🏽‍🚀", "会議室", "اتاق", "a/b", "<b>"):
            assert create(name).name == name


# Who sees them


@pytest.fixture
def every_room(app: Flask, alice: Person) -> dict[Access, Room]:
    """One of each; alice is a member of those that have members."""
    with app.app_context():
        rooms = {access: create(access.value, access) for access in Access}
        with writing():
            for access in (Access.private, Access.direct):
                Membership.raise_last_read(rooms[access].id, alice.id, 0)
        return rooms


def seen(app: Flask, person: Person) -> set[Access]:
    with app.app_context():
        return {room.access for room in Room.all_for(person.user)}


def test_who_sees_which_rooms(
    app: Flask, every_room: dict[Access, Room], alice: Person, bob: Person, sam: Person, ada: Person
) -> None:
    assert seen(app, alice) == {Access.open, Access.private, Access.direct}
    assert seen(app, bob) == {Access.open}
    assert seen(app, sam) == {Access.open, Access.staff}
    assert seen(app, ada) == {Access.open, Access.staff}


def test_what_one_sees_is_what_one_finds(
    app: Flask, every_room: dict[Access, Room], alice: Person, bob: Person, sam: Person, ada: Person
) -> None:
    for person in (alice, bob, sam, ada):
        for access, room in every_room.items():
            with app.app_context():
                if access in seen(app, person):
                    assert Room.find_for(person.user, room.id).id == room.id
                else:
                    with pytest.raises(NotFound):
                        Room.find_for(person.user, room.id)


def test_a_membership_opens_no_staff_room(app: Flask, alice: Person, backstage: Room) -> None:
    """One that was made when the room was open, or the person staff."""
    with app.app_context():
        with writing():
            Membership.raise_last_read(backstage.id, alice.id, 0)
        with pytest.raises(NotFound):
            Room.find_for(alice.user, backstage.id)


def test_a_room_that_is_not_there_is_not_found(app: Flask, ada: Person) -> None:
    for room_id in (0, -1, 404, 2**31 - 1, 2**31, 2**63, -(2**63) - 1, 10**300):
        with app.app_context(), pytest.raises(NotFound):
            Room.find_for(ada.user, room_id)


def test_rooms_are_listed_by_name_archived_ones_too(app: Flask, alice: Person) -> None:
    with app.app_context():
        for name in ("zebra", "Äpfel", "apples", "Birds"):
            create(name)
        archive(create("Attic"))
        names = [room.name for room in Room.all_for(alice.user)]
    assert [name for name in names if name != "Äpfel"] == ["apples", "Attic", "Birds", "zebra"]
    assert "Äpfel" in names


def test_an_id_is_never_given_twice(app: Flask, lobby: Room) -> None:
    with app.app_context():
        last = create("Last")
        with writing() as session:
            session.delete(session.get_one(Room, last.id))
        assert create("Next").id > last.id


# The counters


def test_a_message_takes_a_revision_and_an_ordinal_and_a_change_a_revision(app: Flask, lobby: Room) -> None:
    with app.app_context(), writing():
        assert lobby.take_ordinal() == (1, 1)
        assert Room.take_revision(lobby.id) == 2
        assert lobby.take_ordinal() == (3, 2)
    with app.app_context():
        assert Room.revisions([lobby.id, 404]) == {lobby.id: 3}


def test_what_is_rolled_back_takes_nothing(app: Flask, lobby: Room) -> None:
    with app.app_context():
        with pytest.raises(RuntimeError), writing():
            lobby.take_ordinal()
            raise RuntimeError
        with writing():
            assert lobby.take_ordinal() == (1, 1)


def test_an_archived_or_deleted_room_takes_no_message(app: Flask, lobby: Room, backstage: Room) -> None:
    with app.app_context():
        archive(lobby)
        with writing() as session:
            session.delete(session.get_one(Room, backstage.id))
        for room in (lobby, backstage):
            with pytest.raises(Refused), writing():
                room.take_ordinal()


def test_asking_for_no_rooms_asks_nobody(app: Flask, statements: list[str]) -> None:
    with app.app_context():
        assert Room.revisions([]) == {}
    assert statements == []
