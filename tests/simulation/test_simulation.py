"""Some of the histories; bin/simulate runs thousands. And that the simulation sees what it is there to see."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from multichat.config import PROJECT
from multichat.realtime.connection import Connection, ConnectionLost
from multichat.realtime.feed import Feed
from multichat.realtime.keeper import Keeper
from tests.simulation import page
from tests.simulation.history import run
from tests.simulation.house import Worker
from tests.simulation.page import Page
from tests.simulation.world import Violation

# Enough for each fault below to show.
SEEDS = 200


@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(0, SEEDS, 25)], ids=str)
def test_whatever_happens_nothing_is_lost_doubled_or_out_of_order(seeds: range) -> None:
    for seed in seeds:
        run(seed)


def test_nobody_is_disconnected_for_the_bus() -> None:
    for seed in range(50):
        assert run(seed, "edit", "react", "delete", "flood", "stop_redis", "cut_bus").dismissed == 0


def test_a_worker_that_stops_and_a_database_that_is_away_send_people_back() -> None:
    """Lest the test before this one finds nothing whatever happens."""
    assert sum(run(seed, "stop_worker", "stop_database").dismissed for seed in range(10)) > 0


def test_a_seed_is_one_history() -> None:
    """In another process too, where strings and objects have other hashes."""
    script = "from tests.simulation.history import run; print([run(seed) for seed in range(5)])"
    environ = os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([run(seed) for seed in range(5)])


def repairs_bring_nothing(patch: pytest.MonkeyPatch) -> None:
    fill = Feed.fill
    patch.setattr(Feed, "fill", lambda self, revision, upserts, now: fill(self, revision, [], now))


def nobody_compares(patch: pytest.MonkeyPatch) -> None:
    """Feeds start, and then hear of gaps from the bus alone."""
    compare = Keeper._compare

    def once(self: Keeper, feeds: Iterable[Feed]) -> None:
        compare(self, [feed for feed in feeds if feed.position is None])

    patch.setattr(Keeper, "_compare", once)


def frames_go_out_as_they_come(patch: pytest.MonkeyPatch) -> None:
    def receive(self: Feed, revision: int, data: bytes, now: float) -> None:
        self.tail = max(self.tail, revision)
        self._ready.append((revision, data, None))

    patch.setattr(Feed, "receive", receive)


def whoever_joins_is_live_at_once(patch: pytest.MonkeyPatch) -> None:
    go_live = Feed.go_live

    def at_once(self: Feed, connection: Connection, cursor: int) -> bool:
        return go_live(self, connection, max(cursor, self.position or 0))

    patch.setattr(Feed, "go_live", at_once)


def a_frame_is_queued_for_who_catches_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Feed, "hold_back", lambda self, connection: self._admit(connection))


def what_led_to_an_older_position_is_shown_again(patch: pytest.MonkeyPatch) -> None:
    class Kept(dict[int, list[bytes]]):
        def clear(self) -> None:
            pass

    begin = Feed.__init__

    def keeps(self: Feed, room_id: int, now: float) -> None:
        begin(self, room_id, now)
        self._bridges = Kept()

    patch.setattr(Feed, "__init__", keeps)


def positions_are_read_before_subscribing(patch: pytest.MonkeyPatch) -> None:
    """And nothing is compared afterwards."""
    nobody_compares(patch)
    patch.setattr(Feed, "may_start", lambda self, now: self.position is None)


def rights_are_never_looked_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Worker, "_check_rights", lambda *_: None)


def answers_overtake_the_stream(patch: pytest.MonkeyPatch) -> None:
    def at_once(self: Feed, revision: int, connection: Connection, data: bytes) -> None:
        connection.deliver(data)

    patch.setattr(Feed, "deliver_after", at_once)


def a_short_send_is_taken_for_a_whole_one(patch: pytest.MonkeyPatch) -> None:
    def try_send(self: Connection, data: bytes) -> int:
        try:
            self._send(data, 0)
        except BlockingIOError:
            return 0
        except OSError:
            self._abandon()
        return len(data)

    patch.setattr(Connection, "_try_send", try_send)


def everybody_hears_of_their_own_typing(patch: pytest.MonkeyPatch) -> None:
    pass_by = Feed.pass_by
    patch.setattr(Feed, "pass_by", lambda self, data, but: pass_by(self, data))


def the_fan_out_waits_for_slow_readers(patch: pytest.MonkeyPatch) -> None:
    def deliver(self: Connection, data: bytes) -> None:
        with contextlib.suppress(ConnectionLost):
            self.write(data)

    patch.setattr(Connection, "deliver", deliver)


def a_full_outbox_is_waited_for_inside_the_lock(patch: pytest.MonkeyPatch) -> None:
    queue = Connection._queue

    def wait_too(self: Connection, data: bytes, sent: int) -> None:
        queue(self, data, sent)
        self._machine.event().wait(1.0)

    patch.setattr(Connection, "_queue", wait_too)


@pytest.mark.parametrize(
    "fault",
    [
        repairs_bring_nothing,
        nobody_compares,
        frames_go_out_as_they_come,
        whoever_joins_is_live_at_once,
        a_frame_is_queued_for_who_catches_up,
        what_led_to_an_older_position_is_shown_again,
        positions_are_read_before_subscribing,
        rights_are_never_looked_up,
        answers_overtake_the_stream,
        a_short_send_is_taken_for_a_whole_one,
        everybody_hears_of_their_own_typing,
        the_fan_out_waits_for_slow_readers,
        a_full_outbox_is_waited_for_inside_the_lock,
    ],
)
def test_a_fault_is_found(fault: Callable[[pytest.MonkeyPatch], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    with pytest.raises(Violation):
        for seed in range(SEEDS):
            run(seed)


def a_part_is_put_into_what_it_does_not_go_on_from(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(page, "fits", lambda element, _: element is not None)


def a_part_that_does_not_fit_is_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Page, "_ask_for", lambda *_: None)


@pytest.mark.parametrize("fault", [a_part_is_put_into_what_it_does_not_go_on_from, a_part_that_does_not_fit_is_dropped])
def test_a_page_that_is_careless_with_parts_is_found(
    fault: Callable[[pytest.MonkeyPatch], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes while it is read is left out of a repair and comes with its later change: a part, which needs it."""
    fault(monkeypatch)
    with pytest.raises(Violation):
        for seed in range(SEEDS):
            run(seed, "edit", "react", "stop_redis", "cut_bus")
