"""A pane: one room on a page that may show several beside each other."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import url_for

from multichat.extensions import realtime
from multichat.models import Membership, Message, NotFound, People, Room, User
from multichat.rooms.window import Window

PANES_LIMIT = 3


@dataclass(frozen=True)
class Pane:
    """What a page shows of a room: a window on its messages, and who is there.

    The room, with its revision and last ordinal, was read before the messages. `client_id` is what the form posts
    under, `close_url` is the page without this pane, which the first cannot do without. `beside` are the other rooms of
    the page. `marked` is the ordinal that the page was opened for, `unread` the first that its reader has not read,
    and `at_unread` that the window is where that is.
    """

    room: Room
    messages: list[Message]
    marked: int | None
    unread: int | None
    at_unread: bool
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


def open_panes(
    user: User, memberships: Mapping[int, Membership], room_ids: list[int], window: Window | None
) -> list[Pane]:
    """The room itself and those beside it; the window is on the first one's messages, none is on what is new.

    Raises `NotFound` for the first; a neighbour that is gone is left out.
    """
    # Twice the same room would be two elements with one id.
    first, *others = list(dict.fromkeys(room_ids))[:PANES_LIMIT]
    rooms = [Room.find_for(user, first)]
    for room_id in others:
        with contextlib.suppress(NotFound):
            rooms.append(Room.find_for(user, room_id))
    return [_open(user, memberships, rooms, place, None if place else window) for place in range(len(rooms))]


def _open(
    user: User, memberships: Mapping[int, Membership], rooms: list[Room], place: int, window: Window | None
) -> Pane:
    room = rooms[place]
    unread = _first_unread(room, memberships.get(room.id))
    others = [other.id for other in rooms[1:] if other is not room]
    return Pane(
        room=room,
        messages=(window or Window(unread=unread)).messages(room),
        marked=window.marked if window else None,
        unread=unread,
        at_unread=window is None and unread is not None,
        beside=[other.id for other in rooms if other is not room],
        people=People.of(room.id, realtime.here.people(room.id), user.id),
        may_set_level=user.is_staff,
        close_url=url_for("rooms.show", room_id=rooms[0].id, beside=others) if place else None,
        client_id=str(uuid4()),
    )


def _first_unread(room: Room, membership: Membership | None) -> int | None:
    if membership is None or membership.last_read >= room.last_ordinal:
        return None
    return membership.last_read + 1
