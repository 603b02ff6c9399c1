"""Long names and long messages stay within their places, on wide screens and on phones."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from multichat.accounts import changes as account_changes
from multichat.models import Level, Room
from multichat.rooms import changes as room_changes
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.person import Person
from tests.browser.site import Site

pytestmark = pytest.mark.slow

LONGEST_NAME = "Sixty letters and four more, with no end and no wiser for it all"
LONGEST_WORD = "Donaudampfschifffahrtskapitaen" * 2 + "smut"
LONGEST_MESSAGE = "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz" * 123

# What scrolls sideways by itself is meant to: a strip of rooms or tabs on a phone.
OVERFLOWING = """
() => [document.documentElement, document.body, ...document.body.querySelectorAll("*")]
  .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 1)
  .filter((element) => ["visible", "clip"].includes(getComputedStyle(element).overflowX) || element === document.body)
  .filter((element) => getComputedStyle(element).display !== "inline")
  .map((element) => `${element.scrollWidth} > ${element.clientWidth}: ${element.outerHTML.slice(0, 200)}`)
"""
SIZES = [pytest.param({"viewport": DESKTOP}, id="1280"), pytest.param(PHONE, id="390")]


def expect_no_overflow(page: Page) -> None:
    overflowing = page.evaluate(OVERFLOWING)
    assert not overflowing, "\n".join(overflowing)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_wider_than_its_place(
    site: Site, ada: Person, bob: Person, sam: Person, lobby: Room, garden: Room, size: dict[str, Any]
) -> None:
    assert len(LONGEST_NAME) == len(LONGEST_WORD) == 64
    with site.app.app_context():
        lobby = room_changes.edit(lobby.id, LONGEST_NAME, LONGEST_NAME * 3, lobby.access)
        garden = room_changes.edit(garden.id, LONGEST_WORD, LONGEST_WORD * 3, garden.access)
        account_changes.rename(bob.id, LONGEST_NAME)
        account_changes.rename(sam.id, LONGEST_WORD)
    for room in (lobby, garden):
        for level in Level:
            for person in (bob, sam):
                site.fill(room, person, [LONGEST_MESSAGE[:300], LONGEST_NAME * 20], level)
        site.fill(room, bob, [LONGEST_MESSAGE])
    ada.use(**size)
    page = ada.page()
    expect(page.get_by_role("main").get_by_text(LONGEST_NAME, exact=True)).to_be_visible()
    expect_no_overflow(page)
    for rooms in ((lobby,), (garden,), (lobby, garden)):
        here = ada.open(*rooms)
        expect(here.messages.last).to_contain_text(LONGEST_MESSAGE)
        expect_no_overflow(here.page)
    for person, name in ((bob, LONGEST_NAME), (sam, LONGEST_WORD)):
        person.open(lobby).field.press_sequentially("x")
        expect(here.typing).to_contain_text(name)
        expect(here.notices).to_contain_text([name])
        expect_no_overflow(here.page)
    here.say(LONGEST_MESSAGE)
    expect(here.messages.last).to_contain_text(LONGEST_MESSAGE)
    here.field.fill(LONGEST_MESSAGE)
    expect_no_overflow(here.page)
