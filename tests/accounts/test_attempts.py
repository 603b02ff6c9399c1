"""Guessing a password, and what is done about it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest
import redis

from tests.accounts.browser import Browser

TOO_MANY = "Too many tries to sign in with this name."


def test_ten_wrong_passwords_are_enough(open_browser, hashes):
    mallory = open_browser()
    assert [mallory.sign_in("alice", f"guess number {n}").status_code for n in range(10)] == [401] * 10
    refused = mallory.sign_in("alice")
    assert refused.status_code == 429
    assert TOO_MANY in refused.text
    assert 0 < int(refused.headers["Retry-After"]) <= 180
    assert len(hashes) == 10


def test_any_three_minutes_are_counted_and_not_those_of_a_clock(browser, monkeypatch):
    began = time.time()

    def wait_until(seconds):
        monkeypatch.setattr(time, "time", lambda: began + seconds)

    wait_until(1)
    _fail(browser, "alice", times=9)
    wait_until(170)
    _fail(browser, "alice", times=1)
    wait_until(185)
    _fail(browser, "alice", times=9)
    refused = browser.sign_in("alice")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] in ("165", "166")
    assert "Wait 3 minutes, then try again." in refused.text


def test_another_name_and_another_address_are_not_in_it(browser):
    _fail(browser, "alice")
    assert browser.sign_in("alice", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 303
    browser.post("/sign-out")
    assert browser.sign_in("bob").status_code == 303


@pytest.mark.parametrize("spelling", ["ALICE", " alice", "\uff41lice"])
def test_a_name_spelt_otherwise_is_no_way_around(browser, spelling):
    _fail(browser, "alice")
    assert browser.sign_in(spelling).status_code == 429


def test_the_addresses_of_one_ipv6_network_are_one(browser):
    _fail(browser, "alice", environ_base={"REMOTE_ADDR": "2001:db8:0:1::1"})
    assert browser.sign_in("alice", environ_base={"REMOTE_ADDR": "2001:db8:0:1:ffff::2"}).status_code == 429
    assert browser.sign_in("alice", environ_base={"REMOTE_ADDR": "2001:db8:0:2::1"}).status_code == 303


def test_a_name_that_nobody_has_is_counted_like_any_other(browser):
    _fail(browser, "nobody")
    assert browser.sign_in("nobody").status_code == 429


def test_the_right_password_takes_the_wrong_ones_back(open_browser):
    for _ in range(3):
        alice = open_browser()
        _fail(alice, "alice", times=9)
        assert alice.sign_in("alice").status_code == 303


def test_guesses_made_all_at_once_are_no_more_than_ten(open_browser, hashes):
    forms = [(browser := open_browser(), browser.csrf_token()) for _ in range(30)]
    together = threading.Barrier(len(forms))

    def guess(browser, token):
        together.wait()
        data = {"username": "alice", "password": "a guess", "csrf_token": token}
        return browser.client.post("/sign-in", data=data).status_code

    with ThreadPoolExecutor(len(forms)) as threads:
        answers = list(threads.map(lambda form: guess(*form), forms))
    assert sorted(answers) == [401] * 10 + [429] * 20
    assert len(hashes) == 10


def test_a_forged_form_counts_for_nobody(open_browser):
    for _ in range(12):
        open_browser().client.post("/sign-in", data={"username": "alice", "password": "a guess"})
    assert open_browser().sign_in("alice").status_code == 303


def test_two_workers_count_together_in_redis(start_app, valkey, alice):
    one, other = (Browser(start_app(REDIS_URL=valkey.url)) for _ in range(2))
    _fail(one, "alice", times=5)
    _fail(other, "alice", times=5)
    assert one.sign_in("alice").status_code == 429
    assert other.sign_in("alice").status_code == 429


def test_what_redis_is_told_names_nobody(start_app, valkey, alice):
    Browser(start_app(REDIS_URL=valkey.url)).sign_in("my password, in the wrong field")
    with redis.Redis.from_url(valkey.url) as client:
        (key,) = client.keys("*")
    assert b"password" not in key


def test_while_redis_is_away_it_is_counted_all_the_same(start_app, valkey, alice):
    browser = Browser(start_app(REDIS_URL=valkey.url))
    _fail(browser, "bob")
    valkey.stop()
    assert browser.sign_in("alice").status_code == 303
    browser.post("/sign-out")
    _fail(browser, "alice")
    assert browser.sign_in("alice").status_code == 429
    valkey.start()


def test_redis_may_go_between_the_count_and_the_answer(start_app, valkey, alice, monkeypatch, caplog):
    browser = Browser(start_app(REDIS_URL=valkey.url))
    verify = argon2.PasswordHasher.verify

    def verify_and_be_left(self, hash, password):
        valkey.stop()
        return verify(self, hash, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", verify_and_be_left)
    assert browser.sign_in("alice").status_code == 303
    assert "stay counted" in caplog.text


def _fail(browser, username, times=10, **options):
    token = browser.csrf_token()
    too_long_to_be_hashed = {"username": username, "password": "x" * 129, "csrf_token": token}
    for _ in range(times):
        assert browser.client.post("/sign-in", data=too_long_to_be_hashed, **options).status_code == 401
