"""Editing, deleting, reacting and replying with forms alone: who may, and what everybody sees then."""

from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from multichat.database import writing
from multichat.fragments import render_fragment
from multichat.messages.changes import post, react
from multichat.messages.log import DatabaseLog
from multichat.models import Message, Rights, Room, User
from multichat.models.names import name_key
from multichat.rooms import changes as rooms
from tests.support.markup import Element, parse
from tests.support.person import Person


@pytest.fixture
def message(app: Flask, alice: Person, lobby: Room) -> Message:
    """Of alice's, in the lobby."""
    with app.app_context():
        return post(lobby, alice.user, "Good *mornin*", uuid4()).message


def act(person: Person, message: Message, what: str, **fields: str) -> TestResponse:
    return person.post(f"/rooms/{message.room_id}/messages/{message.ordinal}/{what}", fields)


def shown(person: Person, message: Message) -> Element:
    """As it is on a page that is loaded now."""
    return parse(person.get(f"/rooms/{message.room_id}").text).one("article", id=f"message-{message.id}")


def tallies(person: Person, message: Message) -> dict[str | None, str | None]:
    return {button["value"]: button["data-people"] for button in shown(person, message).all("button", name="emoji")}


def test_an_author_edits_and_is_back_at_the_message(alice: Person, bob: Person, message: Message) -> None:
    answer = act(alice, message, "edit", body="Good *morning*")
    address = f"/rooms/{message.room_id}/messages/{message.ordinal}"
    assert (answer.status_code, answer.location) == (303, f"{address}#message-{message.id}")
    assert shown(bob, message).one(class_="message__body").text == "Good morning"
    assert shown(bob, message).one(class_="message__edited").text.startswith("edited")


def test_nobody_else_edits(alice: Person, bob: Person, ada: Person, message: Message) -> None:
    for person in (bob, ada):
        answer = act(person, message, "edit", body="Good night")
        assert answer.status_code == 403
        assert "Good night" in answer.text
        assert person.get(f"/rooms/{message.room_id}/messages/{message.ordinal}/edit").status_code == 403
    assert shown(alice, message).one(class_="message__body").text == "Good mornin"


def test_what_could_not_be_saved_is_given_back(alice: Person, message: Message) -> None:
    answer = act(alice, message, "edit", body="x" * 8001)
    assert answer.status_code == 400
    assert "x" * 8001 in answer.text


def test_a_page_that_asked_by_script_gets_a_sentence_or_nothing(alice: Person, message: Message) -> None:
    url = f"/rooms/{message.room_id}/messages/{message.ordinal}/edit"
    saved = alice.post(url, {"body": "Good day"}, headers={"HX-Request": "true"})
    assert (saved.status_code, saved.text) == (204, "")
    refused = alice.post(url, {"body": " "}, headers={"HX-Request": "true"})
    assert (refused.status_code, refused.text) == (400, "There is nothing in this message.")
    form = parse(alice.get(url, headers={"HX-Request": "true"}).text).elements
    assert [element.tag for element in form] == ["form"]


