"""Some of what bin/faults does to the bus, the workers and PostgreSQL, with few people and for a short while."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults import scenarios_bus, scenarios_database, scenarios_workers
from tests.faults.ground import stands
from tests.faults.result import Result
from tests.support.postgres import Postgres

SCENARIOS: dict[Callable[..., Result], dict[str, Any]] = {
    scenarios_bus.bus_cut_off: {"clients": 12, "seconds": 1.5},
    scenarios_workers.gap: {"clients": 12, "deaths": 2},
    scenarios_workers.worker_killed: {"clients": 20, "kills": 1},
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_nothing_is_lost(scenario: Callable[..., Result]) -> None:
    stands(scenario, SCENARIOS[scenario])


def test_nothing_is_lost_when_postgresql_is_restarted() -> None:
    with Postgres(forgetful=False) as postgres:
        stands(scenarios_database.database_restarted, {"clients": 12, "seconds": 0.5}, postgres)
