"""Prepared reads of what a ticket's clocks run by, and of what another deadline would make of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, Text, bindparam, text

from municonsole.domain.clocks import ClockFacts, ClockTerms, Deadlines, Terms
from municonsole.domain.values import Category

TERMS = text("""
    select
        t.sla_policy_id,
        p.category,
        c.name as calendar,
        p.response_target,
        p.resolution_target,
        p.warning_percent,
        c.replaced_at is null
        and t.sla_policy_id is not distinct from (
            select q.id
            from muni.sla_policies as q
            where
                q.municipality_id = t.municipality_id
                and q.replaced_at is null
                and (q.category = t.category or q.category is null)
            order by q.category nulls last
            limit 1
        ) as in_force,
        coalesce(t.response_overridden, false) as response_by_hand,
        coalesce(t.resolution_overridden, false) as resolution_by_hand,
        t.sla_response_breached_at,
        t.sla_resolution_breached_at
    from muni.tickets as t
    left join muni.sla_policies as p on p.id = t.sla_policy_id
    left join muni.calendars as c on c.id = p.calendar_id
    where
        t.tracking_number = :number
        and t.is_sensitive = false
        and num_nonnulls(t.sla_response_deadline, t.sla_resolution_deadline) > 0
""").bindparams(bindparam("number", type_=Text))
"""For municipal roles; no row without clocks."""

PREVIEW_OVERRIDE = text("""
    select p.*
    from muni.tickets as t
    cross join lateral muni.preview_override(t.id, :clock, :deadline) as p
    where t.tracking_number = :number
""").bindparams(
    bindparam("number", type_=Text),
    bindparam("clock", type_=Text),
    bindparam("deadline", type_=DateTime(timezone=True)),
)
"""Like the call of override_deadline, and it writes nothing; no row where the number is hidden or none."""

# The numbers of muni._terms (docs/reference/sla.md, 2).
_BUILT_IN: Final = (timedelta(hours=24), timedelta(hours=168), 80)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def terms(row: Any) -> Terms:  # noqa: ANN401 — a row of TERMS
    """The record of one row of TERMS."""
    built_in = row.sla_policy_id is None
    category = Category(row.category) if row.category is not None else None
    response, resolution, warning = (
        _BUILT_IN if built_in else (row.response_target, row.resolution_target, row.warning_percent)
    )
    return Terms(
        policy="built-in" if built_in else category or "default",
        calendar=row.calendar,
        warning_percent=warning,
        in_force=row.in_force,
        response=ClockTerms(response, row.response_by_hand, row.sla_response_breached_at),
        resolution=ClockTerms(resolution, row.resolution_by_hand, row.sla_resolution_breached_at),
    )


def facts(data: Mapping[str, Any] | None) -> ClockFacts:
    """What an event's data says about the clocks; what is not there is None.

    Deadlines are microseconds since 1970, as muni._deadlines writes them.
    """
    if not data:
        return _NOTHING
    overdue = data.get("overdue_seconds")
    return ClockFacts(
        clock=data.get("clock"),
        level=data.get("level"),
        overdue=None if overdue is None else timedelta(seconds=overdue),
        before=_deadlines(data.get("from")),
        after=_deadlines(data.get("to")),
        because=data.get("because"),
        stays_because=data.get("stays_because"),
    )


_NOTHING: Final = ClockFacts()


def _deadlines(told: Mapping[str, int | None] | None) -> Deadlines | None:
    if told is None:
        return None
    return Deadlines(_instant(told.get("response")), _instant(told.get("resolution")))


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
