"""What a report over a period says, and how small counts of GBV reports are kept from being worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SMALLEST: Final = 5
"""A smaller count of GBV reports is not told: in a small place it may point at somebody."""


class ReportBy(StrEnum):
    """What the tickets of a report are grouped by: as they are now, a month as the municipality's clock has it."""

    CATEGORY = "category"
    TEAM = "team"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Figures:
    """How the tickets of one group were answered and resolved; docs/reference/reports.md says what counts.

    `label` is the category, the team or the month (`2026-09`), None for all tickets and for those
    without a team. Times are working time, None where there was nothing to time.
    """

    label: str | None
    received: int
    without_clocks: int
    answered: int
    answered_in_time: int
    response_breached: int
    resolved: int
    resolved_in_time: int
    resolution_breached: int
    breached: int
    reopened: int
    response_median: timedelta | None
    response_p90: timedelta | None
    resolution_median: timedelta | None
    resolution_p90: timedelta | None


@dataclass(frozen=True, slots=True)
class SlaReport:
    """The figures of a period, its end excluded, as they were at `judged_at`; `rows` only where grouped."""

    since: datetime
    until: datetime
    by: ReportBy | None
    judged_at: datetime
    rows: tuple[Figures, ...]
    total: Figures


@dataclass(frozen=True, slots=True)
class GbvCount:
    """How many GBV reports a group has; None where that is not told."""

    label: str | None
    received: int | None


@dataclass(frozen=True, slots=True)
class GbvReport:
    """How many GBV reports came in over a period, its end excluded; `rows` only where grouped."""

    since: datetime
    until: datetime
    by: ReportBy | None
    rows: tuple[GbvCount, ...]
    total: GbvCount


def told(counts: Sequence[int]) -> tuple[int | None, ...]:
    """The counts of all groups that there are, those that are not told as None; their sum may be known.

    Where one is smaller than SMALLEST, the least of the others is held back with it, and every one
    that is equal to that. So whatever is held back could be exchanged among its groups, and nobody
    could tell: no group's number follows from the others and the sum, even for whoever knows this rule.
    """
    enough = [count for count in counts if count >= SMALLEST]
    if len(enough) == len(counts):
        return tuple(counts)
    held_back = min(enough, default=SMALLEST)
    return tuple(None if count <= held_back else count for count in counts)


def told_alone(count: int) -> int | None:
    """One count, such as that of all groups together; None where it is not told."""
    return count if count >= SMALLEST else None
