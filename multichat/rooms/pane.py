"""A pane: one room on a page that may show several beside each other."""

from dataclasses import dataclass
from uuid import uuid4

from flask import url_for

from multichat.extensions import realtime
from multichat.models import Message, Room, User

PAGE_SIZE = 50
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
    roster: list[User]
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
    """The room itself and those beside it; `before` looks at the first one's history. Raises `NotFound`."""
    # Twice the same room would be two elements with one id.
    room_ids = list(dict.fromkeys(room_ids))[:PANES_LIMIT]
    return [_open(user, room_ids, place, before if place == 0 else None) for place in range(len(room_ids))]


def _open(user: User, room_ids: list[int], place: int, before: int | None) -> Pane:
    room = Room.find_for(user, room_ids[place])
    if before is not None:
        before = min(max(before, 1), room.last_ordinal + 1)  # an address may name numbers that no database takes
    messages = Message.latest(room.id, PAGE_SIZE, before)
    others = [room_id for room_id in room_ids[1:] if room_id != room.id]
    return Pane(
        room=room,
        messages=messages,
        revision=room.revision,
        roster=User.with_ids(realtime.here.people(room.id)),
        at_newest=before is None or before > room.last_ordinal,
        may_set_level=user.is_staff,
        close_url=url_for("rooms.show", room_id=room_ids[0], beside=others) if place else None,
        client_id=str(uuid4()),
    )
