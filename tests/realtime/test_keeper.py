"""The keeper: feeds that begin, fall behind and are repaired, pages that come back, rights that move."""

import json
import threading
from collections.abc import Collection

import pytest

from multichat.realtime.bus import Exchange, MemoryBus
from multichat.realtime.connection import Connection, ConnectionLost
from multichat.realtime.feed import CONFIRMATION_SECONDS, HOLD_SECONDS
from multichat.realtime.frame import RIGHTS_TOPIC, Frame, room_topic
from multichat.realtime.hub import NotJoined
from multichat.realtime.keeper import COMPARE_SECONDS
from multichat.realtime.log import LogUnavailable
from tests.realtime.doubles import LOBBY, Client, MemoryLog, RoomLog, Timeline, Worker, bodies, closing


def who_missed_three(worker: Worker, log: MemoryLog) -> tuple[Connection, Client]:
    """Somebody who has joined a room in which three messages were fanned out, and is not caught up yet."""
    worker.join()
    for _ in range(3):
        worker.publish(log.post())
    worker.turn()
    connection, client = worker.connect()
    worker.hub.join(connection, LOBBY)
    return connection, client


# Keeping feeds with the log


def test_a_lost_frame_is_repaired_after_a_short_wait(workers: tuple[Worker, Worker], log: MemoryLog) -> None:
    here, there = workers
    _, alice = here.join()
    log.post("lost")
    there.publish(log.post("found"))
    here.turn()
    log.asked.clear()
    here.pass_time(HOLD_SECONDS / 2)
    assert bodies(alice) == log.asked == []
    here.pass_time(HOLD_SECONDS / 2)
    assert bodies(alice) == ["lost", "found"]
    assert log.asked == ["changes after 0"]


def test_a_repair_is_one_question_for_all_connections(worker: Worker, log: MemoryLog) -> None:
    people = [worker.join()[1] for _ in range(5)]
    log.post("lost")
    worker.publish(log.post("found"))
    log.asked.clear()
    worker.pass_time(HOLD_SECONDS)
    assert [bodies(person) for person in people] == [["lost", "found"]] * 5
    assert log.asked == ["changes after 0"]


def test_without_the_bus_a_gap_is_repaired_at_once(worker: Worker, log: MemoryLog) -> None:
    _, alice = worker.join()
    worker.bus.connected = False
    log.post("lost")
    worker.publish(log.post("found"))
    worker.turn()
    assert bodies(alice) == ["lost", "found"]


def test_what_nobody_published_arrives_within_a_second_or_so(worker: Worker, log: MemoryLog) -> None:
    """Its worker committed it and died."""
    _, alice = worker.join()
    log.post("last words")
    worker.pass_time(COMPARE_SECONDS)
    worker.pass_time(HOLD_SECONDS)
    assert bodies(alice) == ["last words"]


def test_a_far_lag_is_one_page_for_who_is_live(worker: Worker, log: MemoryLog) -> None:
    _, alice = worker.join()
    for number in range(log.changes_limit + 1):
        log.post(str(number))
    worker.pass_time(COMPARE_SECONDS)
    worker.pass_time(HOLD_SECONDS)
    (frame,) = alice.received()
    kind, revision, messages = json.loads(frame)
    assert (kind, revision, len(messages)) == ("reset", 301, 50)
    worker.publish(log.post("and on"))
    worker.turn()
    assert bodies(alice) == ["and on"]


def test_a_lag_at_the_limit_comes_message_by_message(worker: Worker, log: MemoryLog) -> None:
    _, alice = worker.join()
    for number in range(log.changes_limit):
        log.post(str(number))
    worker.pass_time(COMPARE_SECONDS)
    worker.pass_time(HOLD_SECONDS)
    assert bodies(alice) == [str(number) for number in range(log.changes_limit)]


def test_feeds_are_compared_with_the_log_once_a_second_in_one_question(worker: Worker, log: MemoryLog) -> None:
    for room_id in range(100, 110):
        log.rooms[room_id] = RoomLog()
        worker.join(room_id)
    worker.pass_time(COMPARE_SECONDS)
    log.asked.clear()
    for _ in range(4):
        worker.pass_time(COMPARE_SECONDS / 2)
    assert log.asked == ["state", "state"]


