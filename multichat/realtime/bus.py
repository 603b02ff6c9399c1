"""The bus: carries frames between workers. The fast path, never the truth: what it loses, the feeds repair."""

import threading
from typing import Protocol

from multichat.realtime.frame import Frame, pack, unpack


class BusListener(Protocol):
    """What a bus tells its hub. None of it may wait."""

    def receive(self, frame: Frame) -> None: ...

    def subscribed(self, topic: str) -> None: ...

    def topics(self) -> list[str]: ...


class Bus(Protocol):
    """Publishes to the other workers and subscribes for this one; nothing here waits or raises."""

    connected: bool

    def start(self, listener: BusListener) -> None: ...

    def publish(self, frame: Frame) -> None: ...

    def subscribe(self, topic: str) -> None: ...

    def unsubscribe(self, topic: str) -> None: ...

    def ping(self) -> bool:
        """Whether the bus answers at this moment; waits a quarter of a second at most."""

    def close(self) -> None:
        """Let go of the bus once what was published is out, or after a second."""


class Exchange:
    """What memory buses meet on; two of them on one exchange are two workers in one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buses: dict[MemoryBus, set[str]] = {}

    def attach(self, bus: "MemoryBus", topics: list[str]) -> None:
        with self._lock:
            self._buses[bus] = set(topics)

    def subscribe(self, bus: "MemoryBus", topic: str) -> None:
        with self._lock:
            self._buses.setdefault(bus, set()).add(topic)

    def unsubscribe(self, bus: "MemoryBus", topic: str) -> None:
        with self._lock:
            self._buses.get(bus, set()).discard(topic)

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
        self._listener: BusListener | None = None

    def start(self, listener: BusListener) -> None:
        self._listener = listener
        self._exchange.attach(self, listener.topics())

    def publish(self, frame: Frame) -> None:
        self._exchange.carry(self, frame.topic, pack(frame, ""))

    def subscribe(self, topic: str) -> None:
        self._exchange.subscribe(self, topic)
        if self._listener is not None:
            self._listener.subscribed(topic)

    def unsubscribe(self, topic: str) -> None:
        self._exchange.unsubscribe(self, topic)

    def ping(self) -> bool:
        return True

    def close(self) -> None:
        self._exchange.detach(self)

    def arrive(self, payload: bytes) -> None:
        if self._listener is not None:
            self._listener.receive(unpack(payload)[1])
