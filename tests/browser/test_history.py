"""A room's history: it comes as one scrolls, both ways, and nothing moves under the reader's eyes."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle

import pytest
from playwright.sync_api import Route, expect

from multichat.models import Room
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.watch import Watch

LIMIT = 300
BEFORE = "**/rooms/*before=*"


def numbered(first: int, last: int) -> list[str]:
    """Some are long."""
    return [f"Number {number}." + "\nAnd so on." * (number % 7 == 0) * 5 for number in range(first, last + 1)]


def expect_held(pane: Pane, ordinal: str, place: float) -> None:
    # A scroller knows whole pixels, and not every line is as high as some of them.
    assert abs(pane.place_of(ordinal) - place) <= 0.5


def test_one_scrolls_up_to_the_beginning_and_down_again_while_people_talk(
    site: Site, alice: Person, join: Callable[..., Person], lobby: Room
) -> None:
    # Few alone would talk, and change what they said, too fast.
    speakers = cycle([join(f"speaker-{number}") for number in range(10)])
    for first in range(1, 420, 5):
        site.fill(lobby, next(speakers), numbered(first, first + 4))
    here = alice.open(lobby)
    expect(here.messages).to_have_count(50)

    said = 420
    while here.ordinals[0] > 1 or here.earlier.is_visible():
        here.scroll(-1200)
        looked_at = here.looked_at()
        said += 1
        assert next(speakers).say(lobby.id, f"Number {said}.").status_code == 303
        change(site, lobby, int(looked_at[0]) + 30)
        here.expect_settled()
        expect(here.timeline).to_have_attribute("data-revision", str(site.revision(lobby)))
        expect_held(here, *looked_at)
        assert here.messages.count() <= LIMIT
    assert not here.at_newest
    assert here.ordinals == list(range(1, LIMIT + 1))
    expect(here.newest).to_contain_text(f"{said - 420} new")
    alice.expect_fresh(here)

    here.scroll(-100_000)
    expect(here.element.get_by_text("This is where Lobby begins.")).to_be_in_viewport()
    while not here.at_newest:
        here.scroll(1200)
        looked_at = here.looked_at()
        said += 1
        assert next(speakers).say(lobby.id, f"Number {said}.").status_code == 303
        change(site, lobby, int(looked_at[0]) - 1)
        here.expect_settled()
        expect(here.timeline).to_have_attribute("data-revision", str(site.revision(lobby)))
        expect_held(here, *looked_at)
        assert here.messages.count() <= LIMIT
    expect(here.messages.last).to_contain_text(f"Number {said}.")
    ordinals = here.ordinals
    assert ordinals == list(range(ordinals[0], said + 1))
    alice.expect_fresh(here)

    here.scroll(100_000)
    expect(here.newest).to_be_hidden()
    next(speakers).say(lobby.id, "And the last")
    expect(here.message("And the last")).to_be_in_viewport(ratio=1)
    assert here.scrolled == 0
    alice.expect_fresh(here)


def change(site: Site, room: Room, ordinal: int) -> None:
    """Make it shorter or longer than it was."""
    if ordinal % 3 == 0:
        site.delete_message(room, ordinal)
    else:
        site.edit_message(room, ordinal, "Well\n" * (ordinal % 5) + "to think of it again")


def test_a_page_that_is_open_all_day_holds_no_more_than_it_should(
    site: Site, alice: Person, bob: Person, lobby: Room
) -> None:
    here = alice.open(lobby)
    for first in range(1, 302, 100):
        site.fill(lobby, bob, numbered(first, first + 99))
        expect(here.message(f"Number {first + 99}.")).to_be_in_viewport()
    assert here.ordinals == list(range(101, 401))
    alice.expect_fresh(here)
    here.scroll(-100_000)
    expect(here.message("Number 51.")).to_be_attached()
    here.expect_settled()
    alice.expect_fresh(here)


@pytest.mark.parametrize("direction", ["before", "after"])
def test_what_is_overtaken_while_it_is_loaded_is_put_right(
    site: Site, alice: Person, bob: Person, lobby: Room, direction: str
) -> None:
    site.fill(lobby, bob, numbered(1, 120))
    page = alice.page()
    here = Pane(page, lobby)
    overtaken = 20 if direction == "before" else 100

    def overtake(route: Route) -> None:
        answer = route.fetch()
        site.delete_message(lobby, overtaken)
        bob.say(lobby.id, "Number 121.")
        expect(here.timeline).to_have_attribute("data-revision", "122")
        route.fulfill(response=answer)

    page.route(f"**/rooms/*{direction}=*", overtake, times=1)
    page.goto(f"/rooms/{lobby.id}/messages/60")
    expect(here.messages).to_have_count(121)
    expect(here.messages.nth(overtaken - 1)).to_contain_text("This message was deleted by its author.")
    assert here.at_newest
    alice.expect_fresh(here)


def test_a_page_that_comes_after_a_reset_leaves_no_gap(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 120))
    here = alice.open(lobby)

    def overtake(route: Route) -> None:
        answer = route.fetch()
        site.fill(lobby, bob, numbered(121, 480))
        expect(here.message("Number 480.")).to_be_attached()
        route.fulfill(response=answer)

    here.page.route(BEFORE, overtake, times=1)
    here.scroll(-1000)
    expect(here.message("Number 480.")).to_be_attached()
    here.expect_settled()
    ordinals = here.ordinals
    assert ordinals == list(range(ordinals[0], 481))
    alice.expect_fresh(here)


def test_history_that_cannot_be_loaded_can_be_asked_for_again(
    site: Site, alice: Person, bob: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow("status of 503|Status Error Code 503")
    site.fill(lobby, bob, numbered(1, 60))
    here = alice.open(lobby)
    here.page.route(BEFORE, lambda route: route.fulfill(status=503), times=1)
    here.scroll(-100_000)
    expect(here.earlier.get_by_text("could not be loaded")).to_be_visible()
    expect(here.messages).to_have_count(50)
    here.earlier.click()
    expect(here.messages).to_have_count(60)
    alice.expect_fresh(here)


def test_what_takes_a_while_to_load_is_said_to_be_on_its_way(
    site: Site, alice: Person, bob: Person, lobby: Room
) -> None:
    site.fill(lobby, bob, numbered(1, 60))
    here = alice.open(lobby)
    held: list[Route] = []
    here.page.route(BEFORE, lambda route: held.append(route))
    here.scroll(-100_000)
    expect(here.earlier.get_by_text("are on their way")).to_be_visible()
    held.pop().continue_()
    expect(here.messages).to_have_count(60)
    expect(here.earlier).to_be_hidden()


def test_a_message_is_shown_in_its_surroundings(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 400))
    there = bob.open(lobby)
    there.scroll(-600)
    link = there.message("Number 380.").locator(".message__time")
    there.message("Number 380.").hover()
    link.click()
    expect(there.page).to_have_url(f"/rooms/{lobby.id}/messages/380#message-{site.message_id(lobby, 380)}")

    here = Pane(alice.page(f"/rooms/{lobby.id}/messages/200"), lobby)
    alice.expect_in(here)
    marked = here.messages.and_(here.page.locator("[aria-current]"))
    expect(marked).to_contain_text("Number 200.")
    expect_in_the_middle(here)
    here.expect_settled()
    expect_in_the_middle(here)
    site.delete_message(lobby, 200)
    expect(marked).to_contain_text("This message was deleted by its author.")
    for number in (401, 402):
        bob.say(lobby.id, f"Number {number}.")
    expect(here.newest).to_contain_text("2 new")
    expect(here.message("Number 402.")).not_to_be_attached()
    alice.expect_fresh(here)

    here.newest.click()
    expect(here.message("Number 402.")).to_be_in_viewport(ratio=1)
    expect(here.newest).to_be_hidden()
    expect(here.page).to_have_url(f"/rooms/{lobby.id}?newest=1")
    bob.say(lobby.id, "Number 403.")
    expect(here.message("Number 403.")).to_be_in_viewport(ratio=1)
    alice.expect_fresh(here)


def expect_in_the_middle(pane: Pane) -> None:
    marked = pane.messages.and_(pane.page.locator("[aria-current]"))
    expect(marked).to_be_in_viewport(ratio=1)
    box, around = marked.bounding_box(), pane.element.bounding_box()
    assert box is not None and around is not None
    assert 0.25 < (box["y"] - around["y"]) / around["height"] < 0.6


def test_what_one_says_in_the_past_leads_to_the_end(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 400))
    here = Pane(alice.page(f"/rooms/{lobby.id}/messages/100"), lobby)
    alice.expect_in(here)
    here.say("Let me say this")
    expect(here.message("Let me say this")).to_be_in_viewport(ratio=1)
    assert here.scrolled == 0
    expect(here.pending).to_have_count(0)
    alice.expect_fresh(here)


def test_one_jumps_to_a_day_of_ones_own(site: Site, alice: Person, bob: Person, lobby: Room) -> None:
    site.fill(lobby, bob, numbered(1, 200))
    for ordinal in range(1, 51):
        site.date(lobby, ordinal, datetime(2026, 3, 1, 9, tzinfo=UTC))
    site.date(lobby, 51, datetime(2026, 3, 1, 10, 59, tzinfo=UTC))
    site.date(lobby, 52, datetime(2026, 3, 1, 11, 1, tzinfo=UTC))  # the next day in Auckland
    alice.use(timezone_id="Pacific/Auckland")
    here = alice.open(lobby)
    here.element.get_by_role("button", name="Jump to date").click()
    expect(here.element.get_by_label("Jump to date")).to_be_focused()
    here.element.get_by_label("Jump to date").fill("2026-03-02")
    here.page.keyboard.press("Enter")
    expect(here.page).to_have_url(f"/rooms/{lobby.id}/messages/52#message-{site.message_id(lobby, 52)}")
    expect(here.page.locator("[data-ordinal][aria-current]")).to_contain_text("Number 52.")
    expect_in_the_middle(here)


def test_rooms_beside_each_other_have_their_own_history(
    site: Site, alice: Person, bob: Person, lobby: Room, garden: Room
) -> None:
    site.fill(lobby, bob, numbered(1, 400))
    site.fill(garden, bob, numbered(1, 400))
    here = alice.open(lobby, garden)
    there = here.beside(garden)
    for _ in range(8):
        there.scroll(-3000)
        there.expect_settled()
    assert not there.at_newest
    alice.expect_fresh(there)
    alice.expect_fresh(here)
    assert here.ordinals == list(range(351, 401))
    there.newest.click()
    expect(there.message("Number 400.")).to_be_in_viewport()
    expect(here.page).to_have_url(f"/rooms/{lobby.id}?beside={garden.id}")
    alice.expect_fresh(there)
