"""What was asked for on the command line, as scenarios need it."""

from collections.abc import Callable
from dataclasses import dataclass

# Called with what is being done now; moves the bar by one.
Step = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    quick: bool = False
    peers: bool = False
    # Clients in the one room, instead of the sizes that fan-out has.
    clients: int | None = None

    @property
    def runs(self) -> int:
        """Machines have moods: every figure that is compared is the median of so many."""
        return 1 if self.quick else 5

    def pick(self, full: int, quick: int) -> int:
        return quick if self.quick else full
