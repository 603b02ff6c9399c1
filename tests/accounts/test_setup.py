import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from multichat.accounts import changes, setup
from multichat.database import db
from multichat.models import Access, Role, Room, User
from tests.accounts.browser import Browser

FORM = {"username": "ada", "display_name": "Ada Lovelace", "password": "analytical engine", "room_name": "Lobby"}

FAULTS = [
    ("username", "", "Choose a username."),
    ("username", "two words", "A username has 1 to 32 letters or digits"),
    ("username", "a\0b", "A username has 1 to 32 letters or digits"),
    ("display_name", "x" * 65, "A display name has 1 to 64 characters."),
    ("display_name", "a\0b", "This display name has characters that cannot be typed."),
    ("password", "", "Choose a password."),
    ("password", "short", "A password has 8 to 128 characters."),
    ("password", "x" * 129, "A password has 8 to 128 characters."),
    ("room_name", "", "Name the first room."),
    ("room_name", "x" * 65, "A room&#39;s name has 1 to 64 characters."),
    ("room_name", "a\0b", "This name or topic has characters that cannot be typed."),
]


@pytest.fixture
def link(app):
    with app.app_context():
        return setup.link("")


def test_the_first_one_becomes_administrator_with_a_first_room(app, stranger, link):
    page = stranger.get(link)
    assert page.status_code == 200
    answer = stranger.client.post(link, data=FORM | {"csrf_token": stranger.csrf_token(link)})
    assert (answer.status_code, answer.location) == (303, "/")
    home = stranger.get("/")
    assert "Ada Lovelace" in home.text
    assert "Lobby" in home.text
    with app.app_context():
        ada = User.named("ada")
        assert (ada.role, ada.display_name) == (Role.admin, "Ada Lovelace")
        assert Room.named("Lobby").access is Access.open
    assert Browser(app).sign_in("ada", "analytical engine").status_code == 303


def test_without_a_display_name_it_is_the_username(app, stranger, link):
    _set_up(stranger, link, display_name="")
    with app.app_context():
        assert User.named("ada").display_name == "ada"


def test_the_link_is_the_same_over_restarts_and_in_every_worker(app, start_app, link):
    for _ in range(2):
        with start_app().app_context():
            assert setup.link("") == link


def test_the_link_begins_with_the_servers_address(app, link):
    with app.app_context():
        assert setup.link("http://127.0.0.1:8000/") == f"http://127.0.0.1:8000{link}"


def test_the_token_is_for_the_servers_owner_to_read(app, link):
    file = _token_file(app)
    assert file.stat().st_mode & 0o777 == 0o600
    assert link == f"/setup/{file.read_text().strip()}"
    assert len(link) >= len("/setup/") + 43  # 256 bits


def test_a_stranger_without_the_token_finds_nothing(app, stranger, link):
    csrf_token = stranger.csrf_token(link)
    for token in ("x", "..%2Fsecret_key", "%00", "é", "x" * 43):
        assert stranger.get(f"/setup/{token}").status_code == 404
        answer = stranger.client.post(f"/setup/{token}", data=FORM | {"csrf_token": csrf_token})
        assert answer.status_code == 404
    with app.app_context():
        assert not User.anybody_registered()


def test_before_a_token_is_made_no_token_opens(app, stranger):
    assert stranger.get("/setup/None").status_code == 404
    assert not _token_file(app).exists()


def test_once_anybody_is_registered_the_token_is_void(app, stranger, link):
    csrf_token = stranger.csrf_token(link)
    with app.app_context():
        changes.create("bob", "correct horse")
        assert setup.link("") is None
    assert stranger.get(link).status_code == 404
    assert stranger.client.post(link, data=FORM | {"csrf_token": csrf_token}).status_code == 404
    with app.app_context():
        assert User.named("ada") is None


def test_the_used_token_is_removed(app, stranger, link):
    _set_up(stranger, link)
    assert not _token_file(app).exists()
    with app.app_context():
        assert setup.link("") is None
    assert not _token_file(app).exists()


def test_of_two_who_set_up_at_once_one_wins_and_the_other_is_told(app, start_app, link):
    workers = [app, start_app()]
    browsers = [Browser(worker) for worker in workers]
    tokens = [browser.csrf_token(link) for browser in browsers]
    together = threading.Barrier(2)

    def post(n):
        together.wait()
        data = FORM | {"username": f"founder-{n}", "csrf_token": tokens[n]}
        return browsers[n].client.post(link, data=data)

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(post, range(2)), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [303, 403]
    assert "multichat is set up already." in answers[1].text
    with app.app_context():
        assert len(db.session.scalars(select(User)).all()) == 1
        assert len(db.session.scalars(select(Room)).all()) == 1


def test_what_will_not_do_is_said_beside_its_field(app, stranger, link):
    for field, value, sentence in FAULTS:
        answer = _set_up(stranger, link, **{field: value})
        assert answer.status_code == 400
        assert f'<span class="field__error">{sentence}' in answer.text
        assert "analytical engine" not in answer.text
        assert field == "room_name" or 'value="Lobby"' in answer.text
    with app.app_context():
        assert not User.anybody_registered()


def test_a_password_like_the_username_will_not_do(stranger, link):
    answer = _set_up(stranger, link, username="ada-lovelace", password="Ada-Lovelace")
    assert "The password must not be the username." in answer.text


def test_a_foreign_page_cannot_set_up(app, stranger, link):
    answer = stranger.client.post(link, data=FORM)
    assert answer.status_code == 400
    assert 'value="Ada Lovelace"' in answer.text
    with app.app_context():
        assert not User.anybody_registered()


def test_until_then_every_way_in_says_where_to_look(stranger):
    for address in ("/", "/sign-in", "/rooms/1"):
        page = stranger.get(address)
        assert page.status_code == 200
        assert "setup-link" in page.text
        assert 'name="password"' not in page.text


def test_a_stranger_cannot_try_passwords_before_anybody_is_there(stranger, link):
    token = stranger.csrf_token(link)
    data = {"username": "ada", "password": "correct horse", "csrf_token": token}
    assert "setup-link" in stranger.client.post("/sign-in", data=data).text


def test_once_anybody_is_registered_the_database_is_not_asked_again(stranger, alice, statements):
    stranger.get("/sign-in")
    statements.clear()
    assert stranger.get("/").location == "/sign-in"
    assert stranger.get("/sign-in").status_code == 200
    assert statements == []


def test_the_token_never_reaches_a_log(app, stranger, link, caplog, monkeypatch):
    app.testing = False
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(Room, "create", _break)
    assert stranger.get(link).status_code == 200
    assert stranger.client.post(link, data=FORM).status_code == 400
    assert _set_up(stranger, link).status_code == 500
    monkeypatch.undo()
    assert _set_up(stranger, link).status_code == 303
    assert caplog.records
    assert link.removeprefix("/setup/") not in caplog.text


def _break(*_):
    raise RuntimeError("out of luck")


def _set_up(browser, link, **fields):
    return browser.client.post(link, data=FORM | fields | {"csrf_token": browser.csrf_token(link)})


def _token_file(app):
    return Path(app.instance_path) / "setup_token"
