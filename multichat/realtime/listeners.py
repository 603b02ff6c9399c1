"""Who listens to the topics that have no log: a person's own, and that of each room in somebody's list of rooms.

Bookkeeping alone: the hub calls it under its lock, brings the time and does the I/O.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from multichat.realtime.connection import Connection
from multichat.realtime.feed import Delivery
from multichat.realtime.frame import list_topic, user_topic

# When everybody comes at once each room's count of people changes each second, and everybody sees each room's: what
# came within so long goes out in one piece. A hundred rooms and 3,000 people were 300,000 deliveries a second.
LIST_SECONDS = 1.0


@dataclass(eq=False)
class Viewers:
    """Connections that see the same rooms in their list."""

    rooms: frozenset[int]
    connections: set[Connection] = field(default_factory=set)


class Listeners:
    """A connection has one person's topic and one set of rooms, which most of a server's connections share."""

    def __init__(self) -> None:
        self._known: dict[Connection, tuple[int, Viewers]] = {}
        self._by_person: dict[int, set[Connection]] = {}
        self._viewers: dict[frozenset[int], Viewers] = {}
        # In how many sets a room is.
        self._listed: Counter[int] = Counter()
        # Frames that wait: a person's until the next turn, and of each room the newest about each thing.
        self._own: dict[int, list[bytes]] = {}
        self._lists: dict[int, dict[str, bytes]] = {}
        self._lists_at = 0.0

    def put(self, connection: Connection, user_id: int, rooms: frozenset[int]) -> list[str]:
        """Let it listen to this person's topic and to these rooms', and to no other; the topics to look at again."""
        if (known := self._known.get(connection)) is not None and (known[0], known[1].rooms) == (user_id, rooms):
            return []
        gone = self.remove(connection)
        new = []
        viewers = self._viewers.get(rooms)
        if viewers is None:
            viewers = self._viewers[rooms] = Viewers(rooms)
            self._listed.update(rooms)
            new = [list_topic(room_id) for room_id in rooms if self._listed[room_id] == 1]
        viewers.connections.add(connection)
        if user_id not in self._by_person:
            self._by_person[user_id] = set()
            new.append(user_topic(user_id))
        self._by_person[user_id].add(connection)
        self._known[connection] = user_id, viewers
        return gone + new

    def remove(self, connection: Connection) -> list[str]:
        """The topics that nobody listens to any more."""
        known = self._known.pop(connection, None)
        if known is None:
            return []
        gone = []
        user_id, viewers = known
        viewers.connections.discard(connection)
        if not viewers.connections:
            del self._viewers[viewers.rooms]
            self._listed.subtract(viewers.rooms)
            ended = [room_id for room_id in viewers.rooms if not self._listed[room_id]]
            for room_id in ended:
                del self._listed[room_id]
            gone = [list_topic(room_id) for room_id in ended]
        self._by_person[user_id].discard(connection)
        if not self._by_person[user_id]:
            del self._by_person[user_id]
            gone.append(user_topic(user_id))
        return gone

    def of_person(self, user_id: int) -> set[Connection]:
        return self._by_person.get(user_id, set())

    def topics(self) -> list[str]:
        return [*map(user_topic, self._by_person), *map(list_topic, self._listed)]

    def receive(self, topic: str, about: str, data: bytes) -> bool:
        """Take a frame; False if nobody listens to its topic."""
        match topic.split(":"):
            case ["user", user_id] if int(user_id) in self._by_person:
                self._own.setdefault(int(user_id), []).append(data)
            case ["room", room_id, "list"] if int(room_id) in self._listed:
                self._lists.setdefault(int(room_id), {})[about] = data
            case _:
                return False
        return True

    def due_at(self) -> float | None:
        """When `take` will have something more; None while nothing waits."""
        return self._lists_at if self._lists else None

    def take(self, now: float) -> Iterable[Delivery]:
        """What is ready: a person's own at once, the lists' together and at most once in `LIST_SECONDS`.

        To be walked through outside of the lock: there may be as many sets of rooms as connections.
        """
        own = [(b"".join(frames), tuple(self.of_person(user_id))) for user_id, frames in self._own.items()]
        self._own.clear()
        if not self._lists or now < self._lists_at:
            return own
        audiences = [(viewers.rooms, tuple(viewers.connections)) for viewers in self._viewers.values()]
        lists = {room_id: b"".join(frames.values()) for room_id, frames in self._lists.items()}
        self._lists = {}
        self._lists_at = now + LIST_SECONDS
        return chain(own, _to_each(audiences, lists))


def _to_each(
    audiences: Iterable[tuple[frozenset[int], tuple[Connection, ...]]], lists: Mapping[int, bytes]
) -> Iterator[Delivery]:
    for rooms, connections in audiences:
        if seen := rooms & lists.keys():
            yield b"".join(lists[room_id] for room_id in seen), connections
