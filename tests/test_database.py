"""The one way to write: nothing lost, nothing half done, nobody locked out."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from multichat import database
from multichat.config import PROJECT, Settings
from multichat.database import Busy, db, writing
from multichat.models import Rights, Room, SignIn, User

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

# A process that bumps the version so often, and reads before it writes, as a request does.
WRITER = """
import os, sys
from multichat.app import create_app
from multichat.database import writing
from multichat.models import Rights

app = create_app()
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[1])):
    with app.app_context():
        Rights.current()
        with writing():
            Rights.bump()
"""


def version(app: Flask) -> int:
    with app.app_context():
        return Rights.current()


def bump(app: Flask, times: int = 1) -> None:
    for _ in range(times):
        with app.app_context():
            Rights.current()
            with writing():
                Rights.bump()


def in_threads(*functions: "threading.Thread") -> None:
    for thread in functions:
        thread.start()
    for thread in functions:
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def lock_held(app: Flask) -> Iterator[sqlite3.Connection]:
    """Another process is in the middle of writing."""
    with app.app_context():
        path = db.engine.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.close()


def test_what_is_written_is_committed(app: Flask) -> None:
    before = version(app)
    bump(app)
    assert version(app) == before + 1


def test_threads_that_write_at_once_lose_nothing(app: Flask) -> None:
    before = version(app)
    in_threads(*(threading.Thread(target=bump, args=(app, 25)) for _ in range(6)))
    assert version(app) == before + 150


def test_processes_that_write_at_once_lose_nothing(app: Flask, settings: Settings) -> None:
    before = version(app)
    assert settings.DATABASE_URL is not None
    environment = os.environ | {
        "DATABASE_URL": settings.DATABASE_URL,
        "MULTICHAT_INSTANCE_PATH": str(settings.MULTICHAT_INSTANCE_PATH),
        "REDIS_URL": "memory://",
    }
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, "100"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    said = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        said.append(errors)
    assert said == ["", ""]
    assert version(app) == before + 200


def test_an_exception_undoes_all_of_it_and_frees_the_lock(app: Flask) -> None:
    before = version(app)
    with app.app_context():
        with pytest.raises(ZeroDivisionError), writing():
            Rights.bump()
            raise ZeroDivisionError
        assert not db.session().in_transaction()
        bump(app)
        assert Rights.current() == before + 1


def test_a_statement_that_fails_leaves_a_session_that_can_go_on(app: Flask, lobby: Room) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError), writing() as session:
            session.execute(text("INSERT INTO rooms SELECT * FROM rooms"))
        with writing():
            Rights.bump()
        assert db.session.get(Room, lobby.id) is not None


def test_a_reading_transaction_is_let_go(app: Flask) -> None:
    """SQLite would refuse to let one write that began to read before somebody else wrote."""
    with app.app_context():
        before = Rights.current()
        other = threading.Thread(target=bump, args=(app,))
        in_threads(other)
        assert db.session().in_transaction()
        with writing():
            assert Rights.current() == before + 1
            Rights.bump()
        assert not db.session().in_transaction()
    assert version(app) == before + 2


def test_what_was_read_stays_readable(app: Flask, lobby: Room) -> None:
    with app.app_context():
        room = db.session.get(Room, lobby.id)
        assert room is not None
        with writing():
            Rights.bump()
        db.session.remove()
        assert room.name == "Lobby"


def test_changes_belong_inside(app: Flask, lobby: Room) -> None:
    with app.app_context():
        room = db.session.get(Room, lobby.id)
        assert room is not None
        room.topic = "changed outside"
        with pytest.raises(AssertionError), writing():
            pass
        db.session.rollback()


@only_sqlite
def test_a_writer_waits_for_the_lock(app: Flask) -> None:
    before = version(app)
    waiting = threading.Thread(target=bump, args=(app,))
    with lock_held(app) as other:
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
        assert version(app) == before, "a reader does not wait"
        other.execute("COMMIT")
        waiting.join(10)
    assert version(app) == before + 1


@only_sqlite
def test_a_writer_gives_up_and_leaves_nothing_behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WRITE_PATIENCE_SECONDS", 0.02)
    before = version(app)
    with lock_held(app):
        # More often than there are connections in the pool.
        for _ in range(40):
            with app.app_context():
                Rights.current()
                began = time.monotonic()
                with pytest.raises(Busy), writing():
                    raise AssertionError("nothing is begun")
                assert time.monotonic() - began < 5.0, "waited here, and not in SQLite"
                assert Rights.current() == before
    bump(app)
    assert version(app) == before + 1


@only_sqlite
def test_a_reader_after_a_write_is_a_reader(app: Flask) -> None:
    """The wish to write does not stick to the connection, which goes back to the pool."""
    bump(app, 3)
    with lock_held(app):
        for _ in range(3):
            version(app)


@only_sqlite
def test_who_writes_without_asking_is_refused_at_once(app: Flask) -> None:
    with lock_held(app), app.app_context():
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"):
            Rights.bump()
        assert time.monotonic() - began < 1.0
        db.session.rollback()


@only_sqlite
def test_a_waiting_writer_stops_no_greenlet(app: Flask) -> None:
    """SQLite's own busy handler sleeps in C: one that waits froze a whole worker. In a process that gevent patches."""
    script = """
from gevent import monkey
monkey.patch_all()
import sqlite3, sys, time
import gevent
from flask import Flask
from multichat.database import db, engine_options, init_app, writing
from multichat.models import Rights

url = "sqlite:///" + sys.argv[1]
app = Flask("multichat")
app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
init_app(app)

def write():
    with app.app_context(), writing():
        Rights.bump()

other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
writers = [gevent.spawn(write) for _ in range(5)]
ticks = 0
until = time.monotonic() + 0.5
while time.monotonic() < until:
    gevent.sleep(0.001)
    ticks += 1
other.execute("COMMIT")
gevent.joinall(writers, timeout=10, raise_error=True)
print(ticks, all(writer.successful() for writer in writers))
"""
    with app.app_context():
        path = str(db.engine.url.database)
    done = subprocess.run(
        [sys.executable, "-c", script, path], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60
    )
    ticks, successful = done.stdout.split()
    assert int(ticks) > 5
    assert successful == "True"


