"""How far each room has come, as lists of rooms show it: signals may be lost, so each worker looks as well."""

import logging
import time

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.extensions import realtime
from multichat.messages.broadcasts import room_state
from multichat.models import Room
from multichat.realtime.frame import Frame, list_topic

# What a lost signal delays.
LOOK_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Heads:
    """The last ordinal of each room, as this worker's connections know it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._known: dict[int, int] | None = None

    def turn(self) -> None:
        time.sleep(LOOK_SECONDS)
        try:
            with self._app.app_context():
                self.look()
        except SQLAlchemyError as error:
            logger.warning("Lists of rooms wait for the database: %s", error)

    def look(self) -> None:
        """Tell this worker's connections of the rooms that have come further since the last look. One statement."""
        heads: dict[int, int] = dict(db.session.execute(select(Room.id, Room.last_ordinal)).all())
        known, self._known = self._known, heads
        if known is None:
            return  # each page that comes from now on knows as much
        for room_id, head in heads.items():
            if head > known.get(room_id, 0):
                signal = room_state(room_id, last_ordinal=head)
                realtime.hub.receive(Frame(list_topic(room_id), signal, about="ordinal"))
