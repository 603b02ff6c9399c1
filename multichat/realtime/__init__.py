"""Fan-out: how frames reach connections. Knows the standard library and redis, and nothing of ours."""

import logging
from collections.abc import Callable, Mapping
from functools import partial

from multichat.realtime.bus import Bus
from multichat.realtime.connection import Connection
from multichat.realtime.frame import RIGHTS_TOPIC, Frame
from multichat.realtime.hub import Hub
from multichat.realtime.keeper import Keeper
from multichat.realtime.machine import MACHINE, Machine
from multichat.realtime.roster import LastKnownRoster, Roster

logger = logging.getLogger(__name__)


class Realtime:
    """This process's hub, bus and roster, and the threads that run them, which start when somebody first listens.

    `turns` are functions that are called again and again for the life of the worker, each in a thread of its own, by
    name; the hub's and the keeper's are added. A turn waits, at most a second, until there is something to do.
    """

    def __init__(
        self,
        hub: Hub,
        keeper: Keeper,
        bus: Bus,
        roster: Roster,
        turns: Mapping[str, Callable[[], None]],
        machine: Machine = MACHINE,
    ) -> None:
        self.hub = hub
        self.keeper = keeper
        self.bus = bus
        self.here = LastKnownRoster(roster)
        self._turns = {"fan-out": hub.fan_out_turn, "keeper": keeper.turn, **turns}
        self._machine = machine
        self._lock = machine.lock()
        self._started = False
        self._closed = False

    def start(self) -> None:
        """Begin to listen. Threads do not survive a fork, so not before the first connection of a worker."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self.bus.start(self.hub)
        for name, turn in self._turns.items():
            self._machine.spawn(partial(self._keep_turning, name, turn))

    def publish(self, frame: Frame, but: Connection | None = None) -> None:
        """To this worker's connections at once, to the others' by the bus. Never waits, never fails.

        `but` is left out of an ephemeral frame: whom it tells of.
        """
        self.hub.receive(frame, but)
        self.bus.publish(frame)

    def rights_changed(self) -> None:
        """Have every worker look its connections' rights up at once, rather than within a second."""
        self.publish(Frame(RIGHTS_TOPIC, ""))

    def drain(self) -> None:
        """The worker stops: everybody is told to come back."""
        self.hub.drain()

    def close(self) -> None:
        """End the threads and let go of the bus; a command does before it ends, so that what it published is out."""
        self._closed = True
        self.bus.close()

    def _keep_turning(self, name: str, turn: Callable[[], None]) -> None:
        """A fault must not leave a worker that looks alive and is not."""
        while not self._closed:
            try:
                turn()
            except Exception:
                logger.exception("The %s failed and goes on", name)
                self._machine.sleep(1.0)
