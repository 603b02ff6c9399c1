"""The command line: what `flask --app wsgi` can do beside what Flask brings."""

import os

from flask import Flask

from multichat.cli.demo import demo
from multichat.cli.doctor import doctor
from multichat.cli.message import message
from multichat.cli.room import room
from multichat.cli.setup_link import setup_link
from multichat.cli.user import user


def init_app(app: Flask) -> None:
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        from multichat import upgrade

        upgrade.init_app(app)
    for command in (user, room, message, setup_link, demo, doctor):
        app.cli.add_command(command)
