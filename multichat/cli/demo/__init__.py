"""`flask demo`: a team that talks, for trying multichat out."""

from datetime import timedelta
from random import Random

import click
from flask import current_app
from flask.cli import with_appcontext

from multichat.cli.command import Command
from multichat.cli.demo import stage
from multichat.cli.demo.people import Person, team
from multichat.cli.demo.talk import shares, speakers, subjects, threads
from multichat.database import now
from multichat.extensions import realtime
from multichat.models import Role

# The same team says the same things each time.
SEED = "multichat"


@click.command("demo", cls=Command)
@click.option("--users", type=click.IntRange(1, 10_000), default=12, show_default=True)
@click.option("--rooms", type=click.IntRange(1, 1_000), default=6, show_default=True)
@click.option("--messages", type=click.IntRange(0, 1_000_000), default=300, show_default=True)
@click.option("--force", is_flag=True, help="Even where people are registered.")
@with_appcontext
def demo(users: int, rooms: int, messages: int, force: bool) -> None:
    """A lively team to try multichat with: people, rooms, and what they said in the last days."""
    rng = Random(SEED)
    people = team(users, stage.usernames_taken())
    ids = stage.register(people, among_others=force, rng=rng)
    plan = subjects(rooms)
    room_ids = stage.open_rooms(plan, rng)
    with click.progressbar(length=messages, label="Messages") as bar:
        for subject, room_id, share in zip(plan, room_ids, shares(plan, messages), strict=True):
            regulars = speakers(subject, people, rng)
            end = now() - timedelta(minutes=rng.uniform(1, 40))
            conversations = threads(subject, regulars, people, share, rng)
            for messages_said in stage.play(room_id, conversations, ids, end, rng):
                bar.update(messages_said)
            members = dict.fromkeys([*regulars, *(said.author for thread in conversations for said in thread)])
            stage.have_read(room_id, [ids[person.username] for person in members], rng)
    realtime.rights_changed()
    click.echo(f"People: {users}, rooms: {rooms}, messages: {messages}.")
    address = current_app.config["MULTICHAT_ADDRESS"]
    click.echo(f"Sign in at {address} as {_examples(people)}; everybody's password is {stage.PASSWORD}.")
    click.echo(f"Everybody knows that password, and {people[0].username} is an administrator.", err=True)


def _examples(people: list[Person]) -> str:
    """One person of each role."""
    words = {Role.admin: "administrator", Role.staff: "staff", Role.member: "member"}
    found = ((next((person for person in people if person.role is role), None), word) for role, word in words.items())
    return ", ".join(f"{person.username} ({word})" for person, word in found if person is not None)
