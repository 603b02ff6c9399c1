"""What can be done with messages; each way in calls these.

Each change takes the room's next revision, which locks the room until it is committed: what a change depends on is read
after that.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, current_app
from limits import parse
from sqlalchemy import delete as sql_delete
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from multichat.database import db, now, writing
from multichat.messages import broadcasts
from multichat.messages.addressing import Addressed, address
from multichat.messages.body import clean
from multichat.messages.emoji import is_emoji
from multichat.messages.markdown import RENDERER
from multichat.models import (
    Activity,
    Invalid,
    Level,
    Membership,
    Message,
    NoMessage,
    Reaction,
    Reason,
    Refused,
    Room,
    User,
)
from multichat.pace import Paces

# Different ones, of one message.
REACTIONS_LIMIT = 20
DELETED = "This message is deleted."


class TooFast(Exception):
    """More than MULTICHAT_MESSAGE_RATE allows: the message is not stored. The text is a sentence for the person."""


@dataclass(frozen=True)
class Posted:
    """A stored message, which belongs to no session when it is new.

    `repeated`: it was stored before, by an earlier try with the same client id.
    """

    message: Message
    repeated: bool


def post(
    room: Room,
    author: User,
    body: str,
    client_id: UUID,
    level: Level = Level.message,
    reply_to: int | None = None,
) -> Posted:
    """Store a message and bring it to everybody in the room; the same client id stores it once, however often it comes.

    Three statements in one short transaction; a reply, and a message that concerns somebody, have up to four more, and
    up to three before it. Raises `Invalid` for a body that cannot be or an answer to nothing, `Refused` for a level or
    a call that is not the author's to choose or an archived room, `TooFast`, and `Busy`.
    """
    try:
        return _post(room, author, body, client_id, level, reply_to)
    except (Invalid, Refused, TooFast):
        # A page that comes back sends again what it saw no answer to: what is stored already is not refused now.
        stored = Message.sent_as(author.id, client_id)
        if stored is None or stored.room_id != room.id:
            raise
        return Posted(stored, repeated=True)


def edit(room: Room, person: User, ordinal: int, body: str) -> None:
    """Replace what was said, and say that it was; nothing to do when it says the same.

    Raises `NoMessage`, `Invalid`, `Refused` for what is another's, deleted or archived, `TooFast`, and `Busy`.
    """
    body = clean(body)
    message = Message.at(room.id, ordinal)
    check_own(message, person)
    if message.body == body:
        return
    _count(person)  # before it is rendered, which may take a tenth of a second
    addressed = address(room, person, body, message.original, message.calls)
    with writing():
        revision = Room.take_revision(room.id)
        message = Message.at(room.id, ordinal)
        check_own(message, person)
        before, called = message.change(revision), message.calls
        message.body, message.body_html = body, addressed.rendered.html
        message.renderer, message.mentions = RENDERER, addressed.mentions
        message.edited_at = now()
        db.session.flush()
        newly = _concern(message, addressed, called)
    broadcasts.message_edited(_told(message), before)
    broadcasts.concerned(message, newly)


def delete(room: Room, person: User, ordinal: int, even_archived: bool = False) -> None:
    """Leave a tombstone, and show it to everybody; nothing to do when there is one.

    Raises `NoMessage`, `Refused` for what is another's unless the person is staff, and `Busy`.
    """
    message = Message.at(room.id, ordinal)
    if message.author_id != person.id and not person.is_staff:
        raise Refused("Only its author and staff can delete a message.")
    if message.deleted_at is not None:
        return
    with writing() as session:
        revision = Room.take_revision(room.id, even_archived)
        message = Message.at(room.id, ordinal)
        message.change(revision)
        if message.deleted_at is None:
            message.delete(by_staff=message.author_id != person.id)
            session.flush()
            session.execute(sql_delete(Reaction).where(Reaction.message_id == message.id))
            Activity.forget(message.id)
    broadcasts.message_changed(_told(message))


def react(room: Room, person: User, ordinal: int, emoji: str, on: bool | None) -> None:
    """Put the person's emoji to a message or take it away, with None whichever it is not; nothing to do when it is so.

    Raises `NoMessage`, `Invalid` for what is no emoji, `Refused` for one too many or a message that is deleted or
    archived, and `Busy`.
    """
    if not is_emoji(emoji):
        raise Invalid("This is not an emoji.")
    message = Message.at(room.id, ordinal)
    reacted = _has_reacted(message.id, person.id, emoji)
    if on is None:
        on = not reacted
    if on is reacted:
        return
    with writing() as session:
        revision = Room.take_revision(room.id)
        message = Message.at(room.id, ordinal)
        if message.deleted_at is not None:
            raise Refused(DELETED)
        tallies = Reaction.tallies([message.id]).get(message.id, [])
        if on and len(tallies) >= REACTIONS_LIMIT and all(tally.emoji != emoji for tally in tallies):
            raise Refused(f"A message has at most {REACTIONS_LIMIT} different reactions.")
        before = message.change(revision)
        if not on:
            mine = (Reaction.message_id == message.id, Reaction.user_id == person.id, Reaction.emoji == emoji)
            session.execute(sql_delete(Reaction).where(*mine))
        elif not any(tally.emoji == emoji and person.id in tally.user_ids for tally in tallies):
            session.add(Reaction(message_id=message.id, user_id=person.id, emoji=emoji))
    broadcasts.reactions_changed(_told(message), before)


def check_own(message: Message, person: User) -> None:
    """Raises `Refused` for what is not the person's to edit."""
    if message.author_id != person.id:
        raise Refused("Only its author can edit a message.")
    if message.deleted_at is not None:
        raise Refused(DELETED)


