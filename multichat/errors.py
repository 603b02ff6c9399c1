"""What a person is shown when something cannot be: what happened, whether anything was lost, what to do."""

import logging

from flask import Flask, Response, render_template
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError

from multichat.database import Busy
from multichat.models import Invalid, NotFound, Refused

TEXTS = {
    400: ("That could not be read", "The request was not complete. Go back, reload the page and try again."),
    403: ("That is not yours to do", "Nothing was changed."),
    404: ("There is nothing here", "The address may be wrong, or what was here is gone or not open to you."),
    405: ("That is not how it works", "This address answers another kind of request. Go back and try again."),
    413: ("That is too much", "What was sent is larger than fits. Nothing was saved."),
    429: ("Too many tries", "Wait a moment and try again."),
    500: ("Something broke", "The fault is ours and is in the log. Nothing you sent before is lost; try again."),
    503: ("The server is busy", "Nothing was saved. Wait a moment and try again."),
}

logger = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(NotFound, lambda _: error_page(404))
    app.register_error_handler(Refused, lambda error: error_page(403, str(error)))
    app.register_error_handler(Invalid, lambda error: error_page(400, str(error)))
    app.register_error_handler(Busy, lambda _: error_page(503))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)


def error_page(code: int, text: str | None = None) -> Response:
    title, usual = TEXTS.get(code, TEXTS[500 if code >= 500 else 400])
    return Response(render_template("errors/error.html", code=code, title=title, text=text or usual), code)


def _of_http(error: HTTPException) -> Response | HTTPException:
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        logger.error("A request failed", exc_info=error.original_exception)
    if error.code is None or error.code < 400 or isinstance(error, BadHost):
        return error  # a redirect; or for a host that can be none, to which no page could link
    page = error_page(error.code)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            page.headers[name] = value
    return page


def _database_away(error: OperationalError | PoolTimeout) -> Response:
    logger.error("The database did not answer: %s", error)
    return error_page(503)
