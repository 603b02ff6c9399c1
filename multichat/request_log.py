"""What the log says about a request: its route's rule, never its path, which may hold a token."""

from functools import partial
from typing import Any

from flask import Flask, request, request_started


def init_app(app: Flask) -> None:
    # A signal, since an extension's before_request may answer before ours.
    request_started.connect(_tell_gunicorn, app)
    # Flask's own writes the path.
    app.log_exception = partial(_log_exception, app)  # type: ignore[method-assign]


def _tell_gunicorn(_app: Flask, **_: Any) -> None:
    """gunicorn.conf.py's access log reads it."""
    request.environ["multichat.route"] = _rule()


def _log_exception(app: Flask, exc_info: Any) -> None:
    app.logger.error("Exception on %s [%s]", _rule(), request.method, exc_info=exc_info)


def _rule() -> str:
    return request.url_rule.rule if request.url_rule else "(no route)"
