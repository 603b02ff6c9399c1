"""The people of a room: who is there, and who of its members is not."""

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import delete

from multichat.accounts import changes as accounts
from multichat.database import writing
from multichat.models import Access, Membership, People, Role, Room, User
from multichat.models.people import PEOPLE_LIMIT
from multichat.rooms import changes as rooms
from tests.support.person import Person


def join(room: Room, *user_ids: int) -> None:
    with writing():
        for user_id in user_ids:
            Membership.raise_last_read(room.id, user_id, 0)


def names(people: Iterable[User]) -> list[str]:
    return [person.display_name for person in people]


@pytest.fixture
def crowd(app: Flask) -> list[int]:
    """By name; two more than are shown."""
    with app.app_context(), writing():
        return [User.register(f"u{number}", "", f"{number:03}").id for number in range(PEOPLE_LIMIT + 2)]


def test_people_come_in_the_order_of_their_names(app: Flask, lobby: Room) -> None:
    with app.app_context():
        with writing():
            zoe, adam, mia, bert = (User.register(name, "", name).id for name in ("Zoe", "adam", "Mia", "bert"))
        join(lobby, zoe, adam, mia, bert)
        people = People.of(lobby.id, [zoe, adam, 404])
        assert (names(people.here), names(people.away)) == (["adam", "Zoe"], ["bert", "Mia"])
        assert (people.here_count, people.away_count) == (3, 2)
        assert names(People.of(lobby.id, [zoe], viewer_id=mia).away) == ["adam", "bert"]


def test_of_a_room_that_nobody_has_joined_nobody_is_away(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        assert People.of(lobby.id, []) == People([], 0, [], 0)


def test_a_list_is_cut_where_nobody_reads_on_and_says_how_many_there_are(
    app: Flask, crowd: list[int], lobby: Room, statements: list[str]
) -> None:
    with app.app_context():
        join(lobby, *crowd)
        statements.clear()
        for here in (0, 1, PEOPLE_LIMIT - 1, PEOPLE_LIMIT, PEOPLE_LIMIT + 2):
            people = People.of(lobby.id, crowd[:here][::-1])
            assert [user.id for user in (*people.here, *people.away)] == crowd[:PEOPLE_LIMIT]
            assert len(people.here) == min(here, PEOPLE_LIMIT)
            assert (people.here_count, people.away_count) == (here, len(crowd) - here)
        assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2 * 5


def test_only_who_may_come_is_away(app: Flask, alice: Person, bob: Person, sam: Person, ada: Person) -> None:
    with app.app_context():
        room = rooms.create("Den")
        join(room, alice.id, bob.id, sam.id)
        assert names(People.of(room.id, []).away) == ["alice", "bob", "sam"]
        accounts.deactivate(bob.id)
        assert names(People.of(room.id, []).away) == ["alice", "sam"]
        rooms.edit(room.id, "Den", "", Access.staff)
        assert names(People.of(room.id, []).away) == ["sam"], "ada is staff, and no member"
        rooms.edit(room.id, "Den", "", Access.private)
        assert names(People.of(room.id, []).away) == ["alice", "sam"]


def test_faces_are_of_those_who_belong_there(app: Flask, alice: Person, bob: Person, sam: Person, lobby: Room) -> None:
    with app.app_context():
        garden = rooms.create("Garden", Access.staff)
        join(lobby, alice.id, bob.id, sam.id)
        join(garden, alice.id, sam.id)
        asked = [lobby.id, garden.id], [alice.id, sam.id]
        hers, his = ("alice", Role.member), ("sam", Role.staff)
        assert People.faces_of_members(*asked) == {lobby.id: {alice.id: hers, sam.id: his}, garden.id: {sam.id: his}}
        with writing() as session:
            session.execute(delete(Membership).where(Membership.user_id == sam.id))
        assert People.faces_of_members(*asked) == {lobby.id: {alice.id: hers}}
