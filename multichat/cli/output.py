"""What a terminal is shown."""

import unicodedata
from collections.abc import Sequence

import click


def plain(text: str) -> str:
    """The text without what a terminal would obey: people choose their own names."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns with two spaces between them."""
    rows = [head, *([plain(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """In a terminal's columns."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
