"""A feed: frames in, frames out, in order, each once, none missing."""

import socket
from collections.abc import Iterator

import pytest

from multichat.realtime.connection import Connection
from multichat.realtime.feed import CONFIRMATION_SECONDS, HELD_LIMIT_FRAMES, HOLD_SECONDS, Delivery, Feed

NOW = 1000.0


@pytest.fixture
def feed() -> Feed:
    """A feed that stands at revision 5."""
    feed = Feed(7, NOW)
    feed.stands_at(5, NOW)
    return feed


@pytest.fixture
def people() -> Iterator[tuple[Connection, Connection]]:
    """alice's and bob's connections."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Connection(ours), Connection(theirs)


@pytest.fixture
def alice(people: tuple[Connection, Connection], feed: Feed) -> Connection:
    """She has joined and is live."""
    feed.joined.add(people[0])
    assert feed.go_live(people[0], 5)
    return people[0]


@pytest.fixture
def bob(people: tuple[Connection, Connection], feed: Feed) -> Connection:
    """He has joined and is catching up."""
    feed.joined.add(people[1])
    feed.hold_back(people[1])
    return people[1]


def give(feed: Feed, *revisions: int) -> None:
    for revision in revisions:
        feed.receive(revision, b"%d " % revision, NOW)


def seen_by(connection: Connection, deliveries: list[Delivery]) -> str:
    return b"".join(data for data, connections in deliveries if connection in connections).decode().strip()


def test_frames_in_order_go_out_in_order(feed: Feed, alice: Connection) -> None:
    give(feed, 6, 7, 8)
    assert seen_by(alice, feed.take()) == "6 7 8"
    assert feed.position == 8


def test_the_frames_of_one_turn_are_one_send(feed: Feed, alice: Connection) -> None:
    give(feed, 6, 7, 8)
    feed.pass_by(b"bob types")
    assert feed.take() == [(b"6 7 8 bob types", (alice,))]


def test_frames_out_of_order_are_put_in_order(feed: Feed, alice: Connection) -> None:
    give(feed, 8, 7)
    assert feed.take() == []
    give(feed, 6)
    assert seen_by(alice, feed.take()) == "6 7 8"


def test_a_frame_that_comes_twice_goes_out_once(feed: Feed, alice: Connection) -> None:
    give(feed, 6, 6, 8, 8, 7, 7, 6, 8)
    assert seen_by(alice, feed.take()) == "6 7 8"


def test_a_frame_from_before_the_beginning_is_known(feed: Feed, alice: Connection) -> None:
    give(feed, 3, 5)
    assert feed.take() == []
    assert feed.repair_at(HOLD_SECONDS) is None


def test_a_missing_frame_is_waited_for_and_then_to_be_repaired(feed: Feed, alice: Connection) -> None:
    give(feed, 7)
    assert feed.repair_at(HOLD_SECONDS) == NOW + HOLD_SECONDS
    feed.fill(7, [(6, b"6 "), (7, b"7' ")], NOW)
    assert seen_by(alice, feed.take()) == "6 7'"
    assert feed.repair_at(HOLD_SECONDS) is None


def test_a_missing_frame_that_comes_after_all_needs_no_repair(feed: Feed) -> None:
    give(feed, 7, 6)
    assert feed.repair_at(HOLD_SECONDS) is None


def test_the_wait_is_not_prolonged_by_later_frames(feed: Feed) -> None:
    feed.receive(7, b"7", NOW)
    feed.receive(8, b"8", NOW + 0.1)
    assert feed.repair_at(HOLD_SECONDS) == NOW + HOLD_SECONDS


def test_a_second_gap_has_a_wait_of_its_own(feed: Feed) -> None:
    give(feed, 7, 9)
    feed.fill(7, [(6, b"6 "), (7, b"7 ")], NOW + 0.2)
    assert feed.repair_at(HOLD_SECONDS) == NOW + 0.2 + HOLD_SECONDS


def test_a_repair_that_overtakes_a_held_frame_makes_it_known(feed: Feed, alice: Connection) -> None:
    give(feed, 7, 9)
    feed.fill(8, [(6, b"6 "), (8, b"8 ")], NOW)
    assert seen_by(alice, feed.take()) == "6 8 9"
    assert feed.position == 9


def test_a_repair_does_not_repeat_what_came_while_it_was_read(feed: Feed, alice: Connection) -> None:
    give(feed, 7)
    give(feed, 6)
    feed.fill(8, [(6, b"6' "), (7, b"7' "), (8, b"8' ")], NOW)
    assert seen_by(alice, feed.take()) == "6 7 8'"


def test_a_repair_that_brought_nothing_is_not_made_again_at_once(feed: Feed) -> None:
    """The room is gone, say, and those in it are not let go yet; without a bus nothing else makes it wait."""
    give(feed, 7)
    feed.fill(0, [(0, b"an empty page")], NOW)
    assert feed.repair_at(0) == NOW + HOLD_SECONDS


def test_a_change_that_was_overtaken_by_another_leaves_no_gap(feed: Feed, alice: Connection) -> None:
    """Revision 6 changed a message that revision 7 changed again: the log has only the latter."""
    feed.expect(7, NOW)
    feed.fill(7, [(7, b"7 ")], NOW)
    assert seen_by(alice, feed.take()) == "7"
    assert feed.repair_at(0) is None


def test_a_room_that_has_come_further_than_its_frames_shows_a_gap(feed: Feed, alice: Connection) -> None:
    """Whoever committed revision 6 died before it published."""
    feed.stands_at(6, NOW)
    assert feed.repair_at(HOLD_SECONDS) == NOW + HOLD_SECONDS


def test_a_comparison_that_was_overtaken_shows_none(feed: Feed) -> None:
    give(feed, 6, 7)
    feed.stands_at(6, NOW)
    assert feed.repair_at(0) is None


def test_held_frames_are_bounded_and_the_rest_comes_by_repair(feed: Feed, alice: Connection) -> None:
    last = 7 + 2 * HELD_LIMIT_FRAMES
    give(feed, *range(7, last + 1))
    feed.fill(6, [(6, b"6 ")], NOW)
    assert seen_by(alice, feed.take()).split() == [str(number) for number in range(6, 7 + HELD_LIMIT_FRAMES)]
    assert feed.repair_at(0) == NOW
    tail = feed.tail
    feed.fill(last, [(number, b"%d " % number) for number in range(tail + 1, last + 1)], NOW)
    assert seen_by(alice, feed.take()).split()[-1] == str(last)
    assert feed.repair_at(0) is None


def test_a_feed_begins_where_the_room_stands_when_its_subscription_is_confirmed(
    people: tuple[Connection, Connection],
) -> None:
    feed = Feed(7, NOW)
    assert not feed.may_start(NOW)
    feed.confirmed = True
    assert feed.may_start(NOW)
    feed.stands_at(5, NOW)
    assert feed.position == 5
    assert not feed.may_start(NOW)


def test_a_feed_does_not_wait_long_for_a_bus_that_is_away() -> None:
    feed = Feed(7, NOW)
    assert not feed.may_start(NOW + CONFIRMATION_SECONDS / 2)
    assert feed.may_start(NOW + CONFIRMATION_SECONDS)


def test_frames_before_the_position_is_known_are_held(people: tuple[Connection, Connection]) -> None:
    feed = Feed(7, NOW)
    give(feed, 5, 7, 6)
    assert feed.take() == []
    assert feed.repair_at(0) is None
    feed.joined.add(people[0])
    feed.stands_at(5, NOW)
    assert feed.go_live(people[0], 5)
    assert seen_by(people[0], feed.take()) == "6 7"


def test_a_frame_lost_before_the_position_is_known_is_a_gap() -> None:
    feed = Feed(7, NOW)
    give(feed, 7)
    feed.stands_at(5, NOW)
    assert feed.repair_at(0) == NOW


def test_who_is_behind_the_feed_reads_on(feed: Feed, bob: Connection) -> None:
    give(feed, 6)
    feed.take()
    assert not feed.go_live(bob, 5)
    assert feed.go_live(bob, 6)


def test_nobody_goes_live_before_the_position_is_known(people: tuple[Connection, Connection]) -> None:
    feed = Feed(7, NOW)
    feed.joined.add(people[0])
    assert not feed.go_live(people[0], 0)


def test_who_is_ahead_goes_live_in_the_middle_of_what_is_ready(feed: Feed, alice: Connection, bob: Connection) -> None:
    give(feed, 6, 7, 8, 9)
    assert feed.go_live(bob, 7)
    deliveries = feed.take()
    assert seen_by(alice, deliveries) == "6 7 8 9"
    assert seen_by(bob, deliveries) == "8 9"


def test_two_who_are_ahead_go_live_each_in_their_own_place(feed: Feed, alice: Connection, bob: Connection) -> None:
    feed.hold_back(alice)
    give(feed, 6, 7, 8, 9)
    assert feed.go_live(alice, 7)
    assert feed.go_live(bob, 8)
    deliveries = feed.take()
    assert seen_by(alice, deliveries) == "8 9"
    assert seen_by(bob, deliveries) == "9"


def test_who_is_ahead_of_everything_waits_for_it(feed: Feed, alice: Connection, bob: Connection) -> None:
    give(feed, 6)
    assert feed.go_live(bob, 8)
    assert seen_by(bob, feed.take()) == ""
    give(feed, 7, 8)
    assert seen_by(bob, feed.take()) == ""
    give(feed, 9)
    assert seen_by(bob, feed.take()) == "9"


def test_who_waits_within_a_repair_gets_what_lies_after_their_cursor(feed: Feed, bob: Connection) -> None:
    feed.expect(9, NOW)
    assert feed.go_live(bob, 7)
    feed.fill(9, [(6, b"6 "), (9, b"9 ")], NOW)
    assert seen_by(bob, feed.take()) == "9"


def test_who_left_in_the_middle_of_things_gets_nothing_more(feed: Feed, alice: Connection, bob: Connection) -> None:
    assert feed.go_live(bob, 5)
    give(feed, 6)
    assert seen_by(bob, feed.take()) == "6"
    feed.drop(bob)
    give(feed, 7)
    deliveries = feed.take()
    assert seen_by(alice, deliveries) == "7"
    assert seen_by(bob, deliveries) == ""


def test_who_comes_in_the_middle_of_things_gets_what_follows(feed: Feed, alice: Connection, bob: Connection) -> None:
    give(feed, 6)
    assert seen_by(alice, feed.take()) == "6"
    assert feed.go_live(bob, 6)
    give(feed, 7)
    assert seen_by(bob, feed.take()) == "7"


def test_nothing_is_queued_for_who_catches_up(feed: Feed, alice: Connection, bob: Connection) -> None:
    feed.hold_back(alice)
    give(feed, 6)
    assert feed.take() == []
    assert feed.position == 6


def test_an_ephemeral_frame_passes_beside_a_gap(feed: Feed, alice: Connection) -> None:
    give(feed, 7)
    feed.pass_by(b"bob types")
    assert seen_by(alice, feed.take()) == "bob types"


def test_an_ephemeral_frame_leaves_out_whom_it_tells_of(feed: Feed, alice: Connection, bob: Connection) -> None:
    assert feed.go_live(bob, 5)
    give(feed, 6)
    feed.pass_by(b"bob types ", bob)
    give(feed, 7)
    deliveries = feed.take()
    assert seen_by(alice, deliveries) == "6 bob types 7"
    assert seen_by(bob, deliveries) == "6 7"


def test_an_answer_comes_once_the_stream_has_passed_its_revision(
    feed: Feed, alice: Connection, bob: Connection
) -> None:
    feed.deliver_after(7, alice, b"answer")
    give(feed, 6)
    assert seen_by(alice, feed.take()) == "6"
    give(feed, 7)
    assert seen_by(alice, feed.take()) == "7 answer"
    give(feed, 8)
    assert seen_by(alice, feed.take()) == "8"


def test_an_answer_that_the_stream_has_passed_already_comes_at_once(
    feed: Feed, alice: Connection, bob: Connection
) -> None:
    assert feed.go_live(bob, 5)
    feed.deliver_after(4, alice, b"answer")
    deliveries = feed.take()
    assert seen_by(alice, deliveries) == "answer"
    assert seen_by(bob, deliveries) == ""


def test_an_answer_does_not_overtake_what_its_connection_catches_up_with(feed: Feed, alice: Connection) -> None:
    feed.deliver_after(7, alice, b"answer")
    feed.hold_back(alice)
    give(feed, 6, 7)
    assert feed.take() == []


def test_who_left_gets_nothing_more(feed: Feed, alice: Connection, bob: Connection) -> None:
    assert feed.go_live(bob, 9)
    feed.deliver_after(7, alice, b"answer")
    feed.drop(alice)
    feed.drop(bob)
    give(feed, 6, 7, 8, 9, 10)
    assert feed.take() == []
    assert not feed.go_live(bob, 10)
