"""Home, and rooms."""

import contextlib
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat import sidebar
from multichat.fragments import dom_id
from multichat.models import Message, NotFound, Room
from multichat.rooms.pane import open_panes
from multichat.rooms.window import Window

bp = Blueprint("rooms", __name__)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Home: the rooms that one may see."""
    return render_template("rooms/index.html", **sidebar.of(current_user))


@bp.get("/rooms/<int:room_id>")
@login_required
def show(room_id: int) -> ResponseReturnValue:
    """A room, and up to two beside it: what is new in it, those messages before or after an ordinal or since a day, or
    the newest.
    """
    if moment := _moment(request.args.get("date", "")):
        return redirect(_since(Room.find_for(current_user, room_id), moment))
    if "newest" in request.args:
        return _page(room_id, Window())
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    return _page(room_id, None if before is after is None else Window(before, after))


@bp.get("/rooms/<int:room_id>/messages/<int:ordinal>")
@login_required
def message(room_id: int, ordinal: int) -> ResponseReturnValue:
    """A message in its surroundings."""
    return _page(room_id, Window(marked=ordinal))


def _page(room_id: int, window: Window | None) -> str:
    listed = sidebar.of(current_user)
    panes = open_panes(current_user, listed["memberships"], [room_id, *_beside()], window)
    answered = _answered(panes[0].room, request.args.get("reply_to", type=int))
    return render_template("rooms/show.html", panes=panes, answered=answered, **listed)


def _answered(room: Room, ordinal: int | None) -> Message | None:
    """The message that the form is to answer. Where there is none, the page is one to write on all the same."""
    with contextlib.suppress(NotFound):
        return Message.told([Message.at(room.id, ordinal)])[0] if ordinal else None
    return None


def _moment(text: str) -> datetime | None:
    """The moment that an address names, or the beginning of its day in UTC; none if it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _since(room: Room, moment: datetime) -> str:
    """Where the first message since then is, or the newest if all are older."""
    if found := Message.first_since(room.id, moment):
        message_id, ordinal = found
        anchor = dom_id(("message", message_id))
        return url_for(".message", room_id=room.id, ordinal=ordinal, beside=_beside(), _anchor=anchor)
    return url_for(".show", room_id=room.id, newest=1, beside=_beside())


def _beside() -> list[int]:
    return request.args.getlist("beside", type=int)
