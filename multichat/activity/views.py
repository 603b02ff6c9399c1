"""What mentions somebody or answers them, in one list."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from multichat import sidebar
from multichat.models import PAGE_SIZE, Activity

bp = Blueprint("activity", __name__)


@bp.get("/activity")
@login_required
def index() -> ResponseReturnValue:
    """The newest, or those before one of them. Reading a room is what makes them read."""
    entries = Activity.latest(current_user.id, PAGE_SIZE + 1, request.args.get("before", type=int))
    shown = entries[:PAGE_SIZE]
    older = url_for(".index", before=shown[-1].id) if len(entries) > PAGE_SIZE else None
    return render_template("activity/index.html", entries=shown, older=older, **sidebar.of(current_user))
