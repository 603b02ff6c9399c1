"""People, administered."""

from flask import Flask

from multichat.accounts import passwords
from multichat.models import Role, User
from multichat.models.user import USERNAME_RULE
from tests.admin.conftest import column
from tests.support.person import PASSWORD, Person


def user(app: Flask, username: str) -> User | None:
    with app.app_context():
        return User.named(username)


def test_a_person_gets_an_account(app: Flask, ada: Person) -> None:
    fields = {"username": "mei", "display_name": "Mei Tanaka", "role": "staff", "password": "plum blossom"}
    answer = ada.post("/admin/people/new/", fields)
    assert (answer.status_code, answer.location) == (303, "/admin/people/")
    mei = user(app, "mei")
    assert mei is not None
    assert (mei.display_name, mei.role) == ("Mei Tanaka", Role.staff)
    assert passwords.matches(mei.password_hash, "plum blossom")
    assert "Mei Tanaka can sign in as mei." in ada.get("/admin/people/").text


def test_without_a_display_name_it_is_the_username(app: Flask, ada: Person) -> None:
    ada.post("/admin/people/new/", {"username": "mei", "display_name": " ", "role": "member", "password": "plum bloom"})
    mei = user(app, "mei")
    assert mei is not None
    assert mei.display_name == "mei"


IMPOSSIBLE = [
    ({"username": "ADA"}, "The username ADA is taken."),
    ({"username": "-"}, f"A username has {USERNAME_RULE}."),
    ({"username": "x" * 33}, f"A username has {USERNAME_RULE}."),
    ({"username": ""}, "This cannot be empty."),
    ({"password": "short"}, "A password has 8 to 128 characters."),
    ({"username": "meitanaka", "password": "MeiTanaka"}, "The password must not be the username."),
    ({"display_name": "x" * 65}, "Field cannot be longer than 64 characters."),
    ({"role": "king"}, "Invalid Choice"),
]


def test_what_cannot_be_is_said_beside_the_field(app: Flask, ada: Person) -> None:
    for fields, complaint in IMPOSSIBLE:
        typed = {"username": "mei", "display_name": "Mei", "role": "staff", "password": "plum blossom"} | fields
        page = ada.post("/admin/people/new/", typed)
        assert page.status_code == 400
        assert f'<span class="field__error">{complaint}' in page.text
        assert f'value="{typed["username"]}"' in page.text
        assert f'value="{typed["password"]}"' not in page.text
        assert user(app, typed["username"]) is None or fields == {"username": "ADA"}


def test_what_a_username_may_be_is_said_before(ada: Person) -> None:
    assert f"They sign in with it: {USERNAME_RULE}." in ada.get("/admin/people/new/").text


def test_a_role_and_a_name_are_changed(app: Flask, ada: Person, alice: Person) -> None:
    answer = ada.post(f"/admin/people/edit/?id={alice.id}", {"display_name": "Alice L", "role": "staff"})
    assert (answer.status_code, answer.location) == (303, "/admin/people/")
    changed = user(app, "alice")
    assert changed is not None
    assert (changed.display_name, changed.role) == ("Alice L", Role.staff)


def test_the_last_administrator_stays_one(app: Flask, ada: Person, alice: Person) -> None:
    page = ada.post(f"/admin/people/edit/?id={ada.id}", {"display_name": "Ada L", "role": "member"})
    assert page.status_code == 400
    assert "ada is the last active administrator" in page.text
    assert 'value="Ada L"' in page.text
    answer = ada.post(f"/admin/people/deactivate/?id={ada.id}")
    assert "ada is the last active administrator" in ada.get(answer.location).text
    unchanged = user(app, "ada")
    assert unchanged is not None
    assert (unchanged.role, unchanged.active, unchanged.display_name) == (Role.admin, True, "ada")


def test_a_deactivated_administrator_does_not_count(ada: Person, grace: Person) -> None:
    ada.post(f"/admin/people/deactivate/?id={grace.id}")
    page = ada.post(f"/admin/people/edit/?id={ada.id}", {"display_name": "ada", "role": "staff"})
    assert "ada is the last active administrator" in page.text


def test_deactivated_and_activated(ada: Person, alice: Person) -> None:
    answer = ada.post(f"/admin/people/deactivate/?id={alice.id}")
    assert (answer.status_code, answer.location) == (303, f"/admin/people/edit/?id={alice.id}")
    assert "alice is deactivated." in ada.get(answer.location).text
    assert alice.get("/").status_code == 302
    ada.post(f"/admin/people/activate/?id={alice.id}")
    page = ada.get(answer.location).text
    assert "alice is active again." in page
    assert "Deactivated" not in page


def test_signed_out_everywhere(ada: Person, alice: Person) -> None:
    assert alice.get("/").status_code == 200
    ada.post(f"/admin/people/sign-out/?id={alice.id}")
    assert alice.get("/").status_code == 302


def test_a_new_password(app: Flask, ada: Person, alice: Person) -> None:
    address = f"/admin/people/password/?id={alice.id}"
    page = ada.post(address, {"password": "short"})
    assert page.status_code == 400
    assert "A password has 8 to 128 characters." in page.text
    assert ada.post(address, {"password": "plum blossom"}).status_code == 303
    changed = user(app, "alice")
    assert changed is not None
    assert passwords.matches(changed.password_hash, "plum blossom")
    assert not passwords.matches(changed.password_hash, PASSWORD)
    assert alice.get("/").status_code == 302


def test_whoever_leaves_the_panel_by_their_own_hand_lands_at_home(ada: Person, grace: Person) -> None:
    for person, verb in ((ada, "sign-out"), (grace, "deactivate")):
        answer = person.post(f"/admin/people/{verb}/?id={person.id}")
        assert (answer.status_code, answer.location) == (303, "/")


def test_ones_own_new_password_signs_one_out(ada: Person) -> None:
    answer = ada.post(f"/admin/people/password/?id={ada.id}", {"password": "plum blossom"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert ada.get("/").status_code == 302


def test_whoever_steps_down_lands_at_home(ada: Person, grace: Person) -> None:
    answer = ada.post(f"/admin/people/edit/?id={ada.id}", {"display_name": "ada", "role": "member"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert ada.get("/").status_code == 200


def test_no_password_hash_anywhere(ada: Person, alice: Person) -> None:
    argon2 = alice.user.password_hash[:20]
    assert argon2.startswith("$argon2id$")
    for address in (
        "",
        "new/",
        f"edit/?id={alice.id}",
        f"password/?id={alice.id}",
        "export/csv/",
        "?sort=0",
        "?sort=4",
    ):
        page = ada.get(f"/admin/people/{address}")
        assert page.status_code == 200
        assert "argon2" not in page.text, address
    assert "Nothing here matches." in ada.get("/admin/people/?search=argon2").text
    assert len(column(ada.get("/admin/people/?password_hash=x&flt0_password_hash=x"), "username")) == 2


def test_people_are_found_by_name_role_and_state(ada: Person, alice: Person, sam: Person) -> None:
    assert column(ada.get("/admin/people/"), "username") == ["@ada", "@alice", "@sam"]
    assert column(ada.get("/admin/people/?search=ALI"), "username") == ["@alice"]
    assert column(ada.get("/admin/people/?role=staff"), "username") == ["@sam"]
    assert column(ada.get("/admin/people/?state=active&role=member"), "username") == ["@alice"]
