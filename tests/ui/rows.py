"""Tickets and events made in the test: data for what draws them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from municonsole.domain.clocks import ClockTerms, Terms
from municonsole.domain.records import TicketDetail, TicketRow, TimelineEntry
from municonsole.domain.values import Category, EventKind, Language, Severity, SlaState, Status
from municonsole.ui.columns import Moment

NOW = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
"""Monday noon in Johannesburg."""
ZONE = ZoneInfo("Africa/Johannesburg")
AT = Moment(NOW, ZONE)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def row(number: int = 1, **changes: Any) -> TicketRow:
    """An ordinary open water ticket, three hours old, with `changes`."""
    ticket = TicketRow(
        id=UUID(int=number),
        tracking_number=f"TKT-20260921-{number:06X}",
        category=Category.WATER,
        status=Status.OPEN,
        severity=Severity.MEDIUM,
        is_sensitive=False,
        description="Burst pipe in front of the clinic",
        address="12 Protea Street",
        latitude=None,
        longitude=None,
        language=Language.ENGLISH,
        reporter_name=None,
        reporter_phone=None,
        created_at=NOW - 3 * HOUR,
        updated_at=NOW - 2 * HOUR,
        version=1,
        assigned_team_id=1,
        assigned_team="Water North",
        assigned_to=None,
        assigned_to_name=None,
        first_responded_at=None,
        resolved_at=None,
        escalated_at=None,
        escalation_reason=None,
        sla_status=SlaState.ON_TRACK,
        sla_response_deadline=NOW + HOUR,
        sla_resolution_deadline=NOW + 21 * HOUR,
        next_deadline=NOW + HOUR,
    )
    return replace(ticket, **changes)


def gbv_row(number: int = 1, **changes: Any) -> TicketRow:
    """A GBV report as a list has it: nothing about a person."""
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "description",
            "address",
            "sla_status",
            "sla_response_deadline",
            "sla_resolution_deadline",
            "next_deadline",
        )
    )
    return row(number, category=Category.GBV, is_sensitive=True, **nothing, **changes)


def detail(ticket: TicketRow, **changes: Any) -> TicketDetail:
    """What the services give of one ticket."""
    return TicketDetail(ticket, (), **changes)


def terms(**changes: Any) -> Terms:
    """What the clocks of a water ticket run by, with `changes`."""
    made = Terms(
        policy=Category.WATER,
        calendar="office hours",
        warning_percent=80,
        in_force=True,
        response=ClockTerms(2 * HOUR, by_hand=False, breached_at=None),
        resolution=ClockTerms(24 * HOUR, by_hand=False, breached_at=None),
    )
    return replace(made, **changes)


def entry(kind: EventKind = EventKind.CREATED, **changes: Any) -> TimelineEntry:
    """One event of an hour ago, with `changes`."""
    made = TimelineEntry(
        seq=1,
        at=NOW - HOUR,
        kind=kind,
        actor="op1",
        via="console",
        from_status=None,
        to_status=None,
        team_name=None,
        assigned_to_name=None,
        note=None,
    )
    return replace(made, **changes)
