"""`flask room ...`."""

import json
from dataclasses import replace

import pytest
import redis
from flask import Flask

from multichat.app import create_app
from multichat.config import Settings
from multichat.database import db
from multichat.models import Access, Installation, Room
from multichat.realtime import redis_bus
from tests.cli.conftest import Run, refusal, run_on
from tests.support.person import Person
from tests.support.valkey import Valkey


def test_an_open_room_is_there_for_everybody(run: Run, alice: Person) -> None:
    result = run("room", "create", "Kitchen", "--topic", "Lunch and cake")
    assert (result.exit_code, result.stdout) == (0, "Kitchen is there (open).\n")
    home = alice.get("/").text
    assert "Kitchen" in home
    assert "Lunch and cake" in home


def test_a_staff_room_is_there_for_staff(run: Run, alice: Person, sam: Person) -> None:
    assert run("room", "create", "Backstage", "--access", "staff").exit_code == 0
    assert "Backstage" in sam.get("/").text
    assert "Backstage" not in alice.get("/").text


def test_a_private_room_has_no_members_and_says_so(app: Flask, run: Run, ada: Person) -> None:
    result = run("room", "create", "Board", "--access", "private")
    assert "It has no members yet, so nobody sees it." in result.stdout
    assert "Board" not in ada.get("/").text
    with app.app_context():
        room = Room.named("Board")
        assert room is not None
        assert room.access is Access.private


def test_direct_is_not_an_access_that_one_gives(run: Run) -> None:
    result = run("room", "create", "Us", "--access", "direct")
    assert result.exit_code == 2
    assert "'direct' is not one of 'open', 'staff', 'private'" in result.stderr


def test_a_taken_name_is_refused(run: Run, lobby: Room) -> None:
    assert refusal(run("room", "create", " LOBBY ")).endswith("already.")


def test_rooms_are_listed_archived_ones_last(run: Run, lobby: Room, backstage: Room) -> None:
    run("room", "create", "Zoo")
    run("room", "archive", "Backstage")
    head, *rooms = [line.split()[:4] for line in run("room", "list").stdout.splitlines()]
    assert head == ["NAME", "ACCESS", "ARCHIVED", "MESSAGES"]
    assert rooms == [["Lobby", "open", "no", "0"], ["Zoo", "open", "no", "0"], ["Backstage", "staff", "yes", "0"]]


def test_an_archived_room_is_read_and_not_written_to(app: Flask, run: Run, alice: Person, lobby: Room) -> None:
    result = run("room", "archive", "lobby")
    assert (result.exit_code, result.stdout) == (0, "Lobby is archived.\n")
    assert alice.get(f"/rooms/{lobby.id}").status_code == 200
    assert alice.say(lobby.id, "hi").status_code == 403


def test_a_room_that_is_not_there_cannot_be_archived(run: Run, lobby: Room) -> None:
    run("room", "archive", "Lobby")
    for name in ("Lobby", "Cellar"):
        assert refusal(run("room", "archive", name)) == f"There is no room named {name}, or it is archived already."


def test_the_running_workers_have_heard_of_it_when_the_command_is_over(
    settings: Settings, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_bus, "CALL_SECONDS", 5.0)  # as long as a busy machine takes
    app = create_app(replace(settings, REDIS_URL=valkey.url))
    with app.app_context():
        channel = f"multichat:{Installation.prefix()}:rights"
    with redis.Redis.from_url(valkey.url) as client, client.pubsub() as worker:
        worker.subscribe(channel)
        worker.get_message(timeout=5)
        assert run_on(app, "room", "create", "Kitchen").exit_code == 0
        # It is published; Redis may still be handing it out.
        heard = worker.get_message(timeout=5)
    assert heard is not None
    assert json.loads(heard["data"].partition(b"\n")[0])[1] == "rights"
    with app.app_context():
        db.engine.dispose()
