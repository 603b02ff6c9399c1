"""From the key to the timeline: what is said shows at once, and what is not sent stays until its author decides."""

import pytest
from playwright.sync_api import expect

from multichat.models import Room
from multichat.rooms import changes
from tests.browser.axe import Axe
from tests.browser.conftest import PHONE
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.relay import Relay
from tests.browser.site import Site

NO_TEXT = "A zero \0 is no text"
FORBID_STORAGE = (
    'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("", "SecurityError"); } })'
)
FILL_STORAGE = 'Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError"); }'


@pytest.fixture
def relay(alice: Person) -> Relay:
    """alice's connection; her clock is the test's."""
    alice.use(own_clock=True)
    return Relay(alice.browser)


def places(pane: Pane) -> list[dict[str, float]]:
    """Where all that was said stands, sent or not, and its text."""
    each = (
        """all => all.map((message) => message.getBoundingClientRect()).map(({ x, y, height }) => ({ x, y, height }))"""
    )
    found: list[dict[str, float]] = pane.element.locator(".message, .message .message__body").evaluate_all(each)
    return found


def test_what_is_said_shows_at_once_and_nothing_jumps_when_it_is_stored(
    relay: Relay, alice: Person, bob: Person, lobby: Room
) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    there.say("Well?")
    expect(here.message("Well?")).to_be_visible()
    relay.holds = True
    for text in ("It is\nas I said:\n\nlong", "and " * 200 + "wide", "مرحبا بالعالم"):
        here.say(text)
    expect(here.pending).to_have_count(3)
    expect(here.pending.nth(0)).to_contain_text("alice")
    expect(here.pending.nth(2)).to_be_in_viewport(ratio=1)
    expect(here.element.get_by_text("Not sent")).to_be_hidden()
    expect(here.field).to_be_empty()
    before = places(here)
    relay.release()
    expect(here.pending).to_have_count(0)
    expect(here.messages).to_have_count(4)
    assert places(here) == before
    alice.expect_fresh(here)
    expect(there.messages).to_have_count(4)


