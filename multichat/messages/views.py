"""Messages over plain HTTP."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat.database import Busy
from multichat.fragments import dom_id
from multichat.htmx import wants_fragment
from multichat.messages import changes
from multichat.messages.changes import TooFast
from multichat.messages.emoji_picker import found, suggested
from multichat.messages.source import source
from multichat.models import Invalid, Level, Message, Refused, Room

CODES: dict[type[Exception], int] = {Invalid: 400, Refused: 403, TooFast: 429, Busy: 503}
REFUSALS = tuple(CODES)
EMOJI_SECONDS = 24 * 60 * 60

bp = Blueprint("messages", __name__)


@bp.post("/rooms/<int:room_id>/messages")
@login_required
def create(room_id: int) -> ResponseReturnValue:
    """Post a message: commit it, then fan it out. The page's own client id makes a double press one message."""
    room = Room.find_for(current_user, room_id)
    body = request.form.get("body", "")
    try:
        changes.post(room, current_user, body, _client_id(), _level(), _reply_to())
    except REFUSALS as error:
        return _not_done(error, "Your message was not sent", body)
    return redirect(url_for("rooms.show", room_id=room.id, beside=_beside()), 303)


@bp.get("/rooms/<int:room_id>/messages/<int:ordinal>/actions")
@login_required
def actions(room_id: int, ordinal: int) -> ResponseReturnValue:
    """All that one can do with a message, as links and forms."""
    room, message = _find(room_id, ordinal)
    query = request.args.get("q", "")
    sections = found(query) if query else suggested()
    return render_template("messages/actions.html", room=room, message=message, sections=sections, query=query)


@bp.get("/rooms/<int:room_id>/messages/<int:ordinal>/edit")
@login_required
def edit_form(room_id: int, ordinal: int) -> ResponseReturnValue:
    """What its author wrote, to be changed; for htmx without the page around it."""
    room, message = _find(room_id, ordinal)
    changes.check_own(message, current_user)
    template = "messages/_edit.html" if wants_fragment() else "messages/edit.html"
    return render_template(template, room=room, message=message, source=source(message))


@bp.post("/rooms/<int:room_id>/messages/<int:ordinal>/edit")
@login_required
def edit(room_id: int, ordinal: int) -> ResponseReturnValue:
    """Replace what was said."""
    room = Room.find_for(current_user, room_id)
    body = request.form.get("body", "")
    try:
        changes.edit(room, current_user, ordinal, body)
    except REFUSALS as error:
        return _not_done(error, "Your change was not saved", body)
    return _done(room, ordinal)


@bp.post("/rooms/<int:room_id>/messages/<int:ordinal>/delete")
@login_required
def delete(room_id: int, ordinal: int) -> ResponseReturnValue:
    """Leave a tombstone."""
    room = Room.find_for(current_user, room_id)
    try:
        changes.delete(room, current_user, ordinal)
    except REFUSALS as error:
        return _not_done(error, "The message was not deleted")
    return _done(room, ordinal)


@bp.post("/rooms/<int:room_id>/messages/<int:ordinal>/reactions")
@login_required
def react(room_id: int, ordinal: int) -> ResponseReturnValue:
    """Put an emoji to a message or take it away; where the form does not say which, what is not so yet."""
    room = Room.find_for(current_user, room_id)
    on = {"false": True, "true": False}.get(request.form.get("off", ""))
    try:
        changes.react(room, current_user, ordinal, request.form.get("emoji", ""), on)
    except REFUSALS as error:
        return _not_done(error, "Your reaction was not saved")
    return _done(room, ordinal)


@bp.get("/emoji")
@login_required
def emoji() -> ResponseReturnValue:
    """Those to choose from, as buttons: all of them, or what a few letters find."""
    response = Response(render_template("messages/_emoji.html", sections=found(request.args.get("q", ""))))
    response.cache_control.private = True
    response.cache_control.max_age = EMOJI_SECONDS
    return response


def _find(room_id: int, ordinal: int) -> tuple[Room, Message]:
    room = Room.find_for(current_user, room_id)
    (message,) = Message.told([Message.at(room.id, ordinal)])
    return room, message


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


def _reply_to() -> int | None:
    ordinal = request.form.get("reply_to", "")
    try:
        return int(ordinal) if ordinal else None
    except ValueError:
        raise Invalid("There is no such message to reply to.") from None


def _beside() -> list[int]:
    return request.form.getlist("beside", type=int)


def _done(room: Room, ordinal: int) -> ResponseReturnValue:
    """Back to the message; a page that asked by script hears of the change like everybody."""
    if wants_fragment():
        return "", 204
    anchor = dom_id(Message.at(room.id, ordinal))
    return redirect(
        url_for("rooms.message", room_id=room.id, ordinal=ordinal, beside=_beside(), _anchor=anchor),
        303,
    )


def _not_done(error: Exception, title: str, draft: str = "") -> Response:
    code = next(code for kind, code in CODES.items() if isinstance(error, kind))
    if wants_fragment():
        return Response(str(error), code, mimetype="text/plain")
    page = render_template("errors/error.html", code=code, title=title, text=str(error), draft=draft)
    return Response(page, code)
