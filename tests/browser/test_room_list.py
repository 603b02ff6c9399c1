"""The rooms in the sidebar: they come anew while one is among them."""

from flask import Flask
from playwright.sync_api import expect

from multichat.models import Room
from multichat.rooms import changes
from tests.browser.pane import sidebar_link
from tests.browser.person import Person


def test_the_current_room_is_in_view_among_forty(alice: Person, projects: list[Room]) -> None:
    for room in (projects[-1], projects[20], projects[0]):
        here = alice.open(room)
        expect(sidebar_link(here.page, room.name)).to_be_in_viewport(ratio=1)


def test_where_one_is_in_the_list_outlives_its_change(alice: Person, app: Flask, projects: list[Room]) -> None:
    with app.app_context():
        changes.archive(projects[39].id)
    page = alice.open(projects[38]).page
    rooms = page.get_by_role("navigation", name="Rooms")
    rooms.get_by_text("Archived").click()
    archived = sidebar_link(page, projects[39].name)
    expect(archived).to_be_visible()
    for number, focused in enumerate(
        [
            sidebar_link(page, projects[37].name),
            page.get_by_role("link", name=f"Open {projects[37].name} beside"),
            rooms.locator("summary"),
        ]
    ):
        focused.focus()
        scrolled = rooms.evaluate("element => element.scrollTop")
        assert scrolled > 0
        with app.app_context():
            changes.edit(projects[0].id, f"Plan {number}", "", projects[0].access)
        expect(sidebar_link(page, f"Plan {number}")).to_be_attached()
        expect(focused).to_be_focused()
        expect(archived).to_be_visible()
        assert rooms.evaluate("element => element.scrollTop") == scrolled


def test_where_one_is_at_home_outlives_a_change(alice: Person, app: Flask, lobby: Room, garden: Room) -> None:
    page = alice.page()
    link = page.get_by_role("main").get_by_role("link", name="Lobby")
    link.focus()
    with app.app_context():
        changes.create("Attic")
    expect(page.get_by_role("main").get_by_role("link", name="Attic")).to_be_visible()
    expect(link).to_be_focused()
