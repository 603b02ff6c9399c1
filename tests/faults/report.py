"""The table of docs/reliability.md, from the JSON of bin/faults: `.venv/bin/python -m tests.faults.report FILE...`

A row for each scenario and database. Messages, and what was wrong, are those of all seeds together; every other figure
is the largest of any seed, but the share that was delivered, which is the least.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HEAD = (
    "scenario",
    "database",
    "seeds",
    "clients",
    "messages",
    "delivered",
    "doubled, misordered, leaked",
    "back p50 / p95 / p99 (s)",
    "replay p99 (s)",
    "never back",
    "besides",
)
# They have columns of their own, or say nothing to others.
LEFT_OUT = ("settled after", "replay p99", "recovery p95")
# Each way that a right was lost has its own figure; the last of them all is the one that counts.
SHOWN = "last shown"

Run = dict[str, Any]


def table(runs: Iterable[Run]) -> str:
    """In Markdown, in the order of the runs."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run["scenario"], run["database"]), []).append(run)
    rows = [HEAD, ("---",) * len(HEAD), *(_row(scenario, group) for scenario, group in groups.items())]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(scenario: tuple[str, str], runs: Sequence[Run]) -> tuple[str, ...]:
    counts = (str(sum(run[kind] for run in runs)) for kind in ("doubled", "misordered", "leaked"))
    back = [_worst(run["recovery"].get(name) for run in runs) for name in ("p50", "p95", "p99")]
    return (
        *scenario,
        str(len(runs)),
        str(max(run["clients"] for run in runs)),
        str(sum(run["messages"] for run in runs)),
        f"{min(run['delivered'] / max(1, run['expected']) for run in runs):.2%}",
        ", ".join(counts),
        " / ".join(back) if all(back) else "",
        _worst(run["replay"].get("p99") for run in runs),
        str(sum(run["never_returned"] for run in runs)),
        "; ".join([*_besides(runs), *(f"**{broken}**" for run in runs for broken in run["broken"])]),
    )


def _besides(runs: Sequence[Run]) -> list[str]:
    figures: dict[str, float] = {}
    for run in runs:
        for name, value in run["figures"].items():
            if name not in LEFT_OUT:
                said = f"{SHOWN} after" if name.startswith(SHOWN) else name
                figures[said] = max(figures.get(said, 0.0), value)
    return [f"{name} {value:g}" for name, value in figures.items()]


def _worst(values: Iterable[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{max(known):.2f}" if known else ""


if __name__ == "__main__":
    print(table(run for file in sys.argv[1:] for run in json.loads(Path(file).read_text(encoding="utf-8"))))
