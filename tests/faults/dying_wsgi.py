"""The application with points at which its worker dies, as in a power cut: where, is told by what somebody says.

gunicorn loads it in place of `wsgi` when `dying_conf.py` is its configuration.
"""

import os
import signal
import threading

from multichat.realtime import Realtime
from multichat.realtime.connection import Connection
from multichat.realtime.frame import Frame
from tests.faults.last_words import AT_THE_BUS, BEFORE_PUBLISHING
from wsgi import app

__all__ = ["app"]

# As long as this worker's own people need to be told.
FAN_OUT_SECONDS = 0.1

realtime: Realtime = app.extensions["realtime"]
publish, publish_on_the_bus = realtime.publish, realtime.bus.publish


def publish_or_die(frame: Frame, but: Connection | None = None) -> None:
    if BEFORE_PUBLISHING in frame.html:
        die()
    publish(frame, but)


def publish_on_the_bus_or_die(frame: Frame) -> None:
    if AT_THE_BUS in frame.html:
        threading.Timer(FAN_OUT_SECONDS, die).start()
    else:
        publish_on_the_bus(frame)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


realtime.publish = publish_or_die  # type: ignore[method-assign]
realtime.bus.publish = publish_on_the_bus_or_die  # type: ignore[method-assign]
