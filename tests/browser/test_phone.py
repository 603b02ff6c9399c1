"""On a phone: one column at a time, nothing too small for a thumb, nothing beside the screen."""

import pytest
from playwright.sync_api import Page, expect

from multichat.models import Room
from tests.browser.browsers import new_tab
from tests.browser.conftest import PHONE
from tests.browser.pane import Pane
from tests.browser.person import OpenBrowser, Person
from tests.browser.site import Site

# Links and controls that one can see. Of one in a label, the label can be touched; a link in a sentence is as large as
# its words.
TOO_SMALL = """
() => [...document.querySelectorAll(":not(p) > a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((element) => element.closest("label") ?? element)
  .filter((element) => getComputedStyle(element).clipPath === "none")
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && (width < 43.9 || height < 43.9))
  .map(([element, { width, height }]) => `${width} x ${height}: ${element.outerHTML.slice(0, 200)}`)
"""


@pytest.fixture
def pocket(alice: Person) -> Person:
    """alice, with her phone."""
    alice.use(**PHONE)
    return alice


def expect_fit(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
    assert page.evaluate("visualViewport.scale") == 1
    too_small = page.evaluate(TOO_SMALL)
    assert not too_small, "\n".join([page.url, *too_small])


def test_one_comes_from_home_into_a_room_and_back(pocket: Person, bob: Person, lobby: Room, garden: Room) -> None:
    page = pocket.page()
    expect(page.get_by_role("navigation", name="Rooms")).to_be_hidden()
    expect_fit(page)
    page.get_by_role("main").get_by_role("link", name="Lobby").tap()
    here = Pane(page, lobby)
    expect(here.field).to_be_in_viewport(ratio=1)
    expect(here.send).to_be_in_viewport(ratio=1)
    # A keyboard that opens by itself would cover what one came to read.
    expect(here.field).not_to_be_focused()
    expect_fit(page)
    there = bob.open(lobby)
    there.say("Are you on your way?")
    expect(here.message("Are you on your way?")).to_be_in_viewport(ratio=1)
    here.field.tap()
    here.field.press_sequentially("In a minute")
    here.send.tap()
    expect(there.message("In a minute")).to_be_visible()
    expect(here.message("In a minute")).to_be_in_viewport(ratio=1)
    here.element.get_by_role("link", name="All rooms").tap()
    expect(page).to_have_url("/")


def test_who_is_here_is_a_sheet(pocket: Person, bob: Person, lobby: Room) -> None:
    here = pocket.open(lobby)
    bob.open(lobby)
    expect(here.roster.get_by_text("bob")).to_be_hidden()
    here.element.get_by_role("button", name="People here").tap()
    expect(here.roster.get_by_text("bob")).to_be_in_viewport(ratio=1)
    expect_fit(here.page)
    sheet = here.page.get_by_role("complementary", name="People in Lobby")
    expect(sheet.get_by_text("Lobby")).to_be_in_viewport()
    here.page.touchscreen.tap(20, 400)
    expect(sheet).to_be_hidden()
    here.element.get_by_role("button", name="People here").tap()
    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_be_hidden()


def test_history_fits_a_thumb(site: Site, pocket: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, [f"Number {number}." for number in range(1, 121)])
    page = pocket.page(f"/rooms/{lobby.id}/messages/60")
    here = Pane(page, lobby)
    expect(here.message("Number 60.")).to_be_in_viewport(ratio=1)
    expect(here.newest).to_be_visible()
    expect_fit(page)
    here.element.get_by_role("button", name="Jump to date").tap()
    expect(here.element.get_by_label("Jump to date")).to_be_in_viewport(ratio=1)
    expect_fit(page)


def test_all_of_a_room_begins_at_the_same_line(site: Site, pocket: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, ["Hello"])
    here = pocket.open(lobby)
    for selector in (".timeline__start-title", ".message > .avatar", ".composer__field"):
        box = here.element.locator(selector).locator("visible=true").first.bounding_box()
        assert box is not None
        assert box["x"] == 16, selector
    title, text = (here.element.locator(each).bounding_box() for each in (".pane__title", ".message__body"))
    assert title is not None and text is not None
    assert title["x"] == text["x"]


def test_rooms_beside_each_other_are_one_at_a_time(pocket: Person, lobby: Room, garden: Room) -> None:
    here = pocket.open(lobby, garden)
    there = here.beside(garden)
    expect_fit(here.page)
    expect(here.field).to_be_in_viewport(ratio=1)
    expect(there.field).not_to_be_in_viewport()
    here.page.get_by_role("navigation", name="Open rooms").get_by_role("link", name="Garden").tap()
    expect(there.field).to_be_in_viewport(ratio=1)
    expect(here.field).not_to_be_in_viewport()


def test_the_menu_and_the_ways_in_are_large_enough(
    pocket: Person, open_browser: OpenBrowser, site: Site, lobby: Room
) -> None:
    page = pocket.page()
    page.get_by_role("button", name="alice").tap()
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    expect_fit(page)
    page = new_tab(open_browser(**PHONE))
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in")).to_be_in_viewport(ratio=1)
    expect_fit(page)
