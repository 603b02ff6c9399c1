"""Who can be addressed in a room: the people who may see it."""

from collections.abc import Collection

from sqlalchemy import bindparam, select

from multichat.database import db
from multichat.models.membership import Membership
from multichat.models.room import Room
from multichat.models.user import IS_STAFF, User


def named(room_id: int, keys: Collection[str]) -> dict[str, int]:
    """Ids by `name_key`, of those of these names who are there to read it."""
    if not keys:
        return {}
    return dict(db.session.execute(_NAMED, {"room_id": room_id, "keys": list(keys)}).all())


def members(room_id: int) -> list[int]:
    """The ids of its members who may still see it."""
    return list(db.session.scalars(_MEMBERS, {"room_id": room_id}))


_NAMED = (
    select(User.username_key, User.id)
    .join(Room, Room.id == bindparam("room_id"))
    .where(User.username_key.in_(bindparam("keys", expanding=True)), User.active, Room.visible(User.id, IS_STAFF))
)
_MEMBERS = (
    select(User.id)
    .join(Room, Room.id == bindparam("room_id"))
    .join(Membership, (Membership.room_id == Room.id) & (Membership.user_id == User.id))
    .where(User.active, Room.visible(User.id, IS_STAFF))
)
