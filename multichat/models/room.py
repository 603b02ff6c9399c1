"""Rooms: where people talk, and the counter that orders what is said."""

from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Enum,
    Index,
    Select,
    String,
    Text,
    and_,
    bindparam,
    false,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from multichat.database import Base, UtcDateTime, db, now
from multichat.models.errors import NotFound, Refused
from multichat.models.membership import Membership
from multichat.models.names import is_text, name_key

if TYPE_CHECKING:
    from multichat.models.user import User

NAME_LIMIT = 64
TOPIC_LIMIT = 250
# What both databases can hold; an id beyond it is nobody's.
ID_LIMIT = 2**31


class Access(StrEnum):
    """Who may see a room and write there."""

    open = "open"
    private = "private"
    staff = "staff"
    direct = "direct"


ARCHIVED = "This room is archived: it can be read, not written to."
MEMBERS_ONLY = (Access.private, Access.direct)


class Room(Base):
    """A room. `revision` counts the changes of its messages, `last_ordinal` the messages themselves."""

    __tablename__ = "rooms"
    # An id is never given twice: pages that show a deleted room must not find another one under it.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LIMIT))
    name_key: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(String(TOPIC_LIMIT), default="")
    access: Mapped[Access] = mapped_column(Enum(Access, native_enum=False, length=16), default=Access.open)
    revision: Mapped[int] = mapped_column(default=0)
    last_ordinal: Mapped[int] = mapped_column(default=0)
    archived: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def create(cls, name: str, access: Access = Access.open, topic: str = "") -> Self:
        """A new room, not yet committed. Raises `Refused` for a name that will not do or is taken."""
        room = cls(access=access, archived=False, revision=0, last_ordinal=0)
        room.describe(name, topic)
        db.session.add(room)
        db.session.flush()
        return room

    @classmethod
    def visible(cls, user_id: Any, is_staff: ColumnElement[bool]) -> ColumnElement[bool]:
        """The one place that says who may see a room: the person of that id, or of that column."""
        membership = (
            select(Membership.id)
            .where(Membership.room_id == cls.id, Membership.user_id == user_id)
            .correlate_except(Membership)  # whoever asks may have joined it too
            .exists()
        )
        return or_(
            cls.access == Access.open,
            and_(cls.access == Access.staff, is_staff),
            # Not `in_`: its list would be put into the statement anew at each execution.
            and_(or_(*(cls.access == access for access in MEMBERS_ONLY)), membership),
        )

    @classmethod
    def find_for(cls, user: "User", room_id: int) -> "Room":
        """Raises `NotFound`, whether it is missing or hidden."""
        room = None
        if 0 < room_id < ID_LIMIT:
            query = cls._found_by(user.is_staff)
            room = db.session.scalars(query, {"room_id": room_id, "user_id": user.id}).one_or_none()
        if room is None:
            raise NotFound
        return room

    @staticmethod
    @cache  # asked for each request: made each time, it took more than twice as long
    def _found_by(is_staff: bool) -> "Select[Room]":
        visible = Room.visible(bindparam("user_id"), true() if is_staff else false())
        return select(Room).where(Room.id == bindparam("room_id"), visible).execution_options(populate_existing=True)

    @classmethod
    def all_for(cls, user: "User") -> "list[Room]":
        """Every room the person may see, archived ones included, by name."""
        return list(db.session.scalars(cls._listed_for(user.is_staff), {"user_id": user.id}))

    @staticmethod
    @cache  # as above
    def _listed_for(is_staff: bool) -> "Select[Room]":
        visible = Room.visible(bindparam("user_id"), true() if is_staff else false())
        return select(Room).where(visible).order_by(Room.name_key, Room.id)

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The room of that name among those in use."""
        in_use = and_(~cls.archived, cls.access != Access.direct)
        return db.session.scalars(select(cls).where(cls.name_key == name_key(_tidy(name)), in_use)).one_or_none()

    @classmethod
    def revisions(cls, room_ids: list[int]) -> dict[int, int]:
        """The revision of each of these rooms; a deleted one is not in the answer."""
        if not room_ids:
            return {}
        return dict(db.session.execute(_REVISIONS, {"room_ids": room_ids}).all())

    def describe(self, name: str, topic: str) -> None:
        """Name the room and say what it is for. Raises `Refused`."""
        name, topic = _tidy(name), _tidy(topic)
        if not 1 <= len(name) <= NAME_LIMIT:
            raise Refused(f"A room's name has 1 to {NAME_LIMIT} characters.")
        if len(topic) > TOPIC_LIMIT:
            raise Refused(f"A topic has at most {TOPIC_LIMIT} characters.")
        if not is_text(name + topic):
            raise Refused("This name or topic has characters that cannot be typed.")
        namesake = Room.named(name)
        if namesake is not None and namesake is not self and not self.archived:
            raise Refused(f"There is a room named {name} already.")
        self.name, self.name_key, self.topic = name, name_key(name), topic

    def take_ordinal(self) -> tuple[int, int]:
        """The next revision and ordinal, for a new message of this transaction.

        The row's lock makes commit order numeric order. Raises `Refused` when the room is archived or gone, or was made
        in this transaction and not flushed.
        """
        taken = db.session.connection().execute(_TAKE_ORDINAL, {"room_id": self.id}).one_or_none()
        if taken is None:
            raise Refused(ARCHIVED)
        return taken.revision, taken.last_ordinal

    @staticmethod
    def take_revision(room_id: int, even_archived: bool = False) -> int:
        """The next revision, for a change of a message that is there; read that message after it.

        The row's lock makes changes of a room follow one another. Raises `Refused` when it is archived or gone.
        """
        taken = db.session.connection().execute(_TAKE_REVISION, {"room_id": room_id, "even_archived": even_archived})
        revision: int | None = taken.scalar_one_or_none()
        if revision is None:
            raise Refused(ARCHIVED)
        return revision

    def __repr__(self) -> str:
        return f"<Room {self.id}>"


# Made once, and executed past the session, which has nothing to keep of it: each post asks.
_TAKE_ORDINAL = (
    update(Room)
    .where(Room.id == bindparam("room_id"), ~Room.archived)
    .values(revision=Room.revision + 1, last_ordinal=Room.last_ordinal + 1)
    .returning(Room.revision, Room.last_ordinal)
)

_TAKE_REVISION = (
    update(Room)
    .where(Room.id == bindparam("room_id"), or_(~Room.archived, bindparam("even_archived", type_=Boolean)))
    .values(revision=Room.revision + 1)
    .returning(Room.revision)
)

_REVISIONS = select(Room.id, Room.revision).where(Room.id.in_(bindparam("room_ids", expanding=True)))

# Archived rooms keep their names without keeping others from them; direct rooms have none.
Index(
    "uq_rooms_name_key_in_use",
    Room.name_key,
    unique=True,
    sqlite_where=and_(~Room.archived, Room.access != Access.direct),
    postgresql_where=and_(~Room.archived, Room.access != Access.direct),
)


def _tidy(text: str) -> str:
    return " ".join(text.split())
