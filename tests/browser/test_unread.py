"""What is new to somebody: how much, where it begins, and how it comes to be read."""

import re
import time
from uuid import uuid4

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from multichat.database import db
from multichat.messages import reading
from multichat.messages.changes import post
from multichat.models import Room
from multichat.rooms import changes
from tests.browser.conftest import PHONE
from tests.browser.pane import Pane, sidebar_link
from tests.browser.person import Person
from tests.browser.site import Site

# Headless, each tab is in front.
HIDE = """
() => {
  for (const [name, value] of [["hidden", true], ["visibilityState", "hidden"]]) {
    Object.defineProperty(document, name, { configurable: true, get: () => value });
  }
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
SHOW = """
() => {
  for (const name of ["hidden", "visibilityState"]) delete document[name];
  document.dispatchEvent(new Event("visibilitychange"));
}
"""

NOTE_SENT = """
  window.sent = [];
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (text) {
    sent.push(JSON.parse(text));
    return send.call(this, text);
  };
"""


def say(app: Flask, person: Person, room: Room, *bodies: str) -> None:
    with app.app_context():
        for body in bodies:
            post(room, person.user, body, uuid4())


def read_before(app: Flask, person: Person, *rooms: Room) -> None:
    """They have been there, and have read what was said."""
    with app.app_context():
        for room in rooms:
            reading.read_all(db.session.get_one(Room, room.id), person.user)


def badge(page: Page, room: Room) -> Locator:
    return sidebar_link(page, room.name).locator(".unread__count")


def expect_line_before(pane: Pane, text: str) -> None:
    line = pane.timeline.locator("> .new-line")
    expect(line).to_have_count(1)
    expect(line.locator("xpath=following-sibling::article[1]")).to_contain_text(text)


def test_what_is_new_is_in_step_on_all_that_one_has_open(
    app: Flask, alice: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    read_before(app, alice, lobby, garden)
    tab, other = alice.open(garden).page, alice.page()
    phone = alice.other_browser(**PHONE).new_page()
    phone.goto("/")
    at_home = phone.get_by_role("main").get_by_role("link", name="Lobby")
    expect(tab).to_have_title("Garden · multichat")

    say(app, bob, lobby, "one", "two")
    for page in (tab, other):
        expect(badge(page, lobby)).to_have_text("2")
        expect(badge(page, garden)).to_have_text("")
    expect(at_home).to_contain_text("2 unread")
    expect(tab).to_have_title("(2) Garden · multichat")
    expect(tab.locator("link[rel=icon]")).to_have_attribute("href", re.compile("logo-unread.svg$"))
    expect(phone).to_have_title("(2) Rooms · multichat")

    # The list comes anew, and knows no reader.
    with app.app_context():
        changes.create("Attic")
    for page in (tab, other):
        expect(sidebar_link(page, "Attic")).to_be_visible()
        expect(badge(page, lobby)).to_be_visible()
    say(app, bob, lobby, "hello @alice")
    expect(badge(tab, lobby)).to_have_text("@3")
    expect(at_home).to_contain_text("@3 unread")
    # As it is without a script.
    assert "@3" in tab.request.get("/").text()

    here = alice.open(lobby)
    for page in (tab, other, here.page):
        expect(badge(page, lobby)).to_have_text("")
    expect(at_home.locator(".unread")).to_be_hidden()
    expect(tab).to_have_title("Garden · multichat")
    expect(tab.locator("link[rel=icon]")).to_have_attribute("href", re.compile("logo.svg$"))
    expect_line_before(here, "one")

    # Here it is read as it comes; elsewhere one hears of both, or of neither.
    say(app, bob, lobby, "four")
    expect(here.message("four")).to_be_visible()
    say(app, bob, garden, "and here")
    expect(badge(other, garden)).to_have_text("")
    expect(badge(other, lobby)).to_have_text("")


def test_who_looks_elsewhere_has_not_read_it(app: Flask, site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, [f"message {number}" for number in range(60)])
    read_before(app, alice, lobby)
    here = alice.open(lobby)
    expect(here.timeline.locator("> .new-line")).to_have_count(0)

    here.scroll(-400)
    say(app, bob, lobby, "while one is far up", "and on")
    expect(badge(here.page, lobby)).to_have_text("2")
    expect_line_before(here, "while one is far up")
    here.newest.click()
    expect(badge(here.page, lobby)).to_have_text("")
    expect_line_before(here, "while one is far up")

    here.page.evaluate(HIDE)
    say(app, bob, lobby, "while one is away")
    expect(badge(here.page, lobby)).to_have_text("1")
    expect(here.page).to_have_title("(1) Lobby · multichat")
    expect_line_before(here, "while one is away")
    here.page.evaluate(SHOW)
    expect(badge(here.page, lobby)).to_have_text("")
    expect_line_before(here, "while one is away")

    # What one says oneself is not new, and comes after what is.
    here.say("mine")
    expect(here.message("mine")).to_have_attribute("data-ordinal", "64")
    expect_line_before(here, "while one is away")
    here.field.press("Escape")
    expect(here.timeline.locator("> .new-line")).to_have_count(0)


def test_what_was_marked_unread_stays_so_while_its_room_is_open(
    app: Flask, alice: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    say(app, bob, lobby, "one", "two", "three")
    read_before(app, alice, lobby, garden)
    here, there = alice.open(lobby), alice.open(garden).page
    here.message("two").hover()
    here.element.get_by_role("button", name="More").click()
    here.element.get_by_role("button", name="Mark unread from here").click()
    for page in (here.page, there):
        expect(badge(page, lobby)).to_have_text("2")
    expect_line_before(here, "two")
    say(app, bob, lobby, "four")
    for page in (here.page, there):
        expect(badge(page, lobby)).to_have_text("3")
    here.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(badge(here.page, lobby)).to_have_text("3")

    again = alice.open(lobby)
    expect_line_before(again, "two")
    for page in (again.page, here.page, there):
        expect(badge(page, lobby)).to_have_text("")


def test_a_key_reads_all_of_it(app: Flask, site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    read_before(app, alice, lobby)
    site.fill(lobby, bob, [f"message {number}" for number in range(40)])
    here = alice.open(lobby)
    expect(badge(here.page, lobby)).to_have_text("40")
    expect_line_before(here, "message 0")
    expect(here.timeline.locator("> .new-line")).to_be_in_viewport()
    here.page.keyboard.press("Escape")
    expect(badge(here.page, lobby)).to_have_text("")
    expect(here.timeline.locator("> .new-line")).to_have_count(0)


def test_what_was_marked_unread_is_read_by_a_key_everywhere(
    app: Flask, alice: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    read_before(app, alice, lobby, garden)
    here, there = alice.open(lobby), alice.open(garden).page
    say(app, bob, lobby, "one")
    here.message("one").hover()
    here.element.get_by_role("button", name="More").click()
    here.element.get_by_role("button", name="Mark unread from here").click()
    for page in (here.page, there):
        expect(badge(page, lobby)).to_have_text("1")
    here.field.press("Escape")
    for page in (here.page, there):
        expect(badge(page, lobby)).to_have_text("")
    assert "1 unread" not in there.request.get("/").text()


def test_what_concerns_one_and_is_read_as_it_comes_is_no_news(
    app: Flask, alice: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    read_before(app, alice, lobby, garden)
    here = alice.open(lobby)
    say(app, bob, garden, "one")
    expect(badge(here.page, garden)).to_have_text("1")
    # Lists of rooms hear of it together with what follows, a second later than the room that is open.
    say(app, bob, lobby, "hello @alice")
    say(app, bob, garden, "two")
    expect(badge(here.page, garden)).to_have_text("2")
    expect(here.page.get_by_role("link", name="Activity", exact=True)).to_be_visible()


def test_one_may_want_to_know_of_mentions_alone(
    app: Flask, alice: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    read_before(app, alice, lobby, garden)
    here, elsewhere = alice.open(lobby), alice.open(garden).page
    here.element.get_by_role("button", name="What counts as unread").click()
    menu = here.element.get_by_role("group", name="Count as unread")
    expect(menu.get_by_role("radio", name="Every message")).to_be_checked()
    menu.get_by_text("Mentions").click()
    here.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    here.page.evaluate(HIDE)

    say(app, bob, lobby, "to nobody")
    say(app, bob, garden, "to whoever is there")
    expect(here.message("to nobody")).to_be_visible()
    expect(badge(elsewhere, lobby)).to_have_text("")
    say(app, bob, lobby, "to @alice")
    expect(badge(elsewhere, lobby)).to_have_text("@")
    expect(elsewhere).to_have_title("(1) Garden · multichat")
    again = alice.open(garden)
    expect(badge(again.page, lobby)).to_have_text("@")


def test_a_room_with_much_that_is_new_opens_at_the_first(
    app: Flask, site: Site, alice: Person, bob: Person, lobby: Room
) -> None:
    site.fill(lobby, bob, [f"before {number}" for number in range(60)])
    read_before(app, alice, lobby)
    site.fill(lobby, bob, [f"message {number}" for number in range(120)])
    here = alice.open(lobby)
    assert not here.at_newest
    expect_line_before(here, "message 0")
    expect(here.timeline.locator("> .new-line")).to_be_in_viewport()
    expect(here.message("message 0").first).to_be_in_viewport()
    expect(badge(here.page, lobby)).to_have_text("120")
    alice.expect_fresh(here)

    here.newest.click()
    expect(here.message("message 119")).to_be_in_viewport()
    expect(badge(here.page, lobby)).to_have_text("")
    again = alice.open(lobby)
    expect(again.message("message 119")).to_be_in_viewport()
    expect(again.timeline.locator("> .new-line")).to_have_count(0)


def test_reading_is_said_once_a_second(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    read_before(app, alice, lobby)
    page = alice.page()
    page.add_init_script(NOTE_SENT)
    page.goto(f"/rooms/{lobby.id}")
    here = Pane(page, lobby)
    alice.expect_in(here)
    began = time.monotonic()
    for number in range(8):
        say(app, bob, lobby, f"message {number}")
        expect(here.message(f"message {number}")).to_be_visible()
    page.wait_for_function("() => sent.some(({ ordinal }) => ordinal === 8)")
    read = page.evaluate('() => sent.filter(({ command }) => command === "read").map(({ ordinal }) => ordinal)')
    assert len(read) <= 1 + (time.monotonic() - began)
    assert read == sorted(set(read))
