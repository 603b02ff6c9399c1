"""A pane: one room on a page that may show several beside each other."""

import contextlib
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import url_for

from multichat.extensions import realtime
from multichat.models import Message, NotFound, People, Room, User
from multichat.rooms.window import Window

PANES_LIMIT = 3


@dataclass(frozen=True)
class Pane:
    """What a page shows of a room: a window on its messages, and who is there.

    The room, with its revision and last ordinal, was read before the messages. `client_id` is what the form posts
    under, `close_url` is the page without this pane, which the first cannot do without. `beside` are the other rooms of
    the page.
    """

    room: Room
    messages: list[Message]
    marked: int | None
    beside: list[int]
    people: People
    may_set_level: bool
    close_url: str | None
    client_id: str

    @property
    def has_earlier(self) -> bool:
        return bool(self.messages) and self.messages[0].ordinal > 1

    @property
    def at_newest(self) -> bool:
        return not self.messages or self.messages[-1].ordinal >= self.room.last_ordinal

    @property
    def earlier_url(self) -> str:
        return self._url(before=self.messages[0].ordinal if self.messages else 0)

    @property
    def later_url(self) -> str:
        return self._url(after=self.messages[-1].ordinal if self.messages else 0)

    @property
    def newest_url(self) -> str:
        return self._url(newest=1)

    def _url(self, **window: Any) -> str:
        return url_for("rooms.show", room_id=self.room.id, beside=self.beside, **window)

    @property
    def may_write(self) -> bool:
        return not self.room.archived


def open_panes(user: User, room_ids: list[int], window: Window) -> list[Pane]:
    """The room itself and those beside it; the window is on the first one's messages.

    Raises `NotFound` for the first; a neighbour that is gone is left out.
    """
    # Twice the same room would be two elements with one id.
    first, *others = list(dict.fromkeys(room_ids))[:PANES_LIMIT]
    rooms = [Room.find_for(user, first)]
    for room_id in others:
        with contextlib.suppress(NotFound):
            rooms.append(Room.find_for(user, room_id))
    return [_open(user, rooms, place, Window() if place else window) for place in range(len(rooms))]


def _open(user: User, rooms: list[Room], place: int, window: Window) -> Pane:
    room = rooms[place]
    others = [other.id for other in rooms[1:] if other is not room]
    return Pane(
        room=room,
        messages=window.messages(room),
        marked=window.marked,
        beside=[other.id for other in rooms if other is not room],
        people=People.of(room.id, realtime.here.people(room.id), user.id),
        may_set_level=user.is_staff,
        close_url=url_for("rooms.show", room_id=rooms[0].id, beside=others) if place else None,
        client_id=str(uuid4()),
    )
