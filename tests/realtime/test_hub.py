"""The hub: two of them on one exchange are two workers, on one log and one clock."""

import threading
from collections.abc import Callable

import pytest

from multichat.realtime.connection import SILENCE_SECONDS, STOPPING, Connection, ConnectionLost
from multichat.realtime.feed import HOLD_SECONDS
from multichat.realtime.frame import RIGHTS_TOPIC, Frame, list_topic, room_topic, user_topic
from multichat.realtime.hub import HEARTBEAT_SECONDS, STOPPING_SECONDS
from multichat.realtime.listeners import LIST_SECONDS
from tests.realtime.doubles import LOBBY, PING, MemoryLog, RoomLog, Worker, bodies

# One worker


def test_a_message_reaches_who_has_joined_and_nobody_else(worker: Worker, log: MemoryLog) -> None:
    log.rooms[8] = RoomLog()
    _, alice = worker.join()
    _, bob = worker.join(8)
    _, mallory = worker.connect()
    worker.publish(log.post("hello"))
    worker.turn()
    assert bodies(alice) == ["hello"]
    assert bodies(bob) == bodies(mallory) == []


def test_what_came_in_one_turn_goes_out_together(worker: Worker, log: MemoryLog) -> None:
    _, alice = worker.join()
    for number in range(5):
        worker.publish(log.post(str(number)))
    assert alice.received() == []
    worker.hub.fan_out()
    assert bodies(alice) == ["0", "1", "2", "3", "4"]


