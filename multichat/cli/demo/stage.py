"""Puts the demonstration's people, rooms and messages into the database, many rows at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from multichat.accounts.passwords import hash_password
from multichat.cli.demo.calendar import schedule
from multichat.cli.demo.people import Person
from multichat.cli.demo.said import REGRET, Said, said_in
from multichat.cli.demo.talk import Subject, Utterance
from multichat.database import db, now, writing
from multichat.models import Activity, Membership, Message, Reaction, Refused, Rights, Room, User

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
        row for thread, begin in zip(threads, begins, strict=True) for row in said_in(room_id, thread, begin, ids, rng)
    ]
    for part in _slices(rows):
        _say(room_id, part)
        yield len(part)


def have_read(room_id: int, user_ids: Sequence[int], rng: Random) -> None:
    """Make them members; most of them have seen all that was said."""
    last = db.session.scalars(db.select(Room.last_ordinal).where(Room.id == room_id)).one()
    read = {user_id: last if rng.random() < 0.7 else rng.randint(last * 2 // 3, last) for user_id in user_ids}
    latest = db.select(Activity.user_id, db.func.max(Activity.ordinal)).where(Activity.room_id == room_id)
    concerned = db.session.execute(latest.group_by(Activity.user_id)).all()
    with writing():
        for user_id, ordinal in read.items():
            Membership.raise_last_read(room_id, user_id, ordinal)
        for user_id, ordinal in concerned:
            Membership.raise_last_mention(room_id, [user_id], ordinal)


def _long_ago(rng: Random) -> datetime:
    return now() - timedelta(days=rng.uniform(400, 900))


def _say(room_id: int, part: Sequence[Said]) -> None:
    # Each message is one revision, and each change of it another, which is then the message's own.
    revisions, last = [], 0
    for said in part:
        last += said.changes
        revisions.append(last)
    with writing() as session:
        room = session.execute(
            db.update(Room)
            .where(Room.id == room_id)
            .values(revision=Room.revision + last, last_ordinal=Room.last_ordinal + len(part))
            .returning(Room.revision, Room.last_ordinal)
        ).one()
        for place, said in enumerate(part, start=1):
            said.ordinal = room.last_ordinal - len(part) + place
        rows = [
            said.columns
            | {
                "ordinal": said.ordinal,
                "revision": room.revision - last + revision,
                "reply_to": said.original.ordinal if said.original else None,
            }
            for said, revision in zip(part, revisions, strict=True)
        ]
        session.execute(db.insert(Message), rows)
        places = db.select(Message.ordinal, Message.id).where(
            Message.room_id == room_id, Message.ordinal.between(part[0].ordinal, part[-1].ordinal)
        )
        _add_what_belongs(room_id, part, dict(session.execute(places).all()))


def _add_what_belongs(room_id: int, part: Sequence[Said], message_ids: dict[int, int]) -> None:
    reactions = [
        {
            "message_id": message_ids[said.ordinal],
            "user_id": user_id,
            "emoji": emoji,
            "created_at": said.columns["created_at"] + REGRET,
        }
        for said in part
        for emoji, user_id in said.reactions
    ]
    activities = [
        {
            "message_id": message_ids[said.ordinal],
            "user_id": user_id,
            "room_id": room_id,
            "ordinal": said.ordinal,
            "reason": reason,
        }
        for said in part
        for user_id, reason in said.reasons.items()
    ]
    for model, rows in ((Reaction, reactions), (Activity, activities)):
        if rows:
            db.session.execute(db.insert(model), rows)


def _free_name(name: str) -> str:
    tries = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(name for name in tries if Room.named(name) is None)


def _slices(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), SLICE_ROWS):
        yield rows[start : start + SLICE_ROWS]
