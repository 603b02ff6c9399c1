"""Memberships: who is in a room, and how far they have read."""

from flask import Flask

from multichat.database import db, writing
from multichat.models import Membership, Room
from tests.support.memberships import last_read
from tests.support.person import Person


def test_what_one_has_read_is_only_ever_raised(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    with app.app_context():
        assert last_read(lobby, alice) is None
        for ordinal, raised_to in [(5, 5), (3, 5), (5, 5), (6, 6), (0, 6)]:
            with writing():
                Membership.raise_last_read(lobby.id, alice.id, ordinal)
            assert last_read(lobby, alice) == raised_to
        assert last_read(lobby, bob) is None


def test_memberships_go_with_their_room(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        with writing() as session:
            Membership.raise_last_read(lobby.id, alice.id, 1)
            session.delete(session.get_one(Room, lobby.id))
        db.session.remove()
        assert last_read(lobby, alice) is None
