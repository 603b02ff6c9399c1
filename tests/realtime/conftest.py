"""Fixtures of the fan-out's tests: no app, no database, no page."""

import socket
from collections.abc import Iterator

import pytest

from multichat.realtime.bus import Exchange, MemoryBus
from multichat.realtime.connection import Connection
from tests.realtime.doubles import Client, Clock, MemoryLog, Worker, closing


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def worker(log: MemoryLog, clock: Clock) -> Iterator[Worker]:
    worker = Worker(log, clock=clock)
    with closing(worker):
        yield worker


@pytest.fixture
def workers(log: MemoryLog, clock: Clock) -> Iterator[tuple[Worker, Worker]]:
    """Two workers of one server: one log, one exchange, one time."""
    exchange = Exchange()
    pair = (Worker(log, MemoryBus(exchange), clock), Worker(log, MemoryBus(exchange), clock))
    with closing(*pair):
        yield pair


@pytest.fixture
def sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.fixture
def connection(sockets: tuple[socket.socket, socket.socket]) -> Connection:
    return Connection(sockets[0])


@pytest.fixture
def client(sockets: tuple[socket.socket, socket.socket]) -> Client:
    """Whoever is at the other end of `connection`."""
    return Client(sockets[1])
