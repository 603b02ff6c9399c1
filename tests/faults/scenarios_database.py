"""The database is locked, or restarted: people are told, or wait; what was said is stored once, or its author knows."""

import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from multichat.models import Room
from tests.faults.ground import AFTERWARDS_SECONDS, BEFORE_SECONDS, Ground
from tests.faults.history import Disconnected
from tests.faults.result import Result
from tests.support.visitor import Visitor

# Beyond the time for which nobody could write.
DELAY_SECONDS = 2.0
PAGE_SECONDS = 1.0
# Pages are asked for and forms are sent no faster than one person does it.
BETWEEN_REQUESTS_SECONDS = 0.2


def database_locked(ground: Ground, clients: int = 30, rate: float = 10.0, seconds: float = 3.0) -> Result:
    """Somebody else holds SQLite's write lock: what is said is late, pages are not, nobody is disconnected."""
    house = ground.start()
    pages: list[float] = []

    def lock(room: Room) -> None:
        with sqlite3.connect(house.instance / "multichat.sqlite3", timeout=10, isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                begun = time.monotonic()
                ground.page(room.id, ground.clients[0].account)
                pages.append(time.monotonic() - begun)
                ground.let_pass(BETWEEN_REQUESTS_SECONDS)
            connection.execute("ROLLBACK")
        connection.close()

    result, begun = _fault(ground, lock, clients, rate)
    result.at_most("delay", max(ground.delays(begun), default=None), seconds + DELAY_SECONDS)
    result.at_most("page meanwhile", max(pages, default=None), PAGE_SECONDS)
    cut = len(list(ground.history.of(Disconnected)))
    result.promise(not cut, f"{cut} were disconnected")
    return result


def database_restarted(ground: Ground, clients: int = 30, rate: float = 10.0, seconds: float = 2.0) -> Result:
    """PostgreSQL stops, as for an upgrade or as if its power were cut, and comes back."""
    postgres = ground.postgres
    assert postgres is not None
    ground.start()

    def restart(room: Room) -> None:
        postgres.stop(ground.random.choice([signal.SIGINT, signal.SIGQUIT]))
        ground.let_pass(seconds)
        postgres.start()

    result, _ = _fault(ground, restart, clients, rate)
    return result


def _fault(ground: Ground, fault: Callable[[Room], None], clients: int, rate: float) -> tuple[Result, float]:
    """Sockets and a form's sender talk while it happens; when it began."""
    room = ground.room()
    sender = ground.visitor("by-form")
    crowd = ground.crowd(clients, room)
    ground.talk(crowd, room, rate, BEFORE_SECONDS).result(30)
    begun = time.monotonic()
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        forms = pool.submit(_send_forms, ground, sender, room, over)
        try:
            with ground.talking(crowd, room, rate):
                fault(room)
                ground.let_pass(AFTERWARDS_SECONDS)
        finally:
            over.set()
        told = forms.result(60)
    ground.settle(room.id)
    result = ground.result(room)
    stored = {message.client_id for message in ground.stored([room.id])}
    lies = [
        f"{status} for {client_id}" for client_id, status in told.items() if (status == 303) != (client_id in stored)
    ]
    result.promise(not lies, f"forms were told otherwise than it is: {lies}")
    result.promise(set(told.values()) <= {303, 503}, f"forms were answered with {sorted(set(told.values()))}")
    result.figures["forms stored"] = len(stored & told.keys())
    result.figures["forms told to try again"] = sum(status == 503 for status in told.values())
    waiting = sum(len(client.pending) for client in crowd)
    result.promise(not waiting, f"{waiting} messages were not acknowledged")
    return result, begun


def _send_forms(ground: Ground, sender: Visitor, room: Room, over: threading.Event) -> dict[str, int]:
    """What the form was answered, by client id."""
    told = {}
    while not over.wait(BETWEEN_REQUESTS_SECONDS):
        client_id = str(UUID(int=ground.random.getrandbits(128), version=4))
        fields = {"body": "by form", "client_id": client_id}
        told[client_id] = sender.post(f"/rooms/{room.id}/messages", fields).status_code
    return told
