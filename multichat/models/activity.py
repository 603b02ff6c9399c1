"""Activity: which messages concern somebody by name."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Enum, ForeignKey, Index, Select, UniqueConstraint, and_, bindparam, delete, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from multichat.database import Base, db
from multichat.models.membership import Membership
from multichat.models.message import Message
from multichat.models.room import ID_LIMIT, Room
from multichat.models.user import IS_STAFF, User


class Reason(StrEnum):
    """Why a message concerns somebody."""

    mention = "mention"
    reply = "reply"
    here = "here"
    room = "room"


class Activity(Base):
    """A message that mentions a person, or answers them. It is read when they have read that far in its room."""

    __tablename__ = "activities"
    __table_args__ = (
        UniqueConstraint("message_id", "user_id"),
        Index(None, "user_id", "id"),
        Index(None, "user_id", "room_id", "ordinal"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    room_id: Mapped[int]
    ordinal: Mapped[int]
    reason: Mapped[Reason] = mapped_column(Enum(Reason, native_enum=False, length=16))

    message: Mapped[Message] = relationship()

    @classmethod
    def concern(cls, message: Message, reasons: Mapping[int, Reason]) -> None:
        """Say by id whom the message concerns, and raise their `last_mention`. Two statements, none for nobody."""
        if not reasons:
            return
        place = {"message_id": message.id, "room_id": message.room_id, "ordinal": message.ordinal}
        rows = [place | {"user_id": user_id, "reason": reason} for user_id, reason in reasons.items()]
        db.session.execute(insert(cls), rows)
        Membership.raise_last_mention(message.room_id, reasons, message.ordinal)

    @classmethod
    def concerned(cls, message_id: int) -> dict[int, Reason]:
        """By id, and why."""
        return dict(db.session.execute(select(cls.user_id, cls.reason).where(cls.message_id == message_id)).all())

    @classmethod
    def forget(cls, message_id: int, user_ids: "set[int] | None" = None) -> None:
        """The message concerns these people no longer; without their ids, nobody."""
        gone = delete(cls).where(cls.message_id == message_id)
        db.session.execute(gone if user_ids is None else gone.where(cls.user_id.in_(user_ids)))

    @classmethod
    def latest(cls, user_id: int, limit: int, before: int | None = None) -> "list[Entry]":
        """A person's, newest first, without those of rooms that they may not see any more. Four statements at most."""
        if before is None or not 0 < before < ID_LIMIT:
            before = ID_LIMIT - 1
        asked = {"user_id": user_id, "before": before, "limit": limit}
        rows = db.session.execute(_LATEST, asked).all()
        messages = {message.id: message for message in Message.with_ids([activity.message_id for activity, *_ in rows])}
        return [
            Entry(activity.id, activity.reason, room, messages[activity.message_id], unread)
            for activity, room, unread in rows
            # Deleted between the two questions.
            if activity.message_id in messages and messages[activity.message_id].deleted_at is None
        ]

    @classmethod
    def any_unread(cls, user_id: int) -> bool:
        return db.session.scalar(_ANY_UNREAD, {"user_id": user_id}) is not None


class Entry(NamedTuple):
    """An activity as it is shown. `id` is the activity's."""

    id: int
    reason: Reason
    room: Room
    message: Message
    unread: bool


_UNREAD = Activity.ordinal > func.coalesce(Membership.last_read, 0)


def _of_person(*columns: Any) -> Select[Any]:
    """Of the activities in rooms that they may see."""
    own = and_(Membership.room_id == Activity.room_id, Membership.user_id == Activity.user_id)
    return (
        select(*columns)
        .select_from(Activity)
        .join(Room, Room.id == Activity.room_id)
        .join(User, User.id == Activity.user_id)
        .outerjoin(Membership, own)
        .where(Activity.user_id == bindparam("user_id"), Room.visible(User.id, IS_STAFF))
    )


# Each page asks it: a look into an index for each room, however many activities were read.
_ANY_UNREAD = (
    select(Room.id)
    .select_from(Room)
    .join(User, User.id == bindparam("user_id"))
    .outerjoin(Membership, and_(Membership.room_id == Room.id, Membership.user_id == User.id))
    .where(
        select(Activity.id).where(Activity.user_id == User.id, Activity.room_id == Room.id, _UNREAD).exists(),
        Room.visible(User.id, IS_STAFF),
    )
    .limit(1)
)
_LATEST = (
    _of_person(Activity, Room, _UNREAD)
    .where(Activity.id < bindparam("before"))
    .order_by(Activity.id.desc())
    .limit(bindparam("limit"))
)
