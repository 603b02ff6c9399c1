"""Who is in a room: told once, to the others, however many workers and tabs there are."""

import pytest

from multichat.models import Room
from multichat.realtime.roster import LEAVE_AFTER_SECONDS
from tests.support.markup import parse
from tests.support.socket import Tab
from tests.support.visitor import Visitor
from tests.system.conftest import House


def notices(tab: Tab, person: Visitor) -> list[str | None]:
    """What the tab was told of the person's coming and going."""
    return [
        notice["data-level"]
        for frame in tab.frames
        for notice in parse(frame).all(data_level=None)
        if notice.one("b")["data-person"] == str(person.id)
    ]


def until_roster(tab: Tab, room: Room, *people: Visitor) -> None:
    """Wait until the tab shows these as here: they may have come with its `join`, and then nobody is told again."""
    target = f'hx-swap-oob="innerHTML:#room-{room.id}-roster"'
    shown = next((frame for frame in reversed(tab.frames) if target in frame), "")
    while here_in(shown) != {str(person.id) for person in people}:
        shown = tab.until(target)


def here_in(frame: str) -> set[str | None]:
    return {
        person["data-person"]
        for section in parse(frame).all("section", class_="roster__section roster__section--here")
        for person in section.all("li", data_person=None)
    }


@pytest.mark.slow
def test_coming_and_going_are_told_once_to_the_others(
    house: House, alice: Visitor, bob: Visitor, sam: Visitor, lobby: Room
) -> None:
    watching = house.tab_on_each_worker(alice, lobby.id)
    his = [*house.tab_on_each_worker(bob, lobby.id), bob.enter(lobby.id)]
    for tab in watching:
        tab.until('data-level="enter"')
    for tab in (*watching, *his):
        until_roster(tab, lobby, alice, bob)

    for tab in his[:2]:
        tab.close()
    his[2].say(lobby.id, "one tab is enough")
    for tab in watching:
        tab.until("one tab is enough")
        assert notices(tab, bob) == ["enter"]

    his[2].close()
    for tab in watching:
        tab.until('data-level="leave"', LEAVE_AFTER_SECONDS + 2)
        until_roster(tab, lobby, alice)
    # Whatever else were told of it would come before this.
    back = sam.enter(lobby.id)
    back.say(lobby.id, "is bob gone?")
    for tab in watching:
        tab.until("is bob gone?")
        assert notices(tab, bob) == ["enter", "leave"]
    for tab in his:
        assert notices(tab, bob) == []


def test_entering_is_told_to_the_others_on_both_workers(
    house: House, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    watching = house.tab_on_each_worker(alice, lobby.id)
    his = house.tab_on_each_worker(bob, lobby.id)
    for tab in watching:
        tab.until('data-level="enter"')
    # Whatever else were told of it would come before this.
    his[1].say(lobby.id, "hi")
    for tab in (*watching, his[0]):
        tab.until("hi")
    assert [notices(tab, bob) for tab in (*watching, *his)] == [["enter"], ["enter"], [], []]


def test_a_reload_is_no_departure(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    watching = alice.enter(lobby.id)
    bob.enter(lobby.id).close()
    watching.until('data-level="enter"')
    bob.enter(lobby.id).say(lobby.id, "I am back")
    watching.until("I am back")
    assert notices(watching, bob) == ["enter"]


def test_home_counts_who_is_in_a_room(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    at_home = alice.open()
    house.tab_on_each_worker(bob, lobby.id)
    count = parse(at_home.until(f"data-room-present='{lobby.id}'"))
    assert count.text == "1"
    assert parse(alice.get("/").text).all(data_room_present=str(lobby.id))[0].text == "1"


def test_typing_is_seen_by_the_others_and_not_by_oneself(
    house: House, alice: Visitor, bob: Visitor, lobby: Room
) -> None:
    hers, his = house.tab_on_each_worker(alice, lobby.id), house.tab_on_each_worker(bob, lobby.id)
    hers[0].tell("typing", room=lobby.id)
    for tab in his:
        typing = parse(tab.until("typing__person"))
        assert typing.one("span")["data-author-id"] == str(alice.id)
        assert typing.text.strip() == alice.username
    hers[0].say(lobby.id, "done")
    assert not [frame for frame in hers[0].frames if "typing__person" in frame]
