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
@pytest.mark.parametrize("name", [LONGEST_NAME, LONGEST_WORD])
def test_nothing_is_wider_than_its_place(
    site: Site, ada: Person, bob: Person, lobby: Room, garden: Room, size: dict[str, Any], name: str
) -> None:
    assert len(LONGEST_NAME) == len(LONGEST_WORD) == 64
    with site.app.app_context():
        lobby = room_changes.edit(lobby.id, name, name * 3, lobby.access)
        account_changes.rename(bob.id, name)
    for level in Level:
        site.fill(lobby, bob, [LONGEST_MESSAGE[:300], LONGEST_NAME * 20], level)
    site.fill(lobby, bob, [LONGEST_MESSAGE])
    ada.use(**size)
    page = ada.page()
    expect(page.get_by_role("main").get_by_text(name, exact=True)).to_be_visible()
    expect_no_overflow(page)
    for beside in ((), (garden,)):
        here = ada.open(lobby, *beside)
        there = bob.open(lobby)
        there.field.press_sequentially("x")
        expect(here.typing).to_contain_text(name)
        here.say(LONGEST_MESSAGE)
        expect(here.messages.last).to_contain_text(LONGEST_MESSAGE)
        expect_no_overflow(here.page)
        there.page.close()
    here.field.fill(LONGEST_MESSAGE)
    expect_no_overflow(here.page)
