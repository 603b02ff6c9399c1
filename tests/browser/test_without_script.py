"""Without JavaScript everything works: links and forms first."""

import pytest
from playwright.sync_api import Page, expect

from multichat.models import Room
from tests.browser.browsers import new_tab
from tests.browser.pane import Pane
from tests.browser.person import OpenBrowser, Person
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.support.person import PASSWORD


@pytest.fixture
def plain(open_browser: OpenBrowser) -> Page:
    """A page of a browser that runs no script."""
    return new_tab(open_browser(java_script_enabled=False))


def test_one_signs_in_reads_talks_and_signs_out(
    site: Site, plain: Page, alice: Person, bob: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow("status of 401")
    site.fill(lobby, bob, [f"Number {number}." for number in range(1, 61)])
    plain.goto("/")
    plain.get_by_label("Username").fill("alice")
    plain.get_by_label("Password").fill("wrong horse")
    plain.get_by_role("button", name="Sign in").click()
    expect(plain.get_by_role("alert")).to_contain_text("do not belong together")
    expect(plain.get_by_label("Username")).to_have_value("alice")
    plain.get_by_label("Password").fill(PASSWORD)
    plain.get_by_role("button", name="Sign in").click()

    plain.get_by_role("main").get_by_role("link", name="Lobby").click()
    here = Pane(plain, lobby)
    expect(here.message("Number 60.")).to_be_in_viewport()
    expect(here.message("Number 60.")).to_contain_text("UTC")
    here.field.fill("Hello from the past\nin two lines")
    here.send.click()
    expect(here.message("Hello from the past")).to_be_in_viewport()
    expect(here.messages).to_have_count(50)

    here.earlier.click()
    expect(here.messages).to_have_count(11)
    expect(here.message("Number 1.")).to_be_attached()
    expect(here.earlier).to_be_hidden()
    here.later.click()
    expect(here.messages).to_have_count(50)
    expect(here.messages.first).to_be_in_viewport()
    expect(here.later).to_be_hidden()
    here.message("Number 20.").locator(".message__time").click()
    expect(plain.locator("[data-ordinal][aria-current]")).to_contain_text("Number 20.")
    expect(here.message("Number 20.")).to_be_in_viewport(ratio=1)
    here.element.get_by_role("button", name="Jump to date").click()
    here.element.get_by_label("Jump to date").fill("2026-01-01")
    here.element.get_by_role("button", name="Go", exact=True).click()
    expect(plain.locator("[data-ordinal][aria-current]")).to_contain_text("Number 1.")
    expect(here.message("Number 1.")).to_be_in_viewport(ratio=1)
    here.newest.click()
    expect(here.message("Hello from the past")).to_be_in_viewport()

    plain.get_by_role("button", name="alice").click()
    plain.get_by_role("button", name="Sign out").click()
    expect(plain.get_by_role("heading", name="Sign in")).to_be_visible()
    plain.goto("/")
    expect(plain.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_double_press_posts_once(alice: Person, lobby: Room, watch: Watch) -> None:
    watch.allow("ERR_ABORTED")  # of the first press, whose answer the second one does not wait for
    alice.use(java_script_enabled=False)
    here = Pane(alice.page(f"/rooms/{lobby.id}"), lobby)
    here.field.fill("Once")
    here.send.dblclick()
    expect(here.messages).to_contain_text(["Once"])
    here.field.fill("And on")
    here.send.click()
    expect(here.messages).to_contain_text(["Once", "And on"])


def test_what_cannot_be_sent_is_shown_to_be_copied(alice: Person, lobby: Room, watch: Watch) -> None:
    watch.allow("status of 400")
    alice.use(java_script_enabled=False)
    here = Pane(alice.page(f"/rooms/{lobby.id}"), lobby)
    here.field.fill("x" * 8001)
    here.send.click()
    expect(here.page.get_by_role("heading", name="Your message was not sent")).to_be_visible()
    expect(here.page.get_by_label("What you wrote")).to_have_value("x" * 8001)


def test_rooms_open_beside_each_other_and_each_is_written_to(alice: Person, lobby: Room, garden: Room) -> None:
    alice.use(java_script_enabled=False)
    here = Pane(alice.page(f"/rooms/{lobby.id}?beside={garden.id}"), lobby)
    there = here.beside(garden)
    there.field.fill("Over here")
    there.send.click()
    expect(here.page).to_have_url(f"/rooms/{garden.id}?beside={lobby.id}")
    expect(there.messages).to_contain_text(["Over here"])
    expect(here.messages).to_have_count(0)


def test_who_is_here_is_said_as_far_as_it_is_known(alice: Person, bob: Person, lobby: Room) -> None:
    alice.use(java_script_enabled=False)
    page = alice.page(f"/rooms/{lobby.id}")
    people = page.get_by_role("complementary", name="People")
    expect(people).to_contain_text("Nobody else, as far as is known.")
    expect(people.get_by_text("without you")).to_be_visible()
    bob.open(lobby)
    page.reload()
    expect(people.locator(".roster__name")).to_have_text("bob")


def test_staff_choose_a_level(sam: Person, lobby: Room) -> None:
    sam.use(java_script_enabled=False)
    here = Pane(sam.page(f"/rooms/{lobby.id}"), lobby)
    here.element.get_by_role("button", name="Level: message").click()
    here.element.get_by_text("Alert", exact=True).click()
    here.page.keyboard.press("Escape")
    here.field.fill("Beware")
    here.send.click()
    expect(here.message("Beware").get_by_text("Alert", exact=True)).to_be_visible()


def test_colours_can_be_chosen(alice: Person, lobby: Room) -> None:
    alice.use(java_script_enabled=False)
    page = alice.page(f"/rooms/{lobby.id}")
    colours = set()
    for theme in ("Dark", "Light", "System"):
        page.get_by_role("button", name="alice").click()
        page.get_by_role("button", name=theme).click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme.lower())
        expect(page).to_have_url(f"/rooms/{lobby.id}")
        colours.add(page.locator("body").evaluate("body => getComputedStyle(body).color"))
    assert len(colours) == 2
