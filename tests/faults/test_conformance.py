"""The cases of conformance.py on real servers: what comes of each, and that nobody else notices."""

from collections.abc import Iterator
from contextlib import closing
from operator import itemgetter
from pathlib import Path

import pytest

from tests.faults.conformance import CLOSE, CUTS, FRAMES, HANDSHAKES, NO_CODE, Case, Cut, Handshake, Peer
from tests.faults.neighbourhood import Neighbourhood, neighbourhood


@pytest.fixture(scope="module", params=["gevent", "gthread"])
def near(request: pytest.FixtureRequest, sqlite_template: Path) -> Iterator[Neighbourhood]:
    with neighbourhood(request.param, sqlite_template) as near:
        yield near


@pytest.mark.parametrize("case", FRAMES, ids=lambda case: case.name)
def test_what_is_sent_has_its_answer(near: Neighbourhood, case: Case) -> None:
    with closing(near.peer()) as peer:
        for data in case.sends:
            peer.say(data)
        if case.ends is None:
            heard = peer.mark()
            if not _matches(heard, case.hears):
                # simple-websocket sends its pongs when all that it read at once is handed on, and the handler, which is
                # another thread, may have answered the mark by then. What is read next comes after them.
                heard += peer.mark()
            assert _matches(heard, case.hears)
        else:
            # What was asked before may have been answered before, or not: it ends all the same.
            *_, (opcode, payload) = peer.hear()
            assert opcode == CLOSE
            assert (int.from_bytes(payload[:2]) if payload else NO_CODE) == case.ends
            assert peer.at_end()
    near.expect_calm()


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.name)
def test_who_is_gone_in_the_middle_is_let_go(near: Neighbourhood, cut: Cut) -> None:
    near.peer().leave(cut)
    near.expect_calm()


@pytest.mark.parametrize("handshake", HANDSHAKES, ids=lambda handshake: handshake.name)
def test_a_handshake_has_its_answer(near: Neighbourhood, handshake: Handshake) -> None:
    with closing(Peer(near.house.port)) as peer:
        status, head = peer.ask(handshake.request(near.house.url, near.alice.cookie))
        assert status == handshake.status
        if status == 101:
            assert b"sec-websocket-extensions" not in head.lower()
            assert b"sec-websocket-protocol" not in head.lower()
            assert peer.mark() == []
        elif "version " in handshake.name:
            assert b"\r\nSec-WebSocket-Version: 13\r\n" in head
    near.expect_calm()


def test_requests_that_do_not_end_hold_up_nobody(near: Neighbourhood) -> None:
    peers = [Peer(near.house.port) for _ in range(50)]
    for peer in peers:
        peer.say(b"GET /ws HTTP/1.1\r\nHost: ")
    near.expect_calm()
    for peer in peers:
        # gthread waits for as long as the client likes, with a thread of its 1,000: a proxy has to stand before it.
        if near.house.settings["MULTICHAT_WORKER_CLASS"] == "gevent":
            assert peer.at_end()
        peer.close()
    near.expect_calm()


def _matches(heard: list[tuple[int, bytes]], expected: tuple[tuple[int, bytes], ...]) -> bool:
    """Pongs in their order, and errors in theirs: what was read is answered with its pongs first."""
    return len(heard) == len(expected) and all(
        opcode == due and part in payload
        for (opcode, payload), (due, part) in zip(
            sorted(heard, key=itemgetter(0)), sorted(expected, key=itemgetter(0)), strict=True
        )
    )
