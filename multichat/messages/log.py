"""The log, as the fan-out reads it: `realtime.log.Log` over the database."""

from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import literal, select, union_all
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.fragments import render_fragment
from multichat.messages.broadcasts import upsert
from multichat.models import PAGE_SIZE, Message, Rights, Room
from multichat.realtime.log import Changes, LogUnavailable, Page, State

# Beyond so many changes the latest page whole is less to send, and to read.
CHANGES_LIMIT = 300


class DatabaseLog:
    """Reads in a context of its own each time: the threads that ask have no request, and no session outlives a look."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        # Upserts as they were rendered last: after a reload a thousand pages ask for the same few.
        self._upserts: dict[Hashable, str] = {}

    def state(self, room_ids: Collection[int]) -> State:
        with self._reading():
            rows = db.session.execute(
                union_all(
                    select(literal(0).label("id"), Rights.version),
                    select(Room.id, Room.revision).where(Room.id.in_(room_ids)),
                )
            )
            numbers = dict(rows.all())
        return State(numbers.pop(0), numbers)

    def changes(self, room_id: int, after: int) -> Changes | None:
        with self._reading():
            # Read before the rows: what is committed in between may then come twice, never not at all.
            revision = self._revision(room_id)
            if after > revision:
                return None
            elif after == revision:
                return Changes(revision, [])
            messages = Message.changed_since(room_id, after, limit=CHANGES_LIMIT + 1)
            if len(messages) > CHANGES_LIMIT:
                return None
            upserts = [(message.revision, self._upsert(message)) for message in messages]
        return Changes(max([revision, *(at for at, _ in upserts)]), upserts)

    def page(self, room_id: int) -> Page:
        with self._reading():
            revision = self._revision(room_id)
            messages = Message.latest(room_id, PAGE_SIZE)
            html = render_fragment(
                "frames/timeline_reset.html",
                room_id=room_id,
                revision=revision,
                messages=messages,
                has_earlier=bool(messages) and messages[0].ordinal > 1,
            )
        return Page(revision, html)

    def _upsert(self, message: Message) -> str:
        version = message.id, message.revision, message.author.face
        html = self._upserts.get(version)
        if html is None:
            if len(self._upserts) >= CHANGES_LIMIT:
                self._upserts.clear()
            html = self._upserts[version] = upsert(message).html
        return html

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with self._app.app_context():
                yield
        except SQLAlchemyError as error:
            raise LogUnavailable(str(error)) from error

    def _revision(self, room_id: int) -> int:
        """Zero for a room that was deleted; whoever is in it is let go by the check of rights."""
        return Room.revisions([room_id]).get(room_id, 0)
