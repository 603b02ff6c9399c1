"""CSV."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import QueuePool

from multichat.admin.export import BATCH_ROWS, cell
from multichat.database import db, now, writing
from multichat.models import Message, Room
from tests.admin.conftest import Say
from tests.support.person import Person


def rows(person: Person, address: str) -> list[list[str]]:
    answer = person.get(address)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.reader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


def test_other_cells_are_as_they_are() -> None:
    assert [cell(value) for value in ("1+1", "", 12, True, False)] == ["1+1", "", "12", "yes", "no"]


def test_formulas_that_people_wrote_are_text(ada: Person, alice: Person, lobby: Room, say: Say) -> None:
    fields = {"name": "=HYPERLINK(A1)", "topic": "@SUM(A1)", "access": "open"}
    ada.post(f"/admin/rooms/edit/?id={lobby.id}", fields)
    say(lobby, alice, '+cmd|"/c calc"!A1')
    ada.post(f"/admin/people/edit/?id={alice.id}", {"display_name": "-2+3", "role": "member"})
    assert rows(ada, "/admin/rooms/export/csv/")[1][:3] == ["'=HYPERLINK(A1)", "open", "'@SUM(A1)"]
    assert rows(ada, "/admin/people/export/csv/")[2][:2] == ["alice", "'-2+3"]
    exported = rows(ada, "/admin/messages/export/csv/")[1]
    assert (exported[0], exported[1], exported[4]) == ("'=HYPERLINK(A1)", "alice", '\'+cmd|"/c calc"!A1')


def test_the_columns(ada: Person, lobby: Room) -> None:
    assert rows(ada, "/admin/rooms/export/csv/")[0] == ["Name", "Access", "Topic", "Archived", "Messages", "Created"]
    assert rows(ada, "/admin/people/export/csv/")[0] == ["Username", "Name", "Role", "State", "Created"]
    assert rows(ada, "/admin/messages/export/csv/") == [["Room", "Author", "Level", "Written", "Message"]]


def test_all_that_the_list_is_narrowed_to_is_in_it(
    app: Flask, ada: Person, alice: Person, lobby: Room, statements: list[str]
) -> None:
    with app.app_context(), writing() as session:
        session.add_all(
            Message(
                room_id=lobby.id, ordinal=n, revision=n, author_id=alice.id,
                body=f"number {n % 2}", body_html="", client_id=f"{n}", created_at=now(),
            )
            for n in range(1, 2 * BATCH_ROWS + 101)
        )  # fmt: skip
    assert len(rows(ada, "/admin/messages/export/csv/")) == 2 * BATCH_ROWS + 101
    statements.clear()
    half = rows(ada, "/admin/messages/export/csv/?search=number+1")
    assert len(half) == BATCH_ROWS + 51
    assert {row[4] for row in half[1:]} == {"number 1"}
    assert len(statements) < 6


def test_a_slow_reader_holds_no_connection(app: Flask, ada: Person, lobby: Room) -> None:
    with app.app_context():
        pool = db.engine.pool
        assert isinstance(pool, QueuePool)
    answer = ada.get("/admin/rooms/export/csv/", buffered=False)
    parts = 0
    for part in answer.iter_encoded():
        assert part
        assert pool.checkedout() == 0
        parts += 1
    assert parts == 2
