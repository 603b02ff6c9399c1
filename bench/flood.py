"""A flood: what a driver (driver.py) says when it is to say as much as it can."""

from __future__ import annotations

import time
from itertools import cycle
from typing import TYPE_CHECKING

from bench.reports import Said

if TYPE_CHECKING:
    from bench.client import Client
    from bench.driver import Driver

# After its end a flood waits so long for what is on its way.
FLOOD_ENDS_WITHIN_SECONDS = 10.0


class Flood:
    """As fast as the server goes: when a message has come back to who said it, the next client says the next one."""

    def __init__(self, driver: Driver, window: int, until: float, first: int, stride: int) -> None:
        self._driver = driver
        self._until = until
        self._number = first
        self._stride = stride
        self._speakers = cycle(driver.speakers)
        self._said = Said()
        self._away = min(window, len(driver.speakers))
        driver.at(until + FLOOD_ENDS_WITHIN_SECONDS, self._end)
        for _ in range(self._away):
            self._say()

    def goes_on(self, client: Client) -> None:
        client.awaits = -1
        if time.monotonic() < self._until:
            self._say()
        else:
            self._away -= 1
            if not self._away:
                self._end()

    def _say(self) -> None:
        speaker = next(speaker for speaker in self._speakers if speaker.awaits < 0)
        speaker.awaits = self._number
        speaker.say(self._number)
        self._said.add(speaker.seat.room, self._number)
        self._number += self._stride

    def _end(self) -> None:
        for client in self._driver.clients:
            client.awaits = -1
        self._driver.answer(self._said)