def init_app(app: Flask) -> None:
    """Each worker counts for itself: a counter that all share would have to be waited for, at each message."""
    rate = parse(app.config["MULTICHAT_MESSAGE_RATE"])
    app.extensions["message_paces"] = Paces(rate.amount, rate.get_expiry())


def _post(room: Room, author: User, body: str, client_id: UUID, level: Level, reply_to: int | None) -> Posted:
    body = clean(body)
    if level is not Level.message and not author.is_staff:
        raise Refused("Only staff may choose a level.")
    original = None if reply_to is None else _original(room, reply_to)
    _count(author)  # before it is rendered, which may take a tenth of a second
    addressed = address(room, author, body, original)
    try:
        with writing():
            message = _store(room, author, body, client_id, level, original, addressed)
    except IntegrityError:
        return Posted(_stored(room, author, client_id), repeated=True)
    Message.name([message])
    broadcasts.message_created(message)
    broadcasts.concerned(message, addressed.reasons)
    return Posted(message, repeated=False)


def _store(
    room: Room,
    author: User,
    body: str,
    client_id: UUID,
    level: Level,
    original: Message | None,
    addressed: Addressed,
) -> Message:
    revision, ordinal = room.take_ordinal()
    if original is not None:
        original = Message.at(room.id, original.ordinal)  # what is quoted of it may have been deleted meanwhile
    message = Message.store(
        room,
        author,
        original,
        ordinal=ordinal,
        revision=revision,
        level=level,
        body=body,
        body_html=addressed.rendered.html,
        renderer=RENDERER,
        mentions=addressed.mentions,
        client_id=str(client_id),
    )
    Membership.raise_last_read(room.id, author.id, ordinal)
    if original is not None and not original.replied:
        db.session.execute(update(Message).where(Message.id == original.id).values(replied=True))
    Activity.concern(message, addressed.reasons)
    return message


def _concern(message: Message, addressed: Addressed, called: Collection[str]) -> dict[int, Reason]:
    """Whom an edited message concerns newly; those it names no longer it concerns no longer.

    A word that means many, and stood in it before, means whom it meant then, whoever came and went.
    """
    concerned = Activity.concerned(message.id)
    gone = {
        user_id
        for user_id, reason in concerned.items()
        if user_id not in addressed.reasons and reason not in addressed.rendered.calls
    }
    if gone:
        Activity.forget(message.id, gone)
    newly = {
        user_id: reason
        for user_id, reason in addressed.reasons.items()
        if user_id not in concerned and reason not in called
    }
    Activity.concern(message, newly)
    return newly


def _told(message: Message) -> Message:
    (told,) = Message.told([message])
    return told


def _original(room: Room, ordinal: int) -> Message:
    try:
        return Message.at(room.id, ordinal)
    except NoMessage:
        raise Invalid("There is no such message to reply to.") from None


def _has_reacted(message_id: int, user_id: int, emoji: str) -> bool:
    mine = (Reaction.message_id == message_id, Reaction.user_id == user_id, Reaction.emoji == emoji)
    return db.session.scalar(db.select(Reaction.id).where(*mine)) is not None


def _stored(room: Room, author: User, client_id: UUID) -> Message:
    message = Message.sent_as(author.id, client_id)
    if message is None or message.room_id != room.id:
        raise Invalid("This message was sent to another room already.")
    return message


def _count(author: User) -> None:
    paces: Paces = current_app.extensions["message_paces"]
    if not paces.allows(author.id):
        most = f"at most {paces.limit} messages in {paces.seconds} seconds"
        raise TooFast(f"That was too fast: {most}. Wait a moment and send it again.")
