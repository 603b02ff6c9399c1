"""The rooms in the sidebar: they come anew while one is among them."""

from playwright.sync_api import expect

from multichat.models import Room
from tests.browser.pane import sidebar_link
from tests.browser.person import Person


def test_the_current_room_is_in_view_among_forty(alice: Person, projects: list[Room]) -> None:
    for room in (projects[-1], projects[20], projects[0]):
        here = alice.open(room)
        expect(sidebar_link(here.page, room.name)).to_be_in_viewport(ratio=1)
