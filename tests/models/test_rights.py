"""Rights: the counter that moves with them, and what a sign-in is good for."""

from datetime import timedelta

from flask import Flask

from multichat.database import db, now, writing
from multichat.models import Access, Membership, Rights, Role, Room, SignIn, Standing, User
from multichat.rooms import changes as rooms
from tests.support.person import Person


def sign_in_of(person: Person) -> SignIn:
    sign_in = SignIn.find(person.token)
    assert sign_in is not None
    return sign_in


def standing_of(person: Person) -> tuple[int, Standing]:
    found = Rights.standing(person.token)
    assert found is not None
    return found[:2]


def test_a_bump_is_part_of_its_transaction(app: Flask) -> None:
    with app.app_context():
        before = Rights.current()
        with writing():
            Rights.bump()
        assert Rights.current() == before + 1
        try:
            with writing():
                Rights.bump()
                raise RuntimeError
        except RuntimeError:
            pass
        assert Rights.current() == before + 1


def test_a_standing_is_the_person_and_the_rooms_that_they_see(
    app: Flask, alice: Person, bob: Person, sam: Person, ada: Person, lobby: Room, backstage: Room
) -> None:
    with app.app_context():
        den = rooms.create("Den", Access.private)
        with writing():
            Membership.raise_last_read(den.id, alice.id, 0)
        people = (alice, bob, sam, ada)
        ids = [sign_in_of(person).id for person in people]
        standings = Rights.standings(ids)
        rooms_of = {standing.user_id: standing.rooms for standing in standings.values()}
        assert rooms_of == {
            alice.id: {lobby.id, den.id},
            bob.id: {lobby.id},
            sam.id: {lobby.id, backstage.id},
            ada.id: {lobby.id, backstage.id},
        }
        # It is what a handshake finds, and what the pages show.
        assert [standing_of(person) for person in people] == [(id, standings[id]) for id in ids]
        for person in people:
            assert rooms_of[person.id] == {room.id for room in Room.all_for(person.user)}


def test_a_sign_in_that_is_no_good_has_no_standing(
    app: Flask, alice: Person, bob: Person, mallory: Person, lobby: Room
) -> None:
    with app.app_context():
        good, expired, inactive = (sign_in_of(person) for person in (alice, bob, mallory))
        with writing() as session:
            session.get_one(SignIn, expired.id).expires_at = now() - timedelta(seconds=1)
            User.get(mallory.id).deactivate()
        standings = Rights.standings([good.id, expired.id, inactive.id, 404])
        assert set(standings) == {good.id}
        assert standing_of(alice) == (good.id, standings[good.id])
        assert Rights.standing(bob.token) is None
        assert Rights.standing(mallory.token) is None
        assert Rights.standing("nobody's") is None
        assert SignIn.find(bob.token) is None
        assert SignIn.find(mallory.token) is None


def test_each_device_of_a_person_stands_for_itself(app: Flask, alice: Person) -> None:
    elsewhere = alice.sign_in()
    with app.app_context():
        here, there = sign_in_of(alice), SignIn.find(elsewhere)
        assert there is not None
        with writing():
            here.end()
        assert set(Rights.standings([here.id, there.id])) == {there.id}


def test_however_many_sign_ins_are_three_statements(
    app: Flask, alice: Person, bob: Person, sam: Person, lobby: Room, statements: list[str]
) -> None:
    with app.app_context():
        ids = [sign_in_of(person).id for person in (alice, bob, sam)]
        db.session.remove()
        statements.clear()
        assert len(Rights.standings(ids)) == len(statements) == 3
        assert Rights.standings([]) == {}


def test_a_new_role_is_a_new_standing(app: Flask, alice: Person, backstage: Room) -> None:
    with app.app_context():
        sign_in = sign_in_of(alice)
        assert Rights.standings([sign_in.id])[sign_in.id].rooms == frozenset()
        with writing():
            Rights.bump()
            User.get(alice.id).take_role(Role.staff)
        assert Rights.standings([sign_in.id])[sign_in.id].rooms == {backstage.id}
