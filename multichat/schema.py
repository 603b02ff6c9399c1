"""Whether the database follows the code."""

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from multichat.database import db


def unapplied() -> bool:
    """Whether `db upgrade` has anything to do; a database without a table has all of it to do."""
    directory: str = current_app.extensions["migrate"].directory
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) != _heads(directory)


@cache
def _heads(directory: str) -> frozenset[str]:
    return frozenset(ScriptDirectory(directory).get_heads())
