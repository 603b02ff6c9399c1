"""Every way in, tried by everybody: tests/support/routes.py says who it is for."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from multichat.models import Room
from multichat.realtime import Realtime
from tests.realtime.doubles import Client, Threads
from tests.support.person import PASSWORD, Person
from tests.support.routes import ROUTES, For, addresses

# Access does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


PAGES = [pytest.param(*route, id=f"{route[0]} {route[2]}") for route in ROUTES if route[1] != "/ws"]
FORMS = [page for page in PAGES if page.values[0] == "POST"]

# Enough for each form's own view to be reached and to have something to do.
FORM = {
    "body": "hi",
    "emoji": "👍",
    "name": "Lounge",
    "access": "open",
    "theme": "dark",
    "username": "alice",
    "password": PASSWORD,
}


@pytest.fixture
def address(app: Flask, bob: Person, lobby: Room, backstage: Room) -> Callable[[str], str]:
    return addresses(app, bob, lobby, backstage)


@pytest.fixture
def everybody(app: Flask, alice: Person, sam: Person, ada: Person) -> dict[For, FlaskClient]:
    """A browser of each kind of person, by the most that is for them."""
    return {
        For.EVERYBODY: app.test_client(),
        For.USERS: alice.client,
        For.STAFF: sam.client,
        For.ADMINISTRATORS: ada.client,
    }


def lets_in(answer: TestResponse) -> bool:
    """Whether it is the answer of the route itself: no sign-in form, no denial, nothing that is not there."""
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
    return not to_sign_in and answer.status_code not in (401, 403, 404, 405)


def test_every_route_is_declared(app: Flask) -> None:
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(method, rule) for method, rule, _, _ in ROUTES}


@pytest.mark.parametrize(("method", "rule", "template", "whom"), PAGES)
def test_a_page_is_for_whom_it_is_declared(
    app: Flask,
    everybody: dict[For, FlaskClient],
    address: Callable[[str], str],
    method: str,
    rule: str,
    template: str,
    whom: For,
) -> None:
    # Only who asks is looked at here; the next test looks at where the form came from.
    app.config["WTF_CSRF_ENABLED"] = False
    for kind, client in everybody.items():
        form = FORM | {"client_id": str(uuid4())} if method == "POST" else None
        with client.open(address(template), method=method, data=form) as answer:
            assert lets_in(answer) == (kind.value >= whom.value), (kind, answer.status)
            assert answer.status_code < 500


@pytest.mark.parametrize(("method", "rule", "template", "whom"), FORMS)
def test_no_form_of_another_site_is_taken(
    everybody: dict[For, FlaskClient], address: Callable[[str], str], method: str, rule: str, template: str, whom: For
) -> None:
    answer = everybody[For.ADMINISTRATORS].post(address(template), data=FORM | {"client_id": str(uuid4())})
    # Somebody who is signed in and tries to sign in is just sent on.
    assert answer.status_code == 400 or (rule == "/sign-in" and answer.status_code == 303)


@pytest.fixture
def handshake(app: Flask) -> Iterator[Callable[[FlaskClient], Client]]:
    """Opens the socket as gunicorn would have it opened; what is left is for the client to read."""
    realtime: Realtime = app.extensions["realtime"]
    realtime._machine = machine = Threads()
    threads: list[Thread] = []
    ends: list[socket.socket] = []

    def handshake(client: FlaskClient) -> Client:
        ours, theirs = socket.socketpair()
        ends.extend((ours, theirs))
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Origin": "http://localhost",
        }
        threads.append(Thread(target=_serve, args=(client, headers, ours)))
        threads[-1].start()
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += theirs.recv(1)
        assert answer.startswith(b"HTTP/1.1 101 ")
        return Client(theirs)

    yield handshake
    for end in ends[1::2]:
        end.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    realtime.close()
    for thread in machine.started:
        thread.join(5)  # its last turn looks into the database, which is gone after this
        assert not thread.is_alive()
    for end in ends:
        end.close()


def _serve(client: FlaskClient, headers: dict[str, str], sock: socket.socket) -> None:
    with suppress(ConnectionError):  # flask-sock's way to say that there is no answer to send
        client.get("/ws", headers=headers, environ_overrides={"werkzeug.socket": sock})


def test_the_socket_is_for_whom_it_is_declared(
    everybody: dict[For, FlaskClient], lobby: Room, handshake: Callable[[FlaskClient], Client]
) -> None:
    for kind, client in everybody.items():
        opened = handshake(client)
        if kind is For.EVERYBODY:
            assert 'data-code="USER_HAS_TO_LOGIN"' in opened.text()
            assert opened.close_code() == 4401
        else:
            assert "Lobby" in opened.text()
