"""People: their names, their roles, and the last administrator."""

from itertools import pairwise

import pytest
from flask import Flask

from multichat.database import writing
from multichat.models import NotFound, Refused, Rights, Role, User
from multichat.models.user import HUES, LOOKED_UP_LIMIT
from tests.support.person import Person


def register(username: str, display_name: str = "", role: Role = Role.member) -> User:
    with writing():
        return User.register(username, "a hash", display_name, role)


@pytest.mark.parametrize("username", ["a", "alice", "Alice.B", "anna-lena", "user_7", "x" * 32, "Zoë", "ali", "李"])
def test_a_username_is_letters_and_digits_of_any_script(username: str) -> None:
    assert User.check_username(f" {username}\n") == username


@pytest.mark.parametrize(
    "username",
    ["", " ", ".", "-a", "a-", "_a", "a.", "a b", "a@b", "x" * 33, "a/b", "a\0", "a\nb", "<b>", "a\u202eb", "\ud83d"],
)
def test_whatever_else_is_none(username: str) -> None:
    with pytest.raises(Refused):
        User.check_username(username)


def test_who_has_no_other_name_is_called_by_their_username(app: Flask) -> None:
    with app.app_context():
        assert register("alice").display_name == "alice"
        assert register("bob", "  Bob \n the  Builder ").display_name == "Bob the Builder"
        with pytest.raises(Refused):
            register("not a name")


def test_one_look_is_one_name(app: Flask) -> None:
    with app.app_context():
        alice = register("Alice")
        for typed in ("alice", "ALICE", "Alice", " alice ", "\uff21lice"):
            found = User.named(typed)
            assert found is not None
            assert found.id == alice.id
            with pytest.raises(Refused, match="taken"):
                register(typed)


def test_what_no_one_can_be_named_is_nobody(app: Flask, alice: Person) -> None:
    with app.app_context():
        for typed in ("", "nobody", "a\0", "\ud83d", "alice\n.", "a" + "\u0301" * LOOKED_UP_LIMIT):
            assert User.named(typed) is None


@pytest.mark.parametrize("name", ["", " \n", "x" * 65, "bell\a", "\ud83d", "nul\0"])
def test_a_display_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        User(username="alice").call(name)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("alice", "A"), ("Ada Lovelace", "AL"), ("Anna Maria van der Berg", "AB"), ("李 小龙", "李小"), ("  bob  ", "B")],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, initials: str) -> None:
    somebody = User(username="somebody")
    somebody.call(name)
    assert somebody.initials == initials


def test_a_person_keeps_a_hue_and_twelve_in_a_row_have_twelve() -> None:
    assert User(id=7, username_key="alice", display_name="A").hue == User(id=7, username_key="bob").hue
    for first in (1, 30, 4711):
        hues = [User(id=number).hue for number in range(first, first + HUES)]
        assert set(hues) == set(range(HUES))
        apart = [(later - earlier) % HUES for earlier, later in pairwise(hues)]
        assert all(1 < steps < HUES - 1 for steps in apart)


@pytest.mark.parametrize(
    ("role", "staff", "admin"), [("member", False, False), ("staff", True, False), ("admin", True, True)]
)
def test_what_a_role_is(role: str, staff: bool, admin: bool) -> None:
    user = User(username="somebody", role=Role(role))
    assert (user.is_staff, user.is_admin) == (staff, admin)


def test_who_is_not_there_is_not_found(app: Flask) -> None:
    with app.app_context():
        assert not User.anybody_registered()
        with pytest.raises(NotFound):
            User.get(1)
        register("alice")
        assert User.anybody_registered()


# The last administrator


def test_the_last_administrator_is_neither_demoted_nor_deactivated(app: Flask, ada: Person, sam: Person) -> None:
    with app.app_context():
        for role in (Role.member, Role.staff):
            with pytest.raises(Refused, match="last active administrator"), writing():
                User.get(ada.id).take_role(role)
        with pytest.raises(Refused, match="last active administrator"), writing():
            User.get(ada.id).deactivate()
        assert User.get(ada.id).is_admin
        assert User.get(ada.id).active


def test_one_of_two_administrators_may_go(app: Flask, ada: Person) -> None:
    with app.app_context():
        eve = register("eve", role=Role.admin)
        with writing():
            Rights.bump()
            User.get(eve.id).deactivate()
        # Who is deactivated does not count as another one.
        with pytest.raises(Refused), writing():
            User.get(ada.id).take_role(Role.member)


def test_who_is_no_administrator_may_be_deactivated(app: Flask, ada: Person, sam: Person) -> None:
    with app.app_context(), writing():
        User.get(sam.id).deactivate()
        User.get(sam.id).take_role(Role.member)
