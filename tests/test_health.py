"""What a load balancer sees."""

from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from multichat import config
from multichat.database import writing
from multichat.schema import HEAD


def test_a_worker_that_runs_is_alive(app: Flask) -> None:
    assert app.test_client().get("/healthz").text == "ok\n"


def test_with_all_its_parts_it_is_ready(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "migrations": "ok", "bus": "ok"}


def test_the_head_is_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(config.PROJECT / "multichat" / "migrations"))
    assert scripts.get_heads() == [HEAD]


def test_a_database_that_waits_for_its_migrations_is_not_ready(app: Flask) -> None:
    with app.app_context(), writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    try:
        answer = app.test_client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json["migrations"] == "behind"
    finally:
        with app.app_context(), writing() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})
