"""Rooms beside each other: each its own, on one socket, and in the address."""

import time

from playwright.sync_api import WebSocket, expect

from multichat.models import Room
from tests.browser.pane import sidebar_link
from tests.browser.person import Person


def test_three_rooms_are_open_beside_each_other_on_one_socket(
    alice: Person, bob: Person, lobby: Room, garden: Room, attic: Room
) -> None:
    here = alice.open(lobby)
    for room, address in ((garden, f"?beside={garden.id}"), (attic, f"?beside={garden.id}&beside={attic.id}")):
        sidebar_link(here.page, room.name).hover()
        here.page.get_by_role("link", name=f"Open {room.name} beside").click()
        expect(here.page).to_have_url(f"/rooms/{lobby.id}{address}")
        alice.expect_in(here.beside(room))
    expect(here.page.get_by_role("log")).to_have_count(3)
    sockets: list[WebSocket] = []
    here.page.on("websocket", lambda socket: sockets.append(socket))
    here.page.reload()
    for room in (lobby, garden, attic):
        pane, there = here.beside(room), bob.open(room)
        pane.say(f"Hello, {room.name}")
        expect(there.message(f"Hello, {room.name}")).to_be_visible()
        there.say(f"{room.name} greets you")
        there.page.close()
    for room in (lobby, garden, attic):
        pane = here.beside(room)
        expect(pane.messages).to_contain_text([f"Hello, {room.name}", f"{room.name} greets you"])
        expect(pane.field).to_be_empty()
        alice.expect_fresh(pane)
    assert len(sockets) == 1


def test_typing_shows_in_its_own_room_alone(alice: Person, bob: Person, lobby: Room, garden: Room) -> None:
    here, there = alice.open(lobby, garden), bob.open(lobby, garden)
    there.beside(garden).field.press_sequentially("Hm")
    expect(here.beside(garden).typing).to_have_text("bob is typing")
    expect(here.typing).to_be_empty()


def test_who_empties_the_field_is_typing_no_longer(alice: Person, bob: Person, lobby: Room) -> None:
    alice.use(own_clock=True)  # it stands still: the line goes by itself after a while
    here, there = alice.open(lobby), bob.open(lobby)
    here.page.clock.pause_at(time.time() + 1)
    for text in ("Hm", ""):
        there.field.fill(text)
        expect(here.typing).to_have_text("bob is typing" if text else "")


def test_a_pane_can_be_closed(alice: Person, lobby: Room, garden: Room, attic: Room) -> None:
    here = alice.open(lobby, garden, attic)
    here.beside(attic).field.fill("Half a sen")
    expect(here.element.get_by_role("link", name="Close Lobby")).to_have_count(0)
    here.page.get_by_role("link", name="Close Garden").click()
    expect(here.page).to_have_url(f"/rooms/{lobby.id}?beside={attic.id}")
    expect(here.beside(garden).element).to_have_count(0)
    expect(here.beside(attic).field).to_have_value("Half a sen")
    here.page.get_by_role("link", name="Close Attic").click()
    expect(here.page).to_have_url(f"/rooms/{lobby.id}")
    expect(here.page.get_by_role("log")).to_have_count(1)


def test_the_first_room_has_the_focus(alice: Person, lobby: Room, garden: Room) -> None:
    here = alice.open(lobby, garden)
    expect(here.field).to_be_focused()
