"""Home and the room pages, as a person finds them."""

from datetime import datetime
from uuid import uuid4

import pytest
from flask import Flask

from multichat.database import writing
from multichat.messages.changes import delete, post
from multichat.models import PAGE_SIZE, Access, Membership, Message, Notify, Room
from multichat.pace import Paces
from multichat.realtime import Realtime
from multichat.rooms import changes
from multichat.rooms.pane import PANES_LIMIT
from tests.support.markup import Element, parse
from tests.support.memberships import last_read
from tests.support.person import Person

EARLIER = "timeline__way timeline__way--earlier"
LATER = "timeline__way timeline__way--later"
NEWEST = "timeline__newest"


def page(person: Person, path: str) -> Element:
    answer = person.get(path)
    assert answer.status_code == 200
    return parse(answer.text)


def say(app: Flask, person: Person, room: Room, *bodies: str) -> list[Message]:
    with app.app_context():
        return [post(room, person.user, body, uuid4()).message for body in bodies]


def room_links(element: Element) -> list[str | None]:
    return [link["href"] for link in element.one(class_="home").all("a") if "/rooms/" in (link["href"] or "")]


def bodies(pane: Element) -> list[str]:
    """What is said in its timeline; a form has a message too, which is not sent yet."""
    return [body.text for body in pane.one("room-timeline").all(class_="message__body")]


# Home


def test_home_lists_the_rooms_that_one_may_see(alice: Person, sam: Person, lobby: Room, backstage: Room) -> None:
    assert room_links(page(alice, "/")) == [f"/rooms/{lobby.id}"]
    assert room_links(page(sam, "/")) == [f"/rooms/{backstage.id}", f"/rooms/{lobby.id}"]
    assert "Backstage" not in page(alice, "/").text


