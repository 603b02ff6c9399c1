"""Rights are state: a counter moves whenever they change, and every socket's are looked up again."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.orm import Mapped, mapped_column

from multichat.database import Base, db, now
from multichat.models.membership import Membership, Notify
from multichat.models.room import MEMBERS_ONLY, Access, Room
from multichat.models.sign_in import OPENED, SignIn
from multichat.models.user import IS_STAFF, STAFF_ROLES, User


@dataclass(frozen=True)
class Standing:
    """What a sign-in is good for at this moment."""

    user_id: int
    rooms: frozenset[int]


class Place(NamedTuple):
    """How far a room has come, and how far a member of it; `last_read` and what follows are none for anybody else."""

    room_id: int
    last_ordinal: int
    last_read: int | None
    last_mention: int | None
    mark: int | None
    notify: Notify | None


class Rights(Base):
    """One row. Its version is bumped in each transaction that gives or takes a right, or changes a face."""

    __tablename__ = "rights"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)

    @classmethod
    def bump(cls) -> None:
        """Say that rights change in this transaction.

        Call it first: its row lock makes such transactions follow one another, so that what they check (the last
        administrator, nobody registered) still holds when they commit.
        """
        db.session.execute(update(cls).values(version=cls.version + 1))

    @classmethod
    def hold(cls) -> None:
        """Let changes of rights that are under way end, and new ones wait for this transaction; it is none itself.

        A sign-in that begins moves nobody's rights: a bump would have every open socket looked up for it.
        """
        db.session.execute(update(cls).values(version=cls.version))

    @classmethod
    def current(cls) -> int:
        return db.session.scalars(select(cls.version)).one()

    @classmethod
    def standing(cls, token: str) -> tuple[int, Standing, list[Place]] | None:
        """The sign-in that this token opens, by its id, its standing, and how far its person has read in each room that
        they are a member of, in one query; none if it is not good.
        """
        rows = db.session.execute(_STANDING, SignIn.opened_by(token)).all()
        if not rows:
            return None
        sign_in_id, user_id = rows[0][:2]
        places = [Place._make(row[2:]) for row in rows if row[2] is not None]
        standing = Standing(user_id, frozenset(place.room_id for place in places))
        return sign_in_id, standing, [place for place in places if place.last_read is not None]

    @classmethod
    def standings(cls, sign_in_ids: Collection[int]) -> dict[int, Standing]:
        """The standing of each of these sign-ins; one that is no longer good is not in the answer.

        Three statements, however many sign-ins.
        """
        people = db.session.execute(_PEOPLE, {"sign_in_ids": list(sign_in_ids), "now": now()}).all()
        by_access = defaultdict(set)
        for room_id, access in db.session.execute(_ROOMS):
            by_access[access].add(room_id)
        by_member = defaultdict(set)
        members = list({user_id for _, user_id, _ in people})
        for user_id, room_id in db.session.execute(_MEMBERS, {"user_ids": members}):
            by_member[user_id].add(room_id)
        anybody = frozenset(by_access[Access.open])
        staff = anybody | by_access[Access.staff]
        return {
            sign_in_id: Standing(user_id, (staff if role in STAFF_ROLES else anybody) | by_member[user_id])
            for sign_in_id, user_id, role in people
        }


# Every handshake asks it. A row for each room.
_STANDING = (
    select(
        SignIn.id,
        User.id,
        Room.id,
        Room.last_ordinal,
        Membership.last_read,
        Membership.last_mention,
        Membership.mark,
        Membership.notify,
    )
    .join(SignIn.user)
    .outerjoin(Room, Room.visible(User.id, IS_STAFF))
    .outerjoin(Membership, and_(Membership.room_id == Room.id, Membership.user_id == User.id))
    .where(OPENED)
)
# Of many at once: of a thousand people in a thousand rooms the query above would have a million rows.
_PEOPLE = (
    select(SignIn.id, User.id, User.role)
    .join(SignIn.user)
    .where(SignIn.id.in_(bindparam("sign_in_ids", expanding=True)), SignIn.expires_at > bindparam("now"), User.active)
)
_ROOMS = select(Room.id, Room.access)
_MEMBERS = (
    select(Membership.user_id, Membership.room_id)
    .join(Membership.room)
    .where(Room.access.in_(MEMBERS_ONLY), Membership.user_id.in_(bindparam("user_ids", expanding=True)))
)
