"""How Alembic reaches the database: with the app's own engine, the whole upgrade in one transaction."""

from alembic import context
from flask import current_app

db = current_app.extensions["migrate"].db

if context.is_offline_mode():
    raise SystemExit("Migrations run against the database itself: leave --sql away.")

# A writing transaction from the start: two servers that start at once migrate one after the other.
with db.engine.connect().execution_options(writing=True) as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        transactional_ddl=True,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
