"""The bus: carries frames between workers. The fast path, never the truth: what it loses, the feeds repair."""

import threading
from collections.abc import Collection
from typing import Protocol

from multichat.realtime.frame import Frame, pack, unpack


class BusListener(Protocol):
    """What a bus tells its hub, and asks it. None of it may wait."""

    def receive(self, frame: Frame) -> None: ...

    def subscribed(self, topic: str) -> None: ...

    def lost(self, topic: str) -> None:
        """A frame for this topic could not be carried."""

    def topics(self) -> list[str]:
        """Whatever is listened to at this moment."""


class Bus(Protocol):
    """Publishes to the other workers and subscribes for this one; nothing here waits or raises."""

    connected: bool

    def start(self, listener: BusListener) -> None: ...

    def publish(self, frame: Frame) -> None: ...

    def follow(self, topics: Collection[str]) -> None:
        """Subscribe to these topics, or unsubscribe, as the listener listens to them now or not.

        It is asked again and not told which: of two threads, one that joins and one that leaves, either may come last.
        """

    def ping(self) -> bool:
        """Whether the bus answers at this moment; waits a quarter of a second at most."""

    def close(self) -> None:
        """Let go of the bus once what was published is out, or after a second."""


class Exchange:
    """What memory buses meet on; two of them on one exchange are two workers in one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buses: dict[MemoryBus, set[str]] = {}

    def tune(self, bus: "MemoryBus", topics: set[str]) -> None:
        with self._lock:
            self._buses[bus] = topics

    def detach(self, bus: "MemoryBus") -> None:
        with self._lock:
            self._buses.pop(bus, None)

    def carry(self, sender: "MemoryBus", topic: str, payload: bytes) -> None:
        with self._lock:
            others = [bus for bus, topics in self._buses.items() if bus is not sender and topic in topics]
        for bus in others:
            bus.arrive(payload)


class MemoryBus:
    """A bus within one process: the whole bus of a server with one worker, and the tests'."""

    connected = True

    def __init__(self, exchange: Exchange | None = None) -> None:
        self._exchange = exchange or Exchange()
        self._lock = threading.Lock()
        self._listener: BusListener | None = None

    def start(self, listener: BusListener) -> None:
        self._listener = listener
        self.follow(listener.topics())

    def publish(self, frame: Frame) -> None:
        self._exchange.carry(self, frame.topic, pack(frame, ""))

    def follow(self, topics: Collection[str]) -> None:
        with self._lock:
            if self._listener is None:
                return
            listener, wanted = self._listener, set(self._listener.topics())
            self._exchange.tune(self, wanted)
        for topic in wanted.intersection(topics):
            listener.subscribed(topic)

    def ping(self) -> bool:
        return True

    def close(self) -> None:
        with self._lock:
            self._listener = None
            self._exchange.detach(self)

    def arrive(self, payload: bytes) -> None:
        if (listener := self._listener) is not None:
            listener.receive(unpack(payload)[1])
