"""Bringing the database up to the code.

Alembic is loaded here alone, and so by whoever upgrades: workers and most starts do without it.
"""

from alembic import command
from alembic.util.exc import CommandError
from flask import Flask
from flask_migrate import Migrate

from multichat import config, database
from multichat.app import create_app
from multichat.config import Settings


class DoesNotFit(Exception):
    """The database is of another version than any that is known here. Its text is a sentence of Alembic's."""


def init_app(app: Flask) -> None:
    """For `flask db`."""
    Migrate(app, database.db, directory=str(config.PROJECT / "multichat" / "migrations"))


def upgrade(settings: Settings) -> None:
    """Apply what is not applied, in one transaction. Raises `DoesNotFit`, and what the database raises."""
    app = create_app(settings)
    init_app(app)
    try:
        # Not flask_migrate.upgrade(): it says itself what is wrong, and ends the process.
        with app.app_context():
            command.upgrade(app.extensions["migrate"].migrate.get_config(), "head")
    except CommandError as error:
        raise DoesNotFit(str(error)) from error
    finally:
        database.close(app)
