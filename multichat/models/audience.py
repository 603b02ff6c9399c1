"""Who can be addressed in a room: the people who may see it."""

import re
from collections.abc import Collection
from heapq import nsmallest

from sqlalchemy import bindparam, select

from multichat.database import db
from multichat.models.membership import Membership
from multichat.models.names import name_key
from multichat.models.room import Room
from multichat.models.user import IS_STAFF, NAME_LIMIT, User


def named(room_id: int, keys: Collection[str]) -> dict[str, int]:
    """Ids by `name_key`, of those of these names who are there to read it."""
    if not keys:
        return {}
    return dict(db.session.execute(_NAMED, {"room_id": room_id, "keys": list(keys)}).all())


def members(room_id: int) -> list[int]:
    """The ids of its members who may still see it."""
    return list(db.session.scalars(_MEMBERS, {"room_id": room_id}))


def beginning(room_id: int, viewer_id: int, begun: str, here_ids: Collection[int], limit: int) -> list[User]:
    """The first of those whose username, or a word of whose name, begins like this; all but the viewer.

    Who is there comes first, then other members. Two statements, however many people: what a name begins with, neither
    database knows in every script.
    """
    if len(begun) > NAME_LIMIT:
        return []
    asked = {"room_id": room_id, "viewer_id": viewer_id}
    begins = re.compile(rf"(?<!\w){re.escape(name_key(begun))}").search
    here = set(here_ids)
    found = [
        (user_id not in here, membership_id is None, name_key(name), user_id)
        for user_id, key, name, membership_id in db.session.execute(_AUDIENCE, asked)
        if begins(f"{key} {name_key(name)}")
    ]
    ids = [user_id for *_, user_id in nsmallest(limit, found)]
    users = {user.id: user for user in db.session.scalars(_WITH_IDS, {"ids": ids})}
    return [users[user_id] for user_id in ids]


_AUDIENCE = (
    select(User.id, User.username_key, User.display_name, Membership.id)
    .select_from(User)
    .join(Room, Room.id == bindparam("room_id"))
    .outerjoin(Membership, (Membership.room_id == Room.id) & (Membership.user_id == User.id))
    .where(User.active, User.id != bindparam("viewer_id"), Room.visible(User.id, IS_STAFF))
)
_WITH_IDS = select(User).where(User.id.in_(bindparam("ids", expanding=True)))
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
