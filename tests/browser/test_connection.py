"""The connection comes and goes; what is written, and what was said meanwhile, does not."""

import os
import signal
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from multichat.database import now
from multichat.models import Room
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.support.person import PASSWORD

# What Chromium itself says of a server that is away.
SERVER_AWAY = "^console error: WebSocket connection to .* failed"


def test_a_reload_of_the_server_loses_nothing(
    site: Site, alice: Person, bob: Person, sam: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow(SERVER_AWAY)
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("Before")
    expect(there.message("Before")).to_be_visible()
    here.say("No \0 text")
    expect(here.unsent).to_have_count(1)
    here.field.fill("Half a sen")
    there.field.fill("Half another")
    site.server.reload()
    sam.say(lobby.id, "Meanwhile")
    for person, pane in ((alice, here), (bob, there)):
        expect(pane.messages).to_contain_text(["Before", "Meanwhile"])
        pane.expect_no_bar()
        person.expect_fresh(pane)
    expect(here.unsent).to_contain_text(["characters that are not text"])
    expect(here.field).to_have_value("Half a sen")
    expect(there.field).to_have_value("Half another")
    here.say("Half a sentence")
    expect(there.message("Half a sentence")).to_be_visible()


def test_killed_workers_lose_nothing(
    site: Site, alice: Person, bob: Person, sam: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow(SERVER_AWAY)
    here, there = alice.open(lobby), bob.open(lobby)
    for worker in site.server.workers():
        os.kill(worker, signal.SIGKILL)
    sam.say(lobby.id, "Meanwhile")
    here.say("Hello?")
    for person, pane in ((alice, here), (bob, there)):
        expect(pane.message("Meanwhile")).to_be_visible()
        expect(pane.message("Hello?")).to_be_visible()
        person.expect_fresh(pane)


@pytest.mark.slow
def test_a_stopped_server_comes_back_and_nothing_is_lost(
    site: Site, alice: Person, bob: Person, sam: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow(SERVER_AWAY)
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("Before")
    expect(there.message("Before")).to_be_visible()
    site.server.stop()
    for pane in (here, there):
        pane.expect_state("Reconnecting")
    sam.say(lobby.id, "Meanwhile 1")
    sam.say(lobby.id, "Meanwhile 2")
    # Its change is the newest, its place before the one above: it comes last and belongs into the middle.
    site.delete_message(lobby, 2)
    here.say("Sent into the void")
    expect(here.pending).to_contain_text(["Sent into the void"])
    expect(here.element.get_by_text("not sent yet")).to_be_visible()
    here.field.fill("Half a sen")
    there.field.fill("Half another")
    site.server.start()
    for person, pane in ((alice, here), (bob, there)):
        expect(pane.messages).to_contain_text(["Before", "was deleted", "Meanwhile 2", "Sent into the void"])
        pane.expect_no_bar()
        expect(pane.pending).to_have_count(0)
        person.expect_fresh(pane)
    expect(here.field).to_have_value("Half a sen")
    expect(there.field).to_have_value("Half another")


@pytest.mark.slow
@pytest.mark.parametrize("changes", [301, 5_000])
def test_a_page_that_was_away_for_too_many_changes_is_reset(
    site: Site, alice: Person, bob: Person, lobby: Room, watch: Watch, changes: int
) -> None:
    watch.allow(SERVER_AWAY)
    here = alice.open(lobby)
    here.say("Before")
    expect(here.messages).to_have_count(1)
    here.field.fill("Half a sen")
    site.server.stop()
    here.expect_state("Reconnecting")
    site.fill(lobby, bob, [f"Number {number}." for number in range(2, changes + 2)])
    # It is among the earlier ones when the page is back.
    site.delete_message(lobby, changes - 60)
    site.server.start()
    expect(here.message(f"Number {changes + 1}.")).to_be_visible()
    expect(here.message("Before")).to_have_count(0)
    here.expect_settled()
    alice.expect_fresh(here)
    here.scroll(-100_000)
    expect(here.message(f"Number {changes - 90}.")).to_be_attached()
    here.expect_settled()
    alice.expect_fresh(here)
    expect(here.field).to_have_value("Half a sen")


def test_offline_is_said_and_what_came_meanwhile_follows(alice: Person, bob: Person, lobby: Room, watch: Watch) -> None:
    watch.allow(SERVER_AWAY)
    here = alice.open(lobby)
    here.field.fill("Half a sen")
    alice.browser.set_offline(True)
    here.expect_state("You are offline")
    bob.say(lobby.id, "Meanwhile")
    alice.browser.set_offline(False)
    here.expect_no_bar()
    expect(here.message("Meanwhile")).to_be_visible()
    expect(here.field).to_have_value("Half a sen")
    alice.expect_fresh(here)


def test_nobody_types_while_nothing_is_heard_of_them(alice: Person, bob: Person, lobby: Room, watch: Watch) -> None:
    watch.allow(SERVER_AWAY)
    alice.use(own_clock=True)  # which stands still: the five seconds after which they would be forgotten never pass
    here, there = alice.open(lobby), bob.open(lobby)
    here.page.clock.pause_at(now() + timedelta(seconds=1))
    there.field.press_sequentially("Hm")
    expect(here.typing).to_have_text("bob is typing")
    alice.browser.set_offline(True)
    expect(here.typing).to_be_empty()


def test_who_reads_above_is_not_moved_when_what_they_said_arrives(
    site: Site, alice: Person, bob: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow(SERVER_AWAY)
    site.fill(lobby, bob, [f"Number {number}." for number in range(1, 51)])
    here = alice.open(lobby)
    alice.browser.set_offline(True)
    here.say("A line\n" * 5 + "and the last")
    expect(here.pending).to_have_count(1)
    here.scroll(-633)
    before = here.message("Number 20.").bounding_box()
    alice.browser.set_offline(False)
    expect(here.pending).to_have_count(0)
    after = here.message("Number 20.").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 1


def test_a_connection_on_which_nothing_is_heard_is_made_anew(alice: Person, bob: Person, lobby: Room) -> None:
    alice.use(own_clock=True)
    here = alice.open(lobby)
    with here.page.expect_websocket():
        here.page.clock.fast_forward(60_000)
    here.expect_no_bar()
    bob.say(lobby.id, "Meanwhile")
    expect(here.message("Meanwhile")).to_be_visible()
    alice.expect_fresh(here)


def test_who_is_signed_out_elsewhere_may_sign_in_again_and_go_on_writing(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.field.fill("Half a sen")
    alice.sign_out_everywhere()
    here.expect_state("You are signed out")
    expect(here.errors.locator("visible=true")).to_have_count(0)
    here.say("Half a sentence")
    here.connection.get_by_role("link", name="Sign in again").click()
    page = here.page
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"/rooms/{lobby.id}")
    expect(here.messages).to_contain_text(["Half a sentence"])
    expect(here.pending).to_have_count(0)


def test_a_draft_outlives_signing_in_again(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.field.fill("Half a sen")
    alice.sign_out_everywhere()
    here.connection.get_by_role("link", name="Sign in again").click()
    here.page.get_by_label("Username").fill("alice")
    here.page.get_by_label("Password").fill(PASSWORD)
    here.page.get_by_label("Password").press("Enter")
    expect(here.field).to_have_value("Half a sen")


def test_who_signs_out_leaves_no_draft_behind(alice: Person, lobby: Room) -> None:
    here = alice.open(lobby)
    here.field.fill("Half a secret")
    here.page.get_by_role("button", name="alice").click()
    here.page.get_by_role("button", name="Sign out").click()
    expect(here.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "secret" not in here.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
