"""What a handshake costs the database."""

from collections.abc import Callable

from flask import Flask

from multichat.extensions import realtime
from multichat.models import Rights
from multichat.sockets import connecting
from tests.sockets.conftest import Tab
from tests.support.person import Person


def test_a_handshake_takes_one_statement_however_many_rooms_there_are(
    app: Flask, tab: Callable[..., Tab], alice: Person, statements: list[str]
) -> None:
    hers = tab(alice)
    with app.test_request_context():
        realtime.keeper.keep()
        rights = Rights.current()
        statements.clear()
        connecting._authorise(app, hers.connection, alice.token, rights)
        assert hers.connection.sign_in_id
    # Who it is, and what they may see.
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
