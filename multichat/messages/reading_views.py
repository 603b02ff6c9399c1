"""How far one has read, and of what one wants to know, over plain HTTP."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat.htmx import wants_fragment
from multichat.messages import reading
from multichat.models import Invalid, Notify, Room

bp = Blueprint("reading", __name__)


@bp.post("/rooms/<int:room_id>/read")
@login_required
def read(room_id: int) -> ResponseReturnValue:
    """All of it is read."""
    room = Room.find_for(current_user, room_id)
    reading.read_all(room, current_user)
    return _done(url_for("rooms.show", room_id=room.id))


@bp.post("/rooms/<int:room_id>/unread")
@login_required
def unread(room_id: int) -> ResponseReturnValue:
    """Unread from an ordinal on. The room itself would be opened by an answer that leads there, and so be read."""
    room = Room.find_for(current_user, room_id)
    ordinal = request.form.get("ordinal", type=int)
    if ordinal is None:
        raise Invalid("From which message on?")
    reading.mark_unread(room, current_user, ordinal)
    return _done(url_for("rooms.index"))


@bp.post("/rooms/<int:room_id>/notify")
@login_required
def notify(room_id: int) -> ResponseReturnValue:
    """Of what in the room one wants to know."""
    room = Room.find_for(current_user, room_id)
    reading.notify(room, current_user, _level())
    return _done(url_for("rooms.show", room_id=room.id))


def _level() -> Notify:
    try:
        return Notify(request.form.get("level", ""))
    except ValueError:
        raise Invalid("There is no such level.") from None


def _done(url: str) -> ResponseReturnValue:
    """Whoever has a socket hears of it by that."""
    return ("", 204) if wants_fragment() else redirect(url, 303)
