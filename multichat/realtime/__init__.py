"""Fan-out: how frames reach connections. Knows the standard library and redis, and nothing of ours."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from multichat.realtime.bus import Bus
from multichat.realtime.connection import Connection
from multichat.realtime.frame import RIGHTS_TOPIC, Frame
from multichat.realtime.hub import Hub
from multichat.realtime.roster import LastKnownRoster, Roster

logger = logging.getLogger(__name__)


class Realtime:
    """This process's hub, bus and roster, and the threads that run them, which start when somebody first listens.

    `loops` are functions that run for the life of the worker, by name; the hub's own are added.
    """

    def __init__(self, hub: Hub, bus: Bus, roster: Roster, loops: Mapping[str, Callable[[], None]]) -> None:
        self.hub = hub
        self.bus = bus
        self.here = LastKnownRoster(roster)
        self._loops = {"fan-out": hub.run_fan_out, "keeper": hub.run_keeper, **loops}
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begin to listen. Threads do not survive a fork, so not before the first connection of a worker."""
        with self._lock:
            if self._started:
                return
            self._started = True
        self.bus.start(self.hub)
        for name, loop in self._loops.items():
            _keep_running(loop, name)

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
        """Let go of the bus; a command calls it before it ends, so that what it published is out."""
        self.bus.close()


def _keep_running(loop: Callable[[], None], name: str) -> None:
    """Run a loop for the life of the worker: a fault must not leave one that looks alive and is not."""

    def run() -> None:
        while True:
            try:
                loop()
            except Exception:
                logger.exception("The %s failed and goes on", name)
                time.sleep(1.0)

    threading.Thread(target=run, daemon=True, name=name).start()
