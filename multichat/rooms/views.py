"""Home, and rooms."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat.extensions import realtime
from multichat.models import Activity, Membership, Rights, Room
from multichat.rooms.pane import open_panes

bp = Blueprint("rooms", __name__)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Home: the rooms that one may see."""
    return render_template("rooms/index.html", **_listed())


@bp.get("/rooms/<int:room_id>")
@login_required
def show(room_id: int) -> ResponseReturnValue:
    """A room, and up to two beside it: its last messages, or those before an ordinal."""
    beside_ids = request.args.getlist("beside", type=int)
    panes = open_panes(current_user, [room_id, *beside_ids], request.args.get("before", type=int))
    return render_template("rooms/show.html", panes=panes, **_listed())


def _listed() -> dict[str, Any]:
    """What the list of rooms shows. The version is read first: a page that is older than the rights is brought up."""
    rights = Rights.current()
    rooms = Room.all_for(current_user)
    return {
        "rights": rights,
        "rooms": [room for room in rooms if not room.archived],
        "archived": [room for room in rooms if room.archived],
        "memberships": Membership.all_of(current_user.id),
        "has_activity": Activity.any_unread(current_user.id),
        "present": realtime.here.counts([room.id for room in rooms]),
    }