def test_without_an_answer_it_is_not_sent_and_a_late_one_makes_it_so(relay: Relay, alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    relay.holds = True
    here.say("Hello?")
    here.page.clock.run_for(9_000)
    expect(here.pending).to_have_count(1)
    expect(here.unsent).to_have_count(0)
    here.page.clock.run_for(1_100)
    expect(here.unsent.get_by_role("alert")).to_contain_text("Not sent. The server has not answered.")
    here.say("And on")
    expect(here.element.locator("[data-pending]")).to_contain_text(["And on", "Hello?"])
    relay.release()
    expect(here.messages).to_contain_text(["Hello?", "And on"])
    expect(here.pending).to_have_count(0)
    relay.holds = True
    here.say("Once more?")
    here.page.clock.run_for(10_100)
    here.unsent.get_by_role("button", name="Retry").click()
    expect(here.unsent).to_have_count(0)
    expect(here.pending).to_contain_text(["Once more?"])
    relay.release()
    expect(here.messages).to_have_count(3)  # two tries, stored once
    expect(here.pending).to_have_count(0)
    alice.expect_fresh(here)


def test_what_the_server_refuses_stays_with_its_reason_to_be_edited(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.say(NO_TEXT)
    expect(here.unsent).to_contain_text(["characters that are not text"])
    expect(here.errors).to_have_count(0)
    here.say("Something else")
    expect(here.messages).to_have_count(1)
    here.field.fill("Since then")
    here.page.reload()
    expect(here.unsent).to_contain_text(["characters that are not text"])
    here.unsent.get_by_role("button", name="Edit").click()
    expect(here.field).to_have_value(f"{NO_TEXT}\nSince then")
    expect(here.field).to_be_focused()
    expect(here.pending).to_have_count(0)
    here.page.keyboard.type("!")
    expect(here.field).to_have_value(f"{NO_TEXT}!\nSince then")
    here.say("It is now")
    expect(here.messages).to_have_count(2)


def test_what_is_discarded_can_be_had_back_for_a_while(alice: Person, lobby: Room) -> None:
    alice.use(own_clock=True)
    here = alice.open(lobby)
    for text in (NO_TEXT, f"{NO_TEXT} either"):
        here.say(text)
    expect(here.unsent).to_have_count(2)
    expect(here.element.get_by_text("characters that are not text").locator("visible=true")).to_have_count(1)
    here.unsent.first.get_by_role("button", name="Discard").press("Enter")
    expect(here.unsent).to_have_count(1)
    expect(here.element.get_by_role("button", name="Undo")).to_be_focused()
    here.page.keyboard.press("Enter")
    expect(here.unsent).to_contain_text([NO_TEXT, "either"])
    expect(here.unsent.first.get_by_role("button", name="Discard")).to_be_focused()
    here.page.keyboard.press("Enter")
    here.page.clock.run_for(10_100)
    expect(here.pending).to_contain_text(["either"])
    here.page.reload()
    expect(here.unsent).to_contain_text(["either"])


def test_a_room_that_was_archived_meanwhile_keeps_what_was_said(
    site: Site, relay: Relay, alice: Person, lobby: Room
) -> None:
    here = alice.open(lobby)
    relay.holds = True
    here.say("One last thing")
    with site.app.app_context():
        changes.archive(lobby.id)
    expect(here.field).to_have_count(0)
    relay.release()
    expect(here.unsent).to_contain_text(["This room is archived"])
    expect(here.unsent.get_by_role("button", name="Edit")).to_be_hidden()
    here.page.reload()
    expect(here.unsent).to_contain_text(["One last thing"])
    with site.app.app_context():
        changes.restore(lobby.id)
    here.unsent.get_by_role("button", name="Retry").click()
    expect(here.message("One last thing")).to_be_visible()
    expect(here.pending).to_have_count(0)


def test_who_writes_too_fast_loses_nothing(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    for number in range(1, 26):
        here.page.keyboard.type(f"m{number}.")
        here.page.keyboard.press("Enter")
    expect(here.messages).to_have_count(20)
    expect(here.unsent).to_contain_text([f"m{number}." for number in range(21, 26)])
    expect(here.element.get_by_text("too fast").locator("visible=true")).to_have_count(1)
    expect(here.errors).to_have_count(0)
    expect(here.field).to_be_empty()
    # It waits for its author, however the connection comes and goes.
    here.page.reload()
    expect(here.unsent).to_have_count(5)
    expect(here.messages).to_have_count(20)


def test_what_waited_for_long_in_a_closed_tab_is_not_sent_unasked(relay: Relay, alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    relay.holds = True
    here.say("At once, please")
    expect(here.pending).to_have_count(1)
    here.page.clock.fast_forward(6 * 60_000)
    here.page.close()
    relay.held.clear()
    relay.holds = False
    here = alice.open(lobby)
    expect(here.unsent).to_contain_text(["It was still waiting when this room was closed."])
    expect(here.messages).to_have_count(0)
    there = alice.open(lobby)
    there.unsent.get_by_role("button", name="Retry").click()
    for pane in (here, there):
        expect(pane.message("At once, please")).to_be_visible()
        expect(pane.pending).to_have_count(0)


def test_a_draft_is_the_rooms_in_every_tab(alice: Person, lobby: Room, garden: Room) -> None:
    here = alice.open(lobby)
    here.field.fill("Half a sen")
    here.page.reload()
    expect(here.field).to_have_value("Half a sen")
    there = alice.open(lobby, garden)
    expect(there.field).to_have_value("Half a sen")
    expect(there.beside(garden).field).to_be_empty()
    there.field.press_sequentially("tence")
    expect(here.field).to_have_value("Half a sentence")
    there.field.press("Enter")
    expect(here.message("Half a sentence")).to_be_visible()
    expect(here.field).to_be_empty()
    here.field.fill("A closed tab")
    for pane in (here, there):
        pane.page.close()
    expect(alice.open(lobby).field).to_have_value("A closed tab")


@pytest.mark.parametrize("trouble", [FORBID_STORAGE, FILL_STORAGE], ids=["forbidden", "full"])
def test_one_can_write_where_the_browser_keeps_nothing(alice: Person, lobby: Room, trouble: str) -> None:
    alice.use(own_clock=True)
    alice.browser.add_init_script(trouble)
    here = alice.open(lobby)
    here.say("Hello")
    expect(here.message("Hello")).to_be_visible()
    here.say(NO_TEXT)
    here.unsent.get_by_role("button", name="Discard").click()
    here.element.get_by_role("button", name="Undo").click()
    here.unsent.get_by_role("button", name="Edit").click()
    expect(here.field).to_have_value(NO_TEXT)


def test_what_is_not_sent_is_accessible_on_a_phone(alice: Person, lobby: Room, axe: Axe) -> None:
    alice.use(**PHONE)
    here = alice.open(lobby)
    here.say(NO_TEXT)
    here.say("x\0 " * 2600)
    expect(here.unsent).to_have_count(2)
    for name in ("Retry", "Edit", "Discard"):
        box = here.unsent.last.get_by_role("button", name=name).bounding_box()
        assert box is not None and box["height"] >= 44 and box["width"] >= 44
    here.unsent.first.get_by_role("button", name="Discard").tap()
    axe.look(here.page)
