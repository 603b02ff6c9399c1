"""`flask setup-link`: the way in, while nobody is registered."""

import click
from flask import current_app
from flask.cli import with_appcontext

from multichat.accounts import setup
from multichat.cli.command import Command
from multichat.models import Refused


@click.command("setup-link", cls=Command)
@with_appcontext
def setup_link() -> None:
    """Print the link that makes the first administrator."""
    link = setup.link(current_app.config["MULTICHAT_ADDRESS"])
    if link is None:
        raise Refused("Somebody is registered already, so there is no set-up link any more.")
    click.echo(link)
