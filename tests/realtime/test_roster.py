"""Who is here, in memory and on a real server; two workers ask."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
import redis

from multichat.realtime import redis_roster
from multichat.realtime.breaker import PAUSE_SECONDS, Breaker
from multichat.realtime.redis_bus import connect
from multichat.realtime.redis_roster import RedisRoster
from multichat.realtime.roster import (
    CROWD,
    LEASE_SECONDS,
    LEAVE_AFTER_SECONDS,
    REFRESH_SECONDS,
    Arrival,
    LastKnownRoster,
    MemoryRoster,
    Roster,
    RosterUnavailable,
)
from tests.realtime.doubles import Clock
from tests.support.valkey import Valkey

LOBBY, KITCHEN = 7, 8
ALICE, BOB = 5, 6


class Place(NamedTuple):
    """Two workers' view of one roster, whose time passes when a test says so."""

    here: Roster
    there: Roster
    pass_time: Callable[[float], None]
    forget_everything: Callable[[], None]


@pytest.fixture(scope="module")
def valkey() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@pytest.fixture
def server(valkey: Valkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
        yield client


@pytest.fixture(params=["memory", "redis"])
def place(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Place]:
    if request.param == "memory":
        roster = MemoryRoster(clock.clock)
        yield Place(roster, roster, clock.sleep, lambda: MemoryRoster.__init__(roster, clock.clock))
    else:
        server: redis.Redis = request.getfixturevalue("server")
        valkey: Valkey = request.getfixturevalue("valkey")
        clients = connect(valkey.url), connect(valkey.url)

        here, there = (RedisRoster(client, lambda: "ours:") for client in clients)
        yield Place(here, there, lambda seconds: age(server, seconds), lambda: forget(server))
        for client in clients:
            client.close()


# A server's clock cannot be set: what runs out is brought nearer instead.
AGE = """
for _, key in ipairs(redis.call('KEYS', 'ours:*')) do
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    redis.call('ZINCRBY', key, -ARGV[1], member)
  end
end
"""


def age(server: redis.Redis, seconds: float) -> None:
    server.eval(AGE, 0, str(seconds))


def forget(server: redis.Redis) -> None:
    server.flushall()


def test_a_person_enters_once_however_many_tabs_and_workers(place: Place) -> None:
    tabs = [(place.here, "a"), (place.there, "b"), (place.here, "c"), (place.there, "d"), (place.here, "e")]
    assert [worker.join((LOBBY, ALICE, tab)).is_new for worker, tab in tabs] == [True, False, False, False, False]
    assert place.here.people(LOBBY) == place.there.people(LOBBY) == [ALICE]
    assert place.here.counts([LOBBY, KITCHEN]) == {LOBBY: 1, KITCHEN: 0}


def test_who_comes_is_told_how_many_are_there_and_who_if_they_are_no_crowd(place: Place) -> None:
    place.there.join((LOBBY, BOB, "b"))
    arrival = place.here.join((LOBBY, ALICE, "a"))
    assert (arrival.count, sorted(arrival.people)) == (2, sorted([ALICE, BOB]))
    place.there.refresh([(LOBBY, 1000 + number, "c") for number in range(CROWD - 1)])
    assert place.here.join((LOBBY, ALICE, "a")) == Arrival(is_new=False, count=CROWD + 1, people=[])
    place.pass_time(LEASE_SECONDS + 1)
    assert place.here.join((KITCHEN, BOB, "b")) == Arrival(is_new=True, count=1, people=[BOB])


def test_a_person_leaves_once_ten_seconds_after_their_last_tab(place: Place) -> None:
    place.here.join((LOBBY, ALICE, "a"))
    place.there.join((LOBBY, ALICE, "b"))
    place.here.leave((LOBBY, ALICE, "a"))
    place.pass_time(LEAVE_AFTER_SECONDS + 1)
    assert place.here.departed([LOBBY]) == []
    place.there.leave((LOBBY, ALICE, "b"))
    place.pass_time(LEAVE_AFTER_SECONDS - 1)
    assert place.here.departed([LOBBY]) == []
    assert place.here.people(LOBBY) == [ALICE]
    place.pass_time(2)
    assert place.here.people(LOBBY) == []
    assert place.here.departed([LOBBY]) == [(LOBBY, ALICE)]
    assert place.there.departed([LOBBY]) == []


def test_who_is_back_within_ten_seconds_neither_left_nor_entered(place: Place) -> None:
    place.here.join((LOBBY, ALICE, "a"))
    place.here.leave((LOBBY, ALICE, "a"))
    place.pass_time(LEAVE_AFTER_SECONDS - 1)
    assert not place.there.join((LOBBY, ALICE, "b")).is_new
    place.pass_time(LEAVE_AFTER_SECONDS)
    assert place.there.departed([LOBBY]) == []


def test_who_is_back_after_they_were_said_to_have_left_enters_again(place: Place) -> None:
    place.here.join((LOBBY, ALICE, "a"))
    place.here.leave((LOBBY, ALICE, "a"))
    place.pass_time(LEAVE_AFTER_SECONDS + 1)
    assert place.here.departed([LOBBY]) == [(LOBBY, ALICE)]
    assert place.there.join((LOBBY, ALICE, "b")).is_new


def test_the_people_of_a_killed_worker_are_gone_after_forty_five_seconds(place: Place) -> None:
    place.there.join((LOBBY, ALICE, "a"))
    place.here.join((LOBBY, BOB, "b"))
    for _ in range(3):
        place.pass_time(REFRESH_SECONDS - 1)
        place.here.refresh([(LOBBY, BOB, "b")])
        assert place.here.departed([LOBBY]) == []
    place.pass_time(4)
    assert place.here.departed([LOBBY]) == [(LOBBY, ALICE)]
    assert place.here.people(LOBBY) == [BOB]


def test_a_tab_on_a_killed_worker_keeps_nobody_for_longer_than_its_lease(place: Place) -> None:
    place.there.join((LOBBY, ALICE, "killed"))
    place.pass_time(20)
    place.here.join((LOBBY, ALICE, "a"))
    place.here.leave((LOBBY, ALICE, "a"))
    place.pass_time(LEASE_SECONDS - 21)
    assert place.here.departed([LOBBY]) == []
    place.pass_time(2)
    assert place.here.departed([LOBBY]) == [(LOBBY, ALICE)]


def test_a_refreshed_lease_lasts(place: Place) -> None:
    place.here.join((LOBBY, ALICE, "a"))
    for _ in range(10):
        place.pass_time(REFRESH_SECONDS)
        place.here.refresh([(LOBBY, ALICE, "a")])
    assert place.here.departed([LOBBY]) == []
    assert place.here.people(LOBBY) == [ALICE]


def test_a_refresh_quietly_puts_back_who_was_lost(place: Place) -> None:
    place.here.join((LOBBY, ALICE, "a"))
    place.forget_everything()
    assert place.here.people(LOBBY) == []
    place.here.refresh([(LOBBY, ALICE, "a")])
    assert place.here.people(LOBBY) == [ALICE]
    assert place.there.departed([LOBBY]) == []
    assert not place.there.join((LOBBY, ALICE, "b")).is_new


def test_leaving_what_one_is_not_in_is_nothing(place: Place) -> None:
    place.here.leave((LOBBY, ALICE, "a"))
    assert place.here.people(LOBBY) == []
    place.pass_time(LEAVE_AFTER_SECONDS + 1)
    assert place.here.departed([LOBBY]) == []


def test_rooms_are_kept_apart(place: Place) -> None:
    place.here.join((LOBBY, ALICE, "a"))
    assert place.here.join((KITCHEN, ALICE, "a")).is_new
    place.here.join((KITCHEN, BOB, "b"))
    place.here.leave((LOBBY, ALICE, "a"))
    place.pass_time(LEAVE_AFTER_SECONDS + 1)
    assert place.here.departed([KITCHEN]) == []
    assert place.here.departed([KITCHEN, LOBBY]) == [(LOBBY, ALICE)]
    assert sorted(place.here.people(KITCHEN)) == [ALICE, BOB]
    assert place.here.counts([LOBBY, KITCHEN]) == {LOBBY: 0, KITCHEN: 2}


def test_of_no_rooms_there_is_nothing_to_say(place: Place) -> None:
    assert place.here.departed([]) == []
    assert place.here.counts([]) == {}


def test_ten_thousand_people_come_and_go_at_once(place: Place) -> None:
    place.here.refresh((LOBBY, person, f"tab {person}") for person in range(10_000))
    assert place.here.counts([LOBBY]) == {LOBBY: 10_000}
    place.pass_time(LEASE_SECONDS + 1)
    assert len(place.here.departed([LOBBY])) == 10_000
    assert place.there.departed([LOBBY]) == []


def test_two_installations_on_one_server_have_rosters_of_their_own(valkey: Valkey, server: redis.Redis) -> None:
    with connect(valkey.url) as client:
        ours, theirs = RedisRoster(client, lambda: "ours:"), RedisRoster(client, lambda: "theirs:")
        assert ours.join((LOBBY, ALICE, "a")).is_new
        assert theirs.people(LOBBY) == []
        assert theirs.join((LOBBY, ALICE, "a")).is_new


def test_what_everybody_forgot_does_not_stay_on_the_server(valkey: Valkey, server: redis.Redis) -> None:
    with connect(valkey.url) as client:
        RedisRoster(client, lambda: "ours:").join((LOBBY, ALICE, "a"))
    keys = list(server.scan_iter())
    assert len(keys) == 2
    assert all(LEASE_SECONDS < server.ttl(key) <= 2 * LEASE_SECONDS for key in keys)


@pytest.mark.parametrize("trouble", ["frozen", "killed"])
def test_nobody_waits_for_a_roster_that_is_away(trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(redis_roster, "Breaker", lambda: Breaker(clock.clock))
    with Valkey() as valkey, connect(valkey.url) as client:
        roster = RedisRoster(client, lambda: "ours:")
        known = LastKnownRoster(roster)
        roster.join((LOBBY, ALICE, "a"))
        assert (known.people(LOBBY), known.counts([LOBBY])) == ([ALICE], {LOBBY: 1})
        if trouble == "frozen":
            valkey.freeze()
        else:
            valkey.stop()
        try:
            began = time.monotonic()
            with pytest.raises(RosterUnavailable):
                roster.join((LOBBY, BOB, "b"))
            assert time.monotonic() - began < 1.0
            began = time.monotonic()
            for _ in range(100):
                with pytest.raises(RosterUnavailable):
                    roster.leave((LOBBY, BOB, "b"))
            assert time.monotonic() - began < 0.3, "and for the next call not even that"
            assert (known.people(LOBBY), known.counts([LOBBY, KITCHEN])) == ([ALICE], {LOBBY: 1, KITCHEN: 0})
        finally:
            if trouble == "frozen":
                valkey.thaw()
            else:
                valkey.start()
        clock.sleep(PAUSE_SECONDS)
        roster.refresh([(LOBBY, ALICE, "a"), (LOBBY, BOB, "b")])
        assert sorted(known.people(LOBBY)) == [ALICE, BOB]
