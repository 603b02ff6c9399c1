"""A worker's parts put together: real threads, on real time."""

import random
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from multichat.realtime import Realtime
from multichat.realtime.bus import Exchange, MemoryBus
from multichat.realtime.connection import Connection
from multichat.realtime.frame import Frame
from multichat.realtime.hub import Hub
from multichat.realtime.keeper import Keeper
from multichat.realtime.machine import MACHINE, Machine
from multichat.realtime.roster import MemoryRoster
from tests.realtime.doubles import LOBBY, Client, MemoryLog, Threads, Timeline

SOON_SECONDS = 10.0


class Server:
    """Workers in one process, as many as are asked for."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self._exchange = Exchange()
        self._workers: list[Realtime] = []

    def worker(
        self,
        check_rights: Callable[[Hub], None] = lambda hub: None,
        machine: Machine = MACHINE,
        **turns: Callable[[], None],
    ) -> Realtime:
        bus = MemoryBus(self._exchange)
        hub = Hub(bus)
        worker = Realtime(hub, Keeper(hub, self.log, bus, check_rights), bus, MemoryRoster(), turns, machine)
        worker.start()
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


@pytest.fixture
def server(log: MemoryLog) -> Iterator[Server]:
    server = Server(log)
    yield server
    server.close()


def join(worker: Realtime, connection: Connection, after: int | None = None) -> None:
    worker.hub.add(connection)
    worker.hub.join(connection, LOBBY)
    worker.keeper.catch_up(connection, LOBBY, after)


def test_a_message_goes_from_worker_to_worker(server: Server, connection: Connection, client: Client) -> None:
    here, there = server.worker(), server.worker()
    join(here, connection)
    there.publish(server.log.post("hi"))
    assert '"hi"' in client.text()


def test_what_was_never_published_comes_all_the_same(server: Server, connection: Connection, client: Client) -> None:
    join(server.worker(), connection)
    server.log.post("last words")
    assert '"last words"' in client.text()


def test_a_database_that_was_away_is_asked_again(server: Server, connection: Connection, client: Client) -> None:
    worker = server.worker()
    join(worker, connection)
    server.log.away = True
    worker.publish(server.log.post("live"))
    assert '"live"' in client.text(), "nobody needs it for this"
    server.log.post("lost")
    server.log.away = False
    assert '"lost"' in client.text()


def test_rights_are_looked_up_soon_after_they_moved(server: Server) -> None:
    looked = threading.Semaphore(0)
    worker = server.worker(lambda hub: looked.release())
    assert looked.acquire(timeout=SOON_SECONDS), "at the first look"
    server.log.rights += 1
    assert looked.acquire(timeout=SOON_SECONDS), "at the next"
    worker.rights_changed()
    assert looked.acquire(timeout=SOON_SECONDS), "and when somebody says so"


def test_a_turn_that_fails_is_followed_by_the_next(
    server: Server, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = threading.Semaphore(0)

    def turn() -> None:
        turns.release()
        raise ZeroDivisionError

    server.worker(broken=turn)
    assert turns.acquire(timeout=SOON_SECONDS)
    assert turns.acquire(timeout=SOON_SECONDS)
    assert "The broken failed and goes on" in caplog.text


def test_a_closed_worker_has_no_threads(server: Server) -> None:
    threads = Threads()
    due = threading.Event()

    def idle() -> None:
        due.wait()

    server.worker(machine=threads, idle=idle).close()
    due.set()  # the turn that it is in ends, and none follows
    assert len(threads.started) == 3
    for thread in threads.started:
        thread.join(SOON_SECONDS)
        assert not thread.is_alive()


def test_starting_twice_is_starting_once(server: Server) -> None:
    threads = Threads()
    worker = server.worker(machine=threads)
    worker.start()
    assert len(threads.started) == 2


def test_whatever_is_said_on_either_worker_everybody_ends_up_with_the_same(server: Server) -> None:
    """Two workers, four writers, a frame in five lost on the way: the timelines are what the log is."""
    workers = server.worker(), server.worker()
    chance = random.Random(7)
    pairs = [socket.socketpair() for _ in range(6)]
    connections = [Connection(ours) for ours, _ in pairs]

    def write(worker: Realtime) -> None:
        for number in range(40):
            frame = server.log.post(str(number)) if number % 4 else server.log.edit(1, str(number))
            if chance.random() >= 0.2:
                worker.publish(frame)

    server.log.post("first")
    for number, connection in enumerate(connections[:3]):
        join(workers[number % 2], connection, after=0)
    writers = [threading.Thread(target=write, args=(worker,)) for worker in (*workers, *workers)]
    for writer in writers:
        writer.start()
    for number, connection in enumerate(connections[3:]):
        join(workers[number % 2], connection, after=0)
    for writer in writers:
        writer.join()
    room = server.log.rooms[LOBBY]
    expected = {message.ordinal: (message.revision, message.body) for message in room.messages}
    for _, theirs in pairs:
        timeline, client = Timeline(), Client(theirs)
        while timeline.cursor < room.revision:
            timeline.apply([client.text()])
        assert timeline.elements == expected
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


def test_a_frame_for_nobody_is_no_trouble(server: Server) -> None:
    server.worker().publish(Frame("room:99", "hi", 3))
