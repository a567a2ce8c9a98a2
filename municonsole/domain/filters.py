"""What a list shows: filters, and the views of the console made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import TypeAlias

from municonsole.domain.values import UNFINISHED, Category, Role, Severity, SlaState, Sort, Status


class Due(StrEnum):
    """How the next deadline of an unfinished ticket stands to the server's clock."""

    PASSED = "passed"
    HOUR = "hour"
    """Within the hour, and not passed."""


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets: every field that is set narrows the list, all of them together.

    `unassigned` have no person, `teamless` no team. `since` (inclusive) and `until` (exclusive) bound
    `created_at`; `resolved_since` bounds `resolved_at`. `search` is text of three characters or more;
    `suburb` is the whole name. Times are aware.
    """

    statuses: tuple[Status, ...] = ()
    categories: tuple[Category, ...] = ()
    severities: tuple[Severity, ...] = ()
    sla: tuple[SlaState, ...] = ()
    team_id: int | None = None
    assigned_to: str | None = None
    unassigned: bool = False
    teamless: bool = False
    due: Due | None = None
    suburb: str | None = None
    search: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    resolved_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DaysAgo:
    """A day that moves along with the calendar: today is none ago."""

    days: int


Day: TypeAlias = date | DaysAgo
"""A day of the municipality: one of the calendar, or one that moves along."""


def on_calendar(day: Day, today: date) -> date:
    """The day of the calendar that `day` is today; the first there is, where it would be earlier."""
    if isinstance(day, DaysAgo):
        return today - timedelta(days=min(day.days, (today - date.min).days))
    return day


def begin(day: Day, zone: tzinfo, today: date) -> datetime:
    """The midnight in `zone` at which the day begins."""
    return datetime.combine(on_calendar(day, today), time(), zone)


def end(day: Day, zone: tzinfo, today: date) -> datetime:
    """The midnight in `zone` at which the day is over."""
    last = date.max - timedelta(days=1)
    return begin(min(on_calendar(day, today), last) + timedelta(days=1), zone, today)


@dataclass(frozen=True, slots=True)
class View:
    """A named list of the console.

    `mine`, `resolved_today`, `since` and `until` (both days included) become a filter when it is
    asked for. An operator's own view has a `place`, the key 1–9 it was saved under, and tells in
    `lost` what could not be kept of it.
    """

    id: str
    title: str
    filter: TicketFilter
    sort: Sort = Sort.NEWEST
    mine: bool = False
    resolved_today: bool = False
    since: Day | None = None
    until: Day | None = None
    place: int | None = None
    lost: tuple[str, ...] = ()


MUNICIPAL_VIEWS = (
    View("mine", "My tickets", TicketFilter(statuses=UNFINISHED), Sort.DEADLINE, mine=True),
    View("unassigned", "Unassigned", TicketFilter(statuses=UNFINISHED, unassigned=True)),
    View(
        "due", "Due soon", TicketFilter(statuses=UNFINISHED, sla=(SlaState.WARNING,)), Sort.DEADLINE
    ),
    View(
        "breached",
        "Breached",
        TicketFilter(
            statuses=UNFINISHED, sla=(SlaState.BREACHED_RESOLUTION, SlaState.BREACHED_RESPONSE)
        ),
        Sort.DEADLINE,
    ),
    View("open", "All open", TicketFilter(statuses=UNFINISHED)),
    View(
        "resolved_today",
        "Resolved today",
        TicketFilter(statuses=(Status.RESOLVED, Status.CLOSED)),
        Sort.CHANGED,
        resolved_today=True,
    ),
)
SAPS_VIEWS = (
    View("gbv_open", "GBV open", TicketFilter(statuses=UNFINISHED)),
    View("gbv_all", "GBV all", TicketFilter()),
)


def views_of(role: Role) -> tuple[View, ...]:
    """The views a role works with, in the order of their keys 1–9."""
    return SAPS_VIEWS if role is Role.SAPS_LIAISON else MUNICIPAL_VIEWS
