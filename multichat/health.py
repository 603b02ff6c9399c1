"""Whether this worker is alive, and whether it is ready; for load balancers and for people with curl."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from multichat.database import db
from multichat.extensions import realtime

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    return "ok\n", {"Content-Type": "text/plain"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """503 without the database; a missing bus is degraded and no more, since chat goes on without it."""
    state = {"database": "ok", "migrations": "ok", "bus": "ok" if realtime.bus.ping() else "degraded"}
    try:
        version = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if version != _head():
            state["migrations"] = "behind"
    except SQLAlchemyError:
        state["database"] = "away"
    usable = state["database"] == state["migrations"] == "ok"
    return jsonify(status="ok" if set(state.values()) == {"ok"} else "degraded" if usable else "down", **state), (
        200 if usable else 503
    )


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@cache
def _head() -> str | None:
    """The newest migration that this code knows."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()
