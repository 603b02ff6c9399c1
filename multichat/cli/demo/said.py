"""What the demonstration's team says, as rows that have no place in their room yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from multichat.cli.demo.talk import Utterance
from multichat.messages.markdown import RENDERER, render
from multichat.messages.markdown.mentions import names_in
from multichat.models import Reason

# From a message to its edit, or its end.
REGRET = timedelta(seconds=3)


@dataclass
class Said:
    """A message with what belongs to it; `columns` are its row's."""

    columns: dict[str, Any]
    original: "Said | None"
    reactions: list[tuple[str, int]]
    # By id, whom it concerns.
    reasons: dict[int, Reason]
    ordinal: int = field(default=0, init=False)

    @property
    def changes(self) -> int:
        """How many of the room's revisions it took."""
        return 1 + len(self.reactions) + sum(self.columns[name] is not None for name in ("edited_at", "deleted_at"))


def said_in(
    room_id: int, thread: Sequence[Utterance], begin: datetime, ids: dict[str, int], rng: Random
) -> Iterator[Said]:
    """A conversation that begins then; `ids` are people's, by username."""
    at = begin
    said: list[Said] = []
    for place, utterance in enumerate(thread):
        if place > 0:
            at += timedelta(seconds=utterance.pause)
        original = None if utterance.answers is None else said[utterance.answers]
        if original is not None:
            original.columns["replied"] = True
        said.append(_said(room_id, utterance, at, original, ids, rng))
        yield said[-1]


def _said(
    room_id: int, utterance: Utterance, at: datetime, original: Said | None, ids: dict[str, int], rng: Random
) -> Said:
    author_id = ids[utterance.author.username]
    body = "" if utterance.deleted else utterance.text
    known = {name: ids[name] for name in names_in(body) if name in ids}
    rendered = render(body, known) if body else None
    mentioned = rendered.mentioned if rendered else frozenset()
    reasons = dict.fromkeys(sorted(mentioned), Reason.mention)
    if original is not None and body:
        reasons[original.columns["author_id"]] = Reason.reply
    reasons.pop(author_id, None)
    columns = {
        "room_id": room_id,
        "author_id": author_id,
        "level": utterance.level,
        "body": body,
        "body_html": rendered.html if rendered else "",
        "renderer": RENDERER,
        "mentions": {name: user_id for name, user_id in known.items() if user_id in mentioned},
        "replied": False,
        "client_id": str(UUID(int=rng.getrandbits(128), version=4)),
        "created_at": at,
        "edited_at": at + REGRET if utterance.edited else None,
        "deleted_at": at + REGRET if utterance.deleted else None,
    }
    return Said(columns, original, [(emoji, ids[person.username]) for emoji, person in utterance.reactions], reasons)
