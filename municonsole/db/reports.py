"""Prepared reads of what reports say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import DateTime, Text, bindparam, text

from municonsole.domain.reports import Figures, ReportBy

_since: Final = bindparam("since", type_=DateTime(timezone=True))
_until: Final = bindparam("until", type_=DateTime(timezone=True))

SLA_REPORT: Final = text("select * from muni.report_sla(:since, :until, :by)").bindparams(
    _since, _until, bindparam("by", type_=Text)
)
"""The groups in order, and last all tickets together."""

_LABELS: Final[Mapping[ReportBy | None, str]] = {
    None: "null",
    ReportBy.CATEGORY: "t.category",
    ReportBy.TEAM: "tm.name",
    ReportBy.MONTH: "to_char(t.created_at at time zone m.time_zone, 'YYYY-MM')",
}

GBV_COUNTS: Final = {
    by: text(f"""
        select {label} as label, count(*) as received
        from muni.tickets as t
        join muni.municipalities as m on m.id = t.municipality_id
        left join muni.teams as tm on tm.id = t.assigned_team_id
        where t.is_sensitive = true and t.created_at >= :since and t.created_at < :until
        group by 1
    """).bindparams(_since, _until)  # noqa: S608  of our own words alone
    for by, label in _LABELS.items()
}
"""For the liaison, whose row security shows GBV reports and nothing else; groups that have any, in no order."""

SAPS_TEAMS: Final = text("select t.name from muni.teams as t where t.is_saps order by t.name")


def figures(row: Any) -> Figures:  # noqa: ANN401 — a row of SLA_REPORT
    """The record of one row of SLA_REPORT."""
    return Figures(
        label=row.label,
        received=row.received,
        without_clocks=row.without_clocks,
        answered=row.answered,
        answered_in_time=row.answered_in_time,
        response_breached=row.response_breached,
        resolved=row.resolved,
        resolved_in_time=row.resolved_in_time,
        resolution_breached=row.resolution_breached,
        breached=row.breached,
        reopened=row.reopened,
        response_median=_length(row.response_median_seconds),
        response_p90=_length(row.response_p90_seconds),
        resolution_median=_length(row.resolution_median_seconds),
        resolution_p90=_length(row.resolution_p90_seconds),
    )


def _length(seconds: int | None) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds is not None else None