@only_sqlite
def test_sqlite_is_set_up(app: Flask) -> None:
    with app.app_context():
        asked = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")}
        asked |= {name: db.session.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "busy_timeout")}
    assert asked == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 0}


@only_postgresql
def test_a_connection_that_the_server_has_ended_is_not_handed_out(app: Flask) -> None:
    with app.app_context():
        first = db.session.scalar(select(func.pg_backend_pid()))
        with db.engine.connect() as other:
            assert other.scalar(select(func.pg_terminate_backend(first, 5_000)))
        db.session.remove()
        assert db.session.scalar(select(func.pg_backend_pid())) != first


@only_postgresql
def test_who_only_reads_opens_no_transaction_and_who_writes_does(app: Flask) -> None:
    with app.app_context():
        for _ in range(2):
            Rights.current()
            assert db.session.connection().connection.dbapi_connection.info.transaction_status.name == "IDLE"
            with writing() as session:
                Rights.bump()
                assert session.connection().connection.dbapi_connection.info.transaction_status.name == "INTRANS"


def test_times_come_back_as_they_went(app: Flask) -> None:
    there = datetime(2026, 11, 22, 14, 54, 21, tzinfo=timezone(timedelta(hours=1)))
    with app.app_context():
        with writing() as session:
            alice = User.register("alice", "hash")
            session.add(SignIn(user=alice, token_hash="x", expires_at=there))
        db.session.remove()
        (sign_in,) = db.session.scalars(db.select(SignIn))
        assert sign_in.expires_at == there
        assert sign_in.expires_at.tzinfo is UTC


def test_what_people_say_is_not_in_an_errors_text(app: Flask) -> None:
    with app.app_context(), pytest.raises(SQLAlchemyError) as caught, writing() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": "my secret words"})
    assert "nowhere" in str(caught.value)
    assert "secret" not in str(caught.value)
