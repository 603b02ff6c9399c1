"""A person in a room."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BindParameter, Executable, ForeignKey, UniqueConstraint, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column, relationship

from multichat.database import Base, db

if TYPE_CHECKING:
    from multichat.models.room import Room


class Membership(Base):
    """Comes with the first `join` or post, never with a GET. `last_read` is an ordinal of the room's messages."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("room_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    last_read: Mapped[int] = mapped_column(default=0)

    room: Mapped["Room"] = relationship()

    @classmethod
    def raise_last_read(cls, room_id: int, user_id: int, ordinal: int) -> None:
        """Make the person a member if they are none, and move `last_read` up to the ordinal, never down.

        Both are in the database already: what waits in the session is not flushed first.
        """
        asked = {"room": room_id, "user": user_id, "ordinal": ordinal}
        db.session.connection().execute(_RAISE_LAST_READ[db.engine.dialect.name], asked)


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
