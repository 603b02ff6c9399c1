"""A person in a room."""

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint
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
        """Make the person a member if they are none, and move `last_read` up to the ordinal, never down."""
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        db.session.execute(
            insert(cls)
            .values(room_id=room_id, user_id=user_id, last_read=ordinal)
            .on_conflict_do_update(
                index_elements=[cls.room_id, cls.user_id],
                set_={"last_read": ordinal},
                where=cls.last_read < ordinal,
            )
        )
