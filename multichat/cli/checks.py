"""What `flask doctor` looks at. Each check answers with a state and one line."""

import ipaddress
import os
import resource
import shutil
import stat
import time
import uuid
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import redis
from flask import current_app
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from multichat.config import Settings
from multichat.database import Busy, db, now, writing
from multichat.embedded_bus import find_binary
from multichat.models import Rights
from multichat.realtime.redis_bus import connect
from multichat.schema import reason, unapplied

# A tab takes up to three: its socket, and what gevent and the proxy's connection need beside it.
FILES_PER_TAB = 3
FILES_ENOUGH = 4096

# Order is kept by revisions, not by clocks; but people see the times, and sign-ins end by them.
CLOCK_WARN_SECONDS = 2.0
CLOCK_FAULT_SECONDS = 60.0

DISK_WARN_BYTES = 1024**3
DISK_FAULT_BYTES = 100 * 1024**2

SECRETS = ("secret_key", "setup_token")


class State(StrEnum):
    """How it stands; a fault is what keeps people from chatting safely."""

    ok = "ok"
    warn = "warn"
    fault = "FAULT"


Verdict = tuple[State, str]


def check_settings() -> Verdict:
    config = current_app.config
    url = config["MULTICHAT_PUBLIC_URL"] or ""
    remarks = []
    if config["MULTICHAT_DEV"]:
        remarks.append("MULTICHAT_DEV is on, which is for development")
    if not _is_loopback(config["HOST"]):
        if config["MULTICHAT_TRUSTED_PROXIES"]:
            remarks.append(f"who reaches {config['HOST']}:{config['PORT']} past the proxy can pretend to any address")
        elif not url.startswith("https:"):
            remarks.append("passwords cross the network in the clear; put a proxy with TLS in front")
    if url and not config["MULTICHAT_TRUSTED_PROXIES"]:
        remarks.append(
            "MULTICHAT_PUBLIC_URL is set and MULTICHAT_TRUSTED_PROXIES is 0: all seem to come from the proxy"
        )
    if remarks:
        return State.warn, "; ".join(remarks)
    given = [f.name for f in fields(Settings) if os.environ.get(f.name)]
    return State.ok, f"set here: {', '.join(given)}" if given else "all defaults"


def check_database() -> Verdict:
    try:
        version = db.session.execute(text(_VERSION[db.engine.dialect.name])).scalar_one()
        if not inspect(db.engine).has_table(Rights.__tablename__):
            return State.ok, f"{version} answers; empty as yet"
        begun = time.monotonic()
        with writing() as session:
            session.execute(db.update(Rights).values(version=Rights.version))
        return State.ok, f"{version} answers; written to in {(time.monotonic() - begun) * 1000:.0f} ms"
    except DBAPIError as error:
        return State.fault, reason(error)
    except Busy as error:
        return State.fault, str(error)


_VERSION = {
    "sqlite": "SELECT 'SQLite ' || sqlite_version()",
    "postgresql": "SELECT 'PostgreSQL ' || current_setting('server_version')",
}


def check_migrations() -> Verdict:
    try:
        behind = unapplied(db.engine)
    except DBAPIError:
        return State.fault, "not known without the database"
    if behind:
        return State.fault, "the database is not up to date; run: .venv/bin/flask --app wsgi db upgrade"
    return State.ok, "all applied"


def check_bus() -> Verdict:
    url = current_app.config["MULTICHAT_BUS_URL"]
    if url == "memory://":
        return State.ok, "in memory: one worker alone"
    client = connect(url)
    try:
        begun = time.monotonic()
        heard = _round_trip(client)
        client.eval("return 1", 0)  # the roster is kept by scripts
    except redis.RedisError as error:
        if current_app.config["REDIS_URL"]:
            return State.fault, f"REDIS_URL does not serve: {error}"
        if find_binary() is None:
            return State.warn, "no valkey-server or redis-server to embed: one worker alone"
        return State.warn, "the embedded bus runs while multichat runs, and neither does now"
    finally:
        client.close()
    if not heard:
        return State.fault, "what is published does not arrive"
    return State.ok, f"{'REDIS_URL' if current_app.config['REDIS_URL'] else 'embedded'}, {_ms(begun)}"