def test_home_says_how_many_are_in_a_room(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    here: Realtime = app.extensions["realtime"]
    assert page(alice, "/").one(class_="home").one("span", data_room_present=str(lobby.id)).text == ""
    for person in (alice, bob):
        app.extensions["attendance"]._roster.join((lobby.id, person.id, f"tab of {person.username}"))
    assert page(alice, "/").one(class_="home").one("span", data_room_present=str(lobby.id)).text == "2"
    assert here.here.counts([lobby.id]) == {lobby.id: 2}


def test_an_archived_room_is_listed_apart(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        changes.archive(lobby.id)
    home = page(alice, "/")
    assert home.one(id="room-list").one("details").all("a", href=f"/rooms/{lobby.id}")


def test_with_no_room_an_administrator_sees_where_to_make_one(ada: Person, alice: Person) -> None:
    hers = page(ada, "/").one(class_="blank home__no-rooms")
    assert [link["href"] for link in hers.all("a")] == ["/admin/rooms/new/"]
    others = page(alice, "/").one(class_="blank home__no-rooms")
    assert others.all("a") == []
    assert "No room is open to you yet" in others.text


# A room


def test_a_room_shows_its_last_messages_oldest_first(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    say(app, bob, lobby, "hi", "how are you?")
    room = page(alice, f"/rooms/{lobby.id}")
    assert room.one("h1").text.strip() == "Lobby"
    assert bodies(room) == ["hi", "how are you?"]
    timeline = room.one("room-timeline")
    assert timeline["data-revision"] == "2"
    assert timeline["data-newest"] == "true"
    assert [message["data-ordinal"] for message in timeline.elements] == ["1", "2"]
    assert {author.text for author in timeline.all(class_="message__author")} == {"bob"}


def test_what_people_say_is_text(app: Flask, alice: Person, lobby: Room) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>\n<div ws-connect=//evil.example>"
    say(app, alice, lobby, attack)
    timeline = page(alice, f"/rooms/{lobby.id}").one("room-timeline")
    assert timeline.one(class_="message__body").text == attack
    assert {element.tag for element in timeline.one(class_="message__body").all()} == {"p", "br"}


def test_a_deleted_message_is_said_to_be_gone(app: Flask, alice: Person, lobby: Room) -> None:
    (first, _) = say(app, alice, lobby, "a secret", "no secret")
    with app.app_context():
        delete(lobby, alice.user, first.ordinal)
    room = page(alice, f"/rooms/{lobby.id}")
    assert bodies(room) == ["no secret"]
    assert "a secret" not in room.text.replace("no secret", "")
    assert (
        room.one("article", id=f"message-{first.id}").one(class_="message__gone").text
        == "This message was deleted by its author."
    )


@pytest.fixture
def unhurried(app: Flask) -> None:
    """People may say more than a page shows."""
    app.extensions["message_paces"] = Paces(1000, 1)


@pytest.fixture
def long_room(app: Flask, alice: Person, lobby: Room, unhurried: None) -> Room:
    """With more messages than a page shows."""
    say(app, alice, lobby, *(f"message {number}" for number in range(1, PAGE_SIZE + 6)))
    return lobby


def numbered(first: int, last: int) -> list[str]:
    return [f"message {number}" for number in range(first, last + 1)]


def shown(element: Element, class_: str) -> bool:
    return "hidden" not in element.one("a", class_=class_).attributes


def followed(person: Person, element: Element, class_: str) -> Element:
    assert shown(element, class_)
    return page(person, (element.one("a", class_=class_)["href"] or "").partition("#")[0])


def test_earlier_and_later_messages_are_a_link_away(alice: Person, long_room: Room) -> None:
    newest = page(alice, f"/rooms/{long_room.id}")
    assert bodies(newest) == numbered(6, PAGE_SIZE + 5)
    assert not shown(newest, LATER)

    earlier = followed(alice, newest, EARLIER)
    assert bodies(earlier) == numbered(1, 5)
    assert earlier.one("room-timeline")["data-newest"] == "false"
    assert earlier.one("room-timeline")["data-earlier"] == "false"
    assert not shown(earlier, EARLIER)

    for link in (LATER, NEWEST):
        back = followed(alice, earlier, link)
        assert bodies(back) == numbered(6, PAGE_SIZE + 5)
        assert back.one("room-timeline")["data-newest"] == "true"
        assert not shown(back, NEWEST)


def test_history_keeps_the_rooms_beside_it_open(app: Flask, alice: Person, long_room: Room) -> None:
    with app.app_context():
        garden = changes.create("Garden")
    both = page(alice, f"/rooms/{long_room.id}?beside={garden.id}")
    first, _ = both.all("section", class_="pane")
    earlier = followed(alice, first, EARLIER)
    assert open_rooms(earlier) == [f"room-{long_room.id}", f"room-{garden.id}"]
    assert bodies(earlier.one("section", id=f"room-{long_room.id}")) == numbered(1, 5)
    day = alice.get(f"/rooms/{long_room.id}?date=2020-01-01&beside={garden.id}").location
    assert open_rooms(page(alice, day.partition("#")[0])) == [f"room-{long_room.id}", f"room-{garden.id}"]


def test_an_address_of_history_may_be_nonsense(alice: Person, long_room: Room) -> None:
    newest, oldest = numbered(6, PAGE_SIZE + 5), numbered(1, PAGE_SIZE)
    nonsense = ("x", "", "1e3")
    beyond = (str(10**6), str(2**31), str(2**63), str(10**300))
    below = ("0", "-5", str(-(2**63) - 1))
    for window, expected in [
        *((f"before={text}", newest) for text in (*nonsense, *beyond)),
        *((f"before={text}", oldest) for text in (*below, "1")),
        *((f"after={text}", newest) for text in (*nonsense, *beyond, "6", "55")),
        *((f"after={text}", oldest) for text in below),
        *((f"date={text}", newest) for text in (*nonsense, "2026-13-01", "9999-12-31T23:59:59-12:00", str(10**9))),
        ("before=3&newest=1", newest),
    ]:
        assert bodies(page(alice, f"/rooms/{long_room.id}?{window}")) == expected, window


def test_a_window_of_an_empty_room_is_empty(alice: Person, lobby: Room) -> None:
    for window in ("before=1", "before=7", "after=0", "after=7", "newest=1"):
        empty = page(alice, f"/rooms/{lobby.id}?{window}")
        assert bodies(empty) == []
        assert "begins" in empty.one(class_="timeline__start").text
        assert not any(shown(empty, link) for link in (EARLIER, LATER, NEWEST)), window


def test_a_message_has_an_address_that_shows_it_in_its_surroundings(
    app: Flask, alice: Person, bob: Person, long_room: Room
) -> None:
    say(app, bob, long_room, *numbered(PAGE_SIZE + 6, 2 * PAGE_SIZE))
    for ordinal, first in [(1, 1), (2, 1), (25, 1), (26, 1), (27, 2), (60, 35), (76, 51), (99, 51), (100, 51)]:
        around = page(alice, f"/rooms/{long_room.id}/messages/{ordinal}")
        assert bodies(around) == numbered(first, first + PAGE_SIZE - 1), ordinal
        timeline = around.one("room-timeline")
        marked = timeline.one("article", aria_current="true")
        assert marked["data-ordinal"] == str(ordinal)
        link = marked.one("a", class_="message__time")
        assert link["href"] == f"/rooms/{long_room.id}/messages/{ordinal}#{marked['id']}"
        assert timeline["data-earlier"] == ("true" if first > 1 else "false")
        assert timeline["data-newest"] == ("true" if first == PAGE_SIZE + 1 else "false")


def test_a_tombstone_has_its_address_too(app: Flask, alice: Person, lobby: Room) -> None:
    (first, _) = say(app, alice, lobby, "a secret", "no secret")
    with app.app_context():
        delete(lobby, alice.user, first.ordinal)
    marked = page(alice, f"/rooms/{lobby.id}/messages/1").one("article", aria_current="true")
    assert marked.one(class_="message__gone").text == "This message was deleted by its author."


def test_no_message_is_like_one_that_one_may_not_see(
    app: Flask, alice: Person, sam: Person, lobby: Room, backstage: Room
) -> None:
    say(app, alice, lobby, "hi")
    say(app, sam, backstage, "in there")
    assert sam.get(f"/rooms/{backstage.id}/messages/1").status_code == 200
    missing = alice.get("/rooms/404").text
    for room_id, ordinal in [(backstage.id, 1), (404, 1), (10**300, 1)]:
        answer = alice.get(f"/rooms/{room_id}/messages/{ordinal}")
        assert (answer.status_code, answer.text) == (404, missing)
    for ordinal in (0, 2, 2**31, 2**63, 10**300):
        answer = alice.get(f"/rooms/{lobby.id}/messages/{ordinal}")
        assert (answer.status_code, answer.text) == (404, missing)


def test_a_day_leads_to_its_first_message(app: Flask, alice: Person, lobby: Room) -> None:
    messages = say(app, alice, lobby, *numbered(1, 6))
    days = ("2026-03-01T22:30", "2026-03-02T00:00", "2026-03-02T09:00", "2026-03-02T09:00", "2026-03-05T12:00", None)
    with app.app_context(), writing() as session:
        for message, day in zip(messages, days, strict=True):
            if day:
                session.get_one(Message, message.id).created_at = datetime.fromisoformat(f"{day}Z")
    for asked, ordinal in [
        ("2026-01-01", 1),
        ("0001-01-01", 1),
        ("2026-03-02", 2),
        ("2026-03-02T00:00:01Z", 3),
        ("2026-03-02T00:00:00%2B02:00", 1),
        ("2026-03-01T23:00:00.000Z", 2),
        ("2026-03-03", 5),
        ("2026-03-06", 6),
    ]:
        answer = alice.get(f"/rooms/{lobby.id}?date={asked}")
        assert answer.status_code == 302
        assert answer.location == f"/rooms/{lobby.id}/messages/{ordinal}#message-{messages[ordinal - 1].id}", asked
    assert alice.get(f"/rooms/{lobby.id}?date=9999-12-31").location == f"/rooms/{lobby.id}?newest=1"


def test_the_days_of_a_room_are_for_who_may_see_it(app: Flask, alice: Person, sam: Person, backstage: Room) -> None:
    say(app, sam, backstage, "in there")
    assert sam.get(f"/rooms/{backstage.id}?date=2026-01-01").status_code == 302
    assert alice.get(f"/rooms/{backstage.id}?date=2026-01-01").status_code == 404


def test_staff_may_choose_a_level_and_members_may_not(alice: Person, sam: Person, lobby: Room) -> None:
    levels = [
        choice["value"] for choice in page(sam, f"/rooms/{lobby.id}").one(class_="composer").all("input", name="level")
    ]
    assert levels == ["message", "warning", "alert", "muted"]
    assert page(alice, f"/rooms/{lobby.id}").one(class_="composer").all("input", name="level") == []


def test_an_archived_room_is_read_and_not_written_to(app: Flask, alice: Person, lobby: Room) -> None:
    say(app, alice, lobby, "while it is open")
    assert page(alice, f"/rooms/{lobby.id}").all("textarea", name="body")
    with app.app_context():
        changes.archive(lobby.id)
    room = page(alice, f"/rooms/{lobby.id}")
    assert bodies(room) == ["while it is open"]
    assert room.all("textarea") == []
    assert "archived" in room.one(class_="composer__closed").text


def test_who_is_here_is_on_the_page(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    app.extensions["attendance"]._roster.join((lobby.id, bob.id, "a tab"))
    roster = page(alice, f"/rooms/{lobby.id}").one(id=f"room-{lobby.id}-roster")
    assert [person["data-person"] for person in roster.all("li", data_person=None)] == [str(bob.id)]


def test_who_is_away_is_on_the_page(app: Flask, alice: Person, bob: Person, sam: Person, lobby: Room) -> None:
    for person in (alice, bob, sam):
        say(app, person, lobby, "hi")
    app.extensions["attendance"]._roster.join((lobby.id, sam.id, "a tab"))
    roster = page(alice, f"/rooms/{lobby.id}").one(id=f"room-{lobby.id}-roster")
    here, away = roster.all("section")
    assert [" ".join(section.one("h3").text.split()) for section in (here, away)] == ["Here now 1", "Away 1"]
    names = [[name.text for name in section.all(class_="roster__name")] for section in (here, away)]
    assert names == [["sam"], ["bob"]], "whoever looks is not told that they are away"


def test_each_form_posts_under_an_id_of_its_own(alice: Person, lobby: Room) -> None:
    ids = {page(alice, f"/rooms/{lobby.id}").one("input", name="client_id")["value"] for _ in range(2)}
    assert len(ids) == 2


def test_a_room_that_one_may_not_see_is_like_none_at_all(alice: Person, sam: Person, backstage: Room) -> None:
    assert sam.get(f"/rooms/{backstage.id}").status_code == 200
    missing = alice.get("/rooms/404")
    assert missing.status_code == 404
    for room_id in (backstage.id, 0, 2**31, 2**63, 10**300):
        answer = alice.get(f"/rooms/{room_id}")
        assert (answer.status_code, answer.text) == (404, missing.text)


def test_a_private_room_is_there_for_its_members(app: Flask, alice: Person, ada: Person) -> None:
    with app.app_context():
        den = changes.create("Den", Access.private)
    assert alice.get(f"/rooms/{den.id}").status_code == 404
    make_member(app, alice, den)
    assert alice.get(f"/rooms/{den.id}").status_code == 200
    assert ada.get(f"/rooms/{den.id}").status_code == 404


def make_member(app: Flask, person: Person, room: Room) -> None:
    with app.app_context(), writing():
        Membership.raise_last_read(room.id, person.id, 0)


# What is new


def line(pane: Element) -> str | None:
    """The text of the message that the "new" line stands before; none without such a line."""
    timeline = pane.one("room-timeline").elements
    lines = [place for place, element in enumerate(timeline) if element["class"] == "new-line"]
    assert len(lines) <= 1
    return timeline[lines[0] + 1].one(class_="message__body").text if lines else None


def read_up_to(app: Flask, person: Person, room: Room, ordinal: int) -> None:
    with app.app_context(), writing():
        Membership.raise_last_read(room.id, person.id, ordinal)


@pytest.mark.parametrize(
    ("last_read", "first", "new"),
    [(120, 71, None), (119, 71, 120), (70, 71, 71), (69, 45, 70), (30, 6, 31), (3, 1, 4), (0, 1, 1)],
)
def test_a_room_opens_where_it_is_new(
    app: Flask, alice: Person, bob: Person, lobby: Room, unhurried: None, last_read: int, first: int, new: int | None
) -> None:
    say(app, bob, lobby, *(f"message {number}" for number in range(1, 121)))
    read_up_to(app, alice, lobby, last_read)
    room = page(alice, f"/rooms/{lobby.id}")
    assert bodies(room) == [f"message {number}" for number in range(first, first + PAGE_SIZE)]
    assert line(room) == (f"message {new}" if new else None)
    assert room.one("room-timeline")["data-newest"] == str(first == 71).lower()
    # The newest are asked for by name.
    assert bodies(page(alice, f"/rooms/{lobby.id}?newest=1"))[-1] == "message 120"


def test_nothing_is_new_to_who_was_never_there(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    say(app, bob, lobby, "one", "two")
    assert line(page(alice, f"/rooms/{lobby.id}")) is None


def test_each_room_of_a_page_opens_where_it_is_new(
    app: Flask, sam: Person, bob: Person, lobby: Room, backstage: Room
) -> None:
    say(app, bob, lobby, "one", "two")
    say(app, bob, backstage, "three", "four")
    read_up_to(app, sam, lobby, 1)
    read_up_to(app, sam, backstage, 0)
    first, second = page(sam, f"/rooms/{lobby.id}?beside={backstage.id}").all("section", class_="pane")
    assert (line(first), line(second)) == ("two", "three")


@pytest.mark.parametrize(
    ("notify", "mentioned", "label"),
    [
        (Notify.everything, False, "3"),
        (Notify.everything, True, "@3"),
        (Notify.mentions, False, ""),
        (Notify.mentions, True, "@"),
        (Notify.nothing, True, ""),
    ],
)
def test_how_much_is_new_stands_beside_a_room(
    app: Flask, alice: Person, bob: Person, lobby: Room, notify: Notify, mentioned: bool, label: str
) -> None:
    read_up_to(app, alice, lobby, 0)
    with app.app_context(), writing():
        Membership.set_notify(lobby.id, alice.id, notify)
    say(app, bob, lobby, "one", "two", "@alice" if mentioned else "three")
    home = page(alice, "/")
    badges = home.all("span", data_room_unread=str(lobby.id))
    assert [badge.one(class_="unread__count").text for badge in badges] == [label, label], "in the sidebar, and there"
    names = [link["class"] for link in home.all("a", href=f"/rooms/{lobby.id}")]
    assert [("--unread" in (name or "")) for name in names] == [bool(label)] * 2


# Rooms beside each other


def open_rooms(element: Element) -> list[str | None]:
    return [pane["id"] for pane in element.all("section", class_="pane")]


def test_rooms_are_open_beside_each_other(app: Flask, sam: Person, lobby: Room, backstage: Room) -> None:
    say(app, sam, lobby, "out here")
    say(app, sam, backstage, "in there")
    both = page(sam, f"/rooms/{lobby.id}?beside={backstage.id}")
    assert open_rooms(both) == [f"room-{lobby.id}", f"room-{backstage.id}"]
    first, second = both.all("section", class_="pane")
    assert bodies(first) == ["out here"]
    assert bodies(second) == ["in there"]
    # Posting in one keeps the other open.
    assert [other["value"] for other in first.one("message-composer").all("input", name="beside")] == [
        str(backstage.id)
    ]
    assert page(sam, "/").all("section", class_="pane") == []


def test_a_pane_is_closed_by_a_link_and_the_first_is_not(sam: Person, lobby: Room, backstage: Room) -> None:
    both = page(sam, f"/rooms/{lobby.id}?beside={backstage.id}")
    first, second = both.all("header", class_="pane__head")
    assert [link["href"] for link in first.all("a")] == ["/"]
    assert [link["href"] for link in second.all("a")] == [f"/rooms/{lobby.id}"]


def test_no_room_is_open_twice_and_only_so_many_are(app: Flask, alice: Person, lobby: Room) -> None:
    with app.app_context():
        others = [changes.create(f"Room {number}") for number in range(PANES_LIMIT)]
    twice = page(alice, f"/rooms/{lobby.id}?beside={lobby.id}&beside={others[0].id}&beside={others[0].id}")
    assert open_rooms(twice) == [f"room-{lobby.id}", f"room-{others[0].id}"]
    many = "&".join(f"beside={room.id}" for room in others)
    assert len(open_rooms(page(alice, f"/rooms/{lobby.id}?{many}"))) == PANES_LIMIT


# What a page costs


def test_a_page_writes_nothing(app: Flask, alice: Person, bob: Person, lobby: Room, statements: list[str]) -> None:
    say(app, bob, lobby, "hi")
    statements.clear()
    page(alice, "/")
    page(alice, f"/rooms/{lobby.id}")
    assert {statement.split()[0] for statement in statements} == {"SELECT"}
    with app.app_context():
        assert last_read(lobby, alice) is None


def test_a_page_takes_the_same_statements_however_much_is_on_it(
    app: Flask, alice: Person, bob: Person, lobby: Room, statements: list[str], unhurried: None
) -> None:
    counts = []
    for bodies in ([], ["hi"], [f"message {number}" for number in range(PAGE_SIZE)]):
        say(app, alice, lobby, *bodies)
        say(app, bob, lobby, *bodies)
        with app.app_context():
            changes.create(f"Room {len(counts)}")
        for window in ("", "?before=20", "?after=20", "/messages/20")[: 4 if len(bodies) > 1 else 3]:
            statements.clear()
            page(alice, f"/rooms/{lobby.id}{window}")
            counts.append(len(statements))
    # Who asks; the room, its messages with their authors, their reactions, who is there and who is not; the rights, the
    # rooms, how far one has read them, whether anything concerns one.
    assert set(counts) == {10}
