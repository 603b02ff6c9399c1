"""How a socket ends: what was said before still counts, and nothing stays behind."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from multichat.database import db
from multichat.extensions import realtime
from multichat.messages.changes import post
from multichat.models import Message, Room, User
from multichat.realtime.connection import SILENCE_SECONDS
from multichat.realtime.roster import Lease, MemoryRoster
from tests.realtime.doubles import CLOSE, TEXT, Client, Clock
from tests.support.person import Person
from tests.support.waiting import wait_until

HANDSHAKE = {
    "Origin": "http://localhost",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
}


class Tab:
    """A person's socket, served by the whole application in a thread of its own, as the gthread worker does.

    The worker's own threads do not run: whoever waits for a frame does their work.
    """

    def __init__(self, person: Person) -> None:
        self._app = person.app
        self._ours, theirs = socket.socketpair()
        self.client = Client(theirs)
        self._handler = threading.Thread(target=self._serve, args=(person,), daemon=True)
        self._handler.start()
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += theirs.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 ")

    def say(self, *commands: dict[str, object], close: int | None = None) -> None:
        """All of it in one packet."""
        frames = [_masked(TEXT, json.dumps(command).encode()) for command in commands]
        if close is not None:
            frames.append(_masked(CLOSE, struct.pack("!H", close)))
        self.client.sock.sendall(b"".join(frames))

    def join(self, room: Room) -> None:
        self.say({"command": "join", "room": room.id, "after": 0})
        wait_until(self._is_shown_the_roster)

    def _is_shown_the_roster(self) -> bool:
        with self._app.app_context():
            realtime.keeper.keep()
            realtime.hub.fan_out()
        return any("-roster" in html for html in self.client.received())

    def ends(self) -> None:
        """The handler is done, and has not failed."""
        self._handler.join(10)
        assert not self._handler.is_alive()

    def close(self) -> None:
        self.client.close()
        self.ends()
        self._ours.close()

    def _serve(self, person: Person) -> None:
        person.client.get("/ws", headers=HANDSHAKE, environ_overrides={"werkzeug.socket": self._ours})


@pytest.fixture
def tab(app: Flask, lobby: Room, alice: Person) -> Iterator[Tab]:
    """alice's."""
    app.extensions["realtime"]._started = True
    with app.app_context():
        realtime.bus.start(realtime.hub)
    tab = Tab(alice)
    yield tab
    tab.close()


def bodies(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Message.body).order_by(Message.ordinal)))


def send(room: Room, body: str) -> dict[str, object]:
    return {"command": "send", "room": room.id, "body": body, "client_id": str(uuid4())}


def test_what_was_said_right_before_the_tab_was_closed_is_stored(tab: Tab, app: Flask, lobby: Room) -> None:
    tab.join(lobby)
    tab.say(send(lobby, "one more thing"), send(lobby, "bye"), close=1001)
    assert tab.client.close_code() == 1001
    tab.client.close()
    tab.ends()
    assert bodies(app) == ["one more thing", "bye"]


def test_what_was_said_before_the_network_was_gone_is_stored(tab: Tab, app: Flask, lobby: Room) -> None:
    tab.join(lobby)
    tab.say(send(lobby, "one more thing"), send(lobby, "bye"))
    tab.client.close()
    tab.ends()
    assert bodies(app) == ["one more thing", "bye"]


def test_nobody_is_silent_while_their_commands_are_done(tab: Tab, app: Flask, lobby: Room) -> None:
    """A database this slow, that is; the sweep looks while it works."""
    tab.join(lobby)
    clock = Clock()
    with app.app_context():
        (connection,) = realtime.hub.connections()
        engine = db.engine
    connection._clock = clock.clock
    connection.heard()

    def work(*execution: object) -> None:
        if str(execution[2]).startswith("INSERT INTO messages"):
            clock.sleep(SILENCE_SECONDS - 1)
            connection.tend(clock.now)

    event.listen(engine, "before_cursor_execute", work)
    said = ["one", "two", "three"]
    tab.say(*(send(lobby, body) for body in said))
    wait_until(lambda: bodies(app) == said)
    assert connection.closing is None
    connection.tend(clock.now + SILENCE_SECONDS + 1)
    assert connection.closing is not None, "the sweep is on the same clock"


def test_what_is_said_after_we_closed_is_not_heard(tab: Tab, app: Flask, lobby: Room) -> None:
    tab.join(lobby)
    with app.app_context():
        (connection,) = realtime.hub.connections()
    connection.shut(1012)
    tab.say(send(lobby, "too late"), close=1012)
    assert tab.client.close_code() == 1012
    tab.client.close()
    tab.ends()
    assert bodies(app) == []


def test_what_was_said_after_a_join_right_before_the_tab_was_closed_is_stored(
    tab: Tab, app: Flask, lobby: Room
) -> None:
    """The join has something to write, and nowhere to write it."""
    with app.app_context():
        post(lobby, User.get(1), "before", uuid4())
    join = {"command": "join", "room": lobby.id, "after": 0}
    tab.say(join, send(lobby, "bye"), close=1001)
    assert tab.client.close_code() == 1001
    tab.client.close()
    tab.ends()
    assert bodies(app) == ["before", "bye"]


def test_a_command_that_fails_with_the_system_is_a_fault_and_no_end_of_file(
    tab: Tab, app: Flask, lobby: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("multichat.sockets.commands.read_command", fail)
    tab.say(send(lobby, "hello"))
    assert tab.client.close_code() == 1011
    assert "no space left on device" in caplog.text
    tab.client.close()
    tab.ends()


class FailingRoster(MemoryRoster):
    """Cannot be told that somebody left."""

    def leave(self, lease: Lease) -> None:
        raise OperationalError("SELECT bus_prefix", {}, Exception("the database is away"))


def test_a_socket_whose_leaving_fails_is_let_go_all_the_same(
    tab: Tab, app: Flask, lobby: Room, caplog: pytest.LogCaptureFixture
) -> None:
    app.extensions["attendance"]._roster = FailingRoster()
    tab.join(lobby)
    tab.say(close=1000)
    assert tab.client.close_code() == 1000
    assert tab.client.at_end()
    tab.client.close()
    tab.ends()
    with app.app_context():
        assert realtime.hub.connections() == []
    assert "A socket failed to leave its rooms" in caplog.text


def test_a_worker_that_cannot_begin_to_listen_says_so_in_a_close(
    app: Flask, lobby: Room, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """And not in a page of HTML, which no socket understands."""

    class Unstartable(type(app.extensions["realtime"])):  # type: ignore[misc]
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    app.extensions["realtime"].__class__ = Unstartable
    tab = Tab(alice)
    assert tab.client.close_code() == 1011
    tab.close()
    assert "A socket failed" in caplog.text


def _masked(opcode: int, payload: bytes) -> bytes:
    """A client's frame (RFC 6455, section 5.2), masked with zeros."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0x80 | 126, len(payload))
    return bytes([0x80 | opcode]) + size + b"\0\0\0\0" + payload
