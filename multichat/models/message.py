"""Messages: the log of a room."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy import Enum, ForeignKey, Index, Select, String, Text, UniqueConstraint, and_, bindparam, insert, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from multichat.database import Base, UtcDateTime, db, now
from multichat.models.room import ID_LIMIT, Room
from multichat.models.user import Face, User

# In code points, after CRLF became LF.
BODY_LIMIT = 8000
# What a page shows of a room, and a reset brings: the same, or a reset would not equal a fresh page.
PAGE_SIZE = 50


class Level(StrEnum):
    """How loudly a message is said; all but the plain one are staff's to choose."""

    message = "message"
    warning = "warning"
    alert = "alert"
    muted = "muted"


class Version(NamedTuple):
    """A message as it stood at a revision, by an author who was shown so: it looked the same whenever this was so."""

    message_id: int
    revision: int
    face: Face


class Message(Base):
    """What somebody said. `ordinal` is its place in the room, `revision` the room's at its last change."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("room_id", "ordinal"),
        UniqueConstraint("author_id", "client_id"),
        Index(None, "room_id", "revision"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    revision: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    level: Mapped[Level] = mapped_column(Enum(Level, native_enum=False, length=16), default=Level.message)
    body: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(String(36))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    room: Mapped[Room] = relationship()
    author: Mapped[User] = relationship()

    @classmethod
    def store(cls, room: Room, author: User, **columns: Any) -> Self:
        """A new message, inserted at once; the instance belongs to no session. Raises `IntegrityError`.

        The unit of work, which would find out by itself what is to be inserted, costs more than the insert. It is not
        asked to write what waits, either: room and author are in the database already.
        """
        times = {"created_at": now(), "edited_at": None, "deleted_at": None}
        values = {"room_id": room.id, "author_id": author.id} | times | columns
        made = db.session.connection().execute(_INSERT, values).inserted_primary_key
        assert made is not None
        # The person themself: Flask-Login's proxy is another one in the next request.
        person = db.session.get_one(User, author.id)
        return cls(id=made[0], room=room, author=person, **values)

    @classmethod
    def changed_since(cls, room_id: int, revision: int, limit: int) -> tuple[int, list[Version]]:
        """Whatever happened in the room after that revision, in order: created, edited, deleted, reacted to.

        With the room's own revision, in one query; zero and nothing for a room that was deleted.
        """
        # A page may claim a revision that neither database could hold.
        asked = {"room_id": room_id, "revision": min(revision, ID_LIMIT - 1), "limit": limit}
        rows = db.session.execute(_CHANGED, asked).all()
        versions = [Version(row[1], row[2], (row[3], row[4])) for row in rows if row[1] is not None]
        return (rows[0][0] if rows else 0), versions

    @classmethod
    def with_ids(cls, ids: Sequence[int]) -> list[Self]:
        return list(db.session.scalars(cls._whole().where(cls.id.in_(ids)))) if ids else []

    @classmethod
    def latest(cls, room_id: int, limit: int, before: int | None = None) -> list[Self]:
        """The last so many messages of the room, or of those before an ordinal; oldest first."""
        query = cls._latest() if before is None else cls._latest().where(cls.ordinal < before)
        page = db.session.scalars(query, {"room_id": room_id, "limit": limit}).all()
        return list(reversed(page))

    @classmethod
    @cache
    def _latest(cls) -> Select[Self]:
        query = cls._whole().where(cls.room_id == bindparam("room_id"))
        return query.order_by(cls.ordinal.desc()).limit(bindparam("limit"))

    @classmethod
    def sent_as(cls, author_id: int, client_id: UUID) -> Self | None:
        """The message that this author has already stored under this client id."""
        return db.session.scalars(
            cls._whole().where(cls.author_id == author_id, cls.client_id == str(client_id))
        ).one_or_none()

    @classmethod
    def _whole(cls) -> Select[Self]:
        # Rendering needs nothing more: one statement, however many messages.
        return select(cls).options(joinedload(cls.author, innerjoin=True)).execution_options(populate_existing=True)

    def delete(self) -> None:
        """Leave a tombstone: what was said is gone, that something was said stays. Nothing to do if it is one."""
        if self.deleted_at is None:
            self.revision = self.room.take_revision()
            self.body = self.body_html = ""
            self.deleted_at = now()

    def __repr__(self) -> str:
        return f"<Message {self.id} in room {self.room_id}>"


_INSERT = insert(Message)

# After a reload every page that comes back asks for it. A room in which nothing happened is one row without a message.
_CHANGED = (
    select(Room.revision, Message.id, Message.revision, User.display_name, User.role)
    .outerjoin(Message, and_(Message.room_id == Room.id, Message.revision > bindparam("revision")))
    .outerjoin(Message.author)
    .where(Room.id == bindparam("room_id"))
    .order_by(Message.revision)
    .limit(bindparam("limit"))
)
