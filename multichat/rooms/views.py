"""Home, and rooms."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat import sidebar
from multichat.rooms.pane import open_panes

bp = Blueprint("rooms", __name__)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Home: the rooms that one may see."""
    return render_template("rooms/index.html", **sidebar.of(current_user))


@bp.get("/rooms/<int:room_id>")
@login_required
def show(room_id: int) -> ResponseReturnValue:
    """A room, and up to two beside it: its last messages, or those before an ordinal."""
    beside_ids = request.args.getlist("beside", type=int)
    panes = open_panes(current_user, [room_id, *beside_ids], request.args.get("before", type=int))
    return render_template("rooms/show.html", panes=panes, **sidebar.of(current_user))
