"""The fixtures of every test: an app on each database, the people, a room.

alice and bob are members, and so is mallory, who means no good; sam is staff, ada administers.
"""

import gc
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Engine, event

from multichat import config
from multichat.app import create_app
from multichat.database import db
from multichat.models import Access, Role, Room
from multichat.rooms import changes
from multichat.upgrade import upgrade
from tests.support.distribution import pytest_xdist_make_scheduler  # noqa: F401
from tests.support.person import Person
from tests.support.postgres import Postgres
from tests.support.selection import (  # noqa: F401
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_sessionfinish,
)
from tests.support.templates import CompiledTemplates
from tests.support.valkey import Valkey

sys.setswitchinterval(0.0005)  # races between threads show earlier
compiled_templates = CompiledTemplates()


def pytest_collection_finish() -> None:
    """What is loaded stays: a tenth of the time went into looking through it for garbage, again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that is migrated once; copies of it are for real servers, the one copy below for all other tests."""
    name = postgres.create()
    upgrade(config.load(_environment(postgres.url(name), tmp_path_factory.mktemp("postgres"))))
    return name


@pytest.fixture(scope="session")
def shared_postgres_url(postgres: Postgres, postgres_template: str) -> str:
    return postgres.url(postgres.create(postgres_template))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    upgrade(config.load(_environment(f"sqlite:///{path}", path.parent)))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        # In memory where there is such a place: SQLite waits for the disk when it closes, 50 ms a test.
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as directory:
            path = Path(directory, "multichat.sqlite3")
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
            yield f"sqlite:///{path}"
    else:
        url: str = request.getfixturevalue("shared_postgres_url")
        yield url
        # Copying a database for each of some hundred tests took longer than the tests.
        with psycopg.connect(url) as connection:
            connection.execute(
                "TRUNCATE users, rooms, memberships, messages, reactions, activities, sign_ins RESTART IDENTITY"
            )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Settings:
    """The server's settings; a test that wants others overrides this fixture."""
    return config.load(_environment(database_url, tmp_path))


@pytest.fixture
def app(settings: config.Settings) -> Iterator[Flask]:
    """The whole application, with no context pushed: a test that needs one says so."""
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def alice(app: Flask) -> Person:
    return Person(app, "alice")


@pytest.fixture
def bob(app: Flask) -> Person:
    return Person(app, "bob")


@pytest.fixture
def mallory(app: Flask) -> Person:
    return Person(app, "mallory")


@pytest.fixture
def sam(app: Flask) -> Person:
    return Person(app, "sam", Role.staff)


@pytest.fixture
def ada(app: Flask) -> Person:
    return Person(app, "ada", Role.admin)


@pytest.fixture
def lobby(app: Flask) -> Room:
    """An open room."""
    with app.app_context():
        return changes.create("Lobby", topic="Where everybody meets")


@pytest.fixture
def backstage(app: Flask) -> Room:
    """A staff room."""
    with app.app_context():
        return changes.create("Backstage", Access.staff)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """What the database is asked from here on; `statements.clear()` begins anew."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with app.app_context():
        engine: Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def _environment(database_url: str, instance: Path) -> dict[str, str]:
    return {
        "MULTICHAT_INSTANCE_PATH": str(instance),
        "DATABASE_URL": database_url,
        "REDIS_URL": "memory://",
        "SECRET_KEY": "tests-know-this-key-and-nobody-else-does",
        "MULTICHAT_PRESENCE_QUIET_SECONDS": "0",
    }
