import re
import time
from datetime import UTC, datetime, timedelta

import argon2
import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from multichat.accounts import changes
from multichat.database import Busy, db, now, writing
from multichat.models import SignIn, User
from multichat.models.sign_in import LASTS
from tests.support.person import PASSWORD

WRONG = "This username and password do not belong together."


def test_alice_signs_in_and_comes_home(browser):
    answer = browser.sign_in("alice")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "@alice" in browser.get("/").text


def test_a_name_is_the_same_however_it_is_typed(open_browser):
    for typed in ("ALICE", " alice ", "\uff41lice"):
        assert open_browser().sign_in(typed).status_code == 303


def test_a_visitor_is_asked_to_sign_in_and_comes_to_where_they_were_going(browser):
    asked = browser.get("/rooms/7?before=3")
    assert asked.location == "/sign-in?next=/rooms/7?before%3D3"
    assert 'name="next" type="hidden" value="/rooms/7?before=3"' in browser.get(asked.location).text
    assert browser.sign_in("alice", next="/rooms/7?before=3").location == "/rooms/7?before=3"


def test_a_link_to_us_cannot_lead_on_to_another_site(browser):
    assert browser.sign_in("alice", next="https://evil.example/").location == "/"
    for trap in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
    ):
        assert browser.get("/sign-in", query_string={"next": trap}).location == "/"


def test_whoever_is_signed_in_is_not_asked_again(desk):
    assert desk.get("/sign-in?next=/rooms/7").location == "/rooms/7"


def test_an_incomplete_form_says_what_is_missing(browser):
    answer = browser.post("/sign-in", {"username": "", "password": ""})
    assert answer.status_code == 400
    assert "Enter your username." in answer.text
    assert "Enter your password." in answer.text


def test_an_unknown_name_a_wrong_password_and_an_inactive_person_cannot_be_told_apart(app, open_browser, hashes):
    with app.app_context():
        changes.deactivate(User.named("bob").id)

    def answer_to(username, password):
        answer = open_browser().sign_in(username, password)
        text = re.sub(r'value="[^"]*"', "", answer.text)  # the name, and the token of the form
        return answer.status_code, text, sorted(answer.headers.keys())

    wrong = answer_to("alice", "not her password")
    assert wrong[0] == 401
    assert WRONG in wrong[1]
    assert len(hashes) == 1
    assert answer_to("nobody", PASSWORD) == wrong
    assert len(hashes) == 2
    assert answer_to("bob", PASSWORD) == wrong
    assert len(hashes) == 3


def test_what_was_typed_is_kept_but_the_password(browser):
    answer = browser.sign_in("alice", "not her password")
    assert 'value="alice"' in answer.text
    assert "not her password" not in answer.text


def test_a_password_that_nobody_can_have_is_wrong_without_being_hashed(browser, hashes):
    for password in ("x" * 129, "x" * 200_000, "correct\0horse"):
        assert browser.sign_in("alice", password).status_code == 401
    assert hashes == []


def test_a_name_of_a_hundred_thousand_accents_does_not_hold_the_server_up(browser):
    accents = "a" + "\u0301" * 30_000 + "\u0327" * 30_000
    data = {"username": accents, "password": PASSWORD, "csrf_token": browser.csrf_token()}
    began = time.thread_time()
    answer = browser.client.post("/sign-in", data=data, content_type="multipart/form-data")
    assert answer.status_code == 401
    assert time.thread_time() - began < 2  # putting them into their order takes 11 s


def test_a_name_that_nobody_can_have_is_nobodys(browser):
    for name in ("a\0b", "../../etc/passwd", "' or 1=1 --", "\u202ealice"):
        assert browser.sign_in(name).status_code == 401


def test_the_cookie_is_for_us_alone_and_lasts_thirty_days(browser):
    cookie = browser.sign_in("alice").headers["Set-Cookie"]
    assert "; HttpOnly" in cookie
    assert "; SameSite=Lax" in cookie
    assert "; Secure" not in cookie
    expires = browser.client.get_cookie("multichat").expires
    assert timedelta(days=29, hours=23) < expires - datetime.now(UTC) <= timedelta(days=30)


def test_behind_https_the_cookie_is_never_sent_in_the_clear(start_app, alice):
    secure = start_app(MULTICHAT_PUBLIC_URL="https://chat.example.org")
    assert "; Secure" in secure.test_client().get("/sign-in").headers["Set-Cookie"]


def test_the_database_holds_nothing_that_opens_a_session(app, desk):
    assert desk.is_signed_in
    with app.app_context():
        assert desk.token not in str([vars(row) for row in db.session.scalars(select(SignIn))])


def test_a_session_planted_before_sign_in_is_not_the_one_after(browser):
    with browser.client.session_transaction() as session:
        session["planted"] = "by mallory"
    browser.get("/sign-in")
    with browser.client.session_transaction() as session:
        before = session["csrf_token"]
    browser.sign_in("alice")
    browser.get("/")
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != before


