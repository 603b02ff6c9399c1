"""Browsers, and what may be away."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import argon2
import pytest
from flask import Flask

from multichat.app import create_app
from multichat.config import Settings
from multichat.database import db
from multichat.extensions import limiter
from multichat.realtime.bus import Exchange, MemoryBus
from multichat.realtime.frame import RIGHTS_TOPIC, Frame
from tests.accounts.browser import Browser
from tests.support.person import Person


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """The first one to find the server: nobody is registered yet."""
    return Browser(app)


@pytest.fixture
def open_browser(app: Flask, alice: Person, bob: Person) -> Callable[[], Browser]:
    """One more browser on one more computer; alice and bob are registered."""
    return lambda: Browser(app)


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    return open_browser()


@pytest.fixture
def desk(open_browser: Callable[[], Browser]) -> Browser:
    """alice's, on which she signed in through the form."""
    browser = open_browser()
    browser.sign_in("alice")
    return browser


@pytest.fixture
def hashes(open_browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that argon2 was given to verify."""
    verified: list[str] = []
    verify = argon2.PasswordHasher.verify

    def note(self: argon2.PasswordHasher, hash: str, password: str) -> bool:
        verified.append(password)
        return verify(self, hash, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", note)
    return verified


@pytest.fixture
def start_app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Flask]]:
    """One more worker on the same database, with other settings or the same."""
    # The limiter is one a process, and remembers a Redis that went away in another test.
    monkeypatch.setattr(limiter, "_storage_dead", False)
    apps: list[Flask] = []

    def start(**others: Any) -> Flask:
        apps.append(create_app(replace(settings, **others)))
        return apps[-1]

    yield start
    for app in apps:
        app.extensions["realtime"].close()
        with app.app_context():
            db.engine.dispose()


class OtherWorker:
    """What another worker hears over the bus."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def receive(self, frame: Frame) -> None:
        self.heard.append(frame.topic)

    def subscribed(self, topic: str) -> None:
        pass

    def lost(self, topic: str) -> None:
        raise AssertionError("a memory bus loses nothing")

    def topics(self) -> list[str]:
        return [RIGHTS_TOPIC]


@pytest.fixture
def other_worker(app: Flask) -> OtherWorker:
    exchange, listener = Exchange(), OtherWorker()
    MemoryBus(exchange).start(listener)
    app.extensions["realtime"].bus = MemoryBus(exchange)
    return listener
