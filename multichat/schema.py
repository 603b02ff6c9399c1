"""Whether the database can be used: whether it follows the code, and what else is in the way."""

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

# The newest of multichat/migrations/versions, where a test holds it: only Alembic can read them, and takes a tenth of
# a second to load.
HEAD = "0002"


def unapplied(engine: Engine) -> bool:
    """Whether `flask db upgrade` has anything to do; a database without a table has all of it to do."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return True
        return connection.scalars(text("SELECT version_num FROM alembic_version")).all() != [HEAD]


def reason(error: DBAPIError) -> str:
    """The driver's own words; PostgreSQL's are several lines."""
    return str(error.orig).strip().partition("\n")[0]
