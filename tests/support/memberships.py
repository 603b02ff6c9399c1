"""How far somebody has read."""

from sqlalchemy import select

from multichat.database import db
from multichat.models import Membership, Room
from tests.support.person import Person


def last_read(room: Room, person: Person) -> int | None:
    """None for who is no member."""
    query = select(Membership.last_read).where(Membership.room_id == room.id, Membership.user_id == person.id)
    return db.session.scalar(query)
