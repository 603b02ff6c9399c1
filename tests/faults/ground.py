"""What a scenario stands on: a server on a database of its own, its people and their tabs, and their history."""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import select

from multichat.database import db
from multichat.models import Access, Message, Role, Room
from multichat.rooms import changes as rooms
from tests.faults import markup
from tests.faults.checker import LEAK_AFTER_SECONDS, Stored, check
from tests.faults.client import Account, Client
from tests.faults.history import Connected, History, Received, Sent
from tests.faults.loop import Loop
from tests.faults.result import Result
from tests.support.postgres import Postgres
from tests.support.visitor import Visitor, fetch
from tests.system.conftest import House

SETTINGS = {
    "MULTICHAT_MESSAGE_RATE": "10000 per second",
    "MULTICHAT_PRESENCE_QUIET_SECONDS": "0",
    "MULTICHAT_SOCKETS_PER_PERSON": "10000",
}
# Real tabs do not all come in one instant either.
ARRIVALS_PER_SECOND = 200
ARRIVAL_SECONDS = 30.0
# Longer than a page waits before it comes back, twice: whoever is not there by then is not coming.
SETTLE_SECONDS = 20.0
# So long people talk before anything happens to them, and go on once it is over: what is late then shows.
BEFORE_SECONDS = 2.0
AFTERWARDS_SECONDS = 3.0
# Of so many messages one is followed by a change of one of the latest.
CHANGED_EVERY = 2
CHANGED_LATELY = 10
# Longer than any fault.
OPEN_END_SECONDS = 600.0


