"""What helps while one writes, and what comes of it: people by @, emoji by a colon, a look ahead, and Activity."""

import re

from playwright.sync_api import Locator, Page, expect

from multichat.models import Room
from tests.browser.axe import Axe
from tests.browser.conftest import PHONE
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.watch import Watch


def offers(here: Pane) -> Locator:
    return here.element.get_by_role("option")


def active(here: Pane) -> Locator:
    """What a screen reader says to be chosen."""
    return here.page.locator(f"#{here.field.get_attribute('aria-activedescendant')}")


def write(here: Pane, text: str) -> None:
    here.field.press_sequentially(text)


def activity(page: Page, news: bool) -> Locator:
    return page.get_by_role("link", name="Activity Something new" if news else "Activity", exact=True)


def test_one_mentions_somebody_by_keyboard_alone_and_they_find_it(
    alice: Person, bob: Person, mallory: Person, lobby: Room, axe: Axe
) -> None:
    here, there = alice.open(lobby), bob.page("/")
    expect(activity(there, news=False)).to_be_visible()
    keyboard = here.page.keyboard
    write(here, "Hello @")
    expect(offers(here)).to_have_text(
        [
            re.compile("bob"),
            re.compile("mallory"),
            re.compile("Everybody who is here now"),
            re.compile("All members"),
        ]
    )
    expect(active(here)).to_contain_text("bob")
    axe.look(here.page)
    keyboard.press("ArrowUp")
    expect(active(here)).to_contain_text("All members")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(active(here)).to_contain_text("mallory")
    write(here, "bo")
    expect(offers(here)).to_have_count(1)
    keyboard.press("Enter")
    expect(here.field).to_have_value("Hello @bob ")
    expect(offers(here)).to_have_count(0)
    expect(here.messages).to_have_count(0)
    write(here, "and welcome")
    keyboard.press("Enter")
    expect(here.message("Hello").locator(".mention")).to_have_text("@bob")

    activity(there, news=True).click()
    entry = there.get_by_role("main").get_by_role("listitem")
    expect(entry).to_contain_text("alice mentioned you in Lobby")
    expect(entry).to_contain_text("Unread")
    axe.look(there)
    entry.get_by_role("link").click()
    expect(Pane(there, lobby).message("Hello @bob and welcome")).to_be_in_viewport()
    activity(there, news=False).click()
    expect(entry).not_to_contain_text("Unread")


def test_offers_go_away_when_they_are_not_wanted(alice: Person, bob: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    keyboard = here.page.keyboard
    write(here, "@b")
    expect(offers(here)).to_have_count(1)
    keyboard.press("Escape")
    expect(offers(here)).to_have_count(0)
    write(here, "o")
    keyboard.press("Enter")
    expect(here.message("@bo")).to_be_visible()
    expect(offers(here)).to_have_count(0)

    write(here, "@b")
    expect(offers(here)).to_have_count(1)
    keyboard.press("ArrowLeft")
    expect(offers(here)).to_have_count(0)
    here.field.fill("```\n")
    write(here, "@b a@b 10:30")
    expect(offers(here)).to_have_count(0)
    here.field.fill("")
    write(here, "@bo")
    offers(here).get_by_text("@bob").click()
    expect(here.field).to_have_value("@bob ")
    expect(here.field).to_be_focused()
    keyboard.press("ControlOrMeta+z")
    expect(here.field).to_have_value("@bo")


def test_a_colon_offers_emoji(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    write(here, "Well done :smi")
    expect(offers(here).first).to_contain_text(":smile:")
    here.page.keyboard.press("Tab")
    expect(here.field).to_have_value("Well done 😄")
    here.page.keyboard.press("Enter")
    expect(here.message("Well done 😄")).to_be_visible()

    here.page.keyboard.press("ArrowUp")
    editor = here.element.get_by_role("textbox", name="Edit message")
    editor.press_sequentially(" :tad")
    expect(offers(here)).to_have_text(re.compile(":tada:"))
    editor.press("Enter")
    expect(editor).to_have_value("Well done 😄 🎉")
    editor.press("Enter")
    expect(here.message("Well done 😄 🎉")).to_be_visible()


def test_one_looks_at_what_it_will_be_and_loses_nothing(
    alice: Person, bob: Person, lobby: Room, watch: Watch, axe: Axe
) -> None:
    watch.allow("status of 422")
    here = alice.open(lobby)
    button = here.element.get_by_role("button", name="Preview")
    preview = here.element.get_by_role("region", name="Preview")
    text = "**Loud** @bob\n\n- one\n- two"
    here.field.fill(text)
    size = here.field.bounding_box()
    button.click()
    expect(preview.locator("strong")).to_have_text("Loud")
    expect(preview.locator(".mention")).to_have_text("@bob")
    expect(preview.get_by_role("listitem")).to_have_count(2)
    assert preview.bounding_box() == size
    expect(button).to_have_attribute("aria-pressed", "true")
    here.element.get_by_role("button", name="Formatting").click()
    axe.look(here.page)
    here.page.keyboard.press("Escape")
    expect(preview).to_be_visible()
    button.click()
    expect(preview).to_be_hidden()
    expect(here.field).to_be_focused()
    expect(here.field).to_have_value(text)

    here.page.keyboard.press("Alt+p")
    expect(preview).to_be_visible()
    here.page.keyboard.press("Escape")
    expect(preview).to_be_hidden()
    button.click()
    expect(preview).to_be_visible()
    here.send.click()
    expect(here.message("Loud")).to_be_visible()
    expect(preview).to_be_hidden()
    button.click()
    expect(preview).to_have_text("There is nothing in this message.")


def test_on_a_phone_offers_stand_above_the_field_and_are_large_enough(alice: Person, bob: Person, lobby: Room) -> None:
    alice.use(**PHONE)
    here = alice.open(lobby)
    preview = here.element.get_by_role("button", name="Preview")
    expect(preview).to_be_hidden()
    here.field.tap()
    expect(preview).to_be_visible()
    write(here, "@")
    expect(offers(here)).to_have_count(3)
    box, field = offers(here).first.bounding_box(), here.field.bounding_box()
    assert box is not None
    assert field is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= field["y"]
    offers(here).first.tap()
    expect(here.field).to_have_value("@bob ")
    expect(here.field).to_be_focused()
