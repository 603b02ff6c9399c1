"""Commands, run as in a shell, and other servers that they are run against."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from multichat.app import create_app
from multichat.config import Settings
from multichat.database import db

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """`run("user", "list")`: what `flask --app wsgi user list` answers. `stdin` is what a pipe would bring."""
    return lambda *words, **options: run_on(app, *words, **options)


@pytest.fixture
def run_with(settings: Settings) -> Iterator[Run]:
    """The same with other settings: `run_with("doctor", HOST="0.0.0.0")`."""
    apps: list[Flask] = []

    def run(*words: str, **others: Any) -> Result:
        apps.append(create_app(replace(settings, **others)))
        return run_on(apps[-1], *words)

    yield run
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def run_on(app: Flask, *words: str, stdin: str | bytes = "") -> Result:
    return app.test_cli_runner().invoke(args=words, input=stdin)


def refusal(result: Result) -> str:
    """What it said no with: one line, where errors belong, and nothing else."""
    assert result.exit_code == 1
    assert result.stdout == ""
    lines: list[str] = result.stderr.splitlines()
    assert len(lines) == 1
    return lines[0].removeprefix("Error: ")
