"""Whether the database follows the code."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from multichat.database import db


def unapplied() -> bool:
    """Whether `db upgrade` has anything to do."""
    script = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) != set(script.get_heads())
