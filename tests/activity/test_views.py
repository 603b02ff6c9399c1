"""What was said to somebody, in one list."""

from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask

from multichat import config
from multichat.accounts import changes as accounts
from multichat.database import writing
from multichat.messages.changes import delete, edit, post
from multichat.models import PAGE_SIZE, Access, Activity, Membership, Role, Room
from multichat.rooms import changes as rooms
from tests.support.markup import Element, parse
from tests.support.person import Person


@pytest.fixture
def settings(settings: config.Settings) -> config.Settings:
    """As fast as a test speaks."""
    return replace(settings, MULTICHAT_MESSAGE_RATE="1000 per second")


def listed(person: Person, query: str = "") -> list[Element]:
    page = person.get(f"/activity{query}")
    assert page.status_code == 200
    return parse(page.text).all("a", class_="activity__link")


def words(entry: Element) -> str:
    """A time is not asked for: it is the reader's own."""
    head, text = (entry.one("span", class_=f"activity__{part}") for part in ("head", "text"))
    return " ".join(f"{head.text} {text.text}".split())


def is_unread(entry: Element) -> bool:
    return "Unread" in entry.text


def has_dot(person: Person) -> bool:
    states = parse(person.get("/").text).one("room-states")
    return states["data-activity"] == "true"


def enter(app: Flask, room: Room, *people: Person) -> None:
    with app.app_context(), writing():
        for person in people:
            Membership.raise_last_read(room.id, person.id, 0)


def test_mentions_replies_and_calls_are_listed_newest_first(
    app: Flask, alice: Person, bob: Person, lobby: Room
) -> None:
    enter(app, lobby, alice, bob)
    alice.say(lobby.id, "Who comes along?")
    bob.say(lobby.id, "@alice does")
    with app.app_context():
        post(lobby, bob.user, "I do", uuid4(), reply_to=1)
    bob.say(lobby.id, "@room we leave")
    bob.say(lobby.id, "Nobody is meant")
    assert [words(entry) for entry in listed(alice)] == [
        "bob called all members of Lobby @room we leave",
        "bob replied to you in Lobby I do",
        "bob mentioned you in Lobby @alice does",
    ]
    assert listed(alice)[2]["href"].startswith(f"/rooms/{lobby.id}/messages/2#")
    assert not listed(bob)


def test_who_was_never_called_is_told_what_will_be_here(alice: Person) -> None:
    assert "Nobody has called you yet" in alice.get("/activity").text


def test_an_entry_is_read_with_its_room(alice: Person, bob: Person, lobby: Room) -> None:
    bob.say(lobby.id, "@alice once")
    assert has_dot(alice)
    assert [is_unread(entry) for entry in listed(alice)] == [True]
    alice.post(f"/rooms/{lobby.id}/read")
    assert not has_dot(alice)
    bob.say(lobby.id, "@alice twice")
    assert [is_unread(entry) for entry in listed(alice)] == [True, False]


def test_looking_at_the_list_reads_nothing(alice: Person, bob: Person, lobby: Room) -> None:
    bob.say(lobby.id, "@alice hi")
    assert is_unread(*listed(alice))
    assert is_unread(*listed(alice))


def test_what_is_deleted_or_no_longer_said_to_one_is_gone(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    bob.say(lobby.id, "@alice one")
    bob.say(lobby.id, "@alice two")
    assert len(listed(alice)) == 2
    with app.app_context():
        delete(lobby, bob.user, 1)
        edit(lobby, bob.user, 2, "two")
    assert not listed(alice)


def test_what_was_said_where_one_may_no_longer_be_is_not_shown(
    app: Flask, alice: Person, sam: Person, ada: Person, backstage: Room, lobby: Room
) -> None:
    ada.say(backstage.id, "@sam between us")
    ada.say(lobby.id, "@sam hello")
    assert [words(entry) for entry in listed(sam)][1] == "ada mentioned you in Backstage @sam between us"
    with app.app_context():
        accounts.set_role(sam.id, Role.member)
    assert [words(entry) for entry in listed(sam)] == ["ada mentioned you in Lobby @sam hello"]


def test_a_room_that_became_private_takes_its_entries_along(
    app: Flask, alice: Person, bob: Person, lobby: Room
) -> None:
    bob.say(lobby.id, "@alice hi")
    assert has_dot(alice)
    with app.app_context():
        rooms.edit(lobby.id, "Lobby", "", Access.private)
    assert not listed(alice)
    assert not has_dot(alice)


def test_a_new_name_is_everywhere(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    bob.say(lobby.id, "@alice hi")
    with app.app_context():
        accounts.rename(alice.id, "Alice Liddell")
        accounts.rename(bob.id, "Robert")
    assert [words(entry) for entry in listed(alice)] == ["Robert mentioned you in Lobby @Alice Liddell hi"]


def test_older_ones_are_a_page_away(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    _mention(app, alice, bob, lobby, PAGE_SIZE + 2)
    page = parse(alice.get("/activity").text)
    assert words(page.all("a", class_="activity__link")[-1]).endswith("@alice 3")
    (older,) = [link for link in page.all("a") if link.text.strip() == "Older"]
    assert [words(entry)[-8:] for entry in listed(alice, older["href"].removeprefix("/activity"))] == [
        "@alice 2",
        "@alice 1",
    ]
    for nonsense in ("x", "0", "-1", "9" * 30):
        assert len(listed(alice, f"?before={nonsense}")) == PAGE_SIZE


def test_a_list_takes_four_statements_however_long_it_is(
    app: Flask, alice: Person, bob: Person, lobby: Room, statements: list[str]
) -> None:
    counts = []
    for number in (1, 30):
        _mention(app, alice, bob, lobby, number)
        statements.clear()
        with app.app_context():
            assert Activity.latest(alice.id, PAGE_SIZE)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 4


def _mention(app: Flask, whom: Person, by: Person, room: Room, number: int) -> None:
    with app.app_context():
        for each in range(1, number + 1):
            post(room, by.user, f"@{whom.username} {each}", uuid4())
