"""When the demonstration's team talks: on working days, for some hours that end about now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from random import Random

DAYS_AT_LEAST = 6
WORKING_DAY_SECONDS = 8 * 3600
# A room is quiet for most of the day.
BUSY_PART = 0.4


def schedule(durations: Sequence[float], end: datetime, rng: Random) -> list[datetime]:
    """When each conversation begins: in order, not before the previous one is over; the last one is over at `end`.

    The hours are the same whatever the clock says now, so that nobody's time zone is wrong.
    """
    size = max(DAYS_AT_LEAST, ceil(sum(durations) / (WORKING_DAY_SECONDS * BUSY_PART)))
    begins: list[datetime] = []
    # Backwards, from the last conversation of the last day.
    left = list(durations)
    for place, day in enumerate(_working_days(end, size)):
        share = len(durations) * (size - place - 1) // size
        todays, left = left[share:], left[:share]
        evening = day if place == 0 else day - timedelta(minutes=rng.uniform(0, 60))
        begins += _lay_out(todays, evening, rng)
    return begins[::-1]


def _working_days(end: datetime, size: int) -> list[datetime]:
    """The last so many, the newest first; today is one even on a Sunday."""
    days = [end]
    while len(days) < size:
        day = days[-1] - timedelta(days=1)
        while day.weekday() >= 5:
            day -= timedelta(days=1)
        days.append(day)
    return days


def _lay_out(durations: Sequence[float], evening: datetime, rng: Random) -> list[datetime]:
    """One day's conversations, the last one first."""
    weights = [rng.expovariate(1) for _ in durations]
    spare = max(0.0, WORKING_DAY_SECONDS - sum(durations))
    begins = []
    for duration, weight in zip(reversed(durations), weights, strict=True):
        evening -= timedelta(seconds=duration)
        begins.append(evening)
        evening -= timedelta(seconds=spare * weight / sum(weights))
    return begins
