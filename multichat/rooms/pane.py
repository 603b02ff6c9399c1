"""A pane: one room on a page that may show several beside each other."""

import contextlib
from dataclasses import dataclass
from uuid import uuid4

from flask import url_for

from multichat.extensions import realtime
from multichat.models import PAGE_SIZE, Message, NotFound, People, Room, User

PANES_LIMIT = 3


@dataclass(frozen=True)
class Pane:
    """What a page shows of a room: a window on its messages, and who is there.

    `revision` was read before the messages, `client_id` is what the form posts under, `close_url` is the page without
    this pane, which the first cannot do without.
    """

    room: Room
    messages: list[Message]
    revision: int
    people: People
    at_newest: bool
    may_set_level: bool
    close_url: str | None
    client_id: str

    @property
    def earliest(self) -> int | None:
        return self.messages[0].ordinal if self.messages else None

    @property
    def has_earlier(self) -> bool:
        return bool(self.messages) and self.messages[0].ordinal > 1

    @property
    def may_write(self) -> bool:
        return not self.room.archived


def open_panes(user: User, room_ids: list[int], before: int | None) -> list[Pane]:
    """The room itself and those beside it; `before` looks at the first one's history.

    Raises `NotFound` for the first; a neighbour that is gone is left out.
    """
    # Twice the same room would be two elements with one id.
    first, *others = list(dict.fromkeys(room_ids))[:PANES_LIMIT]
    rooms = [Room.find_for(user, first)]
    for room_id in others:
        with contextlib.suppress(NotFound):
            rooms.append(Room.find_for(user, room_id))
    return [_open(user, rooms, place, before if place == 0 else None) for place in range(len(rooms))]


def _open(user: User, rooms: list[Room], place: int, before: int | None) -> Pane:
    room = rooms[place]
    if before is not None:
        before = min(max(before, 1), room.last_ordinal + 1)  # an address may name numbers that no database takes
    messages = Message.latest(room.id, PAGE_SIZE, before)
    others = [other.id for other in rooms[1:] if other is not room]
    return Pane(
        room=room,
        messages=messages,
        revision=room.revision,
        people=People.of(room.id, realtime.here.people(room.id), user.id),
        at_newest=before is None or before > room.last_ordinal,
        may_set_level=user.is_staff,
        close_url=url_for("rooms.show", room_id=rooms[0].id, beside=others) if place else None,
        client_id=str(uuid4()),
    )
