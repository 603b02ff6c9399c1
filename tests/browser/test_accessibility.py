"""axe-core finds nothing on any page, in light and in dark; nothing moves for those who asked for that."""

import pytest
from playwright.sync_api import Page, expect

from multichat.models import Level, Room
from tests.browser.axe import Axe
from tests.browser.conftest import PHONE
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.watch import Watch

pytestmark = pytest.mark.slow

# A transition that takes no time is not seen.
MOVING = "() => document.getAnimations().filter((each) => each.effect.getComputedTiming().duration > 0).length"


@pytest.fixture
def busy(site: Site, lobby: Room, bob: Person, sam: Person) -> Room:
    """The lobby after a lively day."""
    for level in Level:
        site.fill(lobby, sam, [f"A {level}."], level)
    site.fill(lobby, bob, ["What?", "I mean:\nwhat?", "Never mind", "One more thing"])
    site.fill(lobby, sam, [f"Number {number}." for number in range(50)])
    site.delete_message(lobby, 57)
    return lobby


def test_signing_in_is_accessible(stranger: Page, alice: Person, axe: Axe, watch: Watch) -> None:
    watch.allow("status of 401")
    stranger.goto("/sign-in")
    axe.look(stranger)
    stranger.get_by_label("Username").fill("alice")
    stranger.get_by_label("Password").fill("wrong horse")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    axe.look(stranger)


def test_home_without_a_room_is_accessible(ada: Person, alice: Person, axe: Axe) -> None:
    for person in (ada, alice):
        axe.look(person.page())


def test_home_and_the_menu_are_accessible(ada: Person, lobby: Room, garden: Room, backstage: Room, axe: Axe) -> None:
    page = ada.page()
    axe.look(page)
    page.get_by_role("button", name="ada").click()
    axe.look(page)


def test_what_can_be_done_with_a_message_is_accessible(site: Site, alice: Person, lobby: Room, axe: Axe) -> None:
    site.fill(lobby, alice, ["Good morning"])
    here = alice.open(lobby)
    here.act("Good morning", "React")
    axe.look(here.page)
    here.picker.get_by_title("tada", exact=True).click()
    here.act("Good morning", "Reply")
    here.say("Is it?")
    here.act("Is it?", "More")
    expect(here.message("Is it?").locator(".message__quote")).to_be_visible()
    axe.look(here.page)
    here.page.keyboard.press("Escape")
    here.act("Is it?", "Delete…")
    axe.look(here.page)
    here.page.keyboard.press("Escape")
    here.act("Is it?", "Edit")
    expect(here.editor).to_be_focused()
    axe.look(here.page)
    for page in ("actions", "edit"):
        axe.look(alice.page(f"/rooms/{lobby.id}/messages/1/{page}"))


def test_an_error_is_accessible(alice: Person, axe: Axe, watch: Watch) -> None:
    watch.allow("status of 404")
    axe.look(alice.page("/nowhere"))


def test_an_empty_room_is_accessible(alice: Person, lobby: Room, axe: Axe) -> None:
    axe.look(alice.open(lobby).page)


def test_a_full_room_is_accessible(sam: Person, alice: Person, bob: Person, busy: Room, axe: Axe) -> None:
    here = sam.open(busy)
    alice.open(busy)
    there = bob.open(busy)
    there.field.press_sequentially("Hm")
    expect(here.typing).to_have_text("bob is typing")
    here.element.get_by_role("button", name="Level: message").click()
    axe.look(here.page)
    here.page.keyboard.press("Escape")
    here.scroll(-100_000)
    there.say("And again")
    expect(here.newest).to_contain_text("1 new")
    axe.look(here.page)


def test_a_message_in_its_surroundings_is_accessible(alice: Person, busy: Room, axe: Axe) -> None:
    page = alice.page(f"/rooms/{busy.id}/messages/20")
    expect(page.get_by_role("link", name="Jump to newest")).to_be_visible()
    page.get_by_role("button", name="Jump to date").click()
    axe.look(page)


def test_three_rooms_beside_each_other_are_accessible(
    alice: Person, busy: Room, garden: Room, attic: Room, axe: Axe
) -> None:
    axe.look(alice.open(busy, garden, attic).page)


def test_a_room_is_accessible_on_a_phone(alice: Person, busy: Room, garden: Room, axe: Axe) -> None:
    alice.use(**PHONE)
    here = alice.open(busy, garden)
    axe.look(here.page)
    here.element.get_by_role("button", name="People here").tap()
    axe.look(here.page)


def test_trouble_is_accessible(site: Site, alice: Person, lobby: Room, axe: Axe, watch: Watch) -> None:
    here = alice.open(lobby)
    here.command("join", room=0)
    expect(here.errors).to_be_visible()
    here.say("No \0 text")
    expect(here.unsent).to_be_visible()
    axe.look(here.page)
    alice.sign_out_everywhere()
    here.expect_state("You are signed out")
    here.say("Into the void")
    expect(here.element.get_by_text("not sent yet")).to_be_visible()
    axe.look(here.page)


def test_nothing_moves_for_those_who_asked_for_that(alice: Person, bob: Person, busy: Room) -> None:
    alice.use(reduced_motion="reduce")
    here = alice.open(busy)

    def expect_still() -> None:
        assert here.page.evaluate(MOVING) == 0

    expect_still()
    here.send.hover()
    expect_still()
    here.page.get_by_role("link", name="multichat").hover()
    expect_still()
    here.page.get_by_role("button", name="alice").click()
    expect_still()
    here.page.keyboard.press("Escape")
    here.earlier.click()
    expect_still()
    bob.say(busy.id, "Hello")
    expect(here.newest).to_contain_text("1 new")
    expect_still()
    here.newest.click()
    expect_still()
