"""The wire as any client finds it: the handshake, faults, limits."""

from contextlib import closing
from http.client import HTTPConnection

import pytest

from multichat.models import Room
from tests.sockets.faults import faults
from tests.support.socket import Tab
from tests.support.visitor import Visitor, fetch
from tests.system.conftest import SOCKETS_PER_PERSON, House

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_every_fault_has_its_code_and_disturbs_nothing(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    his = bob.enter(lobby.id)
    all_faults = faults(lobby)
    while all_faults:
        tab = alice.enter(lobby.id)
        # One connection may say 60 things in 10 s.
        for text, code in all_faults[:50]:
            tab.ws.send(text)
            assert tab.code() == code, text[:200]
        his.until(tab.say(lobby.id, "still here"))
        del all_faults[:50]
    assert set(alice.timeline(lobby.id).bodies) == {"still here"}
    assert "Traceback" not in house.log()


def test_a_binary_message_is_no_command(alice: Visitor, lobby: Room) -> None:
    tab = alice.enter(lobby.id)
    tab.ws.send_binary(b'{"command": "join", "room": 1}')
    assert tab.code() == "COMMAND_INVALID"


def test_a_message_over_64_kib_closes_with_1009_and_one_below_does_not(alice: Visitor, lobby: Room) -> None:
    tab = alice.enter(lobby.id)
    tab.ws.send("x" * 64 * 1024)
    assert tab.code() == "COMMAND_INVALID"
    tab.ws.send("x" * (64 * 1024 + 1))
    assert tab.close_code() == 1009
    back = alice.enter(lobby.id)
    back.say(lobby.id, "back again")


def test_the_sixty_first_command_in_ten_seconds_is_refused(alice: Visitor, lobby: Room) -> None:
    tab = alice.enter(lobby.id)
    for _ in range(58):  # entering was the first two
        tab.tell("read", room=lobby.id, ordinal=0)
    client_id = tab.send(lobby.id, "one too many")
    error = tab.error()
    assert error["data-code"] == "RATE_LIMITED"
    # So that the page can put what was typed back into its field.
    assert error["data-client-id"] == client_id
    assert alice.timeline(lobby.id).bodies == []
    # It is this socket's limit alone, and the socket is open.
    alice.enter(lobby.id).say(lobby.id, "from another tab")
    tab.until("from another tab")


def test_a_person_may_have_so_many_sockets_on_a_worker(house: House, alice: Visitor, bob: Visitor, lobby: Room) -> None:
    first, second = house.both_workers()
    tabs = [alice.open(on=first) for _ in range(SOCKETS_PER_PERSON)]
    assert alice.open(on=first).close_code() == 4429
    his = bob.enter(lobby.id, on=first)
    for tab in (tabs[0], tabs[-1]):
        tab.join(lobby.id)
        his.until(tab.say(lobby.id, "I was here first"))
    alice.enter(lobby.id, on=second)
    tabs[0].close()
    house.wait_until(lambda: house.log().count(f"close person={alice.id} ") == 1)
    alice.enter(lobby.id, on=first)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"Sec-WebSocket-Key": ""}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Version": "8"}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": "keep-alive"}, 400),
    ],
)
def test_a_handshake_that_is_none_of_ours_is_refused(
    house: House, alice: Visitor, headers: dict[str, str], code: int
) -> None:
    origin = {} if code == 403 else {"Origin": house.url}
    answer = fetch(house, "GET", "/ws", Cookie=alice.cookie, **HANDSHAKE | origin | headers)
    assert answer.status_code == code
    assert "Traceback" not in house.log()


def test_a_refused_origin_is_in_the_log_beside_ours(house: House, alice: Visitor) -> None:
    origin = "https://evil.example"
    fetch(house, "GET", "/ws", Cookie=alice.cookie, Origin=origin, **HANDSHAKE)
    assert f"from the origin '{origin}'; ours is '{house.url}' (MULTICHAT_PUBLIC_URL is not set)" in house.log()


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_the_sockets_address_is_no_page(house: House, alice: Visitor, method: str) -> None:
    answer = fetch(house, method, "/ws", Cookie=alice.cookie)
    assert answer.status_code == (405 if method == "POST" else 400)


def test_a_handshake_of_ours_is_accepted(house: House, alice: Visitor) -> None:
    connection = HTTPConnection("127.0.0.1", house.port, timeout=10)
    connection.request("GET", "/ws", headers=HANDSHAKE | {"Cookie": alice.cookie, "Origin": house.url})
    with connection.getresponse() as response:
        assert response.status == 101
        assert response.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    connection.close()


def test_a_stranger_is_told_to_sign_in(house: House) -> None:
    for cookie in ("", "multichat=forged"):
        with closing(Tab(f"{house.url}/ws", cookie)) as tab:
            assert tab.code() == "USER_HAS_TO_LOGIN"
            assert tab.close_code() == 4401


def test_compression_is_not_accepted(alice: Visitor, lobby: Room) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
    tab = alice.enter(lobby.id, header=[offer])
    assert "sec-websocket-extensions" not in tab.ws.headers
    tab.say(lobby.id, "plain " * 100)
