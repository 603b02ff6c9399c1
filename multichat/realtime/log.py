"""What the fan-out asks of the database, handed in by `create_app`, since nothing here knows SQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class LogUnavailable(Exception):
    """The database did not answer; ask again."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the log stands: the version of the rights, and each room's revision; a deleted room has none."""

    rights: int
    revisions: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything after a revision, up to `revision`: upserts, each with the revision that it leads to, in order.

    What changed again meanwhile is left out, and comes with its later change.
    """

    revision: int
    upserts: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """The latest page of a room whole, as it stands at `revision`."""

    revision: int
    html: str


class Log(Protocol):
    """Every method raises `LogUnavailable`."""

    def state(self, room_ids: Collection[int]) -> State:
        """One query, asked every second."""

    def changes(self, room_id: int, after: int) -> Changes | None:
        """None when there are so many that a reset is less, or when the room has not come as far as `after`."""

    def page(self, room_id: int) -> Page: ...
