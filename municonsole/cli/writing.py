"""Rows on standard output for other programs, UTF-8 whatever the locale: CSV no spreadsheet runs, JSON a line."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence

from municonsole.cli.output import cleaned
from municonsole.domain.text import spreadsheet_cell


def write_csv(rows: Iterable[Sequence[object]]) -> None:
    """Write rows of text, numbers, truth values and None, which is an empty cell. Raises OSError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    _write(text.getvalue())


def write_json_lines(values: Iterable[object]) -> None:
    """Write each value as JSON on a line of its own; strings are cleaned. Raises OSError."""
    _write("".join(json.dumps(cleaned(value), ensure_ascii=False) + "\n" for value in values))


def _cell(value: object) -> str:
    """A number stays one, also below zero: it is ours, and no formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return spreadsheet_cell(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write(text: str) -> None:
    sys.stdout.flush()
    rest = memoryview(text.encode())
    while rest:
        # Unbuffered (PYTHONUNBUFFERED) it takes what there is room for, and says how much.
        rest = rest[sys.stdout.buffer.write(rest) or 0 :]
    sys.stdout.buffer.flush()
