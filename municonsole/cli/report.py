"""`municonsole report sla`: how tickets were answered and resolved, as a table, CSV or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from municonsole.cli import moments
from municonsole.cli.output import complain, in_zone, print_fields, print_json, print_table
from municonsole.cli.params import as_json, one_of
from municonsole.cli.root import Root, pass_root
from municonsole.cli.writing import write_csv
from municonsole.domain.reports import SMALLEST, Figures, GbvCount, GbvReport, ReportBy, SlaReport

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

TOTAL: Final = "total"
"""What stands in the place of a group for all of them together."""
NO_TEAM: Final = "(no team)"
COUNTS: Final = (
    *("received", "without_clocks", "answered", "answered_in_time", "response_breached"),
    *("resolved", "resolved_in_time", "resolution_breached", "breached", "reopened"),
)
TIMES: Final = ("response_median", "response_p90", "resolution_median", "resolution_p90")
_COLUMNS: Final = {
    "RECEIVED": "received",
    "ANSWERED": "answered",
    "A. IN TIME": "answered_in_time",
    "RESOLVED": "resolved",
    "R. IN TIME": "resolved_in_time",
    "REOPENED": "reopened",
    "ANSWER 50%": "response_median",
    "ANSWER 90%": "response_p90",
    "SOLVE 50%": "resolution_median",
    "SOLVE 90%": "resolution_p90",
    "BREACHED": "breached",
}
_FIRST_TO_GO: Final = ("RESOLVED", "ANSWERED", "REOPENED", "SOLVE 50%", "ANSWER 50%")
_FEW: Final = f"<{SMALLEST}"
_HELD_BACK: Final = f"{_FEW}*"
_EXPLAINED: Final = (
    f"{_HELD_BACK} fewer than {SMALLEST}, or held back so that such a number cannot be worked out"
)


@click.group()
def report() -> None:
    """Say how the municipality kept its word over a period."""


@report.command()
@click.option(
    "--from", "begins", required=True, metavar="TIME", help="Logged at this time or after."
)
@click.option(
    "--to", "ends", required=True, metavar="TIME", help="Logged before; of a date, its day counts."
)
@click.option("--by", type=one_of(ReportBy), help="One row for each, and one for all.")
@click.option("--csv", "csv_wanted", is_flag=True, help="Print CSV.")
@as_json
@pass_root
def sla(
    root: Root, begins: str, ends: str, by: str | None, *, csv_wanted: bool, json_wanted: bool
) -> None:
    """Say how the tickets that were logged in a period were answered and resolved, as things stand now.

    For managers and administrators; the SAPS liaison is told how many GBV reports came in. TIME is ISO
    8601 and, without an offset, the municipality's. What each figure counts: docs/reference/reports.md
    """
    if csv_wanted and json_wanted:
        raise click.UsageError("--csv and --json exclude each other")

    async def work(desk: Desk) -> tuple[SlaReport | GbvReport, ZoneInfo]:
        zone = ZoneInfo(desk.operator.municipality.time_zone)
        return await desk.reports.sla(
            moments.start(begins, zone, "--from"),
            moments.end(ends, zone, "--to"),
            ReportBy(by) if by is not None else None,
        ), zone

    found, zone = root.at_desk(work)
    if json_wanted:
        print_json(_json(found, zone))
    elif csv_wanted:
        write_csv(_csv(found))
    elif isinstance(found, SlaReport):
        _show(found)
    else:
        _show_counts(found)


# What a script reads


def _json(found: SlaReport | GbvReport, zone: ZoneInfo) -> dict[str, object]:
    """The report as docs/reference/reports.md has it; times as in every JSON of ours, lengths in seconds."""
    told: dict[str, object] = {
        "from": in_zone(found.since, zone),
        "to": in_zone(found.until, zone),
        "by": found.by,
    }
    figures: list[dict[str, object]]
    if isinstance(found, SlaReport):
        told["judged_at"] = in_zone(found.judged_at, zone)
        figures = [_named(row) for row in (*found.rows, found.total)]
    else:
        figures = [
            {"received": row.received, "shown": _shown(row, found)}
            for row in (*found.rows, found.total)
        ]
    *rows, total = figures
    labels = (row.label for row in found.rows)
    told["rows"] = [{str(found.by): label} | row for label, row in zip(labels, rows, strict=True)]
    told["total"] = total
    return told


def _named(row: Figures) -> dict[str, object]:
    lengths: dict[str, timedelta | None] = {name: getattr(row, name) for name in TIMES}
    return {name: getattr(row, name) for name in COUNTS} | {
        f"{name}_seconds": int(length.total_seconds()) if length is not None else None
        for name, length in lengths.items()
    }


def _csv(found: SlaReport | GbvReport) -> list[Sequence[object]]:
    """A line a group and one for all; without groups that one alone, and no column for their names."""
    by = [found.by] if found.by is not None else []
    cells: list[Sequence[object]]
    if isinstance(found, GbvReport):
        names: Sequence[str] = ("received",)
        cells = [(_shown(row, found),) for row in (*found.rows, found.total)]
    else:
        names = (*COUNTS, *(f"{name}_seconds" for name in TIMES))
        cells = [tuple(_named(row).values()) for row in (*found.rows, found.total)]
    labels = (*(row.label for row in found.rows), TOTAL)
    lines = [(*([label] if by else []), *row) for label, row in zip(labels, cells, strict=True)]
    return [(*by, *names), *lines]


# What a person reads


def _show(found: SlaReport) -> None:
    if found.by is None:
        print_fields(_lines(found.total))
        return
    print_table(
        (found.by.upper(), *_COLUMNS),
        [
            *(_line(row.label or NO_TEAM, row) for row in found.rows),
            _line(TOTAL, found.total),
        ],
        first_to_go=_FIRST_TO_GO,
        numbers=_COLUMNS,
    )


def _line(label: str, row: Figures) -> tuple[str, ...]:
    values = (getattr(row, name) for name in _COLUMNS.values())
    return (
        label,
        *(str(value) if isinstance(value, int) else _hours(value, short=True) for value in values),
    )


def _lines(row: Figures) -> list[tuple[str, str]]:
    """The figures of all tickets of a period, in words."""
    lines = [
        ("Received", f"{row.received}"),
        ("Answered", f"{row.answered}, of them {row.answered_in_time} in time"),
        ("Resolved", f"{row.resolved}, of them {row.resolved_in_time} in time"),
        (
            "Breached",
            f"{row.breached} (response {row.response_breached}, resolution {row.resolution_breached})",
        ),
        ("Reopened", f"{row.reopened}"),
    ]
    for name, half, most in (
        ("Working time to answer", row.response_median, row.response_p90),
        ("Working time to resolve", row.resolution_median, row.resolution_p90),
    ):
        if half is not None:
            lines.append((name, f"half within {_hours(half)}, nine of ten within {_hours(most)}"))
    if row.without_clocks:
        lines.insert(1, ("Without clocks", f"{row.without_clocks}, in none of the lines below"))
    return lines


def _hours(length: timedelta | None, *, short: bool = False) -> str:
    if length is None:
        return ""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}" if short else f"{hours} h {minutes} min"


def _show_counts(found: GbvReport) -> None:
    total = _shown(found.total, found)
    if found.by is None:
        print_fields([("GBV reports", total)])
        return
    print_table(
        (found.by.upper(), "GBV REPORTS"),
        [
            *((row.label or NO_TEAM, _shown(row, found)) for row in found.rows),
            (TOTAL, total),
        ],
    )
    if any(_shown(row, found) == _HELD_BACK for row in found.rows):
        complain(_EXPLAINED)


def _shown(row: GbvCount, found: GbvReport) -> str:
    if row.received is not None:
        return str(row.received)
    return _FEW if found.total.received is None else _HELD_BACK
