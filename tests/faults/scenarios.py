"""Every scenario by its name, in the order in which they run. What they promise is in docs/reliability.md."""

from collections.abc import Callable

from tests.faults import (
    scenarios_bus,
    scenarios_clients,
    scenarios_database,
    scenarios_readers,
    scenarios_rights,
    scenarios_workers,
)
from tests.faults.result import Result

# Takes a `Ground`, and figures of its own that a smaller run may set lower.
Scenario = Callable[..., Result]

_ALL: tuple[Scenario, ...] = (
    scenarios_clients.jitter,
    scenarios_clients.half_open,
    scenarios_clients.retry,
    scenarios_clients.long_gap,
    scenarios_bus.bus_killed,
    scenarios_bus.bus_restarted,
    scenarios_bus.bus_stands_still,
    scenarios_bus.bus_loses_subscribers,
    scenarios_bus.bus_overflows,
    scenarios_bus.bus_slow,
    scenarios_bus.bus_cut_off,
    scenarios_workers.worker_killed,
    scenarios_workers.worker_stopped,
    scenarios_workers.worker_stands_still,
    scenarios_workers.reload,
    scenarios_workers.gap,
    scenarios_readers.readers,
    scenarios_database.database_locked,
    scenarios_database.database_restarted,
    scenarios_rights.revoked,
    scenarios_rights.revoked_without_bus,
)
SCENARIOS = {scenario.__name__.replace("_", "-"): scenario for scenario in _ALL}
# Where only one kind of database has what the fault is done to.
ONLY_ON = {"database-locked": "sqlite", "database-restarted": "postgresql"}
# Three people and a minute of silence: several may run beside each other, and nothing else beside them.
WAITING = {"half-open"}
