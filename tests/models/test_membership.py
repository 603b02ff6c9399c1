"""Memberships: who is in a room, and how far they have read."""

from flask import Flask

from multichat.database import db, writing
from multichat.models import Membership, Room
from tests.support.person import Person


def test_what_one_has_read_is_only_ever_raised(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        assert not Membership.exists(lobby.id, alice.id)
        assert Membership.last_read_of(lobby.id, alice.id) == 0
        for ordinal, raised_to in [(5, 5), (3, 5), (5, 5), (6, 6), (0, 6)]:
            with writing():
                Membership.raise_last_read(lobby.id, alice.id, ordinal)
            assert Membership.last_read_of(lobby.id, alice.id) == raised_to
        assert Membership.exists(lobby.id, alice.id)
        assert not Membership.exists(lobby.id, bob.id)


def test_memberships_go_with_their_room(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        with writing() as session:
            Membership.raise_last_read(lobby.id, alice.id, 1)
            session.delete(session.get_one(Room, lobby.id))
        db.session.remove()
        assert not Membership.exists(lobby.id, alice.id)
