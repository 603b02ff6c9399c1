"""What is published, as another worker hears it; what is left of a text; and who is faster."""

import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from multichat.database import Base, db
from multichat.messages import changes
from multichat.messages.changes import delete, post
from multichat.models import Activity, Room
from multichat.realtime import Realtime
from multichat.realtime.bus import MemoryBus
from multichat.realtime.frame import Frame, list_topic, room_topic
from tests.support.markup import Element, parse
from tests.support.person import Person

Say = Callable[..., int]
DeleteMeanwhile = Callable[[Person, int], None]


class Ear:
    """Another worker, on which somebody is in the room."""

    def __init__(self, room: Room) -> None:
        self._room_id = room.id
        self.frames: list[Frame] = []

    def receive(self, frame: Frame) -> None:
        self.frames.append(frame)

    def subscribed(self, topic: str) -> None:
        pass

    def lost(self, topic: str) -> None:
        pass

    def topics(self) -> list[str]:
        return [room_topic(self._room_id), list_topic(self._room_id)]

    def log(self) -> list[Element]:
        """The frames of the room's log since one last listened, each by its envelope."""
        return [parse(frame.html).elements[0] for frame in self._taken() if frame.revision is not None]

    def concerned(self) -> list[tuple[str, str]]:
        """What concerned somebody since one last listened: the ordinal, and the ids of whom."""
        marks = [mark for frame in self._taken() for mark in parse(frame.html).all("i", data_people=None)]
        return [(mark["data-last-mention"] or "", mark["data-people"] or "") for mark in marks]

    def _taken(self) -> list[Frame]:
        frames, self.frames = self.frames, []
        return frames


@pytest.fixture
def ear(app: Flask, lobby: Room) -> Iterator[Ear]:
    realtime: Realtime = app.extensions["realtime"]
    assert isinstance(realtime.bus, MemoryBus)
    ear = Ear(lobby)
    bus = MemoryBus(realtime.bus._exchange)
    bus.start(ear)
    yield ear
    bus.close()


@pytest.fixture
def say(app: Flask, lobby: Room) -> Say:
    """Somebody says something in Lobby; the message's ordinal."""

    def say(person: Person, body: str = "hi", room: Room = lobby, **options: object) -> int:
        with app.app_context():
            return post(room, person.user, body, uuid4(), **options).message.ordinal  # type: ignore[arg-type]

    return say


@pytest.fixture
def traces(app: Flask) -> Callable[[str], list[str]]:
    """The tables in which a text is still to be found."""

    def traces(text: str) -> list[str]:
        with app.app_context():
            rows = {table.name: db.session.execute(select(table)).all() for table in Base.metadata.sorted_tables}
        return [name for name, of_table in rows.items() if text in repr(of_table)]

    return traces


@pytest.fixture
def concerns(app: Flask) -> Callable[[Room, int], dict[int, str]]:
    """Whom a message concerns, by id, and why."""

    def concerns(room: Room, ordinal: int) -> dict[int, str]:
        of_message = select(Activity.user_id, Activity.reason).filter_by(room_id=room.id, ordinal=ordinal)
        with app.app_context():
            return {user_id: reason.value for user_id, reason in db.session.execute(of_message)}

    return concerns


@pytest.fixture
def delete_meanwhile(app: Flask, lobby: Room, monkeypatch: pytest.MonkeyPatch) -> DeleteMeanwhile:
    """Somebody deletes a message of Lobby after whoever writes next has read it, and before they store anything."""

    def delete_meanwhile(person: Person, ordinal: int) -> None:
        address = changes.address

        def delete_it() -> None:
            with app.app_context():
                delete(lobby, person.user, ordinal)

        def meanwhile(*arguments: object) -> object:
            monkeypatch.undo()
            thread = threading.Thread(target=delete_it)
            thread.start()
            thread.join()
            return address(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(changes, "address", meanwhile)

    return delete_meanwhile