def test_whoever_left_hears_nothing_more(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.join()
    _, bob = worker.join()
    assert worker.hub.leave(connection, LOBBY)
    assert not worker.hub.leave(connection, LOBBY)
    worker.publish(log.post())
    worker.turn()
    assert bodies(alice) == []
    assert bodies(bob) == ["hi"]


def test_joining_twice_is_not_entering_twice(worker: Worker) -> None:
    connection, _ = worker.connect()
    assert worker.hub.join(connection, LOBBY)
    assert not worker.hub.join(connection, LOBBY)
    worker.hub.leave(connection, LOBBY)
    assert worker.hub.join(connection, LOBBY)


def test_a_removed_connection_is_forgotten_everywhere(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.join()
    worker.hub.listen(connection, 5, frozenset())
    worker.hub.remove(connection)
    worker.publish(log.post())
    worker.publish(Frame("user:5", "for alice"))
    worker.turn()
    assert alice.received() == []
    assert worker.hub.connections() == []
    assert worker.hub.topics() == [RIGHTS_TOPIC]
    assert connection.rooms == set()
    with pytest.raises(ConnectionLost):
        worker.hub.join(connection, LOBBY)


def test_frames_without_a_log_reach_who_listens(worker: Worker) -> None:
    connection, alice = worker.connect()
    worker.hub.listen(connection, 5, frozenset({7}))
    worker.publish(Frame("user:5", "one"))
    worker.publish(Frame("room:7:list", "two"))
    worker.publish(Frame("room:8:list", "not hers"))
    worker.turn()
    assert sorted(alice.received()) == ["one", "two"]
    worker.hub.listen(connection, 5, frozenset())
    worker.publish(Frame("room:7:list", "three"))
    worker.publish(Frame("user:5", "four"))
    worker.turn()
    assert alice.received() == ["four"]


def test_who_listens_to_the_list_is_not_in_the_room(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.connect()
    worker.hub.listen(connection, 5, frozenset({7}))
    _, bob = worker.join()
    worker.publish(log.post())
    worker.turn()
    assert bodies(alice) == []
    assert bodies(bob) == ["hi"]


def test_what_changes_in_the_list_of_rooms_goes_out_in_one_piece_a_second(worker: Worker) -> None:
    tabs = []
    for rooms in ({7, 8}, {7, 8}, {7}):
        connection, client = worker.connect()
        worker.hub.listen(connection, 5, frozenset(rooms))
        tabs.append((client, rooms))
    for second in (1, 2):
        for change in (1, 2, 3):
            for room in (7, 8):
                worker.publish(Frame(list_topic(room), f"{room}: {second}.{change}"))
                worker.hub.fan_out()
        first = ["7: 1.1"] if second == 1 else []
        assert [client.received() for client, _ in tabs] == [first] * 3, "the rest waits"
        worker.pass_time(LIST_SECONDS)
        assert [sorted(client.received()) for client, _ in tabs] == [
            [f"{room}: {second}.3" for room in sorted(rooms)] for _, rooms in tabs
        ], "the newest of each room"


def test_a_busy_room_is_told_of_once_a_second_and_no_mention_is_lost_in_it(worker: Worker) -> None:
    connection, client = worker.connect()
    worker.hub.listen(connection, 5, frozenset({7}))
    heard = []
    for ordinal in range(1, 301):
        worker.publish(Frame(list_topic(7), f"up to {ordinal}", about="ordinal"))
        if ordinal % 100 == 50:
            worker.publish(Frame(list_topic(7), f"{ordinal} is for you", about=f"mention {ordinal}"))
        worker.hub.fan_out()
        heard.append(client.received())
        if ordinal % 100 == 0:
            worker.pass_time(LIST_SECONDS)
            heard.append(client.received())
    assert [piece for piece in heard if piece] == [
        ["up to 1"],
        ["up to 100", "50 is for you"],
        ["up to 200", "150 is for you"],
        ["up to 300", "250 is for you"],
    ]


def test_topics_that_others_listen_to_too_go_on(worker: Worker) -> None:
    def listen(connection: Connection, user_id: int, *rooms: int) -> set[str]:
        worker.hub.listen(connection, user_id, frozenset(rooms))
        return set(worker.hub.topics()) - {RIGHTS_TOPIC}

    (alice, _), (bob, _) = worker.connect(), worker.connect()
    listen(alice, 5, 7, 8)
    assert listen(bob, 6, 8, 9) == {user_topic(5), user_topic(6), *map(list_topic, (7, 8, 9))}
    assert listen(alice, 5, 7) == {user_topic(5), user_topic(6), *map(list_topic, (7, 8, 9))}
    assert listen(bob, 5, 7) == {user_topic(5), list_topic(7)}
    worker.hub.remove(alice)
    assert set(worker.hub.topics()) - {RIGHTS_TOPIC} == {user_topic(5), list_topic(7)}
    worker.hub.remove(bob)
    assert worker.hub.topics() == [RIGHTS_TOPIC]


def test_an_ephemeral_frame_leaves_out_whom_it_tells_of(worker: Worker) -> None:
    bobs, bob = worker.join()
    _, alice = worker.join()
    worker.hub.receive(Frame(room_topic(LOBBY), "bob types"), bobs)
    worker.turn()
    assert alice.received() == ["bob types"]
    assert bob.received() == []


def test_a_persons_connections_are_counted(worker: Worker) -> None:
    for user_id in (5, 6, 6):
        connection, _ = worker.connect(user_id=user_id)
        worker.hub.listen(connection, user_id, frozenset())
    assert worker.hub.count_of(6) == 2
    worker.hub.remove(connection)
    assert worker.hub.count_of(6) == 1


def test_a_connection_that_is_closing_does_not_count(worker: Worker) -> None:
    for _ in range(2):
        connection, _ = worker.connect(user_id=6)
        worker.hub.listen(connection, 6, frozenset())
    connection.shut(STOPPING, "restarting")
    assert connection in worker.hub.connections()
    assert worker.hub.count_of(6) == 1


# Two workers


def test_two_people_on_two_workers_talk_both_ways(workers: tuple[Worker, Worker], log: MemoryLog) -> None:
    here, there = workers
    _, alice = here.join()
    _, bob = there.join()
    here.publish(log.post("hello"))
    there.publish(log.post("hi alice"))
    here.turn()
    there.turn()
    assert bodies(alice) == bodies(bob) == ["hello", "hi alice"]


def test_two_workers_who_publish_at_once_are_put_in_order(workers: tuple[Worker, Worker], log: MemoryLog) -> None:
    here, there = workers
    _, alice = here.join()
    first, second = log.post("first"), log.post("second")
    there.publish(second)
    here.turn()
    assert bodies(alice) == []
    here.publish(first)
    here.turn()
    assert bodies(alice) == ["first", "second"]


# Answers


def test_a_repeated_message_is_answered_in_its_place(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.join()
    _, bob = worker.join()
    log.post("lost")
    stored = log.post("sent twice")
    worker.hub.answer(connection, Frame(stored.topic, "the stored one", stored.revision), LOBBY)
    worker.turn()
    assert alice.received() == []
    worker.pass_time(HOLD_SECONDS)
    assert alice.received()[-1] == "the stored one"
    assert bodies(bob) == ["lost", "sent twice"]


def test_an_answer_about_what_everybody_has_comes_at_once(worker: Worker, log: MemoryLog) -> None:
    connection, alice = worker.join()
    frame = log.post("sent twice")
    worker.publish(frame)
    worker.turn()
    assert bodies(alice) == ["sent twice"]
    worker.hub.answer(connection, Frame(frame.topic, "the stored one", frame.revision), LOBBY)
    worker.turn()
    assert alice.received() == ["the stored one"]


# Sweeps


def test_everybody_gets_a_heartbeat_every_twenty_seconds(worker: Worker) -> None:
    people = [worker.connect()[1] for _ in range(45)]
    beats = []
    for _ in range(2 * HEARTBEAT_SECONDS):
        worker.clock.sleep(1)
        worker.hub.sweep()
        beats.append(sum(opcode == PING for person in people for opcode, _ in person.frames()))
    assert sum(beats) == 2 * len(people)
    assert max(beats) <= 3, "spread over the seconds"


def test_sweeps_that_were_missed_are_not_made_up_for(worker: Worker) -> None:
    """A worker that was held up would find everybody silent before it has listened to them again."""
    people = [worker.connect()[1] for _ in range(HEARTBEAT_SECONDS)]
    worker.clock.sleep(SILENCE_SECONDS + 10)
    for _ in range(HEARTBEAT_SECONDS):
        worker.hub._fan_out_due.set()
        worker.hub.fan_out_turn()
    assert sum(opcode == PING for person in people for opcode, _ in person.frames()) == 1


def sweep_until(worker: Worker, done: Callable[[], bool], seconds: int) -> None:
    for _ in range(seconds):
        worker.clock.sleep(1)
        worker.hub.sweep()
        if done():
            return
    raise AssertionError(f"not within {seconds} seconds")


def test_who_answers_no_heartbeat_is_let_go(worker: Worker) -> None:
    ours, alice = worker.connect()
    sweep_until(worker, lambda: ours.closing is not None, int(SILENCE_SECONDS) + HEARTBEAT_SECONDS + 1)
    assert alice.close_code() == 1013
    sweep_until(worker, lambda: ours._lost, 4)
    assert alice.at_end()


def test_who_does_not_answer_a_close_is_cut_off(worker: Worker) -> None:
    ours, alice = worker.connect()
    ours.shut(4401)
    assert alice.close_code() == 4401
    sweep_until(worker, lambda: ours._lost, 4)
    assert alice.at_end()


# Stopping


def test_a_stopping_worker_tells_everybody_to_come_back(worker: Worker) -> None:
    people = [worker.connect() for _ in range(100)]
    began = worker.clock.now
    worker.hub.drain()
    assert worker.hub.stopping
    assert [client.close_code() for _, client in people] == [STOPPING] * 100
    assert worker.clock.now - began == pytest.approx(99 / 500)


def test_however_many_there_are_a_worker_stops_within_two_seconds(worker: Worker) -> None:
    first, client = worker.connect()
    for _ in range(1500):
        worker.hub.add(Connection(first._sock))  # a socket each would be many
    reader = threading.Thread(target=lambda: [client.read() for _ in range(1501)])
    reader.start()
    began = worker.clock.now
    worker.hub.drain()
    assert worker.clock.now - began <= STOPPING_SECONDS
    assert all(connection.closing == STOPPING for connection in worker.hub.connections())
    reader.join()
