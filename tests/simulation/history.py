"""One history: chance acts for a while, then all is calm, and everybody must have come back to the truth."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.simulation.house import House, Worker
from tests.simulation.page import Page
from tests.simulation.world import Violation, World

ACTIONS = 50
TROUBLE_SECONDS = 22.0
# The longest way back: a stalled socket is given up after 10 s, the page comes back within 5, and waits 5 for a feed.
CALM_SECONDS = 60.0
# Twice in a row everything has to be in order; in between a worker that was frozen may still commit something.
QUIET_SECONDS = 2.5


@dataclass(frozen=True)
class Outcome:
    """Two histories that end alike in this are the same."""

    revisions: int
    steps: int
    ended_at: float
    # Connections that the server closed.
    dismissed: int


class History:
    def __init__(self, seed: int, troubles: Collection[str]) -> None:
        self.world = world = World(seed)
        self._chance = chance = world.chance
        self._room_ids = [1, 2][: chance.choice((1, 1, 2))]
        self._house = House(world, self._room_ids, chance.choice((1, 2, 3)))
        self._pages = [Page(self._house, user_id, self._room_ids) for user_id in range(1, chance.choice((3, 4, 5)))]
        self._actions = self._choose_actions(troubles)

    def run(self) -> "Outcome":
        """Raises `Violation`."""
        world = self.world
        world.spawn(self._trouble)
        try:
            world.run(TROUBLE_SECONDS)
            self._calm_down()
            deadline = world.now + CALM_SECONDS
            looks = 0
            while looks < 2:
                world.run(QUIET_SECONDS)
                looks = looks + 1 if self._is_quiet() else 0
                if world.now > deadline:
                    self._check_end()
        finally:
            world.end()
        revisions = sum(room.revision for room in self._house.log.rooms.values())
        return Outcome(revisions, world.steps, world.now, self._house.dismissed)

    def _is_quiet(self) -> bool:
        try:
            self._check_end()
        except Violation:
            return False
        return True

    def _check_end(self) -> None:
        for page in self._pages:
            page.check_end()
        for room_id, room in self._house.log.rooms.items():
            if len({message.client_id for message in room.messages}) != len(room.messages):
                raise Violation("a message is stored twice")
            for worker in self._house.workers:
                feed = worker.hub.feeds.get(room_id)
                if feed is not None and feed.position != room.revision:
                    raise Violation(f"a feed is at {feed.position} of {room.revision}")

    # Trouble

    def _choose_actions(self, troubles: Collection[str]) -> list[Any]:
        """Every history has its own mixture: some of what can happen, some of it often; or these alone."""
        kinds = {
            self._send: 8,
            self._edit: 3,
            self._react: 3,
            self._delete: 1,
            self._type: 1,
            self._rejoin: 1,
            self._leave: 1,
            self._lose_network: 2,
            self._stall: 1,
            self._flood: 1,
            self._stop_redis: 2,
            self._cut_bus: 1,
            self._stop_database: 1,
            self._kill_worker: 1,
            self._stop_worker: 1,
            self._freeze_worker: 1,
            self._deny: 2,
        }
        actions = []
        for action, weight in kinds.items():
            name = action.__name__.removeprefix("_")
            if name == "send" or (name in troubles if troubles else self._chance.random() < 0.5):
                actions += [action] * weight
        return actions

    def _trouble(self) -> None:
        pause = self._chance.choice((0.01, 0.1, 0.4))
        for _ in range(ACTIONS):
            self._chance.choice(self._actions)()
            self.world.sleep(self._chance.random() * 2 * pause)

    def _calm_down(self) -> None:
        self._house.redis.up = True
        self._house.redis.loss = 0.0
        self._house.log.away = False
        for user_id, room_id in list(self._house.log.denied):
            self._house.log.allow(user_id, room_id)

    def _page(self) -> Page:
        return self._chance.choice(self._pages)

    def _worker(self) -> Worker:
        return self._chance.choice(self._house.workers)

    def _room(self) -> int:
        return self._chance.choice(self._room_ids)

    def _send(self) -> None:
        self._page().send(self._room())

    def _type(self) -> None:
        self._page().type(self._room())

    def _flood(self) -> None:
        """More than one catch-up brings."""
        room_id, worker = self._room(), self._worker()
        for _ in range(self._chance.randrange(15)):
            self._edit_one(room_id, worker)

    def _edit(self) -> None:
        self._edit_one(self._room(), self._worker())

    def _edit_one(self, room_id: int, worker: Worker) -> None:
        if ordinal := self._ordinal(room_id):
            body = f"edited at {self.world.now:.3f}"
            self.world.spawn(partial(worker.edit, room_id, ordinal, body), worker.process)

    def _react(self) -> None:
        room_id, worker, page = self._room(), self._worker(), self._page()
        if ordinal := self._ordinal(room_id):
            emoji = self._chance.choice(("👍", "🎉", "👀"))
            self.world.spawn(partial(worker.react, room_id, ordinal, page.user_id, emoji), worker.process)

    def _delete(self) -> None:
        room_id, worker = self._room(), self._worker()
        if ordinal := self._ordinal(room_id):
            self.world.spawn(partial(worker.delete, room_id, ordinal), worker.process)

    def _ordinal(self, room_id: int) -> int:
        """Of a message there, of one that was just said as often as of any; zero where there is none."""
        last = len(self._house.log.rooms[room_id].messages)
        first = max(1, last - 1) if self._chance.random() < 0.5 else 1
        return self._chance.randrange(first, last + 1) if last else 0

    def _rejoin(self) -> None:
        self._page().join(self._room())

    def _leave(self) -> None:
        self._page().leave(self._room())

    def _lose_network(self) -> None:
        self._page().lose_network()

    def _stall(self) -> None:
        self._page().stalled_until = self.world.now + self._chance.random() * 14

    def _stop_redis(self) -> None:
        redis = self._house.redis
        if redis.up:
            redis.stop()
            self.world.after(self._chance.random() * 4, redis.start)

    def _cut_bus(self) -> None:
        self._worker().bus.cut()

    def _stop_database(self) -> None:
        log, seconds = self._house.log, self._chance.random() * 2
        if not log.away:
            log.away = True
            self._excuse(seconds)
            self.world.after(seconds, self._start_database)

    def _start_database(self) -> None:
        self._house.log.away = False

    def _kill_worker(self) -> None:
        worker = self._worker()
        worker.kill()
        self._house.replace(worker)

    def _stop_worker(self) -> None:
        worker = self._worker()
        worker.stop()
        self._house.replace(worker)

    def _freeze_worker(self) -> None:
        seconds = self._chance.random() * 5
        self._worker().process.frozen_until = self.world.now + seconds
        self._excuse(seconds)

    def _deny(self) -> None:
        page, room_id, worker = self._page(), self._room(), self._worker()
        log = self._house.log
        log.deny(page.user_id, room_id)
        if self._chance.random() < 0.5:
            self.world.spawn(worker.rights_changed, worker.process)
        self.world.after(self._chance.random() * 6, partial(log.allow, page.user_id, room_id))

    def _excuse(self, seconds: float) -> None:
        """Whoever cannot read the rights cannot act on them."""
        log = self._house.log
        log.excused_until = max(log.excused_until, self.world.now + seconds)


class Loud(logging.Handler):
    """Whatever the code under test logs as its own failure is one."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            raise Violation(f"{record.getMessage()}: {record.exc_info[1]!r}") from record.exc_info[1]
        raise Violation(record.getMessage())


def run(seed: int, *troubles: str) -> Outcome:
    """One history; of these troubles, or of some of all. Raises `Violation` and names the seed."""
    logger = logging.getLogger("multichat.realtime")
    loud = Loud(logging.ERROR)
    level, logger.level = logger.level, logging.ERROR
    logger.addHandler(loud)
    try:
        return History(seed, troubles).run()
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
    finally:
        logger.removeHandler(loud)
        logger.setLevel(level)
