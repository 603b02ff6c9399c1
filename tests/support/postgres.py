"""A PostgreSQL server for one test session, in a temporary directory and on a Unix socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Self

import psycopg
import pytest

from multichat.embedded_bus import end_with_parent
from tests.support.waiting import wait_until

STARTS_WITHIN_SECONDS = 30

# It holds nothing that a crash of the machine may not take.
SPEED = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
# Nor one of its own, unless that is what is tested.
FORGETFUL = {"synchronous_commit": "off"}


def find_binaries() -> Path | None:
    """The directory of initdb and postgres, newest first; Debian keeps them away from PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Postgres:
    """The server; `with` starts it, and stops and removes it at the end."""

    def __init__(self, forgetful: bool = True) -> None:
        self._speed = SPEED | (FORGETFUL if forgetful else {})
        binaries = find_binaries()
        if binaries is None:
            pytest.skip("PostgreSQL is not here (Debian: apt-get install postgresql)")
        self._binaries = binaries
        self._numbers = count(1)

    def __enter__(self) -> Self:
        # Short, since a Unix socket's path is.
        self._directory = Path(tempfile.mkdtemp(prefix="multichat-pg-", dir="/tmp"))
        user = _user()
        if user is not None:
            shutil.chown(self._directory, user)
        data = self._directory / "data"
        subprocess.run(
            [self._binaries / "initdb", "-D", data, "-U", "chat", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            check=True,
            capture_output=True,
            user=user,
            cwd=self._directory,
        )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._directory)

    def start(self) -> None:
        """Come back when it answers; also after `stop()`, with what it held."""
        data = self._directory / "data"
        settings = {"listen_addresses": "", "unix_socket_directories": str(self._directory), "max_connections": "300"}
        options = [word for name, value in (settings | self._speed).items() for word in ("-c", f"{name}={value}")]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", data, *options],
                stdout=log,
                stderr=log,
                user=_user(),
                cwd=self._directory,
                # Ctrl-C stops the tests first.
                start_new_session=True,
                preexec_fn=partial(end_with_parent, os.getpid(), signal.SIGINT),
            )
        self._wait()

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Its fast shutdown: it drops whoever is still connected. SIGQUIT is its immediate one, like a power cut."""
        self._process.send_signal(number)
        self._process.wait(timeout=STARTS_WITHIN_SECONDS)

    def url(self, database: str) -> str:
        return f"postgresql://chat@/{database}?host={self._directory}"

    def create(self, template: str = "template1") -> str:
        """A new database's name; a copy of the template, which nobody may be connected to."""
        name = f"chat_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _wait(self) -> None:
        try:
            wait_until(self._answers, STARTS_WITHIN_SECONDS)
        except TimeoutError:
            raise RuntimeError((self._directory / "log").read_text()) from None

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError((self._directory / "log").read_text())
        with suppress(psycopg.OperationalError):
            self._execute("SELECT 1")
            return True
        return False


def _user() -> str | None:
    """Whom to run it as: initdb refuses root."""
    if os.getuid() != 0:
        return None
    return pwd.getpwnam("postgres").pw_name
