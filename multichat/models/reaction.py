"""Reactions: an emoji that somebody put to a message."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from multichat.database import Base, UtcDateTime, db, now

# The longest in Unicode, families with skin tones, have ten code points.
EMOJI_LIMIT = 32


@dataclass(frozen=True)
class Tally:
    """An emoji of a message, and the ids of who put it there, first come first."""

    emoji: str
    user_ids: list[int]


class Reaction(Base):
    """One person's, once for each emoji."""

    __tablename__ = "reactions"
    __table_args__ = (UniqueConstraint("message_id", "user_id", "emoji"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    emoji: Mapped[str] = mapped_column(String(EMOJI_LIMIT))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def tallies(cls, message_ids: Collection[int]) -> dict[int, list[Tally]]:
        """By message, in the order in which each emoji first came; one that has none is not in the answer."""
        tallies: dict[int, dict[str, Tally]] = defaultdict(dict)
        for message_id, emoji, user_id in db.session.execute(_OF, {"message_ids": list(message_ids)}):
            tallies[message_id].setdefault(emoji, Tally(emoji, [])).user_ids.append(user_id)
        return {message_id: list(of_message.values()) for message_id, of_message in tallies.items()}


_OF = (
    select(Reaction.message_id, Reaction.emoji, Reaction.user_id)
    .where(Reaction.message_id.in_(bindparam("message_ids", expanding=True)))
    .order_by(Reaction.id)
)
