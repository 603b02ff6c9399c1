"""`flask doctor`: whether all is well, and what to do where it is not."""

import click
from flask.cli import with_appcontext

from multichat.cli.checks import CHECKS, State
from multichat.cli.command import Command

_COLOURS = {State.ok: "green", State.warn: "yellow", State.fault: "red"}


@click.command("doctor", cls=Command)
@click.pass_context
@with_appcontext
def doctor(ctx: click.Context) -> None:
    """Look at settings, database, bus and machine; ends with 1 on a fault."""
    states = set()
    for name, check in CHECKS.items():
        state, text = check()
        states.add(state)
        click.echo(f"{click.style(f'{state:5}', fg=_COLOURS[state])}  {name:11}  {text}")
    if State.fault in states:
        ctx.exit(1)
