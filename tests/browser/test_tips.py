"""A control that is only an icon says its name to whoever points at it or comes to it by keyboard."""

from playwright.sync_api import Locator, expect

from multichat.models import Room
from tests.browser.pane import sidebar_link
from tests.browser.person import Person


def expect_tip(control: Locator, name: str) -> None:
    tip = control.locator(".tip").locator("visible=true")
    expect(tip).to_have_text(name)
    expect(tip).to_have_css("clip-path", "none")
    expect(tip).to_have_css("opacity", "1")
    expect(tip).to_be_in_viewport(ratio=1)


def test_icons_say_their_names_to_a_pointer(sam: Person, lobby: Room, garden: Room, attic: Room) -> None:
    here = sam.open(lobby, garden)
    there = here.beside(garden).element
    for control, name in [
        (here.element.get_by_role("button", name="People here"), "People here"),
        (there.get_by_role("link", name="Close Garden"), "Close Garden"),
        (there.get_by_role("button", name="Level: message"), "Level: message"),
        (there.get_by_role("button", name="Send"), "Send"),
    ]:
        expect(control.locator(".tip").locator("visible=true")).to_have_css("clip-path", "inset(50%)")
        control.hover()
        expect_tip(control, name)
    sidebar_link(here.page, "Attic").hover()
    beside = here.page.get_by_role("link", name="Open Attic beside")
    beside.hover()
    expect_tip(beside, "Open Attic beside")


def test_icons_say_their_names_to_the_keyboard(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    expect(here.field).to_be_focused()
    for name in ("Preview", "Formatting", "Send"):
        here.page.keyboard.press("Tab")
        expect_tip(here.element.get_by_role("button", name=name), name)
