"""The database: the declarative base, the engine's settings, and `writing()`, the one way to write.

SQLite is asked for its lock openly (`BEGIN IMMEDIATE`) and waited for in Python: a deferred transaction that reads
before it writes fails with "database is locked" whatever the busy timeout says, and SQLite's own busy handler sleeps in
C, where it stops every greenlet of the worker.
"""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, scoped_session
from sqlalchemy.types import TypeDecorator

# A writing transaction takes a millisecond or two; whoever cannot begin one for so long has a sick disk, not a queue.
WRITE_PATIENCE_SECONDS = 5.0
# Short enough to take the next gap, random so that two waiting workers do not meet again at every turn.
WRITE_RETRY_SECONDS = (0.002, 0.020)
# A server that went without a word, as with its power, is noticed by the kernel, and so at the next checkout (below).
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 5, "keepalives_count": 3}
# PostgreSQL's code for a lock that was waited for too long (its manual, appendix A).
LOCK_NOT_AVAILABLE = "55P03"
BUSY = "The database is busy; nothing was saved. Try again."


class Base(DeclarativeBase):
    """Every model's base; constraints have names, so that a migration can find them again on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


class Busy(Exception):
    """The database's write lock could not be had within `WRITE_PATIENCE_SECONDS`; nothing was written."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases; SQLite alone would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def writing() -> Iterator[scoped_session[Session]]:
    """A short writing transaction on `db.session`: committed at the end, rolled back by an exception.

    What was read before stays readable and may be stale: read again inside whatever the write depends on. Nothing
    inside may wait: no offload, bus, Markdown, file or log. Raises `Busy` when the write lock is not to be had.
    """
    assert not db.session.new and not db.session.dirty, "changes belong inside writing()"
    db.session.commit()  # lets go of the reading transaction, which cannot become a writing one
    try:
        db.session.connection(execution_options={"writing": True})
        yield db.session
        db.session.commit()
    except BaseException as error:
        db.session.rollback()
        if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise Busy(BUSY) from error
        raise


def engine_options(url: str) -> dict[str, Any]:
    """What `create_engine` is given for this database."""
    if url.startswith("sqlite"):
        # check_same_thread: the pool hands a connection to one greenlet or thread at a time.
        options: dict[str, Any] = {"connect_args": {"timeout": 0, "check_same_thread": False}}
    else:
        # Few, since each is a process that has to warm up: with 20 of them 95 of 100 pages were back 5.2 s after a
        # reload, with 8 after 2.4 s. None beyond the pool: those are closed after each use.
        options = {"connect_args": {"connect_timeout": 5, **KEEPALIVES}}
        options |= {"pool_size": 8, "max_overflow": 0, "pool_timeout": 10}
    # An error's text ends with them otherwise, and is logged: they are what people say, and their passwords' hashes.
    options["hide_parameters"] = True
    if url.startswith("sqlite") and ":memory:" not in url:
        # Requests hold a connection for milliseconds and sockets hold none, so a few serve thousands of people.
        options |= {"pool_size": 10, "max_overflow": 20, "pool_timeout": 10}
    return options


def close(app: Flask) -> None:
    """Let go of the database. The last connection to an SQLite file writes its journal back: then it is one file."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def init_app(app: Flask) -> None:
    """Bind `db` to the app and set up SQLite's connections."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _tune_sqlite(db.engine)
        else:
            _tune_postgresql(db.engine)


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the begin event below speaks, not the driver
        # Until its first read a connection may meet another one that recovers or removes the WAL; from then on no
        # reader ever waits.
        connection.execute("PRAGMA busy_timeout = 2000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        connection.execute("PRAGMA busy_timeout = 0")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        if connection.get_execution_options().get("writing"):
            _begin_immediate(driver)
        else:
            driver.execute("BEGIN")


def _tune_postgresql(engine: Engine) -> None:
    """A question takes the server 0.1 ms; a way there and back takes a worker longer, so that there is one for each."""
    import psycopg  # for whom SQLite serves it is not needed

    @event.listens_for(engine, "connect")
    def connect(connection: psycopg.Connection[Any], _record: object) -> None:
        # A row that somebody holds is waited for as long as SQLite's one lock. Not as a connection option: DATABASE_URL
        # may bring some of its own.
        connection.execute(f"SET lock_timeout = '{WRITE_PATIENCE_SECONDS:.0f}s'")
        connection.commit()

    @event.listens_for(engine, "checkout")
    def checkout(connection: psycopg.Connection[Any], _record: object, _fairy: object) -> None:
        # A server that went has closed its end, which is seen here; SQLAlchemy's pre-ping would ask.
        try:
            connection.pgconn.consume_input()  # its last words
            connection.pgconn.consume_input()
        except psycopg.OperationalError as error:
            raise DisconnectionError(str(error)) from error

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Whoever only reads does so without a transaction: each statement sees what is committed by then in one too.
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, psycopg.Connection)
        driver.autocommit = not connection.get_execution_options().get("writing")


def _begin_immediate(driver: sqlite3.Connection) -> None:
    deadline = time.monotonic() + WRITE_PATIENCE_SECONDS
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise Busy(BUSY) from error
        time.sleep(random.uniform(*WRITE_RETRY_SECONDS))
