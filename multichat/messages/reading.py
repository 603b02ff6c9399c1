"""How far a person has read a room, and of what in it they want to know."""

from multichat.database import writing
from multichat.messages import broadcasts
from multichat.models import Activity, Membership, Notify, Room, User


def read(room: Room, membership: Membership, ordinal: int, mark: int | None = None) -> None:
    """The person has read up to this ordinal; nothing to do when they had, or marked it unread since `mark`."""
    ordinal = min(ordinal, room.last_ordinal)
    if ordinal <= membership.last_read or (mark is not None and mark < membership.mark):
        return
    with writing():
        moved = Membership.read(room.id, membership.user_id, ordinal, None if mark is None else membership.mark)
    if moved:
        _tell(room, membership.user_id)


def read_all(room: Room, person: User) -> None:
    """Whatever was said so far; who was no member becomes one."""
    with writing():
        Membership.raise_last_read(room.id, person.id, room.last_ordinal)
    _tell(room, person.id)


def mark_unread(room: Room, person: User, ordinal: int) -> None:
    """From this ordinal on, until they open the room again; who was no member becomes one."""
    ordinal = min(max(ordinal, 1), room.last_ordinal + 1)
    with writing():
        Membership.raise_last_read(room.id, person.id, 0)
        Membership.mark_unread(room.id, person.id, ordinal)
    _tell(room, person.id)


def notify(room: Room, person: User, level: Notify) -> None:
    """Who was no member becomes one, who has read what was said before."""
    with writing():
        if not Membership.set_notify(room.id, person.id, level):
            Membership.raise_last_read(room.id, person.id, room.last_ordinal)
            Membership.set_notify(room.id, person.id, level)
    _tell(room, person.id)


def _tell(room: Room, user_id: int) -> None:
    membership = Membership.of(room.id, user_id)
    if membership is not None:
        broadcasts.membership_changed(membership, Activity.any_unread(user_id))
