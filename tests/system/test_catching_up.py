"""Tabs that come back with a cursor get what they missed, and then what happens."""

from uuid import uuid4

import pytest
from flask import Flask

from multichat.messages import changes as messages
from multichat.messages.log import CHANGES_LIMIT, PAGE_SIZE
from multichat.models import Message, Room
from tests.support.visitor import Visitor
from tests.system.conftest import House


def say_many(app: Flask, author: Visitor, room: Room, number: int) -> None:
    with app.app_context():
        for count in range(number):
            messages.post(room, author.user, f"message {count}", uuid4())


def delete_first(app: Flask, room: Room) -> None:
    with app.app_context():
        messages.delete(room, Message.at(room.id, 1).author, 1)


def come_back(person: Visitor, room: Room, after: int) -> tuple[int, list[str]]:
    """Join with a cursor from an empty page: the number of resets, and what is on the page then."""
    tab = person.open()
    tab.join(room.id, after=after)
    timeline = tab.timelines[room.id]
    assert timeline.cursor == person.timeline(room.id).cursor
    return timeline.resets, timeline.bodies


def test_ten_changes_come_one_by_one(app: Flask, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    say_many(app, alice, lobby, 5)
    tab = bob.enter(lobby.id)
    tab.close()
    say_many(app, alice, lobby, 9)
    delete_first(app, lobby)

    back = bob.open()
    back.timelines = tab.timelines
    frames = back.join(lobby.id)
    assert sum('data-frame="upsert"' in frame for frame in frames) == 10
    assert back.timelines[lobby.id] == bob.timeline(lobby.id)
    assert len(back.timelines[lobby.id].bodies) == 14
    assert back.timelines[lobby.id].bodies[0] == ""


@pytest.mark.parametrize(("missed", "resets"), [(CHANGES_LIMIT, 0), (CHANGES_LIMIT + 1, 1)])
def test_who_is_far_behind_gets_the_latest_page_whole(
    app: Flask, alice: Visitor, bob: Visitor, lobby: Room, missed: int, resets: int
) -> None:
    say_many(app, alice, lobby, 1 + missed)
    told, bodies = come_back(bob, lobby, after=1)
    assert told == resets
    assert len(bodies) == (PAGE_SIZE if resets else missed)
    assert bodies[-PAGE_SIZE:] == bob.timeline(lobby.id).bodies


def test_a_cursor_from_the_future_gets_the_latest_page_whole(
    app: Flask, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    say_many(app, alice, lobby, 3)
    assert come_back(bob, lobby, after=1_000_000) == (1, ["message 0", "message 1", "message 2"])


def test_who_has_everything_gets_nothing_but_the_roster(app: Flask, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    say_many(app, alice, lobby, 3)
    tab = bob.open()
    assert not [frame for frame in tab.join(lobby.id, after=3) if "data-revision" in frame]
    alice.say(lobby.id, "and this")
    tab.until("and this")


def test_without_a_cursor_one_begins_now(app: Flask, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    say_many(app, alice, lobby, 3)
    tab = bob.open()
    assert not [frame for frame in tab.join(lobby.id) if "data-revision" in frame]
    alice.say(lobby.id, "from now on")
    tab.until("from now on")
    assert tab.timelines[lobby.id].bodies == ["from now on"]


def test_joining_again_catches_up_and_is_no_entrance(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    hers, his = alice.enter(lobby.id), bob.enter(lobby.id)
    hers.until(f'data-person="{bob.id}"')
    for number in range(3):
        his.until(hers.say(lobby.id, f"message {number}"))
    his.timelines.clear()
    begun = len(hers.frames)
    his.join(lobby.id, after=1)
    assert his.timelines[lobby.id].bodies == ["message 1", "message 2"]
    his.say(lobby.id, "hi again")
    hers.until("hi again")
    assert not [frame for frame in hers.frames[begun:] if "notice" in frame]


def test_history_from_everywhere_is_the_same_on_every_worker(
    house: House, app: Flask, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    """Messages by socket, by form and by this process, changes of each kind, while two tabs look on."""
    tabs = house.tab_on_each_worker(alice, lobby.id)
    for number in range(5):
        bob.say(lobby.id, f"by form {number}")
        tabs[number % 2].say(lobby.id, f"by socket {number}")
        say_many(app, bob, lobby, 2)
    delete_first(app, lobby)
    answer = tabs[0].say(lobby.id, "so it is", reply_to=2)
    tabs[1].until(answer)
    tabs[1].tell("edit", room=lobby.id, ordinal=2, body="by **socket**, edited")
    tabs[0].tell("react", room=lobby.id, ordinal=2, emoji="🎉")
    for tab in tabs:
        tab.until_done()
    with app.app_context():
        messages.react(lobby, bob.user, 2, "🎉", on=True)
    bob.say(lobby.id, "the end")
    for tab in tabs:
        tab.until("the end")
        assert tab.timelines[lobby.id] == bob.timeline(lobby.id)
        changed = tab.timelines[lobby.id].messages[2]
        assert (changed.body, changed.reactions) == ("by socket, edited", (("🎉", f"{alice.id} {bob.id}"),))
        assert tab.timelines[lobby.id].messages[21].quote == f"{alice.username} by socket, edited"
