"""A long history, written past the application: a million messages one by one would take an hour."""

from typing import Any

from sqlalchemy import event, text

from bench.dialects import FILLER
from bench.sites import Ours
from multichat.database import db

_FILL = text("""
    WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)
    INSERT INTO messages (room_id, ordinal, revision, author_id, level, body, body_html, client_id, created_at)
    SELECT :room, n, n, 1 + n % :people, 'message', :body || n, '<p>' || :body || n || '</p>',
        printf('00000000-0000-4000-8000-%012d', n), datetime('2026-01-01', '+' || n || ' seconds')
    FROM numbers
""")
_COUNT = text("UPDATE rooms SET revision = :last, last_ordinal = :last WHERE id = :room")


def fill(site: Ours, messages: int, people: int) -> None:
    """Until the room has so many, by the first so many people."""
    last = site.revision(site.room)
    with site.app.app_context(), db.engine.connect().execution_options(writing=True) as connection:
        where = {"first": last + 1, "last": messages, "room": site.room, "people": people, "body": FILLER}
        connection.execute(_FILL, where)
        connection.execute(_COUNT, {"last": messages, "room": site.room})
        connection.commit()


def plans(site: Ours, path: str, cookie: str) -> list[str]:
    """How SQLite goes about each statement of a page (EXPLAIN QUERY PLAN)."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with site.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    name, _, value = cookie.partition("=")
    client = site.app.test_client()
    client.set_cookie(name, value)
    assert client.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        rows = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            for statement, parameters in asked
        ]
    return ["; ".join(row[3] for row in steps) for steps in rows]
