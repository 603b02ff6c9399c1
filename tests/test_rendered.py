"""A message is rendered once for as long as it looks the same, and anew as soon as it does not."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from multichat import rendered
from multichat.accounts import changes as accounts
from multichat.messages.changes import delete, edit, post, react
from multichat.models import Message, Room
from multichat.rendered import RenderedMessages
from multichat.rooms import changes as rooms
from tests.support.person import Person


class Renderer:
    """Counts what it is asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, message: Message) -> str:
        self.times += 1
        return message.body_html


@pytest.mark.parametrize(
    "change",
    [
        lambda room, alice, bob: edit(room, bob.user, 2, "Well said, @alice"),
        lambda room, alice, bob: delete(room, bob.user, 2),
        lambda room, alice, bob: react(room, alice.user, 2, "👍", on=True),
        lambda room, alice, bob: edit(room, alice.user, 1, "Something else"),
        lambda room, alice, bob: accounts.rename(alice.id, "Alicia"),
        lambda room, alice, bob: accounts.rename(bob.id, "Bobby"),
    ],
    ids=["edit", "delete", "react", "quoted edit", "rename of who is named", "rename of its author"],
)
def test_whatever_shows_of_it_renders_it_anew(
    app: Flask, alice: Person, bob: Person, lobby: Room, change: Callable[[Room, Person, Person], None]
) -> None:
    with app.app_context():
        post(lobby, alice.user, "Something", uuid4())
        post(lobby, bob.user, "I agree with @alice", uuid4(), reply_to=1)
        renderer = Renderer()
        messages = RenderedMessages(renderer)

        def show() -> None:
            messages.html(Message.latest(lobby.id, 1)[0])

        show()
        show()
        assert renderer.times == 1
        change(lobby, alice, bob)
        show()
        show()
        assert renderer.times == 2


def test_what_is_sent_under_a_client_id_that_somebody_has_seen_is_another_message(
    app: Flask, alice: Person, mallory: Person, lobby: Room
) -> None:
    with app.app_context():
        accounts.rename(mallory.id, "Alice")
        accounts.rename(alice.id, "Alice")
        client_id, elsewhere = uuid4(), rooms.create("Elsewhere")
        post(lobby, alice.user, "pay bob", client_id)
        post(elsewhere, mallory.user, "pay mallory", client_id)
        messages = RenderedMessages(Renderer())
        shown = [messages.html(Message.latest(room.id, 1)[0]) for room in (lobby, elsewhere)]
        assert shown == ["<p>pay bob</p>", "<p>pay mallory</p>"]


def test_it_lets_go_of_what_does_not_fit(
    app: Flask, alice: Person, lobby: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "KEPT_CHARACTERS", 10)
    with app.app_context():
        for body in ("the first one", "the second one"):
            post(lobby, alice.user, body, uuid4())
        renderer = Renderer()
        messages = RenderedMessages(renderer)
        for _ in range(2):
            for message in Message.latest(lobby.id, 2):
                assert messages.html(message) == message.body_html
        assert renderer.times == 4
