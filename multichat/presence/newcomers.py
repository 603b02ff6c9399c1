"""Who became a member of which room, as this worker's rosters learn of it: by looking, whoever made them one."""

from collections import defaultdict

from sqlalchemy import func, select

from multichat.database import db
from multichat.models import Membership

# PostgreSQL gives ids before it commits: a membership may show up after so many that came later.
LATE_IDS = 100


class Newcomers:
    """The memberships that have been seen."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._seen: frozenset[int] = frozenset()

    def look(self) -> dict[int, set[int]]:
        """Who is new since the last look, by room; one statement, which finds a hundred rows."""
        first = self._newest is None
        newest = self._newest or db.session.scalar(select(func.max(Membership.id))) or 0
        memberships = select(Membership.id, Membership.room_id, Membership.user_id)
        latest = db.session.execute(memberships.where(Membership.id > newest - LATE_IDS)).all()
        new: dict[int, set[int]] = defaultdict(set)
        for id_, room_id, user_id in latest:
            if id_ not in self._seen and not first:
                new[room_id].add(user_id)
        self._seen = frozenset(id_ for id_, _, _ in latest)
        self._newest = max(self._seen, default=newest)
        return new
