"""What is passed on of somebody's typing."""

import socket
from collections.abc import Iterator

import pytest

from multichat.presence.typing import FORGOTTEN_SECONDS, TYPING_SECONDS, Typing
from multichat.realtime.connection import Connection
from tests.realtime.doubles import Clock

LOBBY, GARDEN = 1, 2


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def typing(clock: Clock) -> Typing:
    return Typing(clock.clock)


@pytest.fixture
def tab() -> Iterator[Connection]:
    with socket.socket() as sock:
        yield Connection(sock)


def test_it_is_passed_on_every_two_seconds(typing: Typing, clock: Clock, tab: Connection) -> None:
    passed_on = []
    for _ in range(9):
        passed_on.append(typing.begins(tab, LOBBY))
        clock.sleep(TYPING_SECONDS / 4)
    assert passed_on == [True, False, False, False, True, False, False, False, True]


def test_each_room_and_each_tab_has_its_own(typing: Typing, tab: Connection) -> None:
    with socket.socket() as sock:
        other = Connection(sock)
        assert typing.begins(tab, LOBBY) and typing.begins(tab, GARDEN) and typing.begins(other, LOBBY)


def test_a_stop_is_passed_on_at_once_and_gives_no_right_to_more(typing: Typing, clock: Clock, tab: Connection) -> None:
    assert typing.begins(tab, LOBBY)
    assert typing.ends(tab, LOBBY)
    assert not typing.begins(tab, LOBBY)
    assert not typing.ends(tab, LOBBY), "nobody believes that they type"
    clock.sleep(TYPING_SECONDS)
    assert typing.begins(tab, LOBBY)


def test_a_stop_that_everybody_has_seen_by_themselves_is_not_passed_on(
    typing: Typing, clock: Clock, tab: Connection
) -> None:
    typing.begins(tab, LOBBY)
    clock.sleep(FORGOTTEN_SECONDS)
    assert not typing.ends(tab, LOBBY)


def test_after_a_message_the_next_is_told_of_at_once(typing: Typing, tab: Connection) -> None:
    typing.begins(tab, LOBBY)
    typing.begin_anew(tab, LOBBY)
    assert not typing.ends(tab, LOBBY), "the message has said so"
    assert typing.begins(tab, LOBBY)


def test_who_is_gone_typed_where_it_is_still_believed_and_nothing_is_kept(
    typing: Typing, clock: Clock, tab: Connection
) -> None:
    typing.begins(tab, LOBBY)
    clock.sleep(FORGOTTEN_SECONDS)
    typing.begins(tab, GARDEN)
    assert typing.forget(tab) == [GARDEN]
    assert typing.forget(tab) == []
    assert not any(value for value in vars(typing).values() if isinstance(value, dict | set))