def test_each_device_has_a_sign_in_of_its_own(open_browser):
    phone, desk = open_browser(), open_browser()
    phone.sign_in("alice")
    desk.sign_in("alice")
    assert phone.token != desk.token
    phone.post("/sign-out")
    assert desk.is_signed_in
    assert not phone.is_signed_in


def test_a_guessed_token_opens_nothing(browser):
    with browser.client.session_transaction() as session:
        session["_user_id"] = "1"
    assert not browser.is_signed_in


def test_a_request_costs_one_query_to_know_whose_it_is(desk, statements):
    desk.get("/")
    statements.clear()
    assert desk.get("/sign-in").status_code == 303
    assert len(statements) == 1


def test_a_sign_in_that_is_used_lives_on_with_one_write_a_day(app, desk, statements):
    _age(app, desk, timedelta(days=29))
    answer = desk.get("/")
    assert "Expires=" in answer.headers["Set-Cookie"]
    assert _expiry(app, desk) > now() + timedelta(days=29)
    statements.clear()
    assert "Set-Cookie" not in desk.get("/").headers
    assert not any(statement.startswith("UPDATE") for statement in statements)


def test_a_sign_in_of_today_is_not_written_again(app, desk):
    _age(app, desk, timedelta(hours=23))
    before = _expiry(app, desk)
    desk.get("/")
    assert _expiry(app, desk) == before


@pytest.mark.parametrize("trouble", [Busy("busy"), OperationalError("UPDATE", {}, Exception("the disk is full"))])
def test_a_renewal_that_fails_is_logged_and_fails_no_request(app, desk, caplog, trouble):
    _age(app, desk, timedelta(days=29))

    def fail(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE sign_ins"):
            raise trouble

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", fail)
    assert desk.get("/").status_code == 200
    assert "is not renewed" in caplog.text
    assert _expiry(app, desk) < now() + timedelta(days=2)


def test_while_the_database_is_away_one_is_told_so(app, desk):
    def fail(*_):
        raise OperationalError("SELECT", {}, Exception("no answer"))

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", fail)
    answer = desk.get("/")
    assert answer.status_code == 503
    assert "The server is busy" in answer.text


def test_a_sign_in_that_was_not_used_for_thirty_days_is_over(app, desk):
    assert desk.is_signed_in
    _age(app, desk, timedelta(days=30, seconds=1))
    assert not desk.is_signed_in


def test_whoever_is_deactivated_is_signed_out(app, desk):
    assert desk.is_signed_in
    with app.app_context():
        changes.deactivate(User.named("alice").id)
    assert not desk.is_signed_in
    assert desk.sign_in("alice").status_code == 401


def test_an_old_hash_becomes_a_new_one_at_the_next_sign_in(app, open_browser):
    weak = argon2.PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
    with app.app_context(), writing() as session:
        session.execute(update(User).where(User.username == "bob").values(password_hash=weak))
    assert open_browser().sign_in("bob", "wrong").status_code == 401
    assert _hash(app, "bob") == weak
    assert open_browser().sign_in("bob").status_code == 303
    renewed = _hash(app, "bob")
    assert argon2.extract_parameters(renewed).memory_cost == 19 * 1024
    assert open_browser().sign_in("bob").status_code == 303
    assert _hash(app, "bob") == renewed


def test_a_sign_in_under_way_does_not_outlive_a_new_password(app, browser, monkeypatch):
    token = browser.csrf_token()
    verify = argon2.PasswordHasher.verify

    def verify_and_be_overtaken(self, hash, password):
        result = verify(self, hash, password)
        changes.set_password(User.named("alice").id, "a new password")
        return result

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify_and_be_overtaken)
    data = {"username": "alice", "password": PASSWORD, "csrf_token": token}
    assert browser.client.post("/sign-in", data=data).status_code == 401
    monkeypatch.undo()
    assert not browser.is_signed_in
    assert browser.sign_in("alice", "a new password").status_code == 303


def test_a_form_that_is_sent_without_signing_in_shows_what_was_written(browser):
    answer = browser.post(
        "/rooms/7/messages", {"body": "a long <thought>"}, headers={"Referer": "http://localhost/rooms/7"}
    )
    assert answer.status_code == 401
    assert "a long &lt;thought&gt;</textarea>" in answer.text
    assert 'href="/rooms/7"' in answer.text


def test_a_part_of_a_page_is_not_answered_with_the_sign_in_page(browser):
    answer = browser.get("/rooms/7", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert 'name="password"' not in answer.text


def _age(app, browser, age):
    """As if the sign-in on this browser had not been used for so long."""
    with app.app_context(), writing() as session:
        row = SignIn.find(browser.token)
        session.execute(update(SignIn).where(SignIn.id == row.id).values(expires_at=now() + LASTS - age))


def _expiry(app, browser):
    with app.app_context():
        return SignIn.find(browser.token).expires_at


def _hash(app, username):
    with app.app_context():
        return User.named(username).password_hash
