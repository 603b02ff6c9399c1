"""What everybody did and saw, in the order in which it happened, on one clock.

`time.monotonic` is one clock for all processes of a machine. Who logs only appends; what it means is the checker's.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a frame or a page shows it; digests stand for what it says, its reactions, and all the rest."""

    id: int
    ordinal: int
    revision: int
    author_id: int
    client_id: str
    digest: int = 0
    content: int = 0
    reactions: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What a frame has of a message that is at `previous` before it: its content, or its reactions."""

    ordinal: int
    previous: int
    digest: int


@dataclass(frozen=True, slots=True)
class Event:
    at: float
    client: str


@dataclass(frozen=True, slots=True)
class Began(Event):
    """A page was loaded: it has the room up to this revision."""

    person: int
    room: int
    revision: int
    messages: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent(Event):
    """A message was handed to the socket, for the first time or once more."""

    person: int
    room: int
    client_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Edited(Event):
    """Another text was handed to the socket for a message."""

    room: int
    ordinal: int
    body: str


@dataclass(frozen=True, slots=True)
class Acknowledged(Event):
    """The sender saw its own message come back."""

    client_id: str


@dataclass(frozen=True, slots=True)
class Refused(Event):
    """The sender was told that it will not be stored."""

    client_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Received(Event):
    """A frame of the log. `kind`: append, upsert or reset, with messages; content or reactions, with a part."""

    room: int
    kind: str
    revision: int
    messages: tuple[Shown, ...]
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Connected(Event):
    """The handshake is done."""


@dataclass(frozen=True, slots=True)
class CaughtUp(Event):
    """What the room did meanwhile is here, and what it does now will come."""

    room: int


@dataclass(frozen=True, slots=True)
class Disconnected(Event):
    """With the close frame's code; 1006 when there was none."""

    code: int


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """The client was told that the room is not open to it any more."""

    room: int


@dataclass(frozen=True, slots=True)
class Left(Event):
    """It went for good, by its own will: it is owed nothing after this."""


@dataclass(frozen=True, slots=True)
class RightLost(Event):
    """From here on this person may not see the room; of whoever took it, not of a client."""

    person: int
    room: int


E = TypeVar("E", bound=Event)


@dataclass
class History:
    """Everything that happened in a run."""

    events: list[Event] = field(default_factory=list)

    def log(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[E]) -> Iterator[E]:
        return (event for event in self.events if isinstance(event, kind))

    def lose_right(self, person: int, room: int) -> None:
        """To be called when the change is committed."""
        self.log(RightLost(time.monotonic(), "", person, room))

    def write(self, path: Path) -> None:
        """As lines of JSON, for whoever has to find out what went wrong."""
        with path.open("w", encoding="utf-8") as file:
            for event in self.events:
                file.write(json.dumps({"event": type(event).__name__, **asdict(event)}) + "\n")
