"""The breaker."""

from multichat.realtime.breaker import PAUSE_SECONDS, Breaker
from tests.realtime.doubles import Clock


def test_calls_are_allowed_until_one_fails(clock: Clock) -> None:
    breaker = Breaker(clock.clock)
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_after_a_pause_the_next_call_is_tried(clock: Clock) -> None:
    breaker = Breaker(clock.clock)
    breaker.failed()
    clock.sleep(PAUSE_SECONDS)
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()


def test_an_outage_is_news_once_and_so_is_its_end(clock: Clock) -> None:
    breaker = Breaker(clock.clock)
    assert [breaker.failed(), breaker.failed(), breaker.failed()] == [True, False, False]
    assert [breaker.succeeded(), breaker.succeeded()] == [True, False]
    assert breaker.allows()
    assert breaker.failed()
