"""Puts the demonstration's people, rooms and messages into the database, many rows at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from multichat.accounts.passwords import hash_password
from multichat.cli.demo.calendar import schedule
from multichat.cli.demo.people import Person
from multichat.cli.demo.talk import Subject, Utterance
from multichat.database import db, now, writing
from multichat.messages.markdown import RENDERER, render
from multichat.models import Membership, Message, Refused, Rights, Room, User

PASSWORD = "demo-demo"  # noqa: S105
# Some 20 ms of writing, in which others wait for a server that runs.
SLICE_ROWS = 500

T = TypeVar("T")


def usernames_taken() -> frozenset[str]:
    return frozenset(db.session.scalars(db.select(User.username_key)))


def register(people: Sequence[Person], among_others: bool, rng: Random) -> dict[str, int]:
    """Their ids by username. Raises `Refused` where others are registered, unless they are to be among them."""
    password_hash = hash_password(PASSWORD)  # one for all: a thousand would take a minute
    ids: dict[str, int] = {}
    for part in _slices(people):
        with writing() as session:
            Rights.bump()
            if not ids and not among_others and User.anybody_registered():
                raise Refused(
                    "People are registered here. With --force the team joins them, "
                    "with an administrator whose password everybody knows."
                )
            registered = session.execute(
                db.insert(User).returning(User.id, User.username),
                [
                    {
                        "username": person.username,
                        "username_key": person.username,
                        "display_name": person.display_name,
                        "password_hash": password_hash,
                        "role": person.role,
                        "created_at": _long_ago(rng),
                    }
                    for person in part
                ],
            )
            ids |= {username: user_id for user_id, username in registered}
    return ids


def open_rooms(subjects: Sequence[Subject], rng: Random) -> list[int]:
    """Their ids; a name that is taken gets a number."""
    ids = []
    for subject in subjects:
        with writing():
            Rights.bump()
            room = Room.create(_free_name(subject.name), subject.access, subject.topic)
            room.created_at = _long_ago(rng)
            ids.append(room.id)
    return ids


def play(
    room_id: int, threads: Sequence[Sequence[Utterance]], ids: dict[str, int], end: datetime, rng: Random
) -> Iterator[int]:
    """Have it all said in that room until `end`; yields how much was, slice by slice."""
    durations = [sum(utterance.pause for utterance in thread[1:]) for thread in threads]
    begins = schedule(durations, end, rng)
    rows = [
        row for thread, begin in zip(threads, begins, strict=True) for row in _rows(room_id, thread, begin, ids, rng)
    ]
    for part in _slices(rows):
        _say(room_id, part)
        yield len(part)


def have_read(room_id: int, user_ids: Sequence[int], rng: Random) -> None:
    """Make them members; most of them have seen all that was said."""
    last = db.session.scalars(db.select(Room.last_ordinal).where(Room.id == room_id)).one()
    read = {user_id: last if rng.random() < 0.7 else rng.randint(last * 2 // 3, last) for user_id in user_ids}
    with writing():
        for user_id, ordinal in read.items():
            Membership.raise_last_read(room_id, user_id, ordinal)


def _long_ago(rng: Random) -> datetime:
    return now() - timedelta(days=rng.uniform(400, 900))


def _rows(
    room_id: int, thread: Sequence[Utterance], begin: datetime, ids: dict[str, int], rng: Random
) -> Iterator[dict[str, Any]]:
    """Messages that have no place in the room yet."""
    at = begin
    for place, utterance in enumerate(thread):
        if place > 0:
            at += timedelta(seconds=utterance.pause)
        body = "" if utterance.deleted else utterance.text
        yield {
            "room_id": room_id,
            "author_id": ids[utterance.author.username],
            "level": utterance.level,
            "body": body,
            "body_html": render(body).html if body else "",
            "renderer": RENDERER,
            "client_id": str(UUID(int=rng.getrandbits(128), version=4)),
            "created_at": at,
            "deleted_at": at + timedelta(seconds=3) if utterance.deleted else None,
        }


def _say(room_id: int, rows: Sequence[dict[str, Any]]) -> None:
    # Each message is one revision, and its deletion another, which is then the message's own.
    revisions, last = [], 0
    for row in rows:
        last += 2 if row["deleted_at"] else 1
        revisions.append(last)
    with writing() as session:
        room = session.execute(
            db.update(Room)
            .where(Room.id == room_id)
            .values(revision=Room.revision + last, last_ordinal=Room.last_ordinal + len(rows))
            .returning(Room.revision, Room.last_ordinal)
        ).one()
        session.execute(
            db.insert(Message),
            [
                row | {"revision": room.revision - last + revision, "ordinal": room.last_ordinal - len(rows) + place}
                for place, (row, revision) in enumerate(zip(rows, revisions, strict=True), start=1)
            ],
        )


def _free_name(name: str) -> str:
    tries = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(name for name in tries if Room.named(name) is None)


def _slices(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), SLICE_ROWS):
        yield rows[start : start + SLICE_ROWS]
