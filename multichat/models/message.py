"""Messages: the log of a room."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID

from sqlalchemy import (
    JSON,
    Enum,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    false,
    insert,
    select,
    true,
)
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from multichat.database import Base, UtcDateTime, db, now
from multichat.models.errors import NoMessage
from multichat.models.reaction import Reaction, Tally
from multichat.models.rights import Rights
from multichat.models.room import ID_LIMIT, Room
from multichat.models.user import User

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
    """A message as it stood at a revision: it looked the same whenever all of this was so.

    `quoted` is the revision of the message that it answers; with the rights' version everybody's names move.
    """

    message_id: int
    revision: int
    renderer: int
    quoted: int | None
    rights: int


class Message(Base):
    """What somebody said. `ordinal` is its place in the room, `revision` the room's at its last change.

    `mentions` are the names in it that mean somebody, as `name_key` has them, each with a person's id; those that mean
    many (`here`, `room`) have 0. `reply_to` is the ordinal of the message that it answers, in the same room; `replied`
    says that others answer this one. `renderer` is the version of what made `body_html`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("room_id", "ordinal"),
        UniqueConstraint("author_id", "client_id"),
        Index(None, "room_id", "revision"),
        Index(None, "room_id", "created_at"),
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
    deleted_by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    renderer: Mapped[int] = mapped_column(default=0, server_default="0")
    mentions: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default="{}")
    reply_to: Mapped[int | None]
    replied: Mapped[bool] = mapped_column(default=False, server_default=false())

    # What `told` adds.
    if TYPE_CHECKING:
        tallies: list[Tally]
        names: Mapping[int, str]

    room: Mapped[Room] = relationship()
    author: Mapped[User] = relationship()
    original: Mapped["Message | None"] = relationship(
        primaryjoin=(
            "and_(Message.room_id == remote(Message.room_id), foreign(Message.reply_to) == remote(Message.ordinal))"
        ),
        viewonly=True,
    )

    @classmethod
    def store(cls, room: Room, author: User, original: "Message | None", **columns: Any) -> Self:
        """A new message, inserted at once; the instance belongs to no session. Raises `IntegrityError`.

        The unit of work, which would find out by itself what is to be inserted, costs more than the insert. It is not
        asked to write what waits, either: room and author are in the database already.
        """
        reply_to = None if original is None else original.ordinal
        values = {"room_id": room.id, "author_id": author.id, "reply_to": reply_to} | _UNTOUCHED | columns
        values["created_at"] = now()
        made = db.session.connection().execute(_INSERT, values).inserted_primary_key
        assert made is not None
        # The person themself: Flask-Login's proxy is another one in the next request.
        person = db.session.get_one(User, author.id)
        message = cls(id=made[0], room=room, author=person, **values)
        set_committed_value(message, "original", original)
        message.tallies = []
        return message

    @classmethod
    def changed_since(cls, room_id: int, revision: int, limit: int) -> tuple[int, list[Version]]:
        """Whatever happened in the room after that revision, in order: created, edited, deleted, reacted to.

        With the room's own revision, in one query; zero and nothing for a room that was deleted.
        """
        # A page may claim a revision that neither database could hold.
        asked = {"room_id": room_id, "revision": min(revision, ID_LIMIT - 1), "limit": limit}
        rows = db.session.execute(_CHANGED, asked).all()
        versions = [Version(*row[1:]) for row in rows if row[1] is not None]
        return (rows[0][0] if rows else 0), versions

    @classmethod
    def with_ids(cls, ids: Sequence[int]) -> list[Self]:
        return cls.told(db.session.scalars(cls._whole().where(cls.id.in_(ids)))) if ids else []

    @classmethod
    def at(cls, room_id: int, ordinal: int) -> Self:
        """The message at this place of the room. Raises `NoMessage`."""
        message = None
        if 0 < ordinal < ID_LIMIT:
            message = db.session.scalars(cls._at(), {"room_id": room_id, "ordinal": ordinal}).one_or_none()
        if message is None:
            raise NoMessage
        return message

    @classmethod
    @cache
    def _at(cls) -> Select[Self]:
        return cls._whole().where(cls.room_id == bindparam("room_id"), cls.ordinal == bindparam("ordinal"))

    @classmethod
    def latest(cls, room_id: int, limit: int, before: int | None = None) -> list[Self]:
        """The last so many messages of the room, or of those before an ordinal; oldest first."""
        query = cls._latest() if before is None else cls._latest().where(cls.ordinal < before)
        page = db.session.scalars(query, {"room_id": room_id, "limit": limit}).all()
        return cls.told(reversed(page))

    @classmethod
    def following(cls, room_id: int, limit: int, after: int) -> list[Self]:
        """The first so many messages of the room after an ordinal, oldest first."""
        asked = {"room_id": room_id, "after": after, "limit": limit}
        return cls.told(db.session.scalars(cls._following(), asked))

    @classmethod
    def first_since(cls, room_id: int, moment: datetime) -> tuple[int, int] | None:
        """The id and the ordinal of the first message of the room that was said at this moment or later."""
        query = select(cls.id, cls.ordinal).where(cls.room_id == room_id, cls.created_at >= moment)
        row = db.session.execute(query.order_by(cls.created_at, cls.ordinal).limit(1)).one_or_none()
        return (row.id, row.ordinal) if row else None

    @classmethod
    @cache
    def _latest(cls) -> Select[Self]:
        query = cls._whole().where(cls.room_id == bindparam("room_id"))
        return query.order_by(cls.ordinal.desc()).limit(bindparam("limit"))

    @classmethod
    @cache
    def _following(cls) -> Select[Self]:
        query = cls._whole().where(cls.room_id == bindparam("room_id"), cls.ordinal > bindparam("after"))
        return query.order_by(cls.ordinal).limit(bindparam("limit"))

    @classmethod
    def sent_as(cls, author_id: int, client_id: UUID) -> Self | None:
        """The message that this author has already stored under this client id."""
        stored = db.session.scalars(cls._whole().where(cls.author_id == author_id, cls.client_id == str(client_id)))
        return next(iter(cls.told(stored)), None)

    @classmethod
    def _whole(cls) -> Select[Self]:
        original = joinedload(cls.original).joinedload(cls.author)
        whole = select(cls).options(joinedload(cls.author, innerjoin=True), original)
        return whole.execution_options(populate_existing=True)

    @classmethod
    def told(cls, messages: Iterable[Self]) -> list[Self]:
        """These messages, each knowing its reactions and the names of everybody in it: it can be rendered.

        Two statements, however many messages; one when nobody is named.
        """
        told = list(messages)
        tallies = Reaction.tallies([message.id for message in told])
        for message in told:
            message.tallies = tallies.get(message.id, [])
        cls.name(told)
        return told

    @staticmethod
    def name(messages: "Sequence[Message]") -> None:
        """Let these messages, whose reactions are known, know the names of everybody in them."""
        names = User.names({user_id for message in messages for user_id in message.people})
        for message in messages:
            message.names = names
            if message.original is not None:
                message.original.names = names

    @property
    def people(self) -> Iterator[int]:
        """Everybody who is named in it, but for its author."""
        for tally in self.tallies:
            yield from tally.user_ids
        quoted = self.original.mentions.values() if self.original is not None else ()
        yield from (user_id for user_id in (*self.mentions.values(), *quoted) if user_id)

    @property
    def meant(self) -> list[str]:
        """Who is mentioned: ids, and the words that mean many."""
        return sorted({str(user_id or name) for name, user_id in self.mentions.items()})

    @property
    def calls(self) -> set[str]:
        """The words in it that mean many."""
        return {name for name, user_id in self.mentions.items() if not user_id}

    def change(self, revision: int) -> int:
        """Move it to the revision of a change; the one before."""
        before, self.revision = self.revision, revision
        return before

    def delete(self, by_staff: bool) -> None:
        """Leave a tombstone: what was said is gone, that something was said stays."""
        self.body = self.body_html = ""
        self.mentions = {}
        self.deleted_at = now()
        self.deleted_by_staff = by_staff

    def __repr__(self) -> str:
        return f"<Message {self.id} in room {self.room_id}>"


_INSERT = insert(Message)
_UNTOUCHED = {"edited_at": None, "deleted_at": None, "deleted_by_staff": False, "replied": False}

_ORIGINAL = aliased(Message)
# After a reload every page that comes back asks for it. A room in which nothing happened is one row without a message.
_CHANGED = (
    select(Room.revision, Message.id, Message.revision, Message.renderer, _ORIGINAL.revision, Rights.version)
    .select_from(Room)
    .join(Rights, true())
    .outerjoin(Message, and_(Message.room_id == Room.id, Message.revision > bindparam("revision")))
    .outerjoin(_ORIGINAL, and_(_ORIGINAL.room_id == Message.room_id, _ORIGINAL.ordinal == Message.reply_to))
    .where(Room.id == bindparam("room_id"))
    .order_by(Message.revision)
    .limit(bindparam("limit"))
)
