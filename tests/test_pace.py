"""How often something may happen."""

from multichat.pace import Pace


def test_so_many_in_any_so_many_seconds() -> None:
    time = 0.0
    pace = Pace(2, 10, clock=lambda: time)
    assert [pace.allows(), pace.allows(), pace.allows()] == [True, True, False]
    time = 9.9
    assert not pace.allows()
    time = 10.0
    assert [pace.allows(), pace.allows(), pace.allows()] == [True, True, False]


def test_what_is_refused_does_not_count() -> None:
    time = 0.0
    pace = Pace(1, 10, clock=lambda: time)
    pace.allows()
    time = 5.0
    assert not pace.allows()
    time = 10.0
    assert pace.allows()
