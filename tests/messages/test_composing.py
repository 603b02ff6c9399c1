"""What somebody is shown while they write."""

import pytest
from flask import Flask

from multichat.accounts import changes as accounts
from multichat.database import writing
from multichat.messages.addressing import ROOM_CALL_LIMIT
from multichat.messages.composing import OFFERS_LIMIT, PREVIEWS
from multichat.models import Access, Membership, Room, User, audience
from multichat.rooms import changes as rooms
from tests.support.markup import Element, parse
from tests.support.person import Person


def register(app: Flask, *names: tuple[str, str]) -> list[int]:
    """People by username and display name."""
    with app.app_context(), writing():
        return [User.register(username, "", name).id for username, name in names]


def join(app: Flask, room: Room, *user_ids: int) -> None:
    with app.app_context(), writing():
        for user_id in user_ids:
            Membership.raise_last_read(room.id, user_id, 0)


def offered(person: Person, room: Room, begun: str = "") -> list[str | None]:
    """What would be put in place of what is begun."""
    answer = person.get(f"/rooms/{room.id}/people", query_string={"q": begun})
    assert answer.status_code == 200
    return [option["data-insert"] for option in parse(answer.text).all(role="option")]


def preview(person: Person, room: Room, body: str) -> Element:
    answer = person.post(f"/rooms/{room.id}/messages/preview", {"body": body})
    assert answer.status_code == 200
    return parse(answer.text).one(class_="message__body")


@pytest.fixture
def private(app: Flask, alice: Person, bob: Person) -> Room:
    """A private room that alice and bob belong to."""
    with app.app_context():
        room = rooms.create("Private", Access.private)
    join(app, room, alice.id, bob.id)
    return room


@pytest.mark.parametrize("begun", ["fr", "FR", "Fré", "fre\u0301", "lei", "LEI"])
def test_a_person_is_found_by_the_beginning_of_any_of_their_names(
    app: Flask, alice: Person, lobby: Room, begun: str
) -> None:
    register(app, ("frederic", "Frédéric Anna-Leia"), ("tom", "Tom Alfred"))
    assert offered(alice, lobby, begun) == ["@frederic "]


@pytest.mark.parametrize("begun", ["ed", "x", "%", "_", ".", "fr\0", "(", "f" * 65])
def test_nobody_is_found_by_what_begins_no_name(app: Flask, alice: Person, lobby: Room, begun: str) -> None:
    register(app, ("frederic", "Frédéric"))
    assert offered(alice, lobby, "fre") == ["@frederic "]
    assert offered(alice, lobby, begun) == []


def test_of_a_private_room_its_members_alone_are_offered(
    alice: Person, bob: Person, mallory: Person, private: Room, lobby: Room
) -> None:
    assert offered(alice, lobby) == ["@bob ", "@mallory ", "@here ", "@room "]
    assert offered(alice, private) == ["@bob ", "@here ", "@room "]
    assert offered(alice, private, "mal") == []


def test_an_outsider_is_offered_nobody(mallory: Person, private: Room) -> None:
    for room_id in (private.id, 404):
        assert mallory.get(f"/rooms/{room_id}/people").status_code == 404
        assert mallory.post(f"/rooms/{room_id}/messages/preview", {"body": "hi"}).status_code == 404


