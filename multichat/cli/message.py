"""`flask message ...`: messages."""

import click

from multichat.cli.command import Commands
from multichat.messages import rerendering


@click.group(cls=Commands)
def message() -> None:
    """Messages: render again."""


@message.command()
def rerender() -> None:
    """Render again what an older version rendered.

    A server may run meanwhile; pages that are open show it when they are loaded again.
    """
    count = rerendering.outdated()
    if not count:
        click.echo("Every message is as this version renders it.")
        return
    with click.progressbar(length=count, label="Messages") as bar:
        for done in rerendering.rerender():
            bar.update(done)
    click.echo(f"Rendered again: {count}.")
