"""What can be done with rooms; the admin panel and the command line call these.

All of it moves rights or the list of rooms, so all of it bumps `Rights`: every open page is looked after at once.
"""

import sqlalchemy as sa
from sqlalchemy import select

from multichat.database import db, writing
from multichat.extensions import realtime
from multichat.models import Access, Message, NotFound, Refused, Rights, Room

# Deleting so many takes a few milliseconds, in which nobody else writes.
SLICE_MESSAGES = 1000


def create(name: str, access: Access = Access.open, topic: str = "") -> Room:
    """Raises `Refused` for a name that will not do or is taken."""
    with writing():
        Rights.bump()
        room = Room.create(name, access, topic)
    realtime.rights_changed()
    return room


def edit(room_id: int, name: str, topic: str, access: Access) -> Room:
    """Raises `NotFound`, and `Refused` for what cannot be."""
    with writing():
        Rights.bump()
        room = _get(room_id)
        room.describe(name, topic)
        room.access = access
    realtime.rights_changed()
    return room


def archive(room_id: int) -> None:
    """It can be read by the same people as before, and not written to. Raises `NotFound`."""
    with writing():
        Rights.bump()
        _get(room_id).archived = True
    realtime.rights_changed()


def restore(room_id: int) -> None:
    """Raises `NotFound`, and `Refused` when another room took the name meanwhile."""
    with writing() as session:
        Rights.bump()
        room = _get(room_id)
        with session.no_autoflush:  # the look for a namesake comes before the index finds it
            room.archived = False
            room.describe(room.name, room.topic)
    realtime.rights_changed()


def delete(room_id: int) -> None:
    """The room and all that was said in it are gone. Raises `NotFound`."""
    archive(room_id)  # so that nothing more is said while it goes
    while _delete_messages(room_id):
        pass
    with writing() as session:
        Rights.bump()
        session.execute(sa.delete(Room).where(Room.id == _get(room_id).id))
    realtime.rights_changed()


def _delete_messages(room_id: int) -> bool:
    """Some of the room's; false when there were none left."""
    with writing() as session:
        some = select(Message.id).where(Message.room_id == room_id).limit(SLICE_MESSAGES)
        gone = session.scalars(sa.delete(Message).where(Message.id.in_(some)).returning(Message.id))
        return bool(gone.all())


def _get(room_id: int) -> Room:
    room = db.session.scalars(
        select(Room).where(Room.id == room_id).execution_options(populate_existing=True)
    ).one_or_none()
    if room is None:
        raise NotFound
    if room.access is Access.direct:
        raise Refused("A direct conversation belongs to its people.")
    return room
