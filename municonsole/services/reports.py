"""Reports over a period: how tickets were answered and resolved, and for SAPS how many GBV reports there were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from municonsole.db import reports
from municonsole.domain.errors import InvalidInput
from municonsole.domain.permissions import Permission
from municonsole.domain.reports import (
    GbvCount,
    GbvReport,
    ReportBy,
    SlaReport,
    told,
    told_alone,
)
from municonsole.domain.values import Category, Role
from municonsole.services.access import Access

_YEARS: Final = range(1900, 2200)
"""Those that a report may be about."""


class Reports:
    """Reports of the operator's municipality. Times are aware; a period's end is not part of it."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = access.session
        self._operator = access.operator

    async def sla(
        self, since: datetime, until: datetime, by: ReportBy | None = None
    ) -> SlaReport | GbvReport:
        """How tickets logged in the period were answered and resolved, as things stand now.

        For the SAPS liaison it says how many GBV reports came in, and nothing else. Raises Refused for
        operators, InvalidInput for a period that ends before it begins.
        """
        if not since < until:
            raise InvalidInput("a report is about a period that ends after it begins")
        if since.year not in _YEARS or until.year not in _YEARS:
            raise InvalidInput(f"a report is about the years {_YEARS[0]} to {_YEARS[-1]}")
        values: dict[str, object] = {"since": since, "until": until}
        if self._operator.role is Role.SAPS_LIAISON:
            return await self._gbv(since, until, by, values)
        self._access.require(Permission.REPORT_SLA)
        found = await self._session.read(reports.SLA_REPORT, {**values, "by": by and by.value})
        *rows, total = (reports.figures(row) for row in found)
        return SlaReport(since, until, by, found[-1].judged_at, tuple(rows), total)

    async def _gbv(
        self, since: datetime, until: datetime, by: ReportBy | None, values: dict[str, object]
    ) -> GbvReport:
        found = await self._session.read(reports.GBV_COUNTS[by], values)
        counts: dict[str | None, int] = {row.label: row.received for row in found}
        total = GbvCount(None, told_alone(sum(counts.values())))
        if by is None:
            return GbvReport(since, until, by, (), total)
        # Every group there could be: a group that is left out would tell that it has none.
        labels = await self._labels(since, until, by)
        labels += tuple(
            label for label in counts if label not in labels
        )  # of a clock ahead of ours
        shown = told([counts.get(label, 0) for label in labels])
        rows = tuple(GbvCount(label, count) for label, count in zip(labels, shown, strict=True))
        return GbvReport(since, until, by, rows, total)

    async def _labels(
        self, since: datetime, until: datetime, by: ReportBy
    ) -> tuple[str | None, ...]:
        match by:
            case ReportBy.CATEGORY:
                return (Category.GBV.value,)
            case ReportBy.TEAM:
                return (*(row.name for row in await self._session.read(reports.SAPS_TEAMS)), None)
            case ReportBy.MONTH:
                return _months(since, until, ZoneInfo(self._operator.municipality.time_zone))


def _months(since: datetime, until: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The months of a zone that a period touches, those that have not begun left out."""
    last = min(until.astimezone(UTC), max(since.astimezone(UTC), datetime.now(UTC)))
    local = since.astimezone(zone)
    year, month = local.year, local.month
    months: list[str] = []
    while datetime(year, month, 1, tzinfo=zone).astimezone(UTC) < last or not months:
        months.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return tuple(months)
