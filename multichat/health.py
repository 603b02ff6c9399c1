"""Whether this worker is alive, and whether it is ready; for load balancers and for people with curl."""

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.extensions import realtime
from multichat.schema import unapplied

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    return "ok\n", {"Content-Type": "text/plain"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """503 without the database; a missing bus is degraded and no more, since chat goes on without it."""
    state = {"database": "ok", "migrations": "ok", "bus": "ok" if realtime.bus.ping() else "degraded"}
    try:
        if unapplied(db.engine):
            state["migrations"] = "behind"
    except SQLAlchemyError:
        state["database"] = "away"
    usable = state["database"] == state["migrations"] == "ok"
    return jsonify(status="ok" if set(state.values()) == {"ok"} else "degraded" if usable else "down", **state), (
        200 if usable else 503
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
