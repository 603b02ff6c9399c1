"""Posting with a form alone."""

from uuid import uuid4

from flask import Flask

from multichat.models import Message, Room
from multichat.rooms import changes as rooms
from tests.support.person import Person


def said(app: Flask, room: Room) -> list[str]:
    with app.app_context():
        return [message.body for message in Message.latest(room.id, 50)]


def test_a_member_posts_and_is_back_in_the_room(app: Flask, alice: Person, lobby: Room) -> None:
    answer = alice.say(lobby.id, "hi")
    assert (answer.status_code, answer.location) == (303, f"/rooms/{lobby.id}")
    assert said(app, lobby) == ["hi"]


def test_the_rooms_beside_stay_open(alice: Person, lobby: Room) -> None:
    assert alice.say(lobby.id, "hi", beside=["8", "9"]).location == f"/rooms/{lobby.id}?beside=8&beside=9"


def test_a_double_press_posts_once(app: Flask, alice: Person, lobby: Room) -> None:
    client_id = str(uuid4())
    assert [alice.say(lobby.id, "hi", client_id=client_id).status_code for _ in range(2)] == [303, 303]
    assert said(app, lobby) == ["hi"]


def test_an_outsider_may_not_post(app: Flask, sam: Person, mallory: Person, backstage: Room) -> None:
    assert mallory.say(backstage.id, "hi").status_code == 404
    assert said(app, backstage) == []
    assert sam.say(backstage.id, "hi").status_code == 303


def test_nobody_posts_without_signing_in(app: Flask, lobby: Room, alice: Person) -> None:
    stranger = app.test_client()
    assert stranger.post(f"/rooms/{lobby.id}/messages", data={"body": "hi"}).status_code in (302, 400)
    assert said(app, lobby) == []


def test_another_sites_form_posts_nothing(app: Flask, alice: Person, lobby: Room) -> None:
    answer = alice.client.post(f"/rooms/{lobby.id}/messages", data={"body": "hi", "client_id": str(uuid4())})
    assert answer.status_code == 400
    assert said(app, lobby) == []


def test_what_could_not_be_sent_is_given_back(app: Flask, alice: Person, lobby: Room) -> None:
    body = "x" * 8000 + "<b>y"
    answer = alice.say(lobby.id, body)
    assert answer.status_code == 400
    assert "x" * 8000 + "&lt;b&gt;y" in answer.text
    assert said(app, lobby) == []


def test_an_archived_room_says_so(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        rooms.archive(lobby.id)
    answer = alice.say(lobby.id, "too late")
    assert answer.status_code == 403
    assert "archived" in answer.text
    assert "too late" in answer.text
