"""Some of what bin/faults does to clients, rights and the database, with few people and for a short while."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults import scenarios_clients, scenarios_database, scenarios_rights
from tests.faults.ground import stands
from tests.faults.result import Result

SCENARIOS: dict[Callable[..., Result], dict[str, Any]] = {
    scenarios_clients.jitter: {"clients": 30, "seconds": 5.0, "cut_every_seconds": 2.0},
    scenarios_clients.retry: {"rounds": 4},
    scenarios_clients.long_gap: {"gaps": (20, 310)},
    scenarios_database.database_locked: {"clients": 12, "seconds": 1.0},
    scenarios_rights.revoked: {"ways": ("removed from the room", "signed out in another tab")},
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_nothing_is_lost(scenario: Callable[..., Result]) -> None:
    stands(scenario, SCENARIOS[scenario])
