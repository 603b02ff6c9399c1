"""Who is here: told once, folded, and followed by the list."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from multichat.database import now
from multichat.models import Room
from tests.browser.person import Person
from tests.browser.site import Site

pytestmark = pytest.mark.slow


def test_who_comes_in_is_told_once_and_folded(alice: Person, join: Callable[..., Person], lobby: Room) -> None:
    here = alice.open(lobby)
    for username, notice in [
        ("bob", "bob came in"),
        ("carol", "bob and carol came in"),
        ("dave", "bob, carol and dave came in"),
        ("erin", "bob, carol and 2 others came in"),
    ]:
        there = join(username).open(lobby)
        expect(here.notices).to_have_text([notice])
        expect(here.roster.get_by_text(username)).to_be_visible()
        expect(there.notices).to_have_count(0)
    expect(here.roster.get_by_role("listitem")).to_have_count(5)


def test_a_second_tab_is_nobody_new(alice: Person, bob: Person, lobby: Room) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    expect(here.notices).to_have_text(["bob came in"])
    there.say("Just a moment")
    expect(here.message("Just a moment")).to_be_visible()
    bob.open(lobby).say("There it is")
    expect(here.message("There it is")).to_be_visible()
    expect(here.notices).to_have_count(1)
    expect(here.roster.get_by_role("listitem")).to_have_count(2)


def test_a_message_ends_the_folding(alice: Person, bob: Person, sam: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    there = bob.open(lobby)
    there.say("Hello")
    expect(here.message("Hello")).to_be_visible()
    sam.open(lobby)
    expect(here.notices).to_contain_text(["bob came in", "sam came in"])
    alice.expect_fresh(here)


def test_who_comes_in_on_a_new_day_stands_below_its_line(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, ["Good night"])
    alice.use(own_clock=True)
    alice.browser.clock.set_system_time(now() + timedelta(days=2))
    here = alice.open(lobby)
    there = bob.open(lobby)
    expect(here.notices).to_have_text(["bob came in"])
    there.say("Good morning")
    expect(here.message("Good morning")).to_be_visible()
    stand = here.timeline.locator("> *").evaluate_all("elements => elements.map(({ localName }) => localName)")
    assert stand == ["day-divider", "article", "day-divider", "p", "article"]


def test_how_many_are_in_each_room_is_seen_from_home(alice: Person, bob: Person, lobby: Room, garden: Room) -> None:
    home = alice.page()
    link = home.get_by_role("main").get_by_role("link", name="Lobby")
    expect(link).not_to_contain_text(re.compile(r"\bhere"), use_inner_text=True)
    bob.open(lobby)
    expect(link).to_contain_text("1 here", use_inner_text=True)
    alice.open(lobby)
    expect(link).to_contain_text("2 here", use_inner_text=True)


def test_who_left_is_told_after_ten_seconds_and_no_reload_is_a_departure(
    alice: Person, bob: Person, sam: Person, lobby: Room
) -> None:
    here, there, third = alice.open(lobby), bob.open(lobby), sam.open(lobby)
    expect(here.notices).to_contain_text(["bob and sam came in"])
    there.page.close()
    third.page.reload()
    expect(here.notices).to_contain_text(["sam came in", "bob left"])
    expect(here.roster.get_by_text("bob")).to_have_count(0)
    expect(here.roster.get_by_role("listitem")).to_have_count(2)
    expect(here.people.get_by_role("heading")).to_have_text(["Here now 2", "Away 1"])
    expect(here.away.locator(".roster__name")).to_have_text(["bob"])
    bob.open(lobby)
    expect(here.people.get_by_role("heading")).to_have_text(["Here now 3"])
