"""A person's tab without a browser: it comes back as the page does, and logs all that happens to it."""

import asyncio
import json
import random
import socket
import time
from dataclasses import dataclass
from uuid import UUID

from tests.faults import markup
from tests.faults.history import (
    Acknowledged,
    Began,
    CaughtUp,
    Closed,
    Connected,
    Disconnected,
    Edited,
    History,
    Left,
    Part,
    Received,
    Refused,
    Sent,
    Shown,
)
from tests.faults.markup import Page
from tests.faults.proxy import narrow_socket
from tests.faults.wire import Wire

# As static/js/connection.js has them.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 5.0
HANDSHAKE_SECONDS = 10.0
SILENCE_SECONDS = 45.0
FINAL = {4401, 4429}


@dataclass(frozen=True)
class Account:
    """Who somebody is, and the cookie of their sign-in."""

    id: int
    cookie: str


class Client:
    """One tab. All of it happens on the event loop.

    It joins with its cursor, sends again what was not acknowledged, and comes back after every close but the final
    ones: first within a second, later within five.
    """

    def __init__(self, name: str, account: Account, address: tuple[str, int], history: History, seed: int) -> None:
        self.name = name
        self.account = account
        self.address = address
        self.cursors: dict[int, int] = {}
        # What it sent and saw no answer to: client id, room and text, in order.
        self.pending: dict[str, tuple[int, str]] = {}
        self.caught_up: set[int] = set()
        # By room and ordinal: at which revision it has a message, and whose it is.
        self.messages: dict[int, dict[int, tuple[int, int]]] = {}
        # Messages of which a part came that did not fit, and the revision from which it asks for them.
        self.owed: dict[tuple[int, int], int] = {}
        self.connected = False
        self.ended_with: int | None = None
        self.is_gone = False
        # Its next connections take little at a time.
        self.is_narrow = False
        # Between two texts, be they only heartbeats.
        self.longest_silence_seconds = 0.0
        # What came that is no part of a log, for scenarios about rosters and errors.
        self.others: list[tuple[float, str]] = []
        self._history = history
        self._random = random.Random(seed)
        self._wire: Wire | None = None
        self._path = "/ws"
        self._attempts = 0
        self._heard_at = 0.0
        self._offline_until = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def show(self, page: Page) -> None:
        """Have this page, before it connects."""
        self.cursors[page.room] = page.revision
        self._take(page.room, page.messages)
        self._path = page.socket
        began = Began(time.monotonic(), self.name, self.account.id, page.room, page.revision, page.messages)
        self._history.log(began)

    @property
    def is_there(self) -> bool:
        """It is connected, has joined all of its rooms and caught up with them."""
        return self.connected and self.caught_up >= self.cursors.keys()

    @property
    def ended_for_good(self) -> bool:
        """It was told not to come back, and does not."""
        return self.ended_with in FINAL

    # What it does

    def connect(self, sock: socket.socket | None = None) -> None:
        """Open the socket; on a connection that exists already, if one is given."""
        task = asyncio.get_running_loop().create_task(self._connect(sock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def say(self, room: int, body: str) -> str:
        """Send a message, now or as soon as it is connected; its client id."""
        client_id = str(UUID(int=self._random.getrandbits(128), version=4))
        self.pending[client_id] = (room, body)
        if self.connected:
            self._send(client_id)
        return client_id

    def repeat(self, client_id: str, room: int, body: str) -> None:
        """Send what another tab of the same person has sent."""
        self.pending[client_id] = (room, body)
        self._send(client_id)

    def edit(self, room: int, ordinal: int, body: str) -> None:
        self._history.log(Edited(time.monotonic(), self.name, room, ordinal, body))
        self.tell("edit", room=room, ordinal=ordinal, body=body)

    def own(self, room: int) -> list[int]:
        """The ordinals of its person's messages."""
        return [ordinal for ordinal, (_, author) in self.messages[room].items() if author == self.account.id]

    def tell(self, command: str, **fields: object) -> None:
        if self._wire is not None:
            self._wire.send(json.dumps({"command": command, **fields}, ensure_ascii=False))

    def unplug(self, seconds: float) -> None:
        """Its network is gone for so long; that the connection is dead is for somebody else to do."""
        self._offline_until = time.monotonic() + seconds

    def stop_reading(self) -> None:
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.pause_reading()

    def go_on_reading(self) -> None:
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.resume_reading()

    def drop(self) -> None:
        """Lose the connection, and come back."""
        if self._wire is not None:
            self._wire.abort()

    def leave(self) -> None:
        """Go for good."""
        self._history.log(Left(time.monotonic(), self.name))
        self.is_gone = True
        if self._timer is not None:
            self._timer.cancel()
        if self._wire is not None:
            self._wire.close()

    @property
    def port(self) -> int | None:
        """Its own end's port, by which a proxy knows the connection."""
        name = None if self.connection is None else self.connection.getsockname()
        return name[1] if name else None

    @property
    def connection(self) -> socket.socket | None:
        if self._wire is None or self._wire.transport is None or self._wire.transport.is_closing():
            return None
        sock: socket.socket = self._wire.transport.get_extra_info("socket")
        return sock

    # The connection

    async def _connect(self, sock: socket.socket | None = None) -> None:
        if self.is_gone:
            return
        wire = Wire(
            "{}:{}".format(*self.address), self._path, self.account.cookie, self._opened, self._received, self._ended
        )
        self._wire = wire
        self._heard_at = time.monotonic()
        loop = asyncio.get_running_loop()
        if time.monotonic() < self._offline_until:
            self._come_back()
            return
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                if sock is None:
                    sock = narrow_socket() if self.is_narrow else socket.socket()
                    sock.setblocking(False)
                    await loop.sock_connect(sock, self.address)
                await loop.create_connection(lambda: wire, sock=sock)
        except (OSError, TimeoutError):
            self._come_back()
            return
        loop.call_later(HANDSHAKE_SECONDS, self._give_up_on, wire)

    def _give_up_on(self, wire: Wire) -> None:
        """No answer to the handshake."""
        if wire is self._wire and not self.connected:
            wire.abort()

    def _opened(self) -> None:
        self.connected = True
        self._attempts = 0
        self._heard_at = time.monotonic()
        self._history.log(Connected(time.monotonic(), self.name))
        for room in self.cursors:
            self._join(room)
        for client_id in self.pending:
            self._send(client_id)
        self._listen_for_silence()

    def _ended(self, code: int) -> None:
        if self.connected:
            self._history.log(Disconnected(time.monotonic(), self.name, code))
        self.connected = False
        self.caught_up.clear()
        self.ended_with = code
        if code not in FINAL:
            self._come_back()

    def _come_back(self) -> None:
        if self.is_gone:
            return
        longest = min(FIRST_WAIT_SECONDS * 2**self._attempts, LONGEST_WAIT_SECONDS)
        self._attempts += 1
        self._timer = asyncio.get_running_loop().call_later(self._random.uniform(0, longest), self.connect)

    def _listen_for_silence(self) -> None:
        silent = time.monotonic() - self._heard_at
        wire = self._wire
        if wire is None or not self.connected:
            return
        if silent > SILENCE_SECONDS:
            wire.abort()
        else:
            asyncio.get_running_loop().call_later(SILENCE_SECONDS - silent + 0.1, self._listen_for_silence)

    def _send(self, client_id: str) -> None:
        room, body = self.pending[client_id]
        self._history.log(Sent(time.monotonic(), self.name, self.account.id, room, client_id, body))
        self.tell("send", room=room, body=body, client_id=client_id)

    def _join(self, room: int) -> None:
        owed = [previous for (of_room, _), previous in self.owed.items() if of_room == room]
        self.tell("join", room=room, after=min([self.cursors[room], *owed]))

    # What comes

    def _received(self, html: str) -> None:
        now = time.monotonic()
        self.longest_silence_seconds = max(self.longest_silence_seconds, now - self._heard_at)
        self._heard_at = now
        envelope = markup.ENVELOPE.search(html)
        if envelope is None:
            self._received_other(html, now)
            return
        found = markup.attributes(envelope[1])
        room = int(found["data-room"])
        if "data-revision" in found:
            kind, revision = found["data-frame"], int(found["data-revision"])
            part = markup.part(html) if kind in ("content", "reactions") else None
            messages = markup.messages(html) if part is None else ()
            self._history.log(Received(now, self.name, room, kind, revision, messages, part))
            if kind == "reset":
                self.messages[room] = {}
                self.owed = {place: previous for place, previous in self.owed.items() if place[0] != room}
            self._take(room, messages)
            if room in self.cursors:
                self.cursors[room] = revision if kind == "reset" else max(revision, self.cursors[room])
                if part is not None:
                    self._change(room, part, revision)
            for message in messages:
                if self.pending.pop(message.client_id, None) is not None:
                    self._history.log(Acknowledged(now, self.name, message.client_id))
        elif found["data-frame"] == "closed":
            self.cursors.pop(room, None)
            self._history.log(Closed(now, self.name, room))

    def _take(self, room: int, messages: tuple[Shown, ...]) -> None:
        here = self.messages.setdefault(room, {})
        for message in messages:
            if message.revision > here.get(message.ordinal, (0, 0))[0]:
                here[message.ordinal] = (message.revision, message.author_id)
            self.owed.pop((room, message.ordinal), None)

    def _change(self, room: int, part: Part, revision: int) -> None:
        """A part fits where the message is as it was before; else the message is asked for whole."""
        here = self.messages[room]
        has, author = here.get(part.ordinal, (0, 0))
        if has == part.previous:
            here[part.ordinal] = (revision, author)
        elif has < revision and part.ordinal >= min(here, default=1):
            self.owed[room, part.ordinal] = part.previous
            self._join(room)

    def _received_other(self, html: str, now: float) -> None:
        if (roster := markup.ROSTER.search(html)) is not None:
            # The answer to `join` ends with it; and before that nobody is sent one.
            room = int(roster[1])
            if room in self.cursors and room not in self.caught_up:
                self.caught_up.add(room)
                self._history.log(CaughtUp(now, self.name, room))
            self.others.append((now, html))
        elif "data-code=" in html:
            found = markup.attributes(html)
            self.others.append((now, html))
            client_id = found.get("data-client-id", "")
            if self.pending.pop(client_id, None) is not None:
                self._history.log(Refused(now, self.name, client_id, found["data-code"]))
