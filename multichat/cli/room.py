"""`flask room ...`: rooms."""

import click

from multichat.cli.command import Commands
from multichat.cli.output import plain, table
from multichat.database import db
from multichat.models import Access, Refused, Room
from multichat.rooms import changes


@click.group(cls=Commands)
def room() -> None:
    """Rooms: create, list, archive."""


@room.command()
@click.argument("name")
@click.option(
    "--access",
    type=click.Choice([Access.open, Access.staff, Access.private]),
    default=Access.open,
    show_default="open",
)
@click.option("--topic", default="", help="What the room is for.")
def create(name: str, access: Access, topic: str) -> None:
    """Open a room."""
    new = changes.create(name, access, topic)
    click.echo(f"{new.name} is there ({new.access}).")
    if new.access is Access.private:
        click.echo("It has no members yet, so nobody sees it.")


@room.command("list")
def list_() -> None:
    """Every room, archived ones included; direct conversations are nobody else's business."""
    rooms = db.session.scalars(
        db.select(Room).where(Room.access != Access.direct).order_by(Room.archived, Room.name_key, Room.id)
    ).all()
    table(
        ("NAME", "ACCESS", "ARCHIVED", "MESSAGES", "TOPIC"),
        [
            (room.name, room.access, "yes" if room.archived else "no", str(room.last_ordinal), room.topic)
            for room in rooms
        ],
    )


@room.command()
@click.argument("name")
def archive(name: str) -> None:
    """Close a room for writing; it stays readable for the same people."""
    found = Room.named(name)
    if found is None:
        raise Refused(f"There is no room named {plain(name)}, or it is archived already.")
    changes.archive(found.id)
    click.echo(f"{found.name} is archived.")