class Ground:
    """Runs inside its `with`; `start` a server there. All chance comes from the seed."""

    def __init__(self, scenario: str, database: str, seed: int, postgres: Postgres | None = None) -> None:
        self.scenario = scenario
        self.database = database
        self.seed = seed
        self.random = random.Random(f"{scenario} {seed}")
        self.history = History()
        self.clients: list[Client] = []
        self.postgres = postgres
        self.settled_seconds = 0.0
        self._people = 0
        self._rooms = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        # Short, since the bus's socket lies there; and in memory, where SQLite need not wait for a disk.
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
        self.directory = Path(tempfile.mkdtemp(prefix="multichat-", dir=memory))
        self._stack.callback(shutil.rmtree, self.directory)
        self.loop = self._stack.enter_context(Loop())
        return self

    def __exit__(self, *_: object) -> None:
        for client in self.clients:
            self.loop.call(client.leave)
        self._stack.close()

    def enter(self, part: Any) -> Any:
        """Something else that ends with the ground, before the server does."""
        return self._stack.enter_context(part)

    def start(self, **settings: str) -> House:
        if self.database == "postgresql":
            assert self.postgres is not None
            settings = {"DATABASE_URL": self.postgres.url(self.postgres.create())} | settings
        self.house = House(self.directory / "instance", **SETTINGS | settings)
        self._stack.enter_context(self.house)
        self.house.both_workers()
        return self.house

    @property
    def is_started(self) -> bool:
        return hasattr(self, "house")

    # People, rooms, tabs

    def visitor(self, name: str = "alice", role: Role = Role.member) -> Visitor:
        self._people += 1
        return Visitor(self.house.app, self.house, f"{name}-{self._people}", role)

    def people(self, number: int) -> list[Account]:
        return [account_of(self.visitor()) for _ in range(number)]

    def room(self, access: Access = Access.open) -> Room:
        self._rooms += 1
        with self.house.app.app_context():
            return rooms.create(f"Room {self._rooms}", access)

    def client(
        self, account: Account, room_ids: Iterable[int], port: int | None = None, worker: int | None = None
    ) -> Client:
        """A tab that shows these rooms, each with the page that is loaded now; it is on its way."""
        client = self._new_client(account, port)
        for room_id in room_ids:
            client.show(self.page(room_id, account))
        self.loop.call(client.connect, None if worker is None else self._connection_to(worker))
        return client

    def crowd(
        self, number: int, room: Room, people: int = 10, port: int | None = None, wait: bool = True
    ) -> list[Client]:
        """So many tabs of a few people, all in one room, all there."""
        accounts = self.people(min(people, number))
        page = self.page(room.id, accounts[0])
        crowd = []
        for count in range(number):
            client = self._new_client(accounts[count % len(accounts)], port)
            client.show(page)
            crowd.append(client)
        self.loop.call(self._arrive, crowd)
        if wait:
            self.wait_for(crowd, ARRIVAL_SECONDS + number / ARRIVALS_PER_SECOND)
        return crowd

    def wait_for(self, clients: Sequence[Client], seconds: float = SETTLE_SECONDS) -> None:
        """Raises TimeoutError with the server's log when they are not all there by then."""
        self.house.wait_until(lambda: all(client.is_there for client in clients), seconds)

    def page(self, room_id: int, account: Account) -> markup.Page:
        """A room on a fresh page."""
        answer = fetch_page(self.house, f"/rooms/{room_id}?newest=1", account)
        return markup.page(answer, room_id)

    # What they do

    def talk(
        self, clients: Sequence[Client], room: Room, rate: float, seconds: float, padding: str = ""
    ) -> "Future[None]":
        """Messages at random clients, evenly in time; goes on beside whoever asked for it."""
        return asyncio.run_coroutine_threadsafe(self._talk(clients, room, rate, seconds, padding), self.loop.loop)

    @contextmanager
    def talking(self, clients: Sequence[Client], room: Room, rate: float, padding: str = "") -> Iterator[None]:
        """Inside, they talk."""
        talk = self.talk(clients, room, rate, OPEN_END_SECONDS, padding)
        try:
            yield
        finally:
            talk.cancel()

    def say(self, client: Client, room: Room, body: str) -> str:
        return self.loop.call(client.say, room.id, body)

    def let_pass(self, seconds: float) -> None:
        """Sleep, where the time itself is the scenario's subject, how long an outage or a look at it is: no event ends
        it, and what is to happen meanwhile is judged later, or is that nothing happens."""
        time.sleep(seconds)

    def settle(self, *room_ids: int, clients: Sequence[Client] | None = None, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until they, or else all, are there and have everything; but not for ever: who is not, is the checker's
        to say."""
        began = time.monotonic()
        with suppress(TimeoutError):
            self.house.wait_until(lambda: self._have_everything(clients or self.clients, room_ids), seconds)
        self.settled_seconds = time.monotonic() - began

    # How it ended

    def revisions(self, room_ids: Iterable[int]) -> dict[int, int]:
        with self.house.app.app_context():
            return Room.revisions(list(room_ids))

    def stored(self, room_ids: Iterable[int]) -> list[Stored]:
        with self.house.app.app_context():
            query = select(Message).where(Message.room_id.in_(list(room_ids))).order_by(Message.id)
            return [
                Stored(
                    id=message.id,
                    room=message.room_id,
                    ordinal=message.ordinal,
                    revision=message.revision,
                    author_id=message.author_id,
                    client_id=message.client_id,
                    body=message.body,
                    deleted=message.deleted_at is not None,
                    edited=message.edited_at is not None,
                )
                for message in db.session.scalars(query)
            ]

    def result(self, *rooms: Room, reader: Account | None = None, leak_after: float = LEAK_AFTER_SECONDS) -> Result:
        """Judge it all; `reader` may see every room at the end."""
        room_ids = [room.id for room in rooms]
        account = reader or self.clients[0].account
        stored = self.stored(room_ids)
        pages = {room_id: self.page(room_id, account).messages for room_id in room_ids}
        verdict = check(self.history, stored, pages, leak_after)
        result = Result.of(self.scenario, self.database, self.seed, len(self.clients), len(stored), verdict)
        result.figures["settled after"] = round(self.settled_seconds, 1)
        result.seconds = round(time.monotonic() - self._began, 1)
        return result

    def delays(
        self,
        since: float = 0.0,
        until: float = float("inf"),
        by: Collection[Client] | None = None,
        to: Collection[Client] | None = None,
    ) -> list[float]:
        """From the first sending of each message of that time to its first receipt by who was connected throughout."""
        speakers, listeners = _names(by), _names(to)
        sent: dict[str, tuple[float, str]] = {}
        connected: dict[str, float] = {}
        delays = []
        # By whom: a message comes again when it was changed.
        known: set[tuple[str, str]] = set()
        for event in list(self.history.events):
            match event:
                case Sent():
                    sent.setdefault(event.client_id, (event.at, event.client))
                case Connected():
                    connected[event.client] = event.at
                case Received() if event.kind != "reset" and (listeners is None or event.client in listeners):
                    for message in event.messages:
                        if (event.client, message.client_id) in known:
                            continue
                        known.add((event.client, message.client_id))
                        begun, speaker = sent.get(message.client_id, (-1.0, ""))
                        if speakers is not None and speaker not in speakers:
                            continue
                        if since <= begun < until and connected.get(event.client, 0.0) < begun:
                            delays.append(event.at - begun)
        return delays

    # Inside

    def _new_client(self, account: Account, port: int | None) -> Client:
        address = ("127.0.0.1", port or self.house.port)
        name = f"tab-{len(self.clients)}"
        client = Client(name, account, address, self.history, self.random.getrandbits(64))
        self.clients.append(client)
        return client

    def _arrive(self, crowd: Sequence[Client]) -> None:
        for count, client in enumerate(crowd):
            asyncio.get_running_loop().call_later(count / ARRIVALS_PER_SECOND, client.connect)

    def _connection_to(self, worker: int) -> Any:
        connection = self.house.connect_to(worker)
        connection.setblocking(False)
        return connection

    async def _talk(self, clients: Sequence[Client], room: Room, rate: float, seconds: float, padding: str) -> None:
        begun = time.monotonic()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            self.random.choice(clients).say(room.id, f"message {number} {padding}".rstrip())
            if number % CHANGED_EVERY == 0:
                self._change_one(self.random.choice(clients), room.id, number)

    def _change_one(self, client: Client, room_id: int, number: int) -> None:
        """Have somebody edit or delete what they said, or react to what anybody did."""
        own, all_here = client.own(room_id)[-CHANGED_LATELY:], list(client.messages[room_id])[-CHANGED_LATELY:]
        what = self.random.choice(("edit", "edit", "delete", "react", "react"))
        if what == "react" and all_here:
            client.tell("react", room=room_id, ordinal=self.random.choice(all_here), emoji=self.random.choice("👍🎉👀"))
        elif what == "edit" and own:
            client.edit(room_id, self.random.choice(own), f"edited for message {number}")
        elif what == "delete" and own:
            client.tell("delete", room=room_id, ordinal=self.random.choice(own))

    def _have_everything(self, clients: Sequence[Client], room_ids: Iterable[int]) -> bool:
        revisions = self.revisions(room_ids)
        return all(self._has_everything(client, revisions) for client in clients)

    def _has_everything(self, client: Client, revisions: dict[int, int]) -> bool:
        if client.is_gone or client.ended_for_good:
            return True
        has = all(client.cursors[room] >= revisions[room] for room in client.cursors if room in revisions)
        return client.is_there and not client.pending and has


def stands(scenario: Callable[..., Result], figures: dict[str, Any], postgres: Postgres | None = None) -> None:
    """What a test says of a scenario, with figures smaller than its own."""
    with Ground(scenario.__name__, "sqlite" if postgres is None else "postgresql", 1, postgres) as ground:
        result = scenario(ground, **figures)
        assert result.is_good, (result.broken, result.problems, result.figures, ground.house.log())


def _names(clients: Collection[Client] | None) -> set[str] | None:
    return None if clients is None else {client.name for client in clients}


def account_of(visitor: Visitor) -> Account:
    return Account(visitor.id, visitor.cookie)


def fetch_page(house: House, path: str, account: Account) -> str:
    answer = fetch(house, "GET", path, Cookie=account.cookie)
    assert answer.status_code == 200, f"{path} answers {answer.status_code}:\n{house.log()}"
    return answer.text
