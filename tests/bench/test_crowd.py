"""A small crowd at the floor: what is said is heard, once by each, and what is lost is counted."""

import shutil
from collections.abc import Iterator

import pytest

from bench.crowd import Crowd
from bench.dialects import mark
from bench.sites import Floor

pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None, reason="A C compiler is not here (Debian: apt-get install gcc libc6-dev)"
)
CLIENTS = 6


@pytest.fixture
def floor() -> Iterator[Floor]:
    with Floor(f"<p>{mark(0)} {'hello ' * 100}</p>") as site:
        yield site


def test_everything_is_counted_and_timed(floor: Floor) -> None:
    with Crowd(floor.port, floor.path, floor.dialect, clients_a_driver=4) as crowd:
        arrivals = crowd.come(floor.seats(CLIENTS))
        assert (len(arrivals.entered), arrivals.failed) == (CLIENTS, 0)
        talk = crowd.talk(40, 0.25)
        assert talk.is_whole
        assert (talk.messages, talk.deliveries, talk.wrong) == (10, 10 * CLIENTS, 0)
        assert 0 < max(talk.latencies_ms) < 5_000
        flood = crowd.flood(0.2, window=4)
        assert flood.is_whole
        assert flood.messages > 4


def test_who_does_not_read_is_not_waited_for(floor: Floor) -> None:
    with Crowd(floor.port, floor.path, floor.dialect) as crowd:
        crowd.come(floor.seats(CLIENTS))
        crowd.stop_reading(2)
        talk = crowd.talk(40, 0.25)
        assert talk.is_whole
        assert talk.deliveries == 10 * (CLIENTS - 2)
        crowd.read_again()
        assert crowd.talk(40, 0.25).deliveries == 10 * CLIENTS


def test_a_server_that_is_gone_is_seen(floor: Floor) -> None:
    with Crowd(floor.port, floor.path, floor.dialect) as crowd:
        crowd.come(floor.seats(CLIENTS))
        floor.__exit__()
        arrivals = crowd.come(floor.seats(1))
        assert arrivals.failed == 1
