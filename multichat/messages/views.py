"""Messages over plain HTTP."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat.database import Busy
from multichat.messages.changes import TooFast, post
from multichat.models import Invalid, Level, Refused, Room

bp = Blueprint("messages", __name__)


@bp.post("/rooms/<int:room_id>/messages")
@login_required
def create(room_id: int) -> ResponseReturnValue:
    """Post a message: commit it, then fan it out. The page's own client id makes a double press one message."""
    room = Room.find_for(current_user, room_id)
    body = request.form.get("body", "")
    try:
        post(room, current_user, body, _client_id(), _level())
    except Invalid as error:
        return _not_sent(400, str(error), body)
    except Refused as error:
        return _not_sent(403, str(error), body)
    except TooFast as error:
        return _not_sent(429, str(error), body)
    except Busy as error:
        return _not_sent(503, str(error), body)
    return redirect(url_for("rooms.show", room_id=room.id, beside=request.form.getlist("beside", type=int)), 303)


def _client_id() -> UUID:
    try:
        return UUID(request.form.get("client_id", ""))
    except ValueError:
        raise Invalid("This form is incomplete. Reload the page and send the message again.") from None


def _level() -> Level:
    try:
        return Level(request.form.get("level", Level.message))
    except ValueError:
        raise Invalid("There is no such level.") from None


def _not_sent(code: int, text: str, body: str) -> Response:
    page = render_template("errors/error.html", code=code, title="Your message was not sent", text=text, draft=body)
    return Response(page, code)
