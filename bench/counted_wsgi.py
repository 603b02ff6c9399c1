"""The application with a note of each SQL statement that a request or a socket's handler makes.

What the worker's own loops ask every second is nobody's, and is not noted.
"""

import os

from flask import has_request_context
from sqlalchemy import event

from multichat.database import db
from wsgi import app

__all__ = ["app"]

_notes = os.open(os.environ["BENCH_STATEMENTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if has_request_context():
        os.write(_notes, f"{' '.join(statement.split())[:60]}\n".encode())


with app.app_context():
    event.listen(db.engine, "before_cursor_execute", note)
