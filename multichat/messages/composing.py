"""What somebody is shown while they write: whom they may mean, and what it will look like."""

from flask import Blueprint, Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat.extensions import realtime
from multichat.messages.addressing import address, calls
from multichat.messages.body import clean
from multichat.messages.emoji import beginning
from multichat.models import Invalid, Refused, Room, User, audience
from multichat.pace import Paces

OFFERS_LIMIT = 8
# Each is rendered like a message, which may take a tenth of a second; by hand nobody looks more often.
PREVIEWS, PREVIEW_SECONDS = 6, 3

bp = Blueprint("composing", __name__)


@bp.get("/rooms/<int:room_id>/people")
@login_required
def people(room_id: int) -> ResponseReturnValue:
    """Whom an `@` and these letters may mean."""
    room = Room.find_for(current_user, room_id)
    begun = request.args.get("q", "")
    offered = audience.beginning(room.id, current_user.id, begun, realtime.here.people(room.id), OFFERS_LIMIT)
    words = [word for word in calls(room, current_user) if word.startswith(begun.lower())]
    return render_template("messages/_people_offers.html", people=offered, calls=words)


@bp.get("/emoji/beginning")
@login_required
def emoji() -> ResponseReturnValue:
    """Which emoji a colon and these letters may mean."""
    return render_template("messages/_emoji_offers.html", offered=beginning(request.args.get("q", ""), OFFERS_LIMIT))


@bp.post("/rooms/<int:room_id>/messages/preview")
@login_required
def preview(room_id: int) -> ResponseReturnValue:
    """What a body would be as a message, or why it cannot be one."""
    room = Room.find_for(current_user, room_id)
    paces: Paces = current_app.extensions["preview_paces"]
    if not paces.allows(current_user.id):
        return _refused("That was too fast. Wait a moment and look again.", 429)
    try:
        rendered = address(room, current_user, clean(request.form.get("body", "")), None).rendered
    except (Invalid, Refused) as error:
        return _refused(str(error), 422)
    names = User.names(rendered.mentioned)
    return render_template("messages/_preview.html", body_html=rendered.html, names=names)


def init_app(app: Flask) -> None:
    app.extensions["preview_paces"] = Paces(PREVIEWS, PREVIEW_SECONDS)
    app.register_blueprint(bp)


def _refused(text: str, code: int) -> ResponseReturnValue:
    return render_template("messages/_preview_refused.html", text=text), code
