"""`flask message ...`."""

from uuid import uuid4

import pytest
from flask import Flask

from multichat.database import db, writing
from multichat.messages import rerendering
from multichat.messages.changes import delete, edit, post
from multichat.messages.markdown import RENDERER, Rendered
from multichat.models import Message, Room, User
from tests.cli.conftest import Run
from tests.support.person import Person

OLD = {"body_html": "<p>as it was</p>", "renderer": RENDERER - 1}


@pytest.fixture
def said(app: Flask, alice: Person, bob: Person, lobby: Room) -> list[str]:
    """Rendered by an older version."""
    bodies = ["**one**", "@bob", "three", "four"]
    with app.app_context():
        for body in bodies:
            post(db.session.get_one(Room, lobby.id), User.get(alice.id), body, uuid4())
        with writing() as session:
            session.execute(db.update(Message).values(**OLD))
    return bodies


def test_messages_are_rendered_again_with_whom_they_mention(
    app: Flask, run: Run, lobby: Room, bob: Person, said: list[str]
) -> None:
    with app.app_context():
        before = [(message.revision, message.body) for message in Message.latest(lobby.id, 9)]
    result = run("message", "rerender")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Rendered again: 4.")
    with app.app_context():
        messages = Message.latest(lobby.id, 9)
        assert [message.body_html for message in messages] == [
            "<p><strong>one</strong></p>",
            f'<p><span class="mention">@{bob.id}</span></p>',
            "<p>three</p>",
            "<p>four</p>",
        ]
        assert [(message.revision, message.body) for message in messages] == before
    assert run("message", "rerender").stdout == "Every message is as this version renders it.\n"


def test_what_changes_meanwhile_stays_as_it_was_changed(
    app: Flask, alice: Person, lobby: Room, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerendering, "SLICE_ROWS", 2)
    render = rerendering.render

    def meanwhile(body: str, mentions: dict[str, int]) -> Rendered:
        if body == "three":
            room, person = db.session.get_one(Room, lobby.id), User.get(alice.id)
            edit(room, person, 3, "*edited*")
            delete(room, person, 4)
        return render(body, mentions)

    monkeypatch.setattr(rerendering, "render", meanwhile)
    with app.app_context():
        assert list(rerendering.rerender()) == [2, 2]
        three, four = Message.latest(lobby.id, 2)
        assert (three.body_html, three.renderer) == ("<p><em>edited</em></p>", RENDERER)
        assert (four.body, four.body_html) == ("", "")
        assert rerendering.outdated() == 0
