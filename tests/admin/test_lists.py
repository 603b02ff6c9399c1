"""What the lists have in common: pages, order, and what an address may ask for."""

import pytest
from flask import Flask

from multichat.database import now, writing
from multichat.models import Message, Room, User
from tests.admin.conftest import column, targets
from tests.support.person import Person

LISTS = ["rooms", "people", "messages"]
# Who asks, and what is shown; and how many there are, or which rooms one may choose from.
STATEMENTS = 3


@pytest.fixture
def fill(app: Flask, alice: Person) -> None:
    """Sixty more of each."""
    with app.app_context(), writing() as session:
        for n in range(60):
            room = Room.create(f"Room {n:02}")
            User.register(f"person{n:02}", "!")
            session.add(
                Message(
                    room_id=room.id,
                    ordinal=1,
                    revision=1,
                    author_id=alice.id,
                    body=f"number {n:02}",
                    body_html="",
                    client_id=f"{n}",
                    created_at=now(),
                )
            )


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_the_same_few_questions_however_long_it_is(
    request: pytest.FixtureRequest, ada: Person, alice: Person, lobby: Room, statements: list[str], name: str
) -> None:
    alice.say(lobby.id, "hi")
    statements.clear()
    assert ada.get(f"/admin/{name}/").status_code == 200
    assert len(statements) == STATEMENTS
    request.getfixturevalue("fill")
    statements.clear()
    assert ada.get(f"/admin/{name}/").text.count('<tr role="row"') == 51
    assert len(statements) == STATEMENTS


@pytest.mark.parametrize("name", LISTS)
def test_fifty_on_a_page_and_each_on_one(ada: Person, fill: None, name: str) -> None:
    cell = {"rooms": "name", "people": "username", "messages": "body"}[name]
    first, second = ada.get(f"/admin/{name}/"), ada.get(f"/admin/{name}/?page=1")
    assert f'href="/admin/{name}/?page=1"' in first.text
    assert "?page=2" not in second.text
    assert len(column(first, cell)) == 50
    shown = column(first, cell) + column(second, cell)
    assert len(shown) == len(set(shown)) == {"rooms": 60, "people": 62, "messages": 60}[name]


def test_a_list_is_sorted_both_ways_and_keeps_what_it_is_narrowed_to(ada: Person, fill: None) -> None:
    up, down = ada.get("/admin/rooms/?search=room+1&sort=0"), ada.get("/admin/rooms/?search=room+1&sort=0&desc=1")
    assert column(up, "name") == [
        "Room 01",
        *(f"Room {n}" for n in range(10, 20)),
        *(f"Room {n}1" for n in range(2, 6)),
    ]
    assert column(down, "name") == column(up, "name")[::-1]
    assert 'href="/admin/rooms/?search=room+1&amp;sort=0&amp;desc=1"' in up.text
    assert 'aria-sort="descending"' in down.text


# What no link of ours says.
STRANGE = [
    "page=-1", "page=x", "page=99999999999999999999", "sort=-1", "sort=99", "sort=x&desc=x", "page_size=1000000",
    "search=%00", "search=" + "x" * 5000, "access=none", "state=%00", "role=admin'--", "room=9999999999",
    "room=%D9%A1", "since=2026-02-30", "since=0001-01-01", "until=9999-12-31", "until=x", "author=%00",
    "endpoint=x", "self=x", "flt0_0=x", "flt1=x", "view_args=x",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_no_address_breaks_a_list(ada: Person, alice: Person, lobby: Room, name: str) -> None:
    alice.say(lobby.id, "hi")
    for query in STRANGE:
        for path in (f"/admin/{name}/", f"/admin/{name}/export/csv/"):
            answer = ada.get(f"{path}?{query}")
            assert answer.status_code == 200, query
            assert answer.text, query  # CSV is made while it is read


@pytest.mark.parametrize("name", LISTS)
def test_an_address_cannot_turn_the_lists_links_elsewhere(ada: Person, lobby: Room, name: str) -> None:
    page = ada.get(
        f"/admin/{name}/?_external=1&_scheme=javascript&_anchor=x&url=https://evil.example/&next=//evil.example"
    )
    assert all(target.startswith(("/", "#")) and "evil" not in target for target in targets(page))
