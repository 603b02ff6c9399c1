"""`flask user ...`: people."""

import sys

import click

from multichat.accounts import changes
from multichat.cli.command import Commands
from multichat.cli.output import plain, table
from multichat.database import db
from multichat.models import Refused, Role, User

_password_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from one line of the input.")


@click.group(cls=Commands)
def user() -> None:
    """People: create, list, deactivate, set a password."""


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(Role), default=Role.member, show_default="member")
@_password_stdin
def create(name: str, role: Role, password_stdin: bool) -> None:
    """Register a person."""
    person = changes.create(name, _password(password_stdin), role=role)
    click.echo(f"{person.username} is registered ({person.role}).")
    if not User.anybody_administers():
        # The set-up link is void from the first person on, whoever it is.
        click.echo("Nobody is an administrator yet: register one with --role admin.", err=True)


@user.command("list")
def list_() -> None:
    """Everybody, deactivated people included."""
    people = db.session.scalars(db.select(User).order_by(User.username_key)).all()
    table(
        ("NAME", "ROLE", "ACTIVE", "SINCE", "DISPLAY NAME"),
        [
            (
                person.username,
                person.role,
                "yes" if person.active else "no",
                f"{person.created_at:%Y-%m-%d}",
                person.display_name,
            )
            for person in people
        ],
    )


@user.command()
@click.argument("name")
@_password_stdin
def set_password(name: str, password_stdin: bool) -> None:
    """Give a person a new password, and end their sign-ins."""
    person = _named(name)
    changes.set_password(person.id, _password(password_stdin))
    click.echo(f"{person.username} has a new password and is signed out everywhere.")


@user.command()
@click.argument("name")
def deactivate(name: str) -> None:
    """Keep a person out; what they said stays."""
    person = _named(name)
    changes.deactivate(person.id)
    click.echo(f"{person.username} is deactivated and signed out everywhere.")


def _named(name: str) -> User:
    person = User.named(name)
    if person is None:
        raise Refused(f"There is nobody named {plain(name)}.")
    return person


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        if not sys.stdin.isatty():
            raise Refused("There is no terminal to ask for the password on. Give it with --password-stdin.")
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        line = sys.stdin.buffer.readline().decode()
    except UnicodeDecodeError:
        raise Refused("The password is not UTF-8 text.") from None
    return line.removesuffix("\n").removesuffix("\r")
