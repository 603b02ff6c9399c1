"""The administration, in front of a screen; without script, since it needs none."""

import pytest
from playwright.sync_api import expect

from multichat.models import Level, Room
from tests.browser.axe import Axe
from tests.browser.conftest import PHONE
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.test_phone import expect_fit
from tests.browser.watch import Watch
from tests.support.person import PASSWORD

pytestmark = pytest.mark.slow


@pytest.fixture
def said(site: Site, alice: Person, lobby: Room) -> None:
    site.fill(lobby, alice, ["one", "two", "three"])


def pages(room: Room, person: Person) -> list[str]:
    return [
        "/admin/",
        "/admin/rooms/",
        "/admin/rooms/new/",
        f"/admin/rooms/edit/?id={room.id}",
        f"/admin/rooms/delete/?id={room.id}",
        "/admin/people/",
        "/admin/people/new/",
        f"/admin/people/edit/?id={person.id}",
        f"/admin/people/password/?id={person.id}",
        "/admin/messages/?search=nothing",
        "/admin/messages/",
    ]


def test_every_page_can_be_used_by_everybody(
    said: None, ada: Person, alice: Person, lobby: Room, axe: Axe, watch: Watch
) -> None:
    page = ada.page("/admin/")
    for path in pages(lobby, alice):
        page.goto(path)
        axe.look(page)
    page.get_by_role("link", name="three").click()
    axe.look(page)
    page.get_by_role("link", name="Delete…").click()
    axe.look(page)
    watch.allow("status of 400")
    page.goto("/admin/rooms/new/")
    page.get_by_label("Name").fill(" ")
    page.get_by_role("button", name="Make the room").click()
    expect(page.get_by_label("Name")).to_have_accessible_description("This cannot be empty.")
    axe.look(page)


def test_on_a_phone_rows_are_cards_and_nothing_is_cut_off_or_too_small(
    said: None, ada: Person, alice: Person, lobby: Room, axe: Axe
) -> None:
    ada.use(**PHONE)
    page = ada.page("/admin/")
    for path in pages(lobby, alice):
        page.goto(path)
        expect_fit(page)
    axe.look(page)
    box = page.get_by_role("checkbox").first.bounding_box()
    assert box is not None and box["width"] == box["height"] == 24
    expect(page.get_by_role("row")).to_have_count(4)  # cards, and still a table


def test_a_level_stands_beside_the_name(site: Site, ada: Person, alice: Person, lobby: Room) -> None:
    site.fill(lobby, alice, ["A line of some length, which is wider than a name"], Level.alert)
    for options in ({}, PHONE):
        ada.use(**options)
        page = ada.page("/admin/messages/")
        name, level = (page.locator(f".record > {each}").bounding_box() for each in (".record__name", ".tag"))
        assert name is not None and level is not None
        assert level["x"] - (name["x"] + name["width"]) == 10
        assert level["width"] < 80
        assert level["y"] < name["y"] + name["height"] / 2 < level["y"] + level["height"]


def test_one_comes_back_to_the_chat(ada: Person, lobby: Room) -> None:
    for options in ({}, PHONE):
        ada.use(**options)
        page = ada.page("/admin/rooms/")
        for _ in range(3):  # past the way to the page, and the name of the house
            page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Back to the chat")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url("/")


def test_a_room_is_made_renamed_archived_and_deleted(ada: Person, lobby: Room, watch: Watch) -> None:
    watch.allow("status of 400")
    ada.use(java_script_enabled=False)
    page = ada.page()
    page.get_by_role("button", name="ada").click()
    page.get_by_role("link", name="Administration").click()
    page.get_by_role("navigation", name="Administration").get_by_role("link", name="Rooms").click()
    page.get_by_role("link", name="New room").click()
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_label("Access").select_option("staff")
    page.get_by_role("button", name="Make the room").click()
    expect(page.get_by_role("status")).to_have_text("Kitchen is made.")
    page.get_by_role("link", name="Kitchen").click()
    page.get_by_label("Name").fill("Lobby")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Name")).to_have_accessible_description("There is a room named Lobby already.")
    page.get_by_label("Name").fill("Pantry")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Pantry is saved.")
    page.get_by_role("link", name="Pantry").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("status")).to_have_text("Pantry is archived.")
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete Pantry?")).to_be_visible()
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete the room").click()
    expect(page.get_by_role("status")).to_have_text("Pantry is deleted.")
    expect(page.get_by_role("link", name="Lobby")).to_be_visible()
    expect(page.get_by_role("link", name="Pantry")).to_have_count(0)


def test_a_person_is_registered_deactivated_and_activated(ada: Person, bob: Person, watch: Watch) -> None:
    watch.allow("status of 400")
    ada.use(java_script_enabled=False)
    page = ada.page("/admin/people/")
    page.get_by_role("link", name="New person").click()
    page.get_by_label("Username").fill("carol")
    page.get_by_label("Password").fill("carol")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Username")).to_have_value("carol")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("status")).to_have_text("carol can sign in as carol.")
    page.get_by_label("Search").fill("bob")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="bob").click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("status")).to_have_text("bob is deactivated.")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("status")).to_have_text("bob is active again.")


def test_chosen_messages_are_deleted_before_everybodys_eyes(
    said: None, ada: Person, alice: Person, lobby: Room
) -> None:
    pane = alice.open(lobby)
    ada.use(java_script_enabled=False)
    page = ada.page("/admin/messages/")
    expect(page.get_by_role("button", name="Delete the chosen…")).to_be_hidden()
    for text in ("one", "three"):
        page.get_by_role("row", name=text).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete the chosen…").click()
    page.get_by_role("button", name="Delete these 2 messages").click()
    expect(page.get_by_role("status")).to_have_text("2 messages are deleted.")
    expect(pane.messages.filter(has_text="This message was deleted by staff.")).to_have_count(2)
    expect(pane.message("two")).to_be_visible()
    alice.expect_fresh(pane)
