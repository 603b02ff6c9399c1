"""What can be done with messages; each way in calls these."""

from dataclasses import dataclass
from uuid import UUID

from flask import Flask, current_app
from limits import parse
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from multichat.database import writing
from multichat.messages import broadcasts
from multichat.messages.body import clean
from multichat.messages.markdown import render
from multichat.models import Invalid, Level, Membership, Message, NotFound, Refused, Room, User
from multichat.pace import Paces


class TooFast(Exception):
    """More than MULTICHAT_MESSAGE_RATE allows: the message is not stored. The text is a sentence for the person."""


@dataclass(frozen=True)
class Posted:
    """A stored message, which belongs to no session when it is new.

    `repeated`: it was stored before, by an earlier try with the same client id.
    """

    message: Message
    repeated: bool


def post(room: Room, author: User, body: str, client_id: UUID, level: Level = Level.message) -> Posted:
    """Store a message and bring it to everybody in the room; the same client id stores it once, however often it comes.

    Three statements in one short transaction. Raises `Invalid` for a body that cannot be, `Refused` for a level that is
    not the author's to choose or an archived room, `TooFast`, and `Busy`.
    """
    try:
        return _post(room, author, body, client_id, level)
    except (Refused, TooFast):
        # A page that comes back sends again what it saw no answer to: what is stored already is not refused now.
        stored = Message.sent_as(author.id, client_id)
        if stored is None or stored.room_id != room.id:
            raise
        return Posted(stored, repeated=True)


def delete(message_id: int) -> None:
    """Leave a tombstone, and show it to everybody. Raises `NotFound`."""
    with writing() as session:
        message = session.scalars(_fresh(message_id)).one_or_none()
        if message is None:
            raise NotFound
        message.delete()
    broadcasts.message_changed(message)


def init_app(app: Flask) -> None:
    """Each worker counts for itself: a counter that all share would have to be waited for, at each message."""
    rate = parse(app.config["MULTICHAT_MESSAGE_RATE"])
    app.extensions["message_paces"] = Paces(rate.amount, rate.get_expiry())


def _post(room: Room, author: User, body: str, client_id: UUID, level: Level) -> Posted:
    body = clean(body)
    if level is not Level.message and not author.is_staff:
        raise Refused("Only staff may choose a level.")
    body_html = render(body).html
    _count(author)
    try:
        with writing():
            revision, ordinal = room.take_ordinal()
            message = Message.store(
                room,
                author,
                ordinal=ordinal,
                revision=revision,
                level=level,
                body=body,
                body_html=body_html,
                client_id=str(client_id),
            )
            Membership.raise_last_read(room.id, author.id, ordinal)
    except IntegrityError:
        return Posted(_stored(room, author, client_id), repeated=True)
    broadcasts.message_created(message)
    return Posted(message, repeated=False)


def _fresh(message_id: int) -> Select[Message]:
    return select(Message).where(Message.id == message_id).execution_options(populate_existing=True)


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
