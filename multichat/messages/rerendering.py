"""Bringing stored messages to what this version makes of their text."""

from collections.abc import Iterator
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from multichat.database import db, writing
from multichat.messages.markdown import RENDERER, render
from multichat.models import Message

# Some 10 ms of writing, in which others wait for a server that runs.
SLICE_ROWS = 200

_OUTDATED = (Message.renderer < RENDERER, Message.deleted_at.is_(None))
_TABLE = cast(Table, Message.__table__)
# What was edited meanwhile is rendered already.
_UPDATE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("of_id"), _TABLE.c.body == bindparam("of_body"))
    .values(body_html=bindparam("html"), renderer=RENDERER)
)


def outdated() -> int:
    """How many messages an older version rendered."""
    return db.session.scalar(select(func.count()).select_from(Message).where(*_OUTDATED)) or 0


def rerender() -> Iterator[int]:
    """Render them again, slice by slice; yields how many were. It is no change of theirs, and takes no revision."""
    last = 0
    query = select(Message.id, Message.body, Message.mentions).where(*_OUTDATED).order_by(Message.id).limit(SLICE_ROWS)
    while rows := db.session.execute(query.where(Message.id > last)).all():
        last = rows[-1].id
        rendered = [{"of_id": row.id, "of_body": row.body, "html": render(row.body, row.mentions).html} for row in rows]
        with writing() as session:
            session.connection().execute(_UPDATE, rendered)
        yield len(rows)
