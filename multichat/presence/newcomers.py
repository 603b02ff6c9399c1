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
        # Whole: SQLite gives the id of the newest that is gone to the next one.
        self._seen: frozenset[tuple[int, int, int]] = frozenset()

    def look(self) -> dict[int, set[int]]:
        """Who is new since the last look, by room; one statement, which finds a hundred rows."""
        first = self._newest is None
        newest = self._newest or db.session.scalar(select(func.max(Membership.id))) or 0
        memberships = select(Membership.id, Membership.room_id, Membership.user_id)
        latest = db.session.execute(memberships.where(Membership.id > newest - LATE_IDS)).all()
        new: dict[int, set[int]] = defaultdict(set)
        seen = frozenset((id_, room_id, user_id) for id_, room_id, user_id in latest)
        for _, room_id, user_id in () if first else seen - self._seen:
            new[room_id].add(user_id)
        self._seen = seen
        self._newest = max((id_ for id_, _, _ in seen), default=newest)
        return new
