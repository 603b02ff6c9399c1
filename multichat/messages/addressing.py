"""Whom a message addresses: by name, by a word that means many, or by answering them."""

from collections.abc import Collection
from dataclasses import dataclass

from multichat.extensions import realtime
from multichat.messages.markdown import Rendered, render
from multichat.messages.markdown.mentions import names_in
from multichat.models import Message, Reason, Refused, Room, User, audience

# Whoever is in a room of so many may call all of them; in a larger one only staff.
ROOM_CALL_LIMIT = 20


@dataclass(frozen=True)
class Addressed:
    """A body as it is shown, the names in it that mean somebody, and whom it concerns, by id."""

    rendered: Rendered
    mentions: dict[str, int]
    reasons: dict[int, Reason]


def address(room: Room, author: User, body: str, original: Message | None, called: Collection[str] = ()) -> Addressed:
    """Render a body, and find whom it addresses. Raises `Refused` for a call that is not the author's to make, unless
    it is one of those that were `called` before: a room may have grown since.

    A statement when there are names in it, another for `@room`. The author is never addressed.
    """
    known = audience.named(room.id, names_in(body))
    rendered = render(body, known)
    mentions = {name: user_id for name, user_id in known.items() if user_id in rendered.mentioned}
    mentions |= dict.fromkeys(sorted(rendered.calls), 0)
    reasons: dict[int, Reason] = {}
    if "room" in rendered.calls:
        reasons |= dict.fromkeys(_everybody(room, author, "room" in called), Reason.room)
    if "here" in rendered.calls:
        reasons |= dict.fromkeys(realtime.here.people(room.id), Reason.here)
    reasons |= dict.fromkeys(rendered.mentioned, Reason.mention)
    if original is not None:
        reasons[original.author_id] = Reason.reply
    reasons.pop(author.id, None)
    return Addressed(rendered, mentions, reasons)


def calls(room: Room, author: User) -> list[str]:
    """Which of the words that mean many are the author's to use. One statement."""
    return ["here", "room"] if _may_call(author, audience.members(room.id)) else ["here"]


def _everybody(room: Room, author: User, were_called: bool) -> list[int]:
    members = audience.members(room.id)
    if not were_called and not _may_call(author, members):
        raise Refused(
            f"There are {len(members)} people in this room: @room is for staff here. @here calls who is there."
        )
    return members


def _may_call(author: User, members: list[int]) -> bool:
    return author.is_staff or len(members) <= ROOM_CALL_LIMIT
