"""The first page."""

import re
import tomllib

import pytest
from flask import Flask

from multichat.config import PROJECT
from multichat.models import Room
from tests.admin.conftest import Say
from tests.support.person import Person


def figures(page: str) -> list[str]:
    return re.findall(r'figure__number">([^<]*)<', page)


def test_how_many(ada: Person, alice: Person, lobby: Room, launch: Room, together: Room, say: Say) -> None:
    say(lobby, alice, "hi")
    say(launch, alice, "hi")
    assert figures(ada.get("/admin/").text) == ["2", "2", "2"]


def test_which_version(ada: Person) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(rf"<dd>\s*{re.escape(version)}\s*</dd>", ada.get("/admin/").text)


def test_an_empty_server_asks_for_rooms_and_people(ada: Person) -> None:
    page = ada.get("/admin/").text
    assert "There is no room to talk in." in page
    assert "Nobody but you has an account." in page


def test_a_lonely_administrator_is_told(ada: Person, alice: Person, lobby: Room) -> None:
    assert "You are the only administrator." in ada.get("/admin/").text


def test_rooms_that_nobody_sees_are_told(ada: Person, grace: Person, lobby: Room, launch: Room) -> None:
    assert "A private room has no members: nobody can see it." in ada.get("/admin/").text


def test_a_bus_that_is_away_is_told(
    app: Flask, ada: Person, grace: Person, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nothing. All is well." in ada.get("/admin/").text
    monkeypatch.setattr(app.extensions["realtime"].bus, "ping", lambda: False)
    page = ada.get("/admin/").text
    assert "The bus does not answer." in page
    assert "Away" in page


def test_it_asks_two_questions(ada: Person, lobby: Room, statements: list[str]) -> None:
    ada.get("/admin/")
    assert len(statements) == 2
