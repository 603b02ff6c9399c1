"""The people of a room: those who are there, and its other members."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, func, select

from multichat.database import db
from multichat.models.membership import Membership
from multichat.models.room import Room
from multichat.models.user import IS_STAFF, Face, User

# Nobody reads a longer list of people, and a room of two thousand would send it to each of them.
PEOPLE_LIMIT = 100


@dataclass(frozen=True)
class People:
    """The first of them by name, `PEOPLE_LIMIT` in all, with those who are there before those who are away.

    The counts are of all.
    """

    here: list[User]
    here_count: int
    away: list[User]
    away_count: int

    @classmethod
    def of(cls, room_id: int, here_ids: Collection[int], viewer_id: int | None = None) -> Self:
        """As far as is known; a viewer is not said to be away. Two statements, however many."""
        by_name = func.lower(User.display_name), User.id
        here = db.session.scalars(
            select(User).where(User.id.in_(here_ids)).order_by(*by_name).limit(PEOPLE_LIMIT)
        ).all()
        # One more than none, to count them by.
        left = max(1, PEOPLE_LIMIT - len(here))
        others = _members(User, func.count().over()).where(
            Membership.room_id == room_id, User.id.not_in([*here_ids, viewer_id or 0])
        )
        away = db.session.execute(others.order_by(*by_name).limit(left)).all()
        return cls(
            here=list(here),
            here_count=len(here_ids),
            away=[user for user, _ in away[: PEOPLE_LIMIT - len(here)]],
            away_count=away[0][1] if away else 0,
        )

    @property
    def faces(self) -> dict[int, Face]:
        """How each of those who are shown looks, by id."""
        return {user.id: user.face for user in (*self.here, *self.away)}

    @staticmethod
    def faces_of_members(room_ids: Collection[int], user_ids: Collection[int]) -> defaultdict[int, dict[int, Face]]:
        """How those of these people who belong to it look, by room. One statement."""
        wanted = Membership.room_id.in_(room_ids), Membership.user_id.in_(user_ids)
        faces: defaultdict[int, dict[int, Face]] = defaultdict(dict)
        found = _members(Membership.room_id, User.id, User.display_name, User.role).where(*wanted)
        for room_id, user_id, name, role in db.session.execute(found):
            faces[room_id][user_id] = (name, role)
        return faces


def _members(*columns: Any) -> Select[Any]:
    """Of members who may see their room."""
    may_see: ColumnElement[bool] = Room.visible(User.id, IS_STAFF)
    return select(*columns).select_from(Membership).join(User).join(Membership.room).where(User.active, may_see)
