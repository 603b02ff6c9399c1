"""What the fan-out asks of the machine: the time, threads, ways to wait. A simulation brings a machine of its own."""

import _thread
import select
import socket
import sys
import threading
import time
from collections.abc import Callable


def _native_lock() -> Callable[[], threading.Lock]:
    patch = sys.modules.get("gevent.monkey")
    return patch.get_original("_thread", "allocate_lock") if patch else _thread.allocate_lock


class Machine:
    """The real one. Every wait and every thread of `Hub`, `Keeper` and `Connection` passes here."""

    # Under gevent these become greenlets' own, and are patched before this is loaded.
    lock = staticmethod(threading.Lock)
    # This one stays the system's: 0.2 us where a greenlets' lock takes 0.5. Nothing may switch while it is held.
    native_lock = staticmethod(_native_lock())
    condition = staticmethod(threading.Condition)
    event = staticmethod(threading.Event)
    clock = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def spawn(self, target: Callable[[], None]) -> None:
        """Run it in a thread of its own, and wait for nothing; `RuntimeError` when there are no more.

        `threading.Thread.start` waits until the thread runs: that took a busy gevent worker 125 ms each time.
        """
        _thread.start_new_thread(target, ())

    def wait_ready(self, sock: socket.socket, events: int, seconds: float) -> bool:
        """Whether the socket is ready for these of `select.poll`'s events within so long."""
        poll = select.poll()
        try:
            poll.register(sock, events)
        except ValueError:  # its owner closed it meanwhile; whoever sends or reads now learns that
            return True
        return bool(poll.poll(seconds * 1000))


MACHINE = Machine()
