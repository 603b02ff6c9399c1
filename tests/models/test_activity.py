"""What concerns somebody, and for how long."""

from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select

from multichat.database import db, writing
from multichat.messages.changes import post, react
from multichat.models import Access, Activity, Membership, Reaction, Room
from multichat.rooms import changes as rooms
from tests.support.person import Person


def join(room: Room, *people: Person) -> None:
    with writing():
        for person in people:
            Membership.raise_last_read(room.id, person.id, 0)


def call(room: Room, author: Person, person: Person) -> int:
    return post(room, author.user, f"@{person.username}?", uuid4()).message.ordinal


def test_what_concerns_one_is_unread_until_one_has_read_so_far(
    app: Flask, alice: Person, bob: Person, lobby: Room
) -> None:
    with app.app_context():
        join(lobby, bob)
        ordinal = call(lobby, alice, bob)
        assert Activity.any_unread(bob.id)
        with writing():
            Membership.raise_last_read(lobby.id, bob.id, ordinal)
        assert not Activity.any_unread(bob.id)


def test_who_is_no_member_yet_has_not_read_it(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        call(lobby, alice, bob)
        assert Activity.any_unread(bob.id)


def test_what_one_may_no_longer_see_concerns_one_no_longer(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        call(lobby, alice, bob)
        rooms.edit(lobby.id, "Lobby", "", Access.staff)
        assert not Activity.any_unread(bob.id)


def test_the_newest_that_concerns_one_stays_the_newest(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        join(lobby, bob)
        ordinals = [call(lobby, alice, bob) for _ in range(2)]
        with writing():
            Membership.raise_last_mention(lobby.id, [bob.id], ordinals[0])
        membership = Membership.of(lobby.id, bob.id)
        assert membership is not None
        assert membership.last_mention == ordinals[1]


def test_reactions_and_concerns_go_with_their_room(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        ordinal = call(lobby, alice, bob)
        react(lobby, bob.user, ordinal, "🎉", on=True)
        rooms.delete(lobby.id)
        for model in (Activity, Reaction):
            assert db.session.scalar(select(func.count()).select_from(model)) == 0
