"""HTML that belongs to no viewer."""

from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask_login import login_user
from jinja2 import UndefinedError

from multichat.config import PROJECT
from multichat.fragments import dom_id, render_fragment
from multichat.messages.changes import delete, post
from multichat.models import Level, Message, Notify, People, Place, Room, User
from tests.support.markup import parse
from tests.support.person import Person

FRAMES = PROJECT / "templates" / "frames"
BODY = 'hi <b>"bob"</b> & all\n{{ current_user }}'


@pytest.fixture
def message(app: Flask, sam: Person, lobby: Room) -> Message:
    with app.app_context():
        return post(lobby, sam.user, BODY, uuid4(), Level.alert).message


@pytest.fixture
def frames(message: Message, lobby: Room, sam: Person) -> dict[str, dict[str, Any]]:
    """Every frame with what it is made of."""
    return {
        "error": {"code": "ROOM_INVALID", "text": "There is no such room.", "room_id": 7, "client_id": None},
        "message_created": {"message": message},
        "message_content": {"message": message, "before": 1},
        "message_reactions": {"message": message, "before": 1},
        "message_unrenderable": {"message": message},
        "message_upsert": {"message": message},
        "notice": {"room_id": lobby.id, "level": "enter", "person": sam.user},
        "room_changed": {"room": lobby},
        "room_closed": {"room_id": lobby.id, "text": "It is gone."},
        "room_list": {"rooms": [lobby], "archived": [], "present": {lobby.id: 3}},
        "room_state": {"room_id": lobby.id, "state": {"last-mention": 1, "people": "1 2"}},
        "room_states": {"places": [Place(lobby.id, 3, 2, 0, 1, Notify.mentions)]},
        "room_presence": {"room_id": lobby.id, "count": 3},
        "roster": {"room_id": lobby.id, "people": People([sam.user], 3, [sam.user], 2)},
        "timeline_reset": {"room_id": lobby.id, "revision": 1, "messages": [message], "has_earlier": False},
        "typing": {"room_id": lobby.id, "person": sam.user},
        "typing_stopped": {"room_id": lobby.id, "person_id": sam.id},
    }


def in_a_bare_thread(app: Flask, render: Callable[[], str]) -> str:
    """As a repair does it: with the application, and without a request or a person."""
    rendered: list[str] = []

    def run() -> None:
        with app.app_context():
            rendered.append(render())

    thread = Thread(target=run)
    thread.start()
    thread.join()
    (html,) = rendered
    return html


def test_every_frame_is_looked_at_here(frames: dict[str, dict[str, Any]]) -> None:
    assert {path.stem for path in FRAMES.iterdir() if not path.stem.startswith("_")} == set(frames)


def test_a_frame_is_the_same_whoever_causes_it(
    app: Flask, frames: dict[str, dict[str, Any]], alice: Person, ada: Person
) -> None:
    for name, context in frames.items():
        template = f"frames/{name}.html"
        of_nobody = in_a_bare_thread(
            app, lambda template=template, context=context: render_fragment(template, **context)
        )
        for person in (alice, ada):
            with app.test_request_context(headers={"Cookie": "theme=dark"}):
                user = User.get(person.id)
                user.token = person.token
                login_user(user)
                assert render_fragment(template, **context) == of_nobody


def test_every_element_of_a_frame_says_where_it_goes(app: Flask, frames: dict[str, dict[str, Any]]) -> None:
    with app.app_context():
        for name, context in frames.items():
            elements = parse(render_fragment(f"frames/{name}.html", **context)).elements
            assert elements, name
            for element in elements:
                assert element["hx-swap-oob"], name


@pytest.mark.parametrize("name", ["message_created", "message_upsert", "timeline_reset"])
def test_a_frame_of_the_log_says_where_it_leads(
    app: Flask, frames: dict[str, dict[str, Any]], message: Message, lobby: Room, name: str
) -> None:
    with app.app_context():
        html = render_fragment(f"frames/{name}.html", **frames[name])
    (envelope,) = parse(html).elements
    assert envelope["data-room"] == str(lobby.id)
    assert envelope["data-revision"] == str(message.revision)
    assert (envelope["hx-swap-oob"] or "").endswith(f":#room-{lobby.id}-messages")
    element = envelope.one("article", id=dom_id(message))
    assert element["data-ordinal"] == str(message.ordinal)
    assert element["data-revision"] == str(message.revision)
    assert element["data-author-id"] == str(message.author_id)
    assert element["data-client-id"] == message.client_id
    # What was said is there once, as text, and nothing is between it and its end.
    assert element.one(class_="message__body").text == BODY
    assert html.count("&lt;b&gt;") == 1
    assert "{{ current_user }}</p>" in html


def test_nothing_of_a_deleted_message_is_left(app: Flask, message: Message, lobby: Room, sam: Person) -> None:
    with app.app_context():
        delete(lobby, sam.user, message.ordinal)
        html = render_fragment("frames/message_upsert.html", message=Message.latest(message.room_id, 1)[0])
    assert "bob" not in html
    assert not parse(html).all(class_="message__body")
    assert parse(html).one("article", class_="message message--deleted").one(class_="message__gone").text


@pytest.mark.parametrize("template", ["_person_menu.html", "rooms/_no_rooms.html"])
def test_what_asks_for_a_viewer_is_not_rendered(app: Flask, template: str) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError, match="'current_user' is undefined"):
        render_fragment(template)


def test_what_was_not_given_is_missed(app: Flask) -> None:
    with app.app_context(), pytest.raises(UndefinedError, match="'message' is undefined"):
        render_fragment("frames/message_created.html")


def test_a_page_knows_its_viewer_all_the_same(app: Flask, alice: Person, frames: dict[str, dict[str, Any]]) -> None:
    with app.app_context():
        render_fragment("frames/room_closed.html", **frames["room_closed"])
    assert parse(alice.get("/").text).all("input", name="csrf_token")


def test_no_template_has_globals_of_its_own(app: Flask) -> None:
    app.jinja_env.get_template("base.html")
    with pytest.raises(AttributeError, match="update"):
        app.jinja_env.get_template("base.html", globals={"viewer": "alice"})
    assert "viewer" not in app.jinja_env.globals


def test_ids_are_made_of_what_they_name(lobby: Room, message: Message) -> None:
    assert dom_id(lobby) == f"room-{lobby.id}"
    assert dom_id(lobby, "messages") == f"room-{lobby.id}-messages"
    assert dom_id(message) == f"message-{message.id}"
