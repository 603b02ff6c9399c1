"""A page: somebody's browser, which checks each time it looks that what it shows is true."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.house import House
from tests.simulation.log import PAGE_SIZE, Message
from tests.simulation.socket import Socket, frames_in
from tests.simulation.world import Violation

# The server is heard each 20 s at least; a page that hears nothing comes back by itself.
LONGEST_WAIT_SECONDS = 45.0
BACKOFF_SECONDS = 5.0


@dataclass
class Element:
    """A message as the page shows it; what is deleted has no content."""

    revision: int
    content: list[Any] | None
    reactions: dict[str, list[int]]


@dataclass
class Timeline:
    """One room on the page, and what it waits to see acknowledged."""

    cursor: int = 0
    lowest: int = 1
    elements: dict[int, Element] = field(default_factory=dict)
    # Messages of which a part came that the page could not use, and that part's revision: it has asked for them.
    stale: dict[int, int] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    joined: bool = False
    # The last revision that came on this connection; none once it joined a second time, as some then come again.
    streamed: int | None = 0

    @property
    def has_up_to(self) -> int:
        """The revision of which it can say that it has everything up to it."""
        return min([self.cursor, *(revision - 1 for revision in self.stale.values())])


class Page:
    def __init__(self, house: House, user_id: int, room_ids: list[int]) -> None:
        self.user_id = user_id
        self.timelines = {room_id: self._fresh(house, room_id) for room_id in room_ids}
        self.acknowledged: set[str] = set()
        # It reads nothing until then.
        self.stalled_until = 0.0
        self._house = house
        self._world = house.world
        self._numbers = itertools.count()
        self._socket: Socket | None = None
        self._world.spawn(self._live)
        self._world.spawn(self._watch)

    # Its person

    def send(self, room_id: int) -> None:
        client_id = f"{self.user_id}-{next(self._numbers)}"
        self.timelines[room_id].pending[client_id] = body = f"body of {client_id}"
        self._say("send", room_id, body=body, client_id=client_id)

    def type(self, room_id: int) -> None:
        self._say("typing", room_id)

    def leave(self, room_id: int) -> None:
        self._say("leave", room_id)
        self.timelines[room_id].joined = False

    def join(self, room_id: int) -> None:
        timeline = self.timelines[room_id]
        timeline.streamed = None
        timeline.joined = True
        self._say("join", room_id, after=timeline.has_up_to)
        self._send_again(room_id)

    def _send_again(self, room_id: int) -> None:
        for client_id, body in self.timelines[room_id].pending.items():
            self._say("send", room_id, body=body, client_id=client_id)

    def lose_network(self) -> None:
        if self._socket is not None:
            self._socket.cut() if self._world.chance.random() < 0.7 else self._vanish(self._socket)

    def _vanish(self, sock: Socket) -> None:
        sock.vanish()
        self._socket = None

    # Its script

    def _live(self) -> None:
        chance = self._world.chance
        while True:
            self._socket = sock = self._house.accept(self.user_id)
            self._heard_at = self._world.now
            unread = bytearray()
            for room_id, timeline in self.timelines.items():
                self.join(room_id)
                timeline.streamed = 0
            while self._socket is sock and (taken := sock.take(chance.choice((7, 200, 100_000)))) is not None:
                if self._socket is not sock:
                    break
                self._heard_at = self._world.now
                unread += taken
                frames = frames_in(unread)
                for frame in frames:
                    self._take(frame)
                if b"close" in frames:
                    break
                if (wait := self.stalled_until - self._world.now) > 0:
                    self._world.sleep(wait)
            if self._socket is sock:
                sock.cut()
                self._socket = None
            for timeline in self.timelines.values():
                timeline.joined = False
            self._world.sleep(chance.random() * BACKOFF_SECONDS)

    def _watch(self) -> None:
        """Rejoins rooms that were closed to it, and gives up a server that says nothing."""
        while True:
            self._world.sleep(1.0 + self._world.chance.random())
            if self._socket is not None and self._world.now - self._heard_at > LONGEST_WAIT_SECONDS:
                self._socket.cut()
            for room_id, timeline in self.timelines.items():
                if not timeline.joined and self._socket is not None:
                    self.join(room_id)

    def _say(self, command: str, room_id: int, **fields: Any) -> None:
        if self._socket is not None:
            self._socket.say({"command": command, "room": room_id, **fields})

    def _take(self, frame: bytes) -> None:
        if frame == b"" and self._socket is not None:
            self._socket.say({"command": "pong"})
        if frame[:1] != b"[":
            return
        try:
            kind, room_id, *rest = json.loads(frame)
        except ValueError as error:
            raise Violation(f"what came is no frame: {frame!r}") from error
        timeline = self.timelines[room_id]
        if kind == "refused":
            timeline.joined = False
        elif kind == "typing":
            if self._socket is not None and rest[0] == self._socket.connection_id:
                raise Violation(f"{self.user_id} is told of their own typing")
        elif kind == "reset":
            revision, rows = rest
            timeline.elements = {ordinal: Element(at, *look) for at, ordinal, *look, _ in rows}
            timeline.lowest = min(timeline.elements, default=1)
            timeline.cursor = revision
            timeline.streamed = timeline.streamed and revision
            timeline.stale = {ordinal: at for ordinal, at in timeline.stale.items() if at > revision}
            for *_, client_id in rows:
                self._acknowledge(timeline, client_id)
            # What is stored may be too old for the page that it brought.
            self._send_again(room_id)
            self._check(room_id)
        else:
            revision, ordinal, *look = rest
            self._stream(room_id, kind, revision)
            if kind in ("content", "reactions"):
                self._change_part(room_id, kind, ordinal, revision, *look)
            else:
                content, reactions, client_id = look
                element = timeline.elements.get(ordinal)
                if ordinal >= timeline.lowest and (element is None or revision > element.revision):
                    timeline.elements[ordinal] = Element(revision, content, reactions)
                    if timeline.stale.get(ordinal, 0) <= revision:
                        timeline.stale.pop(ordinal, None)
                self._acknowledge(timeline, client_id)
            timeline.cursor = max(timeline.cursor, revision)
            self._check(room_id)

    def _stream(self, room_id: int, kind: str, revision: int) -> None:
        timeline = self.timelines[room_id]
        if kind == "answer":
            if revision > timeline.cursor:
                raise Violation(f"room {room_id}: an answer of revision {revision} came at {timeline.cursor}")
        elif timeline.streamed is not None:
            if revision <= timeline.streamed:
                raise Violation(f"room {room_id}: revision {revision} came after {timeline.streamed}")
            timeline.streamed = revision

    def _change_part(self, room_id: int, kind: str, ordinal: int, revision: int, previous: int, part: Any) -> None:
        """Where the message stands as it was before; else the page asks for it, unless it is out of sight."""
        timeline = self.timelines[room_id]
        if ordinal < timeline.lowest:
            return
        element = timeline.elements.get(ordinal)
        if element is not None and element.revision >= revision:
            return
        if not fits(element, previous):
            timeline.stale[ordinal] = revision
            self._ask_for(room_id)
        elif element is not None:
            # A new one: it may be a frame's own that another page has too.
            content, reactions = (part, element.reactions) if kind == "content" else (element.content, part)
            timeline.elements[ordinal] = Element(revision, content, reactions)

    def _ask_for(self, room_id: int) -> None:
        """Join again from before a change that could not be shown."""
        timeline = self.timelines[room_id]
        timeline.streamed = None
        self._say("join", room_id, after=timeline.has_up_to)

    def _acknowledge(self, timeline: Timeline, client_id: str) -> None:
        if timeline.pending.pop(client_id, None) is not None:
            self.acknowledged.add(client_id)

    # What must hold

    def _check(self, room_id: int) -> None:
        """I have everything up to my cursor: whatever has not changed since is here, as it is."""
        timeline = self.timelines[room_id]
        for message in self._house.log.rooms[room_id].messages:
            ordinal = message.ordinal
            if timeline.lowest <= ordinal and message.revision <= timeline.cursor and ordinal not in timeline.stale:
                shown = timeline.elements.get(ordinal)
                if shown != element_of(message):
                    raise Violation(
                        f"room {room_id}: a page at {timeline.cursor} shows {shown} for message {ordinal},"
                        f" which has been {element_of(message)} since {message.revision}"
                    )

    def check_end(self) -> None:
        """All is quiet: the page is as a fresh one, and nothing waits."""
        if self._socket is None:
            raise Violation(f"page {self.user_id} never came back")
        for room_id, timeline in self.timelines.items():
            fresh = self._fresh(self._house, room_id)
            if timeline.pending:
                raise Violation(f"page {self.user_id} still waits for {list(timeline.pending)}")
            if timeline.cursor != fresh.cursor:
                raise Violation(f"page {self.user_id} is at {timeline.cursor} of {fresh.cursor}")
            latest = {ordinal: timeline.elements.get(ordinal) for ordinal in fresh.elements}
            if latest != fresh.elements:
                raise Violation(f"page {self.user_id} shows {latest}, and a fresh one {fresh.elements}")
        lost = [client_id for client_id in self.acknowledged if client_id not in self._house.log.stored]
        if lost:
            raise Violation(f"acknowledged and not stored: {lost}")

    def _fresh(self, house: House, room_id: int) -> Timeline:
        room = house.log.rooms[room_id]
        elements = {message.ordinal: element_of(message) for message in room.messages[-PAGE_SIZE:]}
        return Timeline(room.revision, min(elements, default=1), elements)


def element_of(message: Message) -> Element:
    return Element(message.revision, message.content, message.reactions)


def fits(element: Element | None, previous: int) -> bool:
    """Whether a part that goes on from that revision can be put into what stands there."""
    return element is not None and element.revision == previous
