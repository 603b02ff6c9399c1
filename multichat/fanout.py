"""Puts the fan-out together: the parts of `realtime` over this app's database, bus and features."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache, partial

from flask import Flask, has_app_context

from multichat.messages.heads import Heads
from multichat.messages.log import DatabaseLog
from multichat.models import Installation
from multichat.presence.attendance import Attendance
from multichat.realtime import Realtime
from multichat.realtime.bus import Bus, MemoryBus
from multichat.realtime.hub import Hub
from multichat.realtime.keeper import Keeper
from multichat.realtime.redis_bus import RedisBus, connect
from multichat.realtime.redis_roster import RedisRoster
from multichat.realtime.roster import MemoryRoster, Roster
from multichat.sockets.rights import check_rights


def init_app(app: Flask) -> None:
    bus, roster = _bus(app)
    hub = Hub(bus)
    keeper = Keeper(hub, DatabaseLog(app), bus, partial(check_rights, app))
    attendance = Attendance(app, roster, bus, app.config["MULTICHAT_PRESENCE_QUIET_SECONDS"])
    app.extensions["attendance"] = attendance
    turns = {"attendance": attendance.turn, "heads": Heads(app).turn}
    app.extensions["realtime"] = Realtime(hub, keeper, bus, roster, turns)


def _bus(app: Flask) -> tuple[Bus, Roster]:
    if app.config["MULTICHAT_BUS_URL"] == "memory://":
        return MemoryBus(), MemoryRoster()
    client = connect(app.config["MULTICHAT_BUS_URL"])
    prefix = _prefix(app)
    return RedisBus(client, prefix), RedisRoster(client, prefix)


def _prefix(app: Flask) -> Callable[[], str]:
    @cache
    def prefix() -> str:
        # On the asker's own connection where there is one: a whole pool of such as hold one and want another would wait
        # for each other.
        with nullcontext() if has_app_context() else app.app_context():
            return f"multichat:{Installation.prefix()}:"

    return prefix