def test_the_form_has_the_source_with_the_names_of_today(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    body = "@bob, @bob. and @bob.x: `a` **b** <i> but not me@bob or @bobby"
    with app.app_context():
        message = post(lobby, alice.user, body, uuid4()).message
        with writing():
            Rights.bump()
            person = User.get(bob.id)
            person.username, person.username_key = "Robert", name_key("Robert")
    page = parse(alice.get(f"/rooms/{lobby.id}/messages/{message.ordinal}/edit").text)
    expected = "@Robert, @Robert. and @Robert.x: `a` **b** <i> but not me@bob or @bobby"
    assert page.one("textarea", name="body").text.removeprefix("\n") == expected


@pytest.mark.parametrize(("who", "by"), [("alice", "its author"), ("sam", "staff")])
def test_a_deleted_message_leaves_a_tombstone(
    request: pytest.FixtureRequest, app: Flask, bob: Person, message: Message, who: str, by: str
) -> None:
    person: Person = request.getfixturevalue(who)
    assert act(bob, message, "reactions", emoji="👍").status_code == 303
    for _ in range(2):
        assert act(person, message, "delete").status_code == 303
    tombstone = shown(bob, message)
    assert tombstone.one(class_="message__gone").text == f"This message was deleted by {by}."
    assert tombstone["data-revision"] == str(message.revision + 2)
    assert not tombstone.all("button")
    for what, fields in [("edit", {"body": "back"}), ("reactions", {"emoji": "👍"})]:
        assert act(person, message, what, **fields).status_code == 403
    with app.app_context():
        assert Message.at(message.room_id, message.ordinal).body == ""


def test_a_member_does_not_delete_what_another_said(alice: Person, bob: Person, message: Message) -> None:
    assert act(bob, message, "delete").status_code == 403
    assert shown(alice, message).all(class_="message__body")


def test_a_reaction_is_put_and_taken_away(alice: Person, bob: Person, message: Message) -> None:
    both = f"{bob.id} {alice.id}"
    for person, fields, expected in [
        (bob, {"emoji": "👍"}, {"👍": str(bob.id)}),
        (alice, {"emoji": "👍", "off": "false"}, {"👍": both}),
        (alice, {"emoji": "👍", "off": "false"}, {"👍": both}),
        (alice, {"emoji": "🎉", "off": "true"}, {"👍": both}),
        (alice, {"emoji": "🎉"}, {"👍": both, "🎉": str(alice.id)}),
        (bob, {"emoji": "👍"}, {"👍": str(alice.id), "🎉": str(alice.id)}),
        (alice, {"emoji": "👍", "off": "true"}, {"🎉": str(alice.id)}),
    ]:
        assert act(person, message, "reactions", **fields).status_code == 303
        assert tallies(alice, message) == expected
    assert act(bob, message, "reactions", emoji="no").status_code == 400


def test_who_reacted_is_said_by_name(app: Flask, alice: Person, bob: Person, lobby: Room, message: Message) -> None:
    people = [Person(app, f"person{number}") for number in range(1, 22)]
    with app.app_context():
        for person in people:
            react(lobby, person.user, message.ordinal, "🎉", on=True)
        react(lobby, bob.user, message.ordinal, "👍", on=True)
    who = [button.one(class_="tip").text for button in shown(alice, message).all("button", name="emoji")]
    assert who == [", ".join(f"person{number}" for number in range(1, 21)) + " and 1 other", "bob"]


def test_a_reply_quotes_what_it_answers(app: Flask, alice: Person, bob: Person, message: Message) -> None:
    field = parse(bob.get(f"/rooms/{message.room_id}?reply_to={message.ordinal}").text).one("input", name="reply_to")
    assert bob.say(message.room_id, "To you too", reply_to=field["value"]).status_code == 303
    with app.app_context():
        reply = Message.latest(message.room_id, 1)[0]
    quote = shown(alice, reply).one("a", class_="message__quote")
    assert quote["href"] == f"/rooms/{message.room_id}/messages/{message.ordinal}"
    assert quote.text.split() == ["alice", "Good", "mornin"]
    act(alice, message, "delete")
    assert "This message was deleted." in shown(alice, reply).one("a", class_="message__quote").text
    assert bob.say(message.room_id, "To nobody", reply_to="404").status_code == 400
    assert bob.say(message.room_id, "To nobody", reply_to="x").status_code == 400
    assert bob.get(f"/rooms/{message.room_id}?reply_to=404").status_code == 200


@pytest.mark.parametrize("what", ["edit", "delete", "reactions"])
def test_it_has_to_be_a_message_of_a_room_that_one_sees(
    app: Flask, alice: Person, mallory: Person, sam: Person, backstage: Room, message: Message, what: str
) -> None:
    with app.app_context():
        secret = post(backstage, sam.user, "psst", uuid4()).message
        post(backstage, sam.user, "psst", uuid4())
    fields = {"body": "mine", "emoji": "👍"}
    assert act(mallory, secret, what, **fields).status_code == 404
    for ordinal in (2, 0, 10**30):  # the second is one of the other room
        url = f"/rooms/{message.room_id}/messages/{ordinal}/{what}"
        assert alice.post(url, fields).status_code == 404
    assert shown(sam, secret).one(class_="message__body").text == "psst"


@pytest.mark.parametrize("what", ["edit", "delete", "reactions"])
def test_nothing_changes_in_an_archived_room(
    app: Flask, alice: Person, lobby: Room, message: Message, what: str
) -> None:
    with app.app_context():
        rooms.archive(lobby.id)
    answer = act(alice, message, what, body="too late", emoji="👍")
    assert answer.status_code == 403
    assert "archived" in answer.text
    assert shown(alice, message)["data-revision"] == str(message.revision)


def test_one_is_offered_what_one_may_do(alice: Person, bob: Person, sam: Person, message: Message) -> None:
    for person, offered in [
        (alice, ["Reply", "Edit", "Delete this message"]),
        (bob, ["Reply"]),
        (sam, ["Reply", "Delete this message"]),
    ]:
        page = parse(person.get(f"/rooms/{message.room_id}/messages/{message.ordinal}/actions").text)
        controls = page.one(class_="actions").all("a") + page.one(class_="actions").all("button")
        texts = [control.text.strip() for control in controls]
        assert [text for text in texts if text in ("Reply", "Edit", "Delete this message")] == offered


def test_emoji_are_found_by_name(alice: Person) -> None:
    def found(query: str) -> list[str | None]:
        return [button["value"] for button in parse(alice.get(f"/emoji?q={query}").text).all("button")]

    assert found("tada")[0] == found(":tada:")[0] == "🎉"
    assert "👍" in found("thumbs")
    assert found("thumbs up")[0] == "👍"
    assert len(found("")) > 1000
    assert found("nothing+of+this+name") == []


def test_a_message_that_cannot_be_rendered_breaks_nothing(
    app: Flask, alice: Person, bob: Person, lobby: Room, message: Message, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(body: str, *_: object) -> str:
        if "mornin" in body:
            raise ValueError("a fault of ours")
        return body

    for environment in (app.jinja_env, app.extensions["fragments"]):
        environment.filters["with_names"] = stumble
    bob.say(lobby.id, "Still here")
    page = parse(alice.get(f"/rooms/{lobby.id}").text)
    broken, whole = page.one("room-timeline").all("article")
    assert "cannot be shown" in broken.one(class_="message__gone").text
    assert whole.one(class_="message__body").text == "<p>Still here</p>"
    for name in ("room", "ordinal", "revision", "author-id", "client-id"):
        assert broken[f"data-{name}"]
    # As everybody gets it live, in a catch-up, and in a reset.
    assert act(alice, message, "edit", body="Good *mornin* again").status_code == 303
    log = DatabaseLog(app)
    changes = log.changes(lobby.id, 0)
    assert changes is not None
    assert [parse(html).one("article").all(class_="message__body") != [] for _, html in changes.upserts] == [
        True,
        False,
    ]
    assert len(parse(log.page(lobby.id).html).all("article")) == 2
    assert "cannot be rendered" in caplog.text
    with app.app_context():
        assert "message--unrenderable" in render_fragment("frames/message_unrenderable.html", message=message)