def test_the_keeper_is_woken_for_what_cannot_wait(worker: Worker, log: MemoryLog) -> None:
    due = worker.hub.keeper_due
    connection, _ = worker.join()
    due.clear()
    log.post("lost")
    worker.publish(log.post("found"))
    assert due.is_set(), "for a gap"
    due.clear()
    worker.hub.subscribed(room_topic(LOBBY))
    assert due.is_set(), "for a subscription"
    due.clear()
    worker.publish(Frame(RIGHTS_TOPIC, ""))
    assert due.is_set(), "for rights"
    due.clear()
    log.rooms[8] = RoomLog()
    worker.hub.join(connection, 8)
    assert due.is_set(), "for a room to begin with"


def test_a_confirmed_subscription_is_compared_at_once(worker: Worker, log: MemoryLog) -> None:
    """After an outage of the bus, say; what was published meanwhile is missing."""
    _, alice = worker.join()
    worker.turn()
    log.post("published while the bus was away")
    worker.hub.subscribed(room_topic(LOBBY))
    worker.turn()
    worker.pass_time(HOLD_SECONDS)
    assert bodies(alice) == ["published while the bus was away"]


# Beginning


class SlowBus(MemoryBus):
    """Says that it has subscribed when a test says so."""

    def follow(self, topics: Collection[str]) -> None:
        assert self._listener is not None
        self._exchange.tune(self, set(self._listener.topics()))


def test_a_feed_waits_for_its_subscription_before_it_reads_where_the_room_stands(log: MemoryLog) -> None:
    worker = Worker(log, SlowBus(Exchange()))
    with closing(worker):
        connection, alice = worker.connect()
        worker.hub.join(connection, LOBBY)
        worker.turn()
        log.asked.clear()
        worker.turn()
        assert log.asked == []
        frame = log.post("published before the position was read")
        worker.hub.receive(frame)
        worker.hub.subscribed(room_topic(LOBBY))
        worker.turn()
        worker.keeper.catch_up(connection, LOBBY, 0)
        worker.publish(log.post("and after"))
        worker.turn()
        assert bodies(alice) == ["published before the position was read", "and after"]


def test_a_feed_does_not_wait_for_a_bus_that_is_away(log: MemoryLog) -> None:
    worker = Worker(log, SlowBus(Exchange()))
    with closing(worker):
        connection, alice = worker.connect()
        worker.hub.join(connection, LOBBY)
        worker.pass_time(CONFIRMATION_SECONDS)
        worker.keeper.catch_up(connection, LOBBY, None)
        worker.publish(log.post())
        worker.turn()
        assert bodies(alice) == ["hi"]


