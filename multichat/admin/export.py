"""CSV that a spreadsheet may open: no cell of it is a formula."""

import csv
import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from multichat.database import db

if TYPE_CHECKING:
    from multichat.admin.panel import Panel

# What begins a formula in one spreadsheet or another (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# So many take a few milliseconds, for which they hold up the worker's sockets.
BATCH_ROWS = 200


def cell(value: Any) -> str:
    """The value as text; what a spreadsheet would run begins with a quote, which makes it text there too."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def lines(panel: "Panel") -> Iterator[str]:
    """The list as it is filtered, in the order in which the records were made, however many there are.

    The session ends before each part is sent: a slow reader holds neither a connection nor a reading transaction.
    """
    writer = csv.writer(_Echo())
    columns = panel.export_columns()
    db.session.remove()
    yield writer.writerow([cell(label) for _, label in columns])
    last_id = 0
    while batch := panel.export_batch(last_id, BATCH_ROWS):
        rows = [[cell(panel.export_value(record, column)) for column, _ in columns] for record in batch]
        last_id = batch[-1].id
        db.session.remove()
        yield "".join(map(writer.writerow, rows))
        time.sleep(0)  # the sockets' turn


class _Echo:
    """A file that hands each line back."""

    def write(self, line: str) -> str:
        return line
