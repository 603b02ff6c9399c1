"""The last step of bin/serve: check, migrate, say where to go, and become gunicorn.

gunicorn's master must not have loaded what this loads (gunicorn.conf.py says why); exec leaves nothing of it behind.
"""

import os
import signal
import socket
import sys
from typing import NoReturn

# Ctrl-C ends it as it ends any program, and not with a traceback from wherever it is loading.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from multichat import config, embedded_bus, first_run
from multichat.config import Settings, SettingsError
from multichat.schema import reason, unapplied

DATABASE_ANSWERS_WITHIN_SECONDS = 5


def main() -> NoReturn:
    try:
        settings = config.load(os.environ)
        _prepare(settings)
    except (SettingsError, embedded_bus.AlreadyRunning) as error:
        _refuse(str(error), status=2)
    try:
        engine = _engine(settings)
        if unapplied(engine):
            _upgrade(settings)
        _say_where_to_go(settings, engine)
    except DBAPIError as error:
        _refuse(f"the database cannot be used: {reason(error)}")
    _become_gunicorn()


def _refuse(reason: str, status: int = 1) -> NoReturn:
    print(f"multichat: {reason}", file=sys.stderr)
    sys.exit(status)


def _prepare(settings: Settings) -> None:
    """Whatever would stop gunicorn later, and less clearly, stops here."""
    # The database and its journals are nobody else's.
    os.umask(0o077)
    instance = config.make_instance(settings)
    config.secret_key(settings)
    if settings.REDIS_URL is None:
        embedded_bus.hold(instance)
    _check_address(settings.HOST, settings.PORT)


def _check_address(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As gunicorn does: an address that closed a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(f"cannot listen on HOST {host}, PORT {port}: {error.strerror}") from None


def _engine(settings: Settings) -> Engine:
    """Not the application's own: loading that takes a second, and all else that is asked of it here is one question."""
    url = config.database_url(settings)
    patience = {} if url.startswith("sqlite") else {"connect_timeout": DATABASE_ANSWERS_WITHIN_SECONDS}
    return create_engine(url, connect_args=patience, hide_parameters=True)


def _upgrade(settings: Settings) -> None:
    # Upgrading takes the whole application, the database's lock and half a second, even when there is nothing to do.
    from multichat.upgrade import DoesNotFit, upgrade

    try:
        upgrade(settings)
    except DoesNotFit as error:
        _refuse(f"the database does not fit this version of multichat: {error}")


def _say_where_to_go(settings: Settings, engine: Engine) -> None:
    config.keep_address(settings)
    address = config.address(settings)
    print(f"multichat is at {address}")
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT EXISTS (SELECT 1 FROM users)")):
            link = first_run.link(address, config.instance_path(settings))
            print(f"Nobody is registered yet. Whoever opens this becomes the administrator:\n\n    {link}\n")
    engine.dispose()


def _become_gunicorn() -> NoReturn:
    os.chdir(config.PROJECT)
    sys.stdout.flush()
    # It would end in a traceback while gunicorn is loading; gunicorn.conf.py lets it in.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])


if __name__ == "__main__":
    main()
