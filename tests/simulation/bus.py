"""The bus between the workers, with its failures: what it carries may be lost, and so may it."""

from collections.abc import Collection
from functools import partial
from typing import Any

from multichat.realtime.bus import BusListener
from multichat.realtime.frame import Frame
from tests.simulation.world import World


class Redis:
    """Loses, doubles, delays and reorders; goes away and comes back."""

    def __init__(self, world: World) -> None:
        self.up = True
        self.buses: list[Bus] = []
        chance = world.chance
        self.loss = chance.choice((0.0, 0.0, 0.1, 0.5))
        self.doubling = chance.choice((0.0, 0.1))
        self.delay_seconds = chance.choice((0.001, 0.01, 0.3))

    def stop(self) -> None:
        self.up = False
        for bus in self.buses:
            bus.cut()

    def start(self) -> None:
        self.up = True


class Bus:
    """One worker's. Whether it is connected it learns late, in both directions."""

    def __init__(self, world: World, redis: Redis) -> None:
        self.connected = False
        self._world = world
        self._redis = redis
        self._topics: set[str] = set()
        self._listener: BusListener | None = None
        self._session = 0

    def start(self, listener: BusListener) -> None:
        self._listener = listener
        self._redis.buses.append(self)
        self._come_back()

    def publish(self, frame: Frame) -> None:
        redis, chance = self._redis, self._world.chance
        if not redis.up:
            return
        for bus in redis.buses:
            if bus is not self and frame.topic in bus._topics and chance.random() >= redis.loss:
                for _ in range(2 if chance.random() < redis.doubling else 1):
                    self._world.after(chance.random() * redis.delay_seconds, partial(bus._arrive, frame))

    def follow(self, topics: Collection[str]) -> None:
        session = self._session
        self._world.after(self._world.chance.random() * 0.1, partial(self._subscribe, sorted(topics), session))

    def ping(self) -> bool:
        return self.connected

    def close(self) -> None:
        self._topics.clear()
        self._redis.buses.remove(self)

    def cut(self) -> None:
        """Its subscriptions are gone; it notices soon, and tries again."""
        self._topics.clear()
        self._session += 1
        self._world.after(self._world.chance.random() * 0.5, self._notice)

    def _notice(self) -> None:
        self.connected = False
        self._world.after(0.1 + self._world.chance.random() * 0.5, self._come_back)

    def _come_back(self) -> None:
        if self not in self._redis.buses or self.connected:
            return
        if not self._redis.up:
            self._world.after(0.3, self._come_back)
            return
        assert self._listener is not None
        self.connected = True
        self._session += 1
        # The listener asks its hub for its topics; what is followed meanwhile is told after.
        self._world.after(0.001, partial(self._subscribe, None, self._session))

    def _subscribe(self, topics: Collection[str] | None, session: int) -> None:
        """In a thread, as the hub's lock has to be taken."""

        def subscribe() -> None:
            assert self._listener is not None
            wanted = self._listener.topics()
            if session != self._session or not self.connected:
                return
            for topic in wanted if topics is None else topics:
                if topic in wanted:
                    self._topics.add(topic)
                    self._listener.subscribed(topic)
                else:
                    self._topics.discard(topic)

        self._world.spawn(subscribe, self._process)

    def _arrive(self, frame: Frame) -> None:
        def arrive() -> None:
            assert self._listener is not None
            self._listener.receive(frame)

        self._world.spawn(arrive, self._process)

    @property
    def _process(self) -> Any:
        return self._listener.process  # type: ignore[union-attr]  # it is a WatchedHub
