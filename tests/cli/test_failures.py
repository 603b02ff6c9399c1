"""What a command says when something is in its way: one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from multichat.config import PROJECT
from multichat.database import db
from tests.cli.conftest import Run, refusal


@pytest.mark.parametrize(
    "words", [("user", "list"), ("room", "create", "Kitchen"), ("setup-link",), ("demo",)], ids=lambda words: words[0]
)
def test_a_database_without_tables_is_to_be_upgraded(run_with: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    why = refusal(run_with(*words, DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3"))
    assert why == "The database is not up to date. Run: .venv/bin/flask --app wsgi db upgrade"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("postgresql://chat@127.0.0.1:1/chat", "connection failed"),
        ("sqlite:////nowhere/chat.sqlite3", "unable to open database file"),
    ],
)
def test_a_database_that_is_away_is_named(run_with: Run, url: str, why: str) -> None:
    assert refusal(run_with("user", "list", DATABASE_URL=url)).startswith(f"The database cannot be reached: {why}")


def test_our_own_mistakes_are_not_hushed_up(app: Flask, run: Run) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE rooms RENAME COLUMN topic TO subject"))
        try:
            assert run("room", "list").exception is not None
        finally:
            with db.engine.begin() as connection:
                connection.execute(text("ALTER TABLE rooms RENAME COLUMN subject TO topic"))


@pytest.mark.parametrize("words", [["user", "list"], ["--help"]])
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "MULTICHAT_INSTANCE_PATH": str(tmp_path), "PORT": "99999"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "multichat: PORT: '99999' cannot be used; expected a whole number from 1 to 65535\n"


def test_where_there_is_no_instance_none_is_made(tmp_path: Path) -> None:
    instance = tmp_path / "mistyped"
    for words in (["doctor"], ["user", "list"]):
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "MULTICHAT_INSTANCE_PATH": str(instance), "SECRET_KEY": "k" * 32},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"multichat: MULTICHAT_INSTANCE_PATH: there is no {instance}; bin/serve makes it\n"
    assert not instance.exists()


def test_without_its_bus_a_command_works_and_is_quiet(run_with: Run, tmp_path: Path) -> None:
    result = run_with("room", "create", "Kitchen", REDIS_URL=f"unix://{tmp_path}/nothing")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Kitchen is there (open).\n", "")
