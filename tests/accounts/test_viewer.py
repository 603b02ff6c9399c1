"""A stylesheet of one's own: what is only one person's to see of what everybody receives alike."""

from flask import Flask

from multichat.accounts import changes
from multichat.models import Role, Room
from tests.support.markup import parse
from tests.support.person import Person


def address(person: Person, room: Room) -> str:
    links = parse(person.get(f"/rooms/{room.id}").text).all("link", rel="stylesheet")
    (own,) = [link["href"] for link in links if "/account/" in (link["href"] or "")]
    assert own is not None
    return own


def test_it_is_about_its_reader_alone(alice: Person, bob: Person, lobby: Room) -> None:
    own = alice.get(address(alice, lobby))
    assert own.mimetype == "text/css"
    for attribute in ("author-id=", "mentions~=", "person=", "people~="):
        assert f'data-{attribute}"{alice.id}"]' in own.text
        assert f'data-{attribute}"{bob.id}"]' not in own.text


def test_it_is_kept_until_it_says_something_else(app: Flask, alice: Person, bob: Person, lobby: Room) -> None:
    before = address(alice, lobby)
    assert before == address(alice, lobby) != address(bob, lobby)
    cached = alice.get(before).headers["Cache-Control"]
    assert "private" in cached
    assert "max-age=31536000" in cached
    assert "message__staff" not in alice.get(before).text
    with app.app_context():
        changes.set_role(alice.id, Role.staff)
    after = address(alice, lobby)
    assert after != before
    assert "message__staff" in alice.get(after).text