def test_whoever_is_inactive_is_not_offered(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    assert offered(alice, lobby, "bo") == ["@bob "]
    with app.app_context():
        accounts.deactivate(bob.id)
    assert offered(alice, lobby, "bo") == []


def test_of_a_staff_room_a_member_who_is_no_longer_staff_is_not_offered(
    app: Flask, sam: Person, ada: Person, alice: Person, backstage: Room
) -> None:
    join(app, backstage, alice.id)
    assert offered(sam, backstage) == ["@ada ", "@here ", "@room "]


def test_who_is_there_comes_first_and_then_the_members(app: Flask, alice: Person, lobby: Room) -> None:
    absent, member, here = register(app, ("anna", "Anna"), ("bert", "Bert"), ("carl", "Carl"))
    join(app, lobby, member, here)
    with app.app_context():
        found = audience.beginning(lobby.id, alice.id, "", [alice.id, here], OFFERS_LIMIT)
    assert [user.id for user in found] == [here, member, absent]


def test_a_few_are_offered_with_two_statements_however_many_there_are(
    app: Flask, alice: Person, lobby: Room, statements: list[str]
) -> None:
    counts = []
    for number in (1, 3 * OFFERS_LIMIT):
        ids = register(app, *((f"zoe{number}.{index}", f"Zoe {index:03}") for index in range(number)))
        join(app, lobby, *ids[::2])
        statements.clear()
        with app.app_context():
            found = audience.beginning(lobby.id, alice.id, "zo", [], OFFERS_LIMIT)
        assert len(found) == min(number, OFFERS_LIMIT)
        counts.append(len(statements))
    assert counts == [2, 2]


def test_all_members_of_a_large_room_are_staffs_to_call(app: Flask, alice: Person, sam: Person, lobby: Room) -> None:
    join(app, lobby, *register(app, *((f"u{number}", "U") for number in range(ROOM_CALL_LIMIT))))
    assert offered(alice, lobby, "roo") == ["@room "]
    join(app, lobby, alice.id)
    assert offered(alice, lobby, "roo") == []
    assert offered(alice, lobby, "HE") == ["@here "]
    assert offered(sam, lobby, "roo") == ["@room "]


def test_emoji_are_found_by_the_beginnings_of_their_names(alice: Person) -> None:
    def offered(begun: str) -> list[str | None]:
        answer = alice.get("/emoji/beginning", query_string={"q": begun})
        return [option["data-insert"] for option in parse(answer.text).all(role="option")]

    assert offered("Smil")[:2] == ["😄", "😃"]
    assert len(offered("smil")) == OFFERS_LIMIT
    assert offered("thumbsup") == ["👍"]
    assert "🙃" in offered("down_fa")
    assert offered("no_such") == []


def test_a_preview_is_what_is_stored(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    body = "**Hi** @bob, @nobody and @here :tada:\n\n```python\nprint(1)\n```\n<script>x</script>"
    shown = preview(alice, lobby, body)
    assert shown.one("span", data_person=str(bob.id)).text == "@bob"
    assert not shown.all("script")
    alice.say(lobby.id, body)
    stored = parse(alice.get(f"/rooms/{lobby.id}").text).one("article", data_ordinal="1").one(class_="message__body")
    assert shown.text == stored.text
    assert [(each.tag, each.attributes) for each in shown.all()] == [
        (each.tag, each.attributes) for each in stored.all()
    ]


def test_a_preview_is_of_nothing_that_was_said(alice: Person, lobby: Room) -> None:
    preview(alice, lobby, "hi")
    assert not parse(alice.get(f"/rooms/{lobby.id}").text).all("article", data_ordinal=None)


@pytest.mark.parametrize("body", ["", "   ", "x" * 8001])
def test_what_cannot_be_sent_is_refused_in_the_same_words(alice: Person, lobby: Room, body: str) -> None:
    refused = alice.post(f"/rooms/{lobby.id}/messages/preview", {"body": body})
    assert refused.status_code == 422
    assert parse(refused.text).one(role="alert").text in alice.say(lobby.id, body).text


def test_a_call_that_will_be_refused_is_so_in_the_preview(app: Flask, alice: Person, lobby: Room) -> None:
    join(app, lobby, *register(app, *((f"u{number}", "U") for number in range(ROOM_CALL_LIMIT + 1))))
    refused = alice.post(f"/rooms/{lobby.id}/messages/preview", {"body": "@room wake up"})
    assert refused.status_code == 422
    assert "@room is for staff here" in refused.text


def test_previews_are_paced(alice: Person, bob: Person, lobby: Room) -> None:
    for _ in range(PREVIEWS):
        preview(alice, lobby, "hi")
    assert alice.post(f"/rooms/{lobby.id}/messages/preview", {"body": "hi"}).status_code == 429
    preview(bob, lobby, "hi")


def test_a_foreign_page_previews_nothing(alice: Person, lobby: Room) -> None:
    assert alice.client.post(f"/rooms/{lobby.id}/messages/preview", data={"body": "hi"}).status_code == 400
