"""What a list can be narrowed to: controls above it, each with a name of its own in the address."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask_admin.model.filters import BaseFilter
from sqlalchemy import ColumnExpressionArgument, select
from sqlalchemy.orm import InstrumentedAttribute, Query

from multichat.database import db
from multichat.models import Access, Message, Room, User
from multichat.models.names import name_key

DAY = timedelta(days=1)


class Filter(BaseFilter):
    """`control` says how the template asks for it. `validate` is true unless `condition` raises ValueError."""

    control = "text"

    def __init__(self, argument: str, name: str) -> None:
        super().__init__(name)
        self.argument = argument

    def operation(self) -> str:
        return ""

    def clean(self, value: str) -> ColumnExpressionArgument[bool]:
        """The condition. Raises ValueError."""
        raise NotImplementedError

    def apply(self, query: "Query[Any]", value: ColumnExpressionArgument[bool], alias: None = None) -> "Query[Any]":
        return query.filter(value)


class Choice(Filter):
    """One of a few; `choices` maps each value to its label and its condition."""

    control = "select"

    def __init__(
        self,
        argument: str,
        name: str,
        choices: dict[str, tuple[str, ColumnExpressionArgument[bool]]],
    ) -> None:
        super().__init__(argument, name)
        self._choices = choices

    def choices(self) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self._choices.items()]

    def clean(self, value: str) -> ColumnExpressionArgument[bool]:
        if value not in self._choices:
            raise ValueError
        return self._choices[value][1]


class InRoom(Filter):
    """One of the rooms with these kinds of access, asked for anew for each page."""

    control = "select"

    def __init__(self, argument: str, name: str, access: tuple[Access, ...]) -> None:
        super().__init__(argument, name)
        self._access = access

    def choices(self) -> list[tuple[str, str]]:
        rooms = db.session.execute(
            select(Room.id, Room.name).where(Room.access.in_(self._access)).order_by(Room.name_key, Room.id)
        )
        return [(str(room_id), name) for room_id, name in rooms]

    def clean(self, value: str) -> ColumnExpressionArgument[bool]:
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise ValueError
        return Message.room_id == int(value)


class Author(Filter):
    """Whoever has this in their username or display name."""

    def clean(self, value: str) -> ColumnExpressionArgument[bool]:
        named = User.username_key.contains(name_key(value), autoescape=True)
        called = User.display_name.icontains(value, autoescape=True)
        return Message.author_id.in_(select(User.id).where(named | called))


class Since(Filter):
    """That day (UTC) and later."""

    control = "date"

    def __init__(self, argument: str, name: str, column: "InstrumentedAttribute[datetime]") -> None:
        super().__init__(argument, name)
        self._column = column

    def clean(self, value: str) -> ColumnExpressionArgument[bool]:
        return self._column >= _midnight(value)


class Until(Since):
    """That day (UTC) and earlier."""

    def clean(self, value: str) -> ColumnExpressionArgument[bool]:
        return self._column < _midnight(value) + DAY


def _midnight(value: str) -> datetime:
    midnight = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    # PostgreSQL's zone arithmetic ends where Python's does; no message is so old or so new.
    if not 1970 <= midnight.year < 9999:
        raise ValueError
    return midnight
