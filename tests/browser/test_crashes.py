"""The server is gone without a word: nothing is lost, nothing doubled, and nothing moves under the reader's eyes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from multichat.models import Room
from tests.browser.pane import Pane
from tests.browser.person import Person
from tests.browser.site import Site
from tests.browser.watch import Watch
from tests.support.server import Server, children

# What Chromium itself says of a server that is away.
SERVER_AWAY = "^console error: WebSocket connection to .* failed"
# Within so many seconds a page says that nothing is heard any more.
NOTICED_SECONDS = 45


def kill(server: Server) -> None:
    """All of it at once, the bus too, as when the power fails."""
    _signal(server, signal.SIGKILL)
    server.process.wait()


@contextmanager
def vanished(server: Server) -> Iterator[None]:
    """Inside, it takes connections as a machine does whose programs hang, and answers nothing."""
    _signal(server, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(server, signal.SIGCONT)


def _signal(server: Server, number: signal.Signals) -> None:
    for pid in (server.process.pid, *children(server.process.pid)):
        os.kill(pid, number)


def place_of(pane: Pane, text: str) -> float:
    box = pane.message(text).bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.slow
@pytest.mark.parametrize("site", ["sqlite", "postgresql"], indirect=True)
def test_a_killed_server_loses_and_doubles_nothing(
    site: Site, alice: Person, bob: Person, sam: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow(SERVER_AWAY)
    site.fill(lobby, sam, [f"Number {number}." for number in range(1, 51)])
    here, there, third = alice.open(lobby), bob.open(lobby), sam.open(lobby)
    here.say("Said by alice")
    there.say("Said by bob")
    for pane in (here, there):
        expect(pane.messages).to_have_count(52)
    kill(site.server)
    here.say("Queued by alice 1")
    here.say("Queued by alice 2")
    there.say("Queued by bob")
    for pane, queued in ((here, 2), (there, 1)):
        pane.expect_state("Reconnecting")
        expect(pane.pending).to_have_count(queued)
        pane.field.fill("Half a sen")
    third.page.close()
    # She goes on reading above, he at the end.
    here.scroll(-633)
    place = place_of(here, "Number 20.")

    site.server.start()
    for person, pane in ((alice, here), (bob, there)):
        expect(pane.messages).to_have_count(55)
        expect(pane.pending).to_have_count(0)
        pane.expect_no_bar()
        person.expect_fresh(pane)
        expect(pane.field).to_have_value("Half a sen")
        # sam's tab went while nobody could notice.
        expect(pane.roster.get_by_role("listitem")).to_have_count(2)
        for body in ("Queued by alice 1", "Queued by alice 2", "Queued by bob"):
            expect(pane.message(body)).to_have_count(1)
    assert abs(place_of(here, "Number 20.") - place) < 1
    assert there.scrolled == 0
    here.say("Half a sentence")
    expect(there.message("Half a sentence")).to_be_in_viewport(ratio=1)


@pytest.mark.slow
def test_a_server_that_hangs_is_noticed_and_what_was_said_into_the_void_is_stored_once(
    site: Site, alice: Person, bob: Person, lobby: Room, watch: Watch
) -> None:
    watch.allow(SERVER_AWAY)
    alice.use(own_clock=True)
    here, there = alice.open(lobby), bob.open(lobby)
    here.say("Before")
    expect(there.message("Before")).to_be_visible()
    with vanished(site.server):
        here.say("Into the void")
        expect(here.pending).to_have_count(1)
        clock = here.page.clock
        clock.pause_at(here.page.evaluate("Date.now()") / 1000 + 1)
        clock.run_for((NOTICED_SECONDS - 10) * 1000)
        here.expect_no_bar()
        clock.run_for(10 * 1000)
        here.expect_state("Reconnecting")
        here.field.fill("Half a sen")
    clock.resume()
    here.expect_no_bar()
    for person, pane in ((alice, here), (bob, there)):
        expect(pane.message("Into the void")).to_have_count(1)
        person.expect_fresh(pane)
    expect(here.pending).to_have_count(0)
    expect(here.field).to_have_value("Half a sen")
