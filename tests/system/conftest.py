"""Real servers with two workers each, and the people who use them.

A server is started once a session for each database and worker that a test asks for. People and rooms are new in every
test, so that what one test leaves behind is nobody's.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from multichat import config
from multichat.app import create_app
from multichat.database import db
from multichat.models import Access, Role, Room
from multichat.rooms import changes
from tests.support.server import Server
from tests.support.socket import Tab
from tests.support.visitor import Visitor

# By name: its database, its worker, and settings of its own.
HOUSES: dict[str, tuple[str, str, dict[str, str]]] = {
    "sqlite-gevent": ("sqlite", "gevent", {}),
    "sqlite-gthread": ("sqlite", "gthread", {}),
    "postgresql-gevent": ("postgresql", "gevent", {}),
    "postgresql-gthread": ("postgresql", "gthread", {}),
    "without a bus": ("sqlite", "gevent", {"REDIS_URL": "unix:///nowhere/bus.sock"}),
}

# What reaches a worker by its look at the database: it looks every second, and then has some work to do.
SOON_SECONDS = 1.5

SOCKETS_PER_PERSON = 12

# So that tests need not wait: any number of messages, no quiet after a start, few sockets before there are too many.
SETTINGS = {
    "MULTICHAT_MESSAGE_RATE": "1000 per second",
    "MULTICHAT_PRESENCE_QUIET_SECONDS": "0",
    "MULTICHAT_SOCKETS_PER_PERSON": str(SOCKETS_PER_PERSON),
}

new_number = count(1)


class House(Server):
    """A running server, and this process's own application on its database and bus, as a `flask` command has it."""

    def __init__(self, instance: Path, **settings: str) -> None:
        super().__init__(instance, **settings)
        self.answering: set[int] = set()

    @cached_property
    def app(self) -> Flask:
        return create_app(config.load(self.settings))

    def both_workers(self) -> list[int]:
        """The two of them, once they answer: one may have been killed a moment ago."""
        workers = self.wait_until(lambda: workers if len(workers := self.workers()) == 2 else None)
        for worker in set(workers) - self.answering:
            self.connect_to(worker).close()
            self.answering.add(worker)
        return workers

    def tab_on_each_worker(self, person: Visitor, room_id: int) -> list[Tab]:
        """Two tabs of a person in a room; the first is on the first worker, the second on the second."""
        return [person.enter(room_id, on=worker) for worker in self.both_workers()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        if "app" in self.__dict__:
            with self.app.app_context():
                engine: Engine = db.engine
            self.app.extensions["realtime"].close()
            engine.dispose()
        return super().stop(number)

    @contextmanager
    def stopped(self, pid: int) -> Iterator[None]:
        """Inside, this process stands still."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


# A new server: its database and worker, and settings of its own.
Build = Callable[..., House]


@pytest.fixture(scope="session")
def build(request: pytest.FixtureRequest) -> Iterator[Build]:
    """Starts servers; all of them are stopped at the end, together."""
    houses: list[House] = []

    def build(kind: str = "sqlite", worker: str = "gevent", **settings: str) -> House:
        # Short, since the bus's socket lies there; and in memory, where SQLite need not wait for a disk.
        instance = Path(tempfile.mkdtemp(prefix="multichat-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        if kind == "sqlite":
            shutil.copy(request.getfixturevalue("sqlite_template"), instance / "multichat.sqlite3")
        else:
            postgres = request.getfixturevalue("postgres")
            settings["DATABASE_URL"] = postgres.url(postgres.create(request.getfixturevalue("postgres_template")))
        house = House(instance, **SETTINGS | {"MULTICHAT_WORKER_CLASS": worker} | settings)
        houses.append(house)
        house.start()
        return house

    yield build
    running = [house for house in houses if house.process.poll() is None]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(House.stop, running))
    for house in houses:
        shutil.rmtree(house.instance)


@pytest.fixture(scope="session")
def shared_houses() -> dict[str, House]:
    return {}


@pytest.fixture(params=["sqlite-gevent", pytest.param("postgresql-gthread", marks=pytest.mark.slow)])
def house(request: pytest.FixtureRequest, build: Build, shared_houses: dict[str, House]) -> House:
    """A server that other tests use too: leave it as it was found."""
    if request.param not in shared_houses:
        kind, worker, settings = HOUSES[request.param]
        shared_houses[request.param] = build(kind, worker, **settings)
    return shared_houses[request.param]


@pytest.fixture
def app(house: House) -> Flask:
    return house.app


@pytest.fixture
def person(house: House) -> Iterator[Callable[..., Visitor]]:
    """Makes people; their tabs are closed when the test is over."""
    people: list[Visitor] = []

    def person(name: str, role: Role = Role.member) -> Visitor:
        people.append(Visitor(house.app, house, f"{name}-{next(new_number)}", role))
        return people[-1]

    yield person
    for somebody in people:
        somebody.leave()


@pytest.fixture
def alice(person: Callable[..., Visitor]) -> Visitor:
    return person("alice")


@pytest.fixture
def bob(person: Callable[..., Visitor]) -> Visitor:
    return person("bob")


@pytest.fixture
def mallory(person: Callable[..., Visitor]) -> Visitor:
    return person("mallory")


@pytest.fixture
def sam(person: Callable[..., Visitor]) -> Visitor:
    return person("sam", Role.staff)


@pytest.fixture
def ada(person: Callable[..., Visitor]) -> Visitor:
    return person("ada", Role.admin)


@pytest.fixture
def lobby(app: Flask) -> Room:
    with app.app_context():
        return changes.create(f"Lobby {next(new_number)}")


@pytest.fixture
def backstage(app: Flask) -> Room:
    with app.app_context():
        return changes.create(f"Backstage {next(new_number)}", Access.staff)
