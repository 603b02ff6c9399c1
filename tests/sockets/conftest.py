"""Commands without a server: their connections are one end of a socket pair, and the hub moves when it is told to."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from multichat.database import db
from multichat.models import Rights, Room, SignIn
from multichat.realtime import Realtime
from multichat.realtime.connection import Connection
from multichat.sockets.commands import Commands
from tests.realtime.doubles import Client
from tests.support.markup import parse
from tests.support.person import Person


class Tab:
    """A person's connection, signed in."""

    def __init__(self, app: Flask, person: Person) -> None:
        self.app = app
        self.realtime: Realtime = app.extensions["realtime"]
        self.sockets = socket.socketpair()
        self.connection = Connection(self.sockets[0])
        self.client = Client(self.sockets[1])
        self.signals: list[str] = []
        with app.app_context():
            sign_in = SignIn.find(person.token)
            assert sign_in is not None
            self.connection.user_id, self.connection.sign_in_id = person.id, sign_in.id
            standing = Rights.standings([sign_in.id])[sign_in.id]
        self.realtime.hub.add(self.connection)
        self.realtime.hub.listen(self.connection, standing.user_id, standing.rooms)
        self.commands = Commands(app, self.connection, person.token)

    def do(self, command: str, **fields: Any) -> list[str]:
        """Give a command; what comes of it."""
        return self.take(json.dumps({"command": command} | fields))

    def take(self, data: str | bytes) -> list[str]:
        self.handle(data)
        return self.heard()

    def handle(self, data: str | bytes) -> None:
        with self.app.app_context():  # the request's own, which lasts as long as the socket
            self.commands.handle(data)

    def heard(self) -> list[str]:
        """What came since one last listened."""
        self.realtime.hub.fan_out()
        frames = self.client.received()
        # What is for the sidebar comes between, and whenever a second is over.
        self.signals += [frame for frame in frames if '"beforeend:#room-states"' in frame]
        return [frame for frame in frames if frame not in self.signals]

    def say(self, room: Room, body: str = "hi", **fields: Any) -> list[str]:
        return self.do("send", **{"room": room.id, "body": body, "client_id": str(uuid4())} | fields)

    def close(self) -> None:
        with self.app.app_context():
            self.commands.leave_all()
        self.realtime.hub.remove(self.connection)
        for end in self.sockets:
            end.close()


def code(frames: list[str]) -> str | None:
    """The code of the one error that came; none if nothing but something else came."""
    errors = [error["data-code"] for frame in frames for error in parse(frame).all("p", class_="error")]
    assert len(errors) <= 1
    return errors[0] if errors else None


@pytest.fixture
def tab(app: Flask) -> Iterator[Callable[..., Tab]]:
    """Opens tabs. Somebody has every room open already: a room's first join would wait for the keeper's thread."""
    realtime: Realtime = app.extensions["realtime"]
    realtime.bus.start(realtime.hub)
    opened: list[Tab] = []
    ends = socket.socketpair()
    somebody = Connection(ends[0])
    realtime.hub.add(somebody)

    def tab(person: Person, *rooms: Room) -> Tab:
        """A tab that has joined these rooms; everybody has heard what there was to hear of it."""
        with app.app_context():
            for room_id in db.session.scalars(select(Room.id)):
                realtime.hub.join(somebody, room_id)
        realtime.keeper.keep()
        opened.append(Tab(app, person))
        for room in rooms:
            assert code(opened[-1].do("join", room=room.id)) is None
        for other in opened:
            other.heard()
        return opened[-1]

    yield tab
    for one in opened:
        one.close()
    for end in ends:
        end.close()
