"""A person in a room."""

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    BindParameter,
    Boolean,
    Enum,
    Executable,
    ForeignKey,
    UniqueConstraint,
    and_,
    bindparam,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column, relationship

from multichat.database import Base, db

if TYPE_CHECKING:
    from multichat.models.room import Room


class Notify(StrEnum):
    """Of what in a room its member wants to know."""

    everything = "everything"
    mentions = "mentions"
    nothing = "nothing"


class Membership(Base):
    """Comes with the first `join` or post, never with a GET.

    `last_read` is an ordinal of the room's messages, `last_mention` that of the newest one that concerns this person.
    `mark` counts how often they marked it unread: what a page read under an older mark is read no more.
    """

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("room_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    last_read: Mapped[int] = mapped_column(default=0)
    last_mention: Mapped[int] = mapped_column(default=0, server_default="0")
    mark: Mapped[int] = mapped_column(default=0, server_default="0")
    notify: Mapped[Notify] = mapped_column(
        Enum(Notify, native_enum=False, length=16), default=Notify.everything, server_default="everything"
    )

    room: Mapped["Room"] = relationship()

    @classmethod
    def raise_last_read(cls, room_id: int, user_id: int, ordinal: int) -> None:
        """Make the person a member if they are none, and move `last_read` up to the ordinal, never down.

        Both are in the database already: what waits in the session is not flushed first.
        """
        asked = {"room": room_id, "user": user_id, "ordinal": ordinal}
        db.session.connection().execute(_RAISE_LAST_READ[db.engine.dialect.name], asked)

    @classmethod
    def of(cls, room_id: int, user_id: int) -> "Membership | None":
        return db.session.scalars(_OF, {"room_id": room_id, "user_id": user_id}).one_or_none()

    @classmethod
    def all_of(cls, user_id: int) -> "dict[int, Membership]":
        """A person's, by room."""
        return {membership.room_id: membership for membership in db.session.scalars(_ALL_OF, {"user_id": user_id})}

    @classmethod
    def raise_last_mention(cls, room_id: int, user_ids: Collection[int], ordinal: int) -> None:
        """For those of these people who are members."""
        members = and_(cls.room_id == room_id, cls.user_id.in_(list(user_ids)), cls.last_mention < ordinal)
        db.session.execute(
            update(cls).where(members).values(last_mention=ordinal).execution_options(synchronize_session=False)
        )

    @classmethod
    def read(cls, room_id: int, user_id: int, ordinal: int, mark: int | None) -> bool:
        """Move a member's `last_read` up to the ordinal, unless they have marked it unread since `mark`.

        False if it did not move.
        """
        asked = {"room": room_id, "user": user_id, "ordinal": ordinal, "any_mark": mark is None, "since": mark or 0}
        return db.session.connection().execute(_READ, asked).one_or_none() is not None

    @classmethod
    def mark_unread(cls, room_id: int, user_id: int, ordinal: int) -> None:
        """Lower a member's `last_read` to just before the ordinal."""
        own = and_(cls.room_id == room_id, cls.user_id == user_id)
        marked = update(cls).where(own).values(last_read=ordinal - 1, mark=cls.mark + 1)
        db.session.execute(marked.execution_options(synchronize_session=False))

    @classmethod
    def set_notify(cls, room_id: int, user_id: int, notify: Notify) -> bool:
        """False for who is no member."""
        own = and_(cls.room_id == room_id, cls.user_id == user_id)
        changed = update(cls).where(own).values(notify=notify).returning(cls.id)
        return db.session.scalars(changed.execution_options(synchronize_session=False)).one_or_none() is not None


_OF = (
    select(Membership)
    .where(Membership.room_id == bindparam("room_id"), Membership.user_id == bindparam("user_id"))
    .execution_options(populate_existing=True)
)
# Made once: whoever looks at a room asks it for each message.
_READ = (
    update(Membership)
    .where(
        Membership.room_id == bindparam("room"),
        Membership.user_id == bindparam("user"),
        Membership.last_read < bindparam("ordinal"),
        or_(bindparam("any_mark", type_=Boolean), Membership.mark <= bindparam("since")),
    )
    .values(last_read=bindparam("ordinal"))
    .returning(Membership.id)
)
_ALL_OF = select(Membership).where(Membership.user_id == bindparam("user_id"))


def _last_read_raised_by(insert: Callable[[type[Membership]], Any]) -> Executable:
    ordinal: BindParameter[int] = bindparam("ordinal")
    return cast(
        Executable,
        insert(Membership)
        .values(room_id=bindparam("room"), user_id=bindparam("user"), last_read=ordinal)
        .on_conflict_do_update(
            index_elements=[Membership.room_id, Membership.user_id],
            set_={"last_read": ordinal},
            where=Membership.last_read < ordinal,
        ),
    )


# Neither is standard SQL. Made once, since every post asks.
_RAISE_LAST_READ = {
    "sqlite": _last_read_raised_by(sqlite.insert),
    "postgresql": _last_read_raised_by(postgresql.insert),
}
