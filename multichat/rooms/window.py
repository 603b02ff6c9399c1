"""A window: which of a room's messages a page shows."""

from dataclasses import dataclass

from multichat.models import PAGE_SIZE, Message, NotFound, Room


@dataclass(frozen=True)
class Window:
    """The messages before an ordinal, after one, around a marked one, or else the newest, if the first that is `unread`
    is among them; or around that.

    An address may name numbers that are beyond the room's, and that no database takes: then it is the end or the
    beginning that they lie behind. Ordinals have no gaps, so that a window is a single look into the one index.
    """

    before: int | None = None
    after: int | None = None
    marked: int | None = None
    unread: int | None = None

    def messages(self, room: Room) -> list[Message]:
        """Oldest first, and none only of a room without any. Raises `NotFound` if there is no such message to mark."""
        if self.marked is not None:
            if not 1 <= self.marked <= room.last_ordinal:
                raise NotFound
            return _around(room, self.marked)
        if self.after is not None:
            return _following(room, self.after)
        if self.before is not None:
            return _preceding(room, self.before)
        if self.unread is not None and self.unread <= room.last_ordinal - PAGE_SIZE:
            return _around(room, self.unread)
        return Message.latest(room.id, PAGE_SIZE)


def _around(room: Room, ordinal: int) -> list[Message]:
    return _following(room, ordinal - 1 - PAGE_SIZE // 2)


def _following(room: Room, ordinal: int) -> list[Message]:
    return Message.following(room.id, PAGE_SIZE, max(min(ordinal, room.last_ordinal - PAGE_SIZE), 0))


def _preceding(room: Room, ordinal: int) -> list[Message]:
    if ordinal <= 1:
        return _following(room, 0)
    return Message.latest(room.id, PAGE_SIZE, min(ordinal, room.last_ordinal + 1))
