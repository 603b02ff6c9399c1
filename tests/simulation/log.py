"""The log, in memory: slow at times, and away at others."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from multichat.realtime.log import Changes, LogUnavailable, Page, State
from tests.simulation.world import World

# Small ones, so that short histories reach them.
CHANGES_LIMIT = 8
PAGE_SIZE = 12


@dataclass
class Message:
    """`content` is what it says and how often it was edited; a deleted one has none."""

    room_id: int
    ordinal: int
    revision: int
    content: list[Any] | None
    client_id: str
    # Emoji, each with who put it there.
    reactions: dict[str, list[int]] = field(default_factory=dict)

    @property
    def row(self) -> list[Any]:
        return [self.revision, self.ordinal, self.content, self.reactions, self.client_id]

    def frame(self, kind: str) -> str:
        return json.dumps([kind, self.room_id, *self.row])

    def part(self, kind: str, previous: int) -> str:
        """Its content, or its reactions, for whoever has it at the revision before."""
        part = self.content if kind == "content" else self.reactions
        return json.dumps([kind, self.room_id, self.revision, self.ordinal, previous, part])


@dataclass
class RoomLog:
    revision: int = 0
    messages: list[Message] = field(default_factory=list)


class Log:
    """The database. A read takes its time between its statements; each of them, and a commit, is one step."""

    def __init__(self, world: World, room_ids: Collection[int]) -> None:
        self.rooms = {room_id: RoomLog() for room_id in room_ids}
        self.rights = 1
        self.away = False
        self.stored: dict[str, Message] = {}
        # Who may not see a room, and since when; and until when the database, by being away, excused a late check.
        self.denied: dict[tuple[int, int], float] = {}
        self.excused_until = 0.0
        self.committed_at: dict[tuple[int, int], float] = {}
        self._world = world

    # What a worker does

    def post(self, room_id: int, body: str, client_id: str) -> tuple[Message, bool]:
        """The message, and whether it was stored before."""
        self._read()
        if client_id in self.stored:
            return self.stored[client_id], True
        room = self.rooms[room_id]
        message = Message(room_id, len(room.messages) + 1, self._next(room_id), [body, 0], client_id)
        room.messages.append(message)
        self.stored[client_id] = message
        return message, False

    def edit(self, room_id: int, ordinal: int, body: str) -> tuple[Message, int] | None:
        """The message, and its revision before; none for what is deleted."""
        self._read()
        message = self.rooms[room_id].messages[ordinal - 1]
        if message.content is None:
            return None
        before = self._change(message)
        message.content = [body, message.content[1] + 1]
        return message, before

    def react(self, room_id: int, ordinal: int, user_id: int, emoji: str) -> tuple[Message, int] | None:
        """Put it there, or take it away; the message and its revision before. None for what is deleted."""
        self._read()
        message = self.rooms[room_id].messages[ordinal - 1]
        if message.content is None:
            return None
        before = self._change(message)
        people = message.reactions.get(emoji, [])
        people = [*people, user_id] if user_id not in people else [other for other in people if other != user_id]
        message.reactions = {name: ids for name, ids in (message.reactions | {emoji: people}).items() if ids}
        return message, before

    def delete(self, room_id: int, ordinal: int) -> Message:
        self._read()
        message = self.rooms[room_id].messages[ordinal - 1]
        self._change(message)
        message.content, message.reactions = None, {}
        return message

    def may_see(self, user_id: int, room_id: int) -> bool:
        self._read()
        return (user_id, room_id) not in self.denied

    def deny(self, user_id: int, room_id: int) -> None:
        self.denied.setdefault((user_id, room_id), self._world.now)
        self.rights += 1

    def allow(self, user_id: int, room_id: int) -> None:
        self.denied.pop((user_id, room_id), None)
        self.rights += 1

    # What the keeper reads

    def state(self, room_ids: Collection[int]) -> State:
        self._read()
        state = State(self.rights, {room_id: self.rooms[room_id].revision for room_id in room_ids})
        self._world.sleep(self._latency())
        return state

    def changes(self, room_id: int, after: int) -> Changes | None:
        self._read()
        room = self.rooms[room_id]
        revision = room.revision
        changed = [message.ordinal for message in room.messages if message.revision > after]
        if after > revision or len(changed) > CHANGES_LIMIT:
            return None
        self._world.sleep(self._latency())
        read = [room.messages[ordinal - 1] for ordinal in changed]
        upserts = sorted((message.revision, message.frame("upsert")) for message in read)
        self._world.sleep(self._latency())
        return Changes(revision, [(at, frame) for at, frame in upserts if at <= revision])

    def page(self, room_id: int) -> Page:
        self._read()
        room = self.rooms[room_id]
        revision = room.revision
        self._world.sleep(self._latency())
        rows = [message.row for message in room.messages[-PAGE_SIZE:]]
        return Page(revision, json.dumps(["reset", room_id, revision, rows]))

    def _read(self) -> None:
        self._world.sleep(self._latency())
        if self.away:
            raise LogUnavailable("the database is away")

    def _latency(self) -> float:
        return self._world.chance.choice((0.0, 0.001, 0.02))

    def _change(self, message: Message) -> int:
        """Move it to the next revision; the one before."""
        before, message.revision = message.revision, self._next(message.room_id)
        return before

    def _next(self, room_id: int) -> int:
        room = self.rooms[room_id]
        room.revision += 1
        self.committed_at[room_id, room.revision] = self._world.now
        return room.revision
