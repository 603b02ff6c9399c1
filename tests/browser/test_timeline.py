"""The timeline: after any history it holds what a fresh page does, and it does not move under the reader's eyes."""

import json
import re
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from multichat.messages import changes
from multichat.models import Room
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.site import Site


def numbered(first: int, last: int) -> list[str]:
    return [f"Number {number}." for number in range(first, last + 1)]


def place_of(pane: Pane, text: str) -> float:
    box = pane.message(text).bounding_box()
    assert box is not None
    return box["y"]


def test_a_reload_shows_everything_once(alice: Person, bob: Person, lobby: Room) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    for pane in (here, there, here):
        pane.say("Hello")
    expect(there.messages).to_have_count(3)
    before = there.read()
    there.page.reload()
    expect(there.messages).to_have_count(3)
    assert there.read() == before
    bob.expect_fresh(there)


def test_messages_are_grouped_live_as_on_a_fresh_page(
    site: Site, alice: Person, bob: Person, sam: Person, lobby: Room
) -> None:
    site.fill(lobby, bob, numbered(1, 3))
    here = alice.open(lobby)
    for author, body, level in [
        (bob, "After a minute", "message"),
        (sam, "Me too", "message"),
        (sam, "Beware", "warning"),
        (sam, "All is well", "message"),
        (bob, "Good", "message"),
        (bob, "Bye", "message"),
    ]:
        author.say(lobby.id, body, level=level)
    expect(here.messages).to_have_count(9)
    site.delete_message(lobby, 2)
    site.delete_message(lobby, 8)
    alice.expect_fresh(here)
    live = here.groups()
    here.page.reload()
    # Whether the server has heard what was read is a matter of a moment.
    here.field.press("Escape")
    assert live == here.groups()


def test_a_deleted_message_leaves_a_tombstone_on_every_page(
    site: Site, alice: Person, bob: Person, lobby: Room
) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("I did not mean that")
    here.say("But this")
    expect(there.messages).to_have_count(2)
    site.delete_message(lobby, 1)
    for pane in (here, there):
        expect(pane.messages).to_contain_text(["This message was deleted by its author.", "But this"])
    alice.expect_fresh(here)
    bob.expect_fresh(there)


def test_what_comes_late_is_put_in_its_place(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    site.fill(lobby, bob, ["One", "Two", "Three"])
    site.delete_message(lobby, 2)
    expect(here.messages).to_contain_text(["One", "This message was deleted by its author.", "Three"])
    alice.expect_fresh(here)


def test_three_hundred_and_one_changes_reset_the_page(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 80))
    here = alice.open(lobby)
    here.scroll(-100_000)
    expect(here.messages).to_have_count(80)
    site.fill(lobby, bob, numbered(81, 381))
    expect(here.message("Number 381.")).to_be_visible()
    expect(here.message("Number 80.")).not_to_be_attached()
    here.expect_settled()
    alice.expect_fresh(here)
    bob.say(lobby.id, "Number 382.")
    expect(here.message("Number 382.")).to_be_attached()
    alice.expect_fresh(here)


def test_a_message_that_a_reset_passed_over_is_asked_for_again(site: Site, alice: Person, lobby: Room) -> None:
    """It is stored, its frame was lost, and it is too old for the page that the reset brings."""
    swallowed: list[Any] = []

    def relay(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(data: str | bytes) -> None:
            command = json.loads(data)
            if command["command"] == "send" and not swallowed:
                swallowed.append(command)
            else:
                server.send(data)

        page.on_message(pass_on)

    alice.use(own_clock=True)  # a browser that no other test has after this one
    alice.browser.route_web_socket(re.compile("/ws"), relay)
    here = alice.open(lobby)
    here.say("Stored and not seen")
    expect(here.pending).to_have_count(1)
    site.fill(lobby, alice, ["Stored and not seen", *numbered(1, 301)], client_ids=[swallowed[0]["client_id"]])
    expect(here.message("Number 301.")).to_be_visible()
    expect(here.pending).to_have_count(0)
    alice.expect_fresh(here)


def test_a_part_of_what_is_not_here_or_older_brings_the_whole(
    site: Site, alice: Person, bob: Person, lobby: Room
) -> None:
    """As after a catch-up that left out what changed while it was read."""

    def relay(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(data: str | bytes) -> None:
            frame = str(data)
            if not (('data-frame="append"' in frame and "Two" in frame) or "One once more" in frame):
                page.send(data)

        server.on_message(pass_on)

    site.fill(lobby, bob, ["One"])
    alice.use(own_clock=True)  # a browser that no other test has after this one
    alice.browser.route_web_socket(re.compile("/ws"), relay)
    here = alice.open(lobby)
    expect(here.messages).to_have_count(1)
    site.fill(lobby, bob, ["Two"])
    with site.app.app_context():
        for ordinal, body in ((1, "One once more"), (1, "One twice more"), (2, "Two edited")):
            changes.edit(lobby, bob.user, ordinal, body)
    expect(here.messages).to_contain_text(["One twice more", "Two edited"])
    alice.expect_fresh(here)


def test_at_its_end_the_timeline_follows(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 50))
    here = alice.open(lobby)
    expect(here.message("Number 50.")).to_be_in_viewport(ratio=1)
    bob.say(lobby.id, "A line\n" * 30 + "and the last")
    expect(here.message("and the last")).to_be_attached()
    assert here.scrolled == 0
    expect(here.newest).to_be_hidden()


def test_scrolled_up_it_stays_to_the_pixel(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 50))
    here = alice.open(lobby)
    here.scroll(-633)
    place = place_of(here, "Number 20.")
    bob.say(lobby.id, "A line\n" * 30 + "and the last")
    bob.say(lobby.id, "One more")
    expect(here.newest).to_have_text("Jump to newest 2 new", use_inner_text=True)
    assert place_of(here, "Number 20.") == place
    here.newest.click()
    expect(here.message("One more")).to_be_in_viewport(ratio=1)
    assert here.scrolled == 0
    expect(here.newest).to_be_hidden()


def test_what_one_says_oneself_leads_to_the_end(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 50))
    here = alice.open(lobby)
    here.scroll(-400)
    here.say("Let me say this")
    expect(here.message("Let me say this")).to_be_in_viewport(ratio=1)
    assert here.scrolled == 0
