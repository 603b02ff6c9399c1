"""The last step of bin/serve: check, migrate, say where to go, and become gunicorn.

gunicorn's master must not have loaded what this loads (gunicorn.conf.py says why); exec leaves nothing of it behind.
"""

import os
import socket
import sys
from typing import NoReturn

import flask_migrate
from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from multichat import config, create_app, embedded_bus
from multichat.accounts import setup
from multichat.cli.address import own_address
from multichat.cli.command import reason
from multichat.config import Settings, SettingsError
from multichat.schema import unapplied


def main() -> NoReturn:
    try:
        settings = config.load(os.environ)
        _prepare(settings)
        app = create_app(settings)
    except (SettingsError, embedded_bus.AlreadyRunning) as error:
        _refuse(str(error), status=2)
    try:
        with app.app_context():
            # Upgrading takes the database's lock and half a second, even when there is nothing to do.
            if unapplied():
                flask_migrate.upgrade()
            _say_where_to_go()
    except DBAPIError as error:
        _refuse(f"the database cannot be used: {reason(error)}")
    except CommandError as error:
        _refuse(f"the database does not fit this version of multichat: {error}")
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


def _say_where_to_go() -> None:
    address = own_address()
    print(f"multichat is at {address}")
    link = setup.link(address)
    if link is not None:
        print(f"Nobody is registered yet. Whoever opens this becomes the administrator:\n\n    {link}\n")


def _become_gunicorn() -> NoReturn:
    os.chdir(config.PROJECT)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn"])


if __name__ == "__main__":
    main()
