"""What lists of rooms are told of how far rooms have come, when no signal brought it."""

from collections.abc import Callable
from uuid import uuid4

from flask import Flask

from multichat.messages.changes import post
from multichat.messages.heads import Heads
from multichat.models import Room
from tests.sockets.conftest import Tab
from tests.support.markup import parse
from tests.support.person import Person


def test_what_a_signal_did_not_bring_a_look_does(
    app: Flask, tab: Callable[..., Tab], alice: Person, bob: Person, lobby: Room, statements: list[str]
) -> None:
    heads = Heads(app)
    with app.app_context():
        heads.look()
        post(lobby, bob.user, "nobody listens yet", uuid4())
        hers = tab(alice)
        assert hers.heard() == hers.signals == []
        statements.clear()
        heads.look()
        heads.look()
        assert len(statements) == 2
    hers.heard()
    (signal,) = hers.signals
    state = parse(signal).one("i")
    assert (state["data-room"], state["data-last-ordinal"]) == (str(lobby.id), "1")
