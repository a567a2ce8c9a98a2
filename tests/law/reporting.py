"""Asking for reports as somebody, and what their rows say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg.rows import dict_row
from support.database import Database

REPORT = "select * from muni.report_sla(%s, %s, %s)"
ALWAYS = (dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
COUNTS = (
    *("received", "without_clocks", "answered", "answered_in_time", "response_breached"),
    *("resolved", "resolved_in_time", "resolution_breached", "breached", "reopened"),
)
TIMES = (
    *("response_median_seconds", "response_p90_seconds"),
    *("resolution_median_seconds", "resolution_p90_seconds"),
)


def rows(
    database: Database,
    since: dt.datetime = ALWAYS[0],
    until: dt.datetime = ALWAYS[1],
    by: str | None = None,
    login: str = "tvd_manager",
) -> list[dict[str, Any]]:
    """A report, row by row, by name."""
    with database.connect(login) as manager, manager.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(REPORT, (since, until, by)).fetchall()


def total(database: Database, **given: Any) -> dict[str, Any]:
    """What a report says of all tickets together, which is one row."""
    [row] = rows(database, **given)
    assert (row["is_total"], row["label"]) == (True, None)
    return row


def counts(row: dict[str, Any]) -> dict[str, int]:
    """The counts of a row that are not none."""
    return {name: row[name] for name in COUNTS if row[name]}


def counted(**names: int) -> dict[str, int]:
    """Counts by name."""
    return names