def test_a_feed_that_cannot_be_read_is_tried_again(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.connect()
    log.away = True
    worker.hub.join(connection, LOBBY)
    for _ in range(3):
        with pytest.raises(LogUnavailable):
            worker.keeper.keep()
    log.away = False
    worker.turn()
    worker.keeper.catch_up(connection, LOBBY, None)
    worker.publish(log.post())
    worker.turn()
    assert bodies(alice) == ["hi"]


def test_a_repair_that_failed_is_tried_again(worker: Worker, log: MemoryLog) -> None:
    _, alice = worker.join()
    log.post("lost")
    worker.publish(log.post("found"))
    worker.clock.sleep(HOLD_SECONDS)
    log.away = True
    with pytest.raises(LogUnavailable):
        worker.keeper.keep()
    log.away = False
    worker.turn()
    assert bodies(alice) == ["lost", "found"]


def test_a_join_gives_up_on_a_database_that_does_not_answer(worker: Worker, log: MemoryLog) -> None:
    connection, _ = worker.connect()
    worker.hub.join(connection, LOBBY)

    def passes() -> None:
        worker.clock.sleep(10)
        with worker.hub.lock:
            worker.keeper._started.notify_all()

    timer = threading.Timer(0.05, passes)
    timer.start()
    with pytest.raises(LogUnavailable):
        worker.keeper.catch_up(connection, LOBBY, None)
    timer.join()


def test_a_room_that_is_not_there_keeps_nobody_busy(worker: Worker) -> None:
    connection, _ = worker.connect()
    worker.hub.join(connection, 99)
    worker.turn()
    worker.pass_time(CONFIRMATION_SECONDS)
    assert worker.keeper._pause() > 0


# Coming back


def test_who_comes_back_gets_what_they_missed(worker: Worker, log: MemoryLog) -> None:
    for number in range(4):
        log.post(str(number))
    _, alice = worker.join(after=2)
    assert bodies(alice) == ["2", "3"]
    worker.publish(log.post("4"))
    worker.turn()
    assert bodies(alice) == ["4"]


def test_of_many_who_come_back_from_one_place_the_log_is_asked_once(worker: Worker, log: MemoryLog) -> None:
    log.post("0")
    log.post("1")
    worker.join()
    log.asked.clear()
    for _ in range(3):
        _, alice = worker.join(after=1)
        assert bodies(alice) == ["1"]
    assert log.asked.count("changes after 1") == 1
    worker.publish(log.post("2"))
    worker.turn()
    _, bob = worker.join(after=1)
    assert bodies(bob) == ["1", "2"]
    assert log.asked.count("changes after 1") == 2
    # An author may be called otherwise by now, which is no change of the room's.
    worker.pass_time(COMPARE_SECONDS)
    worker.join(after=1)
    assert log.asked.count("changes after 1") == 3


def test_who_missed_nothing_is_asked_nothing(worker: Worker, log: MemoryLog) -> None:
    log.post("0")
    worker.join()
    log.asked.clear()
    _, alice = worker.join(after=1)
    assert "changes after 1" not in log.asked
    worker.publish(log.post("1"))
    worker.turn()
    assert bodies(alice) == ["1"]


def test_who_comes_without_a_cursor_begins_now(worker: Worker, log: MemoryLog) -> None:
    log.post("before")
    _, alice = worker.join(after=None)
    worker.publish(log.post("after"))
    worker.turn()
    assert bodies(alice) == ["after"]


def test_who_is_ahead_of_the_feed_has_it_repaired_up_to_them(worker: Worker, log: MemoryLog) -> None:
    """Their page was rendered after a commit whose frame was lost."""
    _, bob = worker.join()
    log.post("lost")
    _, alice = worker.join(after=1)
    worker.pass_time(HOLD_SECONDS)
    assert bodies(bob) == ["lost"]
    worker.publish(log.post("next"))
    worker.turn()
    assert bodies(bob) == bodies(alice) == ["next"]


def test_who_is_above_the_rooms_revision_gets_the_page_whole(worker: Worker, log: MemoryLog) -> None:
    """The database was restored from a backup."""
    log.post("old")
    _, alice = worker.join(after=99)
    assert [json.loads(frame)[:2] for frame in alice.received()] == [["reset", 1]]
    worker.publish(log.post("new"))
    worker.turn()
    assert bodies(alice) == ["new"]


def test_who_is_far_behind_gets_the_page_whole(worker: Worker, log: MemoryLog) -> None:
    for number in range(log.changes_limit + 1):
        log.post(str(number))
    _, alice = worker.join(after=0)
    assert [json.loads(frame)[:2] for frame in alice.received()] == [["reset", 301]]


def test_an_edit_while_away_comes_once_in_its_present_state(worker: Worker, log: MemoryLog) -> None:
    log.post("a")
    log.post("b")
    log.edit(1, "a, better")
    _, alice = worker.join(after=1)
    assert bodies(alice) == ["b", "a, better"]


def test_what_is_said_during_catching_up_comes_once_and_in_order(worker: Worker, log: MemoryLog) -> None:
    worker.join()
    worker.publish(log.post("0"))
    worker.turn()
    more = ["3", "2", "1"]

    def say_more() -> None:
        if more:
            worker.publish(log.post(more.pop()))
            worker.hub.fan_out()

    log.meanwhile = say_more
    connection, alice = worker.connect()
    worker.rejoin(connection, after=0)
    log.meanwhile = lambda: None
    worker.publish(log.post("4"))
    worker.turn()
    timeline = Timeline()
    timeline.apply(alice.received())
    assert [body for _, (_, body) in sorted(timeline.elements.items())] == ["0", "1", "2", "3", "4"]
    assert timeline.cursor == 5


def test_a_second_join_catches_up_from_its_cursor(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.join()
    worker.publish(log.post("0"))
    worker.publish(log.post("1"))
    worker.turn()
    assert bodies(alice) == ["0", "1"]
    worker.rejoin(connection, after=1)
    assert bodies(alice) == ["1"]
    worker.publish(log.post("2"))
    worker.turn()
    assert bodies(alice) == ["2"]


def test_nothing_is_queued_for_who_catches_up(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.join()
    worker.hub.join(connection, LOBBY)
    worker.publish(log.post("0"))
    worker.turn()
    assert bodies(alice) == []
    worker.keeper.catch_up(connection, LOBBY, 0)
    assert bodies(alice) == ["0"]


def test_who_is_gone_while_they_catch_up_is_not_served(worker: Worker, log: MemoryLog) -> None:
    connection, _ = worker.connect()
    worker.join()
    worker.publish(log.post())
    worker.turn()
    worker.hub.join(connection, LOBBY)
    log.meanwhile = lambda: worker.hub.remove(connection)
    with pytest.raises(ConnectionLost):
        worker.keeper.catch_up(connection, LOBBY, 0)


def test_who_is_evicted_while_they_catch_up_stays_connected(worker: Worker, log: MemoryLog) -> None:
    connection, _ = worker.connect()
    bobs, _ = worker.join()
    worker.publish(log.post())
    worker.turn()
    worker.hub.join(connection, LOBBY)
    log.meanwhile = lambda: worker.hub.leave(connection, LOBBY)
    with pytest.raises(NotJoined):
        worker.keeper.catch_up(connection, LOBBY, 0)
    assert connection.closing is None
    worker.hub.leave(bobs, LOBBY)
    worker.hub.join(connection, LOBBY)
    worker.hub.leave(connection, LOBBY)
    with pytest.raises(NotJoined):
        worker.keeper.catch_up(connection, LOBBY, 0)


def test_a_room_deleted_while_somebody_catches_up_does_not_hang_the_worker(worker: Worker, log: MemoryLog) -> None:
    connection, _ = who_missed_three(worker, log)
    del log.rooms[LOBBY]
    with pytest.raises(LogUnavailable):
        worker.keeper.catch_up(connection, LOBBY, 1)


def test_a_database_older_than_what_was_fanned_out_does_not_hang_the_worker(worker: Worker, log: MemoryLog) -> None:
    connection, alice = who_missed_three(worker, log)
    log.rooms[LOBBY].revision = 1
    del log.rooms[LOBBY].messages[1:]
    with pytest.raises(LogUnavailable):
        worker.keeper.catch_up(connection, LOBBY, 1)
    assert alice.received() == []


def test_a_long_catch_up_is_cut_into_slices(worker: Worker, log: MemoryLog) -> None:
    for _ in range(100):
        log.post("x" * 10_000)
    connection, alice = worker.connect()
    worker.hub.join(connection, LOBBY)
    worker.keeper.keep()
    reader = threading.Thread(target=worker.keeper.catch_up, args=(connection, LOBBY, 0))
    reader.start()
    frames = [json.loads(alice.text()) for _ in range(100)]
    reader.join()
    assert [frame[1] for frame in frames] == list(range(1, 101))


# Rights


def test_rights_are_looked_up_on_the_first_look(worker: Worker) -> None:
    worker.turn()
    assert worker.checks == 1


def test_rights_are_looked_up_once_when_their_version_moved(worker: Worker, log: MemoryLog) -> None:
    worker.turn()
    log.rights += 1
    for _ in range(4):
        worker.pass_time(COMPARE_SECONDS)
    assert worker.checks == 2


def test_rights_are_looked_up_each_minute_since_sign_ins_run_out_by_themselves(worker: Worker) -> None:
    for _ in range(121):
        worker.pass_time(COMPARE_SECONDS)
    assert worker.checks == 3


def test_rights_are_looked_up_at_once_when_somebody_says_so(workers: tuple[Worker, Worker], log: MemoryLog) -> None:
    here, there = workers
    here.turn()
    there.turn()
    here.publish(Frame(RIGHTS_TOPIC, ""))
    here.turn()
    there.turn()
    assert (here.checks, there.checks) == (2, 2)


@pytest.mark.parametrize("trouble", [LogUnavailable("away"), ZeroDivisionError()])
def test_a_check_that_failed_is_made_again_and_keeps_no_message_from_anybody(
    worker: Worker, log: MemoryLog, trouble: Exception
) -> None:
    _, alice = worker.join()
    log.post("lost")
    worker.publish(log.post("found"))
    worker.clock.sleep(HOLD_SECONDS)
    log.rights += 1
    worker.pass_time(COMPARE_SECONDS)
    worker.failure = trouble
    log.rights += 1
    log.post("lost, too")
    worker.clock.sleep(COMPARE_SECONDS)
    for _ in range(3):
        with pytest.raises(type(trouble)):
            worker.turn()
        worker.clock.sleep(HOLD_SECONDS)
    worker.hub.fan_out()
    assert bodies(alice) == ["lost", "found", "lost, too"]
    worker.failure = None
    made = worker.checks
    worker.turn()
    worker.turn()
    assert worker.checks == made + 1
