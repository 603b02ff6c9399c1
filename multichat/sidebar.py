"""What each signed-in page shows beside its own matter."""

from typing import Any

from multichat.extensions import realtime
from multichat.models import Activity, Membership, Rights, Room, User


def of(person: User) -> dict[str, Any]:
    """Their rooms. The version is read first: a page that is older than the rights is brought up."""
    rights = Rights.current()
    rooms = Room.all_for(person)
    return {
        "rights": rights,
        "rooms": [room for room in rooms if not room.archived],
        "archived": [room for room in rooms if room.archived],
        "memberships": Membership.all_of(person.id),
        "has_activity": Activity.any_unread(person.id),
        "present": realtime.here.counts([room.id for room in rooms]),
    }
