"""Where somebody misbehaves: a server of one worker, and who else uses it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from multichat.rooms import changes
from tests.faults.conformance import Peer
from tests.support.socket import Tab
from tests.support.visitor import Visitor
from tests.system.conftest import House

SETTINGS = {
    "WEB_CONCURRENCY": "1",
    "MULTICHAT_MESSAGE_RATE": "1000 per second",
    "MULTICHAT_PRESENCE_QUIET_SECONDS": "0",
    "MULTICHAT_SOCKETS_PER_PERSON": "1000",
}

new_number = count(1)


@dataclass
class Neighbourhood:
    """bob listens in the room, sam speaks, alice does what she is told to."""

    house: House
    room_id: int
    alice: Visitor
    sam: Visitor
    bobs: Tab
    log_read: int = 0

    def peer(self, joined: bool = True) -> Peer:
        """An open socket of alice's, in the room."""
        peer = Peer(self.house.port)
        peer.open(self.house.url, self.alice.cookie)
        if joined:
            peer.join(self.room_id)
        return peer

    def expect_calm(self) -> None:
        """bob hears what sam says, alice's sockets are let go, and the log knows of no fault of ours."""
        body = f"Number {next(new_number)}."
        assert self.sam.say(self.room_id, body).status_code == 303
        self.bobs.until(body)
        self.house.wait_until(lambda: self._count("open") == self._count("close"))
        log = self.house.log()[self.log_read :]
        self.log_read += len(log)
        assert "Traceback" not in log
        assert "A socket failed" not in log

    def _count(self, event: str) -> int:
        return self.house.log().count(f"{event} person={self.alice.id} ")


@contextmanager
def neighbourhood(worker_class: str, database: Path) -> Iterator[Neighbourhood]:
    """On a copy of the database, and with nobody else in it."""
    shm = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="multichat-", dir=shm) as directory:
        shutil.copy(database, Path(directory, "multichat.sqlite3"))
        with House(Path(directory), MULTICHAT_WORKER_CLASS=worker_class, **SETTINGS) as house:
            with house.app.app_context():
                room_id = changes.create("Lobby").id
            alice, bob, sam = (Visitor(house.app, house, name) for name in ("alice", "bob", "sam"))
            yield Neighbourhood(house, room_id, alice, sam, bob.enter(room_id))
            bob.leave()
