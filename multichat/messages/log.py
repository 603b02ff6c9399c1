"""The log, as the fan-out reads it: `realtime.log.Log` over the database."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import bindparam, literal, select, union_all
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.fragments import render_fragment
from multichat.messages.broadcasts import upsert
from multichat.models import PAGE_SIZE, Message, Rights, Room, Version
from multichat.realtime.log import Changes, LogUnavailable, Page, State

# Beyond so many changes the latest page whole is less to send, and to read.
CHANGES_LIMIT = 300

# Each worker asks it each second.
_STATE = union_all(
    select(literal(0).label("id"), Rights.version),
    select(Room.id, Room.revision).where(Room.id.in_(bindparam("room_ids", expanding=True))),
)


class DatabaseLog:
    """Reads in a context of its own each time: the threads that ask have no request, and no session outlives a look."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        # Upserts as they were rendered last: after a reload a thousand pages ask for the same few.
        self._upserts: dict[Version, str] = {}

    def state(self, room_ids: Collection[int]) -> State:
        with self._reading():
            numbers = dict(db.session.execute(_STATE, {"room_ids": list(room_ids)}).all())
        return State(numbers.pop(0), numbers)

    def changes(self, room_id: int, after: int) -> Changes | None:
        with self._reading():
            revision, versions = Message.changed_since(room_id, after, limit=CHANGES_LIMIT + 1)
            if after > revision or len(versions) > CHANGES_LIMIT:
                return None
            # What changed since the question comes with the change that it became: others may lie in between.
            upserts = [(at, html) for at, html in self._rendered(versions) if at <= revision]
        return Changes(revision, upserts)

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

    def _rendered(self, versions: Sequence[Version]) -> list[tuple[int, str]]:
        """Each with its revision, in their order; only what is not at hand is read and rendered."""
        known = [(version, self._upserts.get(version)) for version in versions]
        upserts = [(version.revision, html) for version, html in known if html is not None]
        unknown = [version for version, html in known if html is None]
        for message in Message.with_ids([version.message_id for version in unknown]):
            upserts.append((message.revision, self._upsert(message, unknown[0].rights)))
        return sorted(upserts)

    def _upsert(self, message: Message, rights: int) -> str:
        if len(self._upserts) >= CHANGES_LIMIT:
            self._upserts.clear()
        html = upsert(message).html
        # It may have changed since its version was read: what is kept is what it is now.
        quoted = message.original.revision if message.original is not None else None
        self._upserts[Version(message.id, message.revision, message.renderer, quoted, rights)] = html
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
