"""What a list shows: filters, and the views of the console made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from municonsole.domain.values import UNFINISHED, Category, Role, Severity, SlaState, Sort, Status


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets: every field that is set narrows the list, all of them together.

    `since` (inclusive) and `until` (exclusive) bound `created_at`; `resolved_since` bounds
    `resolved_at`. `search` is text of three characters or more. Times are aware.
    """

    statuses: tuple[Status, ...] = ()
    categories: tuple[Category, ...] = ()
    severities: tuple[Severity, ...] = ()
    sla: tuple[SlaState, ...] = ()
    team_id: int | None = None
    assigned_to: str | None = None
    unassigned: bool = False
    search: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    resolved_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A named list of the console; `mine` and `today` are filled in when it is asked for."""

    id: str
    title: str
    filter: TicketFilter
    sort: Sort = Sort.NEWEST
    mine: bool = False
    resolved_today: bool = False


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
