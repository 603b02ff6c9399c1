"""The first run: whoever started the server, and nobody else, becomes its administrator."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import Axe
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.support.server import Server


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A server that nobody has set up."""
    with Server(tmp_path / "instance") as server:
        site = Site(server)
        yield site
        site.close()


def test_the_first_one_follows_the_printed_link_and_can_talk(
    site: Site, stranger: Page, axe: Axe, watch: Watch
) -> None:
    watch.allow("status of 40[04]")
    page = stranger
    for path in ("/", "/sign-in", "/rooms/1"):
        page.goto(path)
        expect(page.get_by_text("Look where the server was started")).to_be_visible()
    axe.look(page)
    printed = re.search(r"http://\S+/setup/\S+", site.server.log())
    assert printed is not None
    page.goto(printed[0])
    axe.look(page)
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Display name").fill("Ada Lovelace")
    expect(page.get_by_label("Password")).to_have_accessible_description("8 to 128 characters.")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Room").fill("Lobby")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_label("Password")).to_have_accessible_description("A password has 8 to 128 characters.")
    expect(page.get_by_label("Display name")).to_have_value("Ada Lovelace")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Start").click()
    expect(page).to_have_url("/")
    expect(page.get_by_role("button", name="Ada Lovelace")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Lobby").click()
    field = page.get_by_role("textbox", name="Message Lobby")
    field.fill("Hello, world")
    field.press("Enter")
    expect(page.get_by_role("log").get_by_text("Hello, world")).to_be_visible()

    page.goto(printed[0])
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.context.clear_cookies()
    page.goto(printed[0])
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in"))
