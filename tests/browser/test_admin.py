"""The administration, in front of a screen."""

import re

import pytest
from playwright.sync_api import expect

from multichat.models import Room
from tests.browser.axe import Axe
from tests.browser.conftest import PHONE
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.watch import Watch

LISTS = ["/admin/", "/admin/rooms/", "/admin/people/", "/admin/messages/"]


@pytest.fixture
def said(site: Site, alice: Person, lobby: Room) -> None:
    site.fill(lobby, alice, ["one", "two", "three"])


def test_every_page_can_be_used_by_everybody(
    said: None, ada: Person, alice: Person, lobby: Room, axe: Axe, watch: Watch
) -> None:
    page = ada.page("/admin/")
    for path in (
        *LISTS,
        "/admin/rooms/new/",
        f"/admin/rooms/edit/?id={lobby.id}",
        f"/admin/rooms/delete/?id={lobby.id}",
        "/admin/people/new/",
        f"/admin/people/edit/?id={alice.id}",
        f"/admin/people/password/?id={alice.id}",
        "/admin/messages/?search=nothing",
    ):
        page.goto(path)
        axe.look(page)
    page.goto("/admin/messages/")
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


def test_on_a_phone_rows_are_cards_and_nothing_is_cut_off(said: None, ada: Person, axe: Axe) -> None:
    ada.use(**PHONE)
    page = ada.page("/admin/")
    for path in LISTS:
        page.goto(path)
        axe.look(page)
        assert page.evaluate("document.querySelector('main').scrollWidth") <= PHONE["viewport"]["width"]
    expect(page.get_by_role("row")).to_have_count(4)  # cards, and still a table


def test_a_room_is_made_archived_and_deleted_without_script(ada: Person) -> None:
    ada.use(java_script_enabled=False)
    page = ada.page("/admin/rooms/new/")
    page.get_by_label("Name").fill("Kitchen")
    page.get_by_label("Access").select_option("staff")
    page.get_by_role("button", name="Make the room").click()
    expect(page.get_by_role("status")).to_have_text("Kitchen is made.")
    page.get_by_role("link", name="Kitchen").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("status")).to_have_text("Kitchen is archived.")
    page.get_by_role("link", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete Kitchen?")).to_be_visible()
    page.get_by_role("button", name="Delete the room").click()
    expect(page.get_by_role("status")).to_have_text("Kitchen is deleted.")


def test_chosen_messages_are_deleted_without_script_and_before_everybodys_eyes(
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
    expect(pane.messages.filter(has_text="This message was deleted.")).to_have_count(2)
    expect(pane.message("two")).to_be_visible()


def test_a_renamed_room_is_renamed_in_everybodys_sidebar(ada: Person, alice: Person, lobby: Room) -> None:
    pane = alice.open(lobby)
    page = ada.page(f"/admin/rooms/edit/?id={lobby.id}")
    page.get_by_label("Name").fill("Hall")
    page.get_by_role("button", name="Save").click()
    sidebar = pane.page.get_by_role("navigation", name="Rooms")
    expect(sidebar.get_by_role("link", name=re.compile("^Hall"))).to_be_visible()
    expect(sidebar).not_to_contain_text("Lobby")


def test_a_deactivated_person_is_out_at_once(ada: Person, alice: Person, lobby: Room) -> None:
    pane = alice.open(lobby)
    page = ada.page(f"/admin/people/edit/?id={alice.id}")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("status")).to_have_text("alice is deactivated.")
    pane.expect_state("signed out")