def check_files() -> Verdict:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return State.ok, "no limit"
    line = f"{hard} open files, for about {hard // FILES_PER_TAB} tabs on a worker"
    return (State.ok if hard >= FILES_ENOUGH else State.warn), line


def check_clock() -> Verdict:
    """Ours against those of the others, as far as they have one of their own."""
    apart = {}
    for whose, ask in {"the database": _database_time, "the bus": _bus_time}.items():
        asked = now()
        told = ask()
        if told is not None:
            apart[whose] = (told - (asked + (now() - asked) / 2)).total_seconds()
    if not apart:
        return State.ok, "nobody else's to compare it with"
    worst = max(abs(seconds) for seconds in apart.values())
    state = State.fault if worst > CLOCK_FAULT_SECONDS else State.warn if worst > CLOCK_WARN_SECONDS else State.ok
    return state, ", ".join(f"{whose} is {seconds:+.2f} s off" for whose, seconds in apart.items())


def check_disk() -> Verdict:
    free = shutil.disk_usage(current_app.instance_path).free
    state = State.fault if free < DISK_FAULT_BYTES else State.warn if free < DISK_WARN_BYTES else State.ok
    return state, f"{free / 1024**3:.1f} GiB free"


def check_instance() -> Verdict:
    """Nobody but the server's own user may read its secrets or what people wrote."""
    instance = Path(current_app.instance_path)
    if not os.access(instance, os.R_OK | os.W_OK | os.X_OK):
        return State.fault, f"{instance} cannot be written to"
    if instance.stat().st_uid != os.getuid():
        return State.warn, f"{instance} is another user's; run multichat and its commands as that user"
    if _open_to_others(instance):
        if readable := [name for name in SECRETS if (instance / name).exists() and _open_to_others(instance / name)]:
            return State.fault, f"others on this machine can read {' and '.join(readable)}; run: chmod 700 {instance}"
        if any(map(_open_to_others, instance.glob("*.sqlite3*"))):
            return State.warn, f"others on this machine can read what people write; run: chmod 700 {instance}"
    return State.ok, f"{instance} has no secret that others can read"


CHECKS: dict[str, Callable[[], Verdict]] = {
    "settings": check_settings,
    "database": check_database,
    "migrations": check_migrations,
    "bus": check_bus,
    "open files": check_files,
    "clock": check_clock,
    "disk": check_disk,
    "instance": check_instance,
}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _round_trip(client: redis.Redis) -> bool:
    """Whether this Redis carries a message from a publisher to a subscriber."""
    channel = f"multichat:doctor:{uuid.uuid4().hex}"
    with client.pubsub() as listener:  # type: ignore[no-untyped-call]
        listener.subscribe(channel)
        listener.get_message(timeout=1)  # the confirmation
        client.publish(channel, b"")
        return listener.get_message(timeout=1) is not None


def _database_time() -> datetime | None:
    if db.engine.dialect.name == "sqlite":
        return None  # it asks the same clock
    try:
        told: datetime = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    except DBAPIError:
        return None
    return told


def _bus_time() -> datetime | None:
    url = current_app.config["MULTICHAT_BUS_URL"]
    if url == "memory://" or url.startswith("unix:"):
        return None  # on this machine
    client = connect(url)
    try:
        seconds, microseconds = client.time()
    except redis.RedisError:
        return None
    finally:
        client.close()
    return datetime.fromtimestamp(seconds + microseconds / 1e6, UTC)


def _ms(begun: float) -> str:
    return f"answers in {(time.monotonic() - begun) * 1000:.0f} ms"


def _open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
