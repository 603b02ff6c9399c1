"""Talking: what is sent is seen by everybody, once, and what cannot be sent is not lost."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from multichat.models import Room
from tests.browser.person import Person

ON_BOTH = pytest.mark.parametrize(
    "site", [pytest.param("sqlite", marks=pytest.mark.smoke), "postgresql"], indirect=True
)


@ON_BOTH
def test_two_people_chat(alice: Person, bob: Person, lobby: Room) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("Are you there?")
    expect(there.message("Are you there?")).to_be_visible()
    there.say("I am.")
    expect(here.message("I am.")).to_be_visible()
    expect(here.messages).to_contain_text(["Are you there?", "I am."])
    expect(there.messages).to_contain_text(["alice", "bob"])
    assert here.read() == there.read()
    alice.expect_fresh(here)
    bob.expect_fresh(there)


def test_who_is_typing_is_seen_by_the_others_until_the_message_comes(alice: Person, bob: Person, lobby: Room) -> None:
    here, there = alice.open(lobby), bob.open(lobby)
    there.field.press_sequentially("Hm")
    expect(here.typing).to_have_text("bob is typing")
    expect(there.typing).to_be_empty()
    there.field.press("Enter")
    expect(here.message("Hm")).to_be_visible()
    expect(here.typing).to_be_empty()


def test_who_stops_typing_is_forgotten_after_five_seconds(alice: Person, bob: Person, lobby: Room) -> None:
    alice.use(own_clock=True)
    here, there = alice.open(lobby), bob.open(lobby)
    there.field.press_sequentially("Hm")
    expect(here.typing).to_have_text("bob is typing")
    here.page.clock.fast_forward(5000)
    expect(here.typing).to_be_empty()


def test_several_who_type_are_counted(alice: Person, join: Callable[..., Person], lobby: Room) -> None:
    alice.use(own_clock=True)
    here = alice.open(lobby)
    here.page.clock.pause_at(time.time() + 1)
    panes = []
    for name, line in (
        ("bob", "bob is typing"),
        ("carol", "bob and carol are typing"),
        ("dave", "3 people are typing"),
    ):
        panes.append(join(name).open(lobby))
        panes[-1].field.press_sequentially("Hm")
        expect(here.typing).to_have_text(line)
    panes[0].field.fill("")
    expect(here.typing).to_have_text("carol and dave are typing")
    panes[1].page.close()
    expect(here.typing).to_have_text("dave is typing")
    panes[2].field.press("Enter")
    expect(here.message("Hm")).to_be_visible()
    expect(here.typing).to_be_empty()


def test_enter_sends_and_shift_enter_breaks_the_line(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.field.press_sequentially("First line")
    here.field.press("Shift+Enter")
    here.field.press_sequentially("second line")
    expect(here.messages).to_have_count(0)
    here.field.press("Enter")
    expect(here.messages).to_have_count(1)
    assert "<p>First line<br>second line</p>" in here.read()[0]["html"]
    expect(here.field).to_be_empty()
    expect(here.field).to_be_focused()


def test_nothing_to_say_is_not_sent(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.say(" \n ")
    here.send.click()
    here.say("Something")
    expect(here.messages).to_contain_text(["Something"])


def test_a_double_press_posts_once(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.field.fill("Once")
    here.send.dblclick()
    here.say("And on")
    expect(here.messages).to_contain_text(["Once", "And on"])


def test_staff_choose_how_loudly_they_say_it(sam: Person, alice: Person, lobby: Room) -> None:
    here, there = sam.open(lobby), alice.open(lobby)
    for level in ("Warning", "Alert", "Muted"):
        here.element.get_by_role("button", name="Level: message").click()
        here.element.get_by_text(level, exact=True).click()
        expect(here.field).to_be_focused()
        here.say(f"A {level}.")
        expect(there.message(f"A {level}.").get_by_text(level, exact=True)).to_be_visible()
    here.say("As usual.")
    expect(there.message("As usual.")).to_have_class(re.compile("message--message"))
    alice.expect_fresh(there)


def test_members_choose_no_level(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    expect(here.field).to_be_visible()
    expect(here.element.get_by_role("button", name="Level")).to_have_count(0)


def test_more_than_fits_is_said_to_and_stays_in_the_field(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.say("x" * 8001)
    expect(here.element.get_by_text("at most 8,000 characters")).to_be_visible()
    expect(here.field).to_have_value("x" * 8001)
    here.field.press("Backspace")
    expect(here.element.get_by_text("at most 8,000 characters")).to_be_hidden()
    here.field.press("Enter")
    expect(here.messages).to_have_count(1)
    expect(here.field).to_be_empty()


def test_the_longest_message_fits_into_a_frame_however_it_is_written(alice: Person, bob: Person, lobby: Room) -> None:
    # JSON takes six bytes for each of these, and nothing takes more.
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("\x01" * 8000)
    expect(there.messages).to_have_count(1)
    here.say("\N{GRINNING FACE}" * 8000)
    expect(there.messages).to_have_count(2)
    expect(here.field).to_be_empty()


def test_what_cannot_be_done_is_said_below_all_else_and_once(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    for _ in range(2):
        here.command("join", room=0)
    here.command("leave", room="?")
    expect(here.errors).to_contain_text(["There is no such room.", "needs a whole number"])
    pane, error = here.element.bounding_box(), here.errors.first.bounding_box()
    assert pane is not None and error is not None
    assert error["y"] >= pane["y"] + pane["height"]  # it covers nothing
    for _ in range(2):
        here.errors.first.get_by_role("button", name="Dismiss").click()
    expect(here.errors).to_have_count(0)
    expect(here.field).to_be_in_viewport(ratio=1)
