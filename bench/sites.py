"""Where a crowd can go: our server, and the floor. Each runs inside its `with`, on a loopback port of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Protocol, Self

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from bench.dialects import Dialect, Multichat, Relay, Seat
from bench.processes import family
from multichat import config
from multichat.accounts.passwords import hash_password
from multichat.app import create_app
from multichat.config import PROJECT
from multichat.database import close, writing
from multichat.embedded_bus import end_with_parent
from multichat.models import Rights, Room, SignIn, User
from multichat.rooms import changes as rooms
from tests.support.server import Server, free_port

BUILT = PROJECT / "bench" / ".peers"
# So that nothing is refused: the limits are not what is measured.
SETTINGS = {
    "MULTICHAT_MESSAGE_RATE": "100000 per second",
    "MULTICHAT_SOCKETS_PER_PERSON": "10000",
}
STARTS_WITHIN_SECONDS = 15.0
STOPS_WITHIN_SECONDS = 5.0
# The server writes too, and waits so long for the database.
PEOPLE_AT_ONCE = 200


class Unavailable(Exception):
    """A site that cannot be had on this machine. Its text says why, for the table."""


class Site(Protocol):
    """A running server."""

    name: str
    # What is counted: the processes that were started for it, and all that they started.
    roots: list[int]
    port: int

    @property
    def path(self) -> str: ...

    @property
    def dialect(self) -> Dialect: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def seats(self, number: int) -> Sequence[Seat]:
        """For so many more clients, all in one room."""


class Ours:
    """multichat as bin/serve starts it: a new instance, its workers, the embedded bus, SQLite on the disk."""

    name = "multichat"

    def __init__(self, workers: int = 2, **settings: str) -> None:
        self.dialect: Dialect = Multichat()
        self._settings = SETTINGS | {"WEB_CONCURRENCY": str(workers)} | settings
        self._stack = ExitStack()
        self._people = 0

    def __enter__(self) -> Self:
        # Short, since the bus's socket lies there.
        directory = tempfile.mkdtemp(prefix="multichat-")
        self._stack.callback(shutil.rmtree, directory)
        self.server = Server(Path(directory, "instance"), **self._settings)
        self._stack.enter_context(self.server)
        self._stack.callback(self._let_go)
        self.roots = [self.server.process.pid]
        self.port = self.server.port
        with self.app.app_context():
            rooms.create("Harbour")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @cached_property
    def app(self) -> Flask:
        """This process's own application on the server's database, as a `flask` command has it."""
        return create_app(config.load(self.server.settings))

    @property
    def path(self) -> str:
        """As pages open it: with the version of the rights that they were rendered with."""
        with self.app.app_context():
            return f"/ws?rights={Rights.current()}"

    @cached_property
    def room(self) -> int:
        return self.room_named("Harbour")

    def room_named(self, name: str) -> int:
        with self.app.app_context():
            room = Room.named(name) or rooms.create(name)
            return room.id

    def seats(self, number: int) -> list[Seat]:
        """Each somebody else's, signed in, with a page of this moment."""
        revision = self.revision(self.room)
        return [Seat(self.room, cookie, revision) for cookie in self.cookies(number)]

    def revision(self, room_id: int) -> int:
        with self.app.app_context():
            return Room.revisions([room_id])[room_id]

    def cookies(self, number: int) -> list[str]:
        """So many more people, each with a sign-in; their cookies."""
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        tokens: list[str] = []
        while len(tokens) < number:
            with self.app.app_context(), writing():
                for _ in range(min(PEOPLE_AT_ONCE, number - len(tokens))):
                    self._people += 1
                    user = User.register(f"person-{self._people}", self._password_hash)
                    tokens.append(SignIn.begin(user)[1])
        return [
            f"multichat={signer.dumps({'_user_id': token, '_fresh': True, '_permanent': True})}" for token in tokens
        ]

    @cached_property
    def _password_hash(self) -> str:
        """One for all of them: a hash takes as long as a hundred sign-ins."""
        return hash_password("correct horse battery")

    def _let_go(self) -> None:
        if "app" in self.__dict__:
            self.app.extensions["realtime"].close()
            close(self.app)


class Program:
    """A server that is one command, and stops when it is told to; the floor and the peers."""

    path = "/"

    def __init__(self, name: str, dialect: Dialect) -> None:
        self.name = name
        self.dialect = dialect
        self.port = free_port()
        self.roots: list[int] = []
        self._stack = ExitStack()

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def seats(self, number: int) -> list[Seat]:
        return [Seat()] * number

    def _run(self, words: Sequence[str | Path], log: Path, **options: Any) -> "subprocess.Popen[bytes]":
        BUILT.mkdir(exist_ok=True)
        output = self._stack.enter_context(log.open("wb"))
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGTERM),
            **options,
        )
        self._stack.callback(_stop, process)
        self.roots.append(process.pid)
        return process


class Floor(Program):
    """The C program of floor.c."""

    def __init__(self, sample: str) -> None:
        super().__init__("floor", Relay(sample))

    def __enter__(self) -> Self:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise Unavailable("there is no C compiler (cc, gcc)")
        BUILT.mkdir(exist_ok=True)
        source, binary = PROJECT / "bench" / "floor.c", BUILT / "floor"
        subprocess.run([compiler, "-O2", "-o", binary, source], check=True)
        log = BUILT / "floor.log"
        wait_for(self.port, self._run([binary, str(self.port)], log), STARTS_WITHIN_SECONDS, log)
        return self


def wait_for(port: int, process: "subprocess.Popen[bytes]", seconds: float, log: Path) -> None:
    """Until somebody answers there, whatever that is: who listens may have no worker yet. Raises Unavailable with the
    last line that the process wrote."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
                client.send(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                client.recv(1)
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise Unavailable(f"it does not start: {(said or ['it said nothing'])[-1]}") from None
            time.sleep(0.05)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """With its children: some of them outlive a parent that is killed."""
    members = family([process.pid])
    process.terminate()
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOPS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in members[1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
