"""How every command ends: with what it published out, and where something is in the way, in one line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from multichat.database import Busy, db
from multichat.extensions import realtime
from multichat.models import Refused
from multichat.schema import reason, unapplied


class Command(click.Command):
    """A command that fails without a traceback, unless it is our mistake."""

    def invoke(self, ctx: click.Context) -> Any:
        with _quiet_bus():
            try:
                return super().invoke(ctx)
            except (Refused, Busy) as error:
                raise click.ClickException(str(error)) from None
            except DBAPIError as error:
                raise _explained(error) from error
            finally:
                realtime.close()


class Commands(AppGroup):
    """A noun, with its verbs."""

    command_class = Command


@contextmanager
def _quiet_bus() -> Iterator[None]:
    """Say nothing of a bus that is away: if there are workers, they see within a second what a command changed."""
    log = logging.getLogger("multichat.realtime")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def _explained(error: DBAPIError) -> Exception:
    try:
        if unapplied(db.engine):
            return click.ClickException("The database is not up to date. Run: .venv/bin/flask --app wsgi db upgrade")
    except DBAPIError as deeper:
        return click.ClickException(f"The database cannot be reached: {reason(deeper)}")
    return error
