"""What commands print: cleaned lines, aligned columns that a screen reader can follow, and JSON."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from municonsole.domain.text import clean, clean_line

GAP = "  "
_ROOM = 20
"""Cells that the last column of a table shall have, if need be at the cost of others."""


def say(text: str = "") -> None:
    """Print text of any origin on standard output."""
    click.echo(clean(text))


def complain(text: str) -> None:
    """Print one line on standard error."""
    click.echo(clean_line(text), err=True)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """How many of `what` there are so far, on standard error where a person sees it, and gone at the end."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda count: click.echo(f"\r{count:,} {what} …", err=True, nl=False)
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)


def print_json(value: object) -> None:
    """Print `value` as JSON in UTF-8, whatever the locale; strings are cleaned."""
    text = json.dumps(cleaned(value), ensure_ascii=False, indent=2)
    click.echo(text.encode())


def cleaned(value: object) -> object:
    """What is printed as JSON, each text in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {key: cleaned(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(inner) for inner in value]
    return value


def print_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    first_to_go: Sequence[str] = (),
    numbers: Collection[str] = (),
) -> None:
    """Print aligned columns under their headers; nothing but the headers when there are no rows.

    Columns of `numbers` are aligned on the right.
    On a terminal the columns of `first_to_go` are left out, one after the other, until the last
    column has some room, and that one is cut; where no terminal is, everything is printed whole.
    """
    from rich.cells import cell_len, set_cell_size

    lines = [tuple(headers), *(tuple(clean_line(cell) for cell in row) for row in rows)]
    widths = {
        header: max(cell_len(line[column]) for line in lines)
        for column, header in enumerate(headers)
    }
    last = natural = widths.pop(headers[-1])
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        for header in first_to_go:
            if sum(widths.values()) + len(GAP) * len(widths) + min(last, _ROOM) <= width:
                break
            del widths[header]
        last = max(width - sum(widths.values()) - len(GAP) * len(widths), len(headers[-1]))
    shown = [headers.index(header) for header in widths]
    for line in lines:
        cells = [
            line[column].rjust(size)
            if headers[column] in numbers
            else set_cell_size(line[column], size)
            for column, size in zip(shown, widths.values(), strict=True)
        ]
        text = line[-1].rjust(natural) if headers[-1] in numbers else line[-1]
        end = text if cell_len(text) <= last else set_cell_size(text, last - 1) + "…"
        click.echo(GAP.join([*cells, end]).rstrip())


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Print names and values, one pair a line, a value of several lines indented under its name."""
    for name, value in fields:
        first, *more = clean(value).split("\n")
        click.echo(f"{name}: {first}".rstrip())
        for line in more:
            click.echo(f"    {line}".rstrip())


def in_zone(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 with offset in the municipality's zone; None stays None."""
    return moment.astimezone(zone).isoformat() if moment is not None else None


def for_people(moment: datetime | None, zone: ZoneInfo) -> str:
    """`2026-09-21 11:30` in the municipality's zone; empty for None."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment is not None else ""
