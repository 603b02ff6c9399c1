"""Somebody in a room, at the moment of one command."""

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import contains_eager

from multichat.database import db
from multichat.models.errors import NotFound
from multichat.models.membership import Membership
from multichat.models.room import ID_LIMIT, Room
from multichat.models.sign_in import OPENED, SignIn
from multichat.models.user import IS_STAFF, User


@dataclass(frozen=True)
class Visit:
    """A sign-in, and a room that its person may see."""

    sign_in: SignIn
    room: Room
    membership: Membership | None

    @property
    def person(self) -> User:
        return self.sign_in.user

    @classmethod
    def find(cls, token: str, room_id: int) -> "Visit | None":
        """In one query. None if the sign-in ended; raises `NotFound` for a room that is missing or hidden."""
        # An id that neither database could hold is nobody's; who asks is looked up all the same.
        known = room_id if 0 < room_id < ID_LIMIT else 0
        found = db.session.execute(_FIND, {"room_id": known} | SignIn.opened_by(token)).one_or_none()
        if found is None:
            return None
        sign_in, room, membership = found
        if room is None:
            raise NotFound
        return cls(sign_in, room, membership)


# Asked for each command: as three queries it took twice as long, and made each time as long again.
_FIND = (
    select(SignIn, Room, Membership)
    .join(SignIn.user)
    .options(contains_eager(SignIn.user))
    .outerjoin(Room, and_(Room.id == bindparam("room_id"), Room.visible(User.id, IS_STAFF)))
    .outerjoin(Membership, and_(Membership.room_id == Room.id, Membership.user_id == User.id))
    .where(OPENED)
    .execution_options(populate_existing=True)
)
