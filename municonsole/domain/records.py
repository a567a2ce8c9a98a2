"""Frozen records that the services hand out. Times are aware and UTC; no ORM object is among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from municonsole.domain.clocks import ClockFacts, Terms
from municonsole.domain.permissions import Permission
from municonsole.domain.supervising import Why
from municonsole.domain.values import (
    Category,
    EventKind,
    Language,
    Role,
    Severity,
    SlaState,
    Status,
)


@dataclass(frozen=True, slots=True)
class Municipality:
    """The municipality an operator works for; `time_zone` is an IANA name."""

    id: int
    code: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team as far as an operator may see it."""

    id: int
    name: str
    category: Category
    is_saps: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the municipality; only an active one can be assigned to."""

    username: str
    full_name: str
    role: Role
    team_id: int | None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class OperatorContext:
    """Who is logged in: the database's answer, read once at login."""

    username: str
    full_name: str
    role: Role
    municipality: Municipality
    team_id: int | None
    team_name: str | None
    permissions: frozenset[Permission]

    def may(self, permission: Permission) -> bool:
        """Whether the database grants this operator the function behind `permission`."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket of a list. Of a GBV report every field that could tell about a person is None."""

    id: UUID
    tracking_number: str
    category: Category
    status: Status
    severity: Severity
    is_sensitive: bool
    description: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    language: Language
    reporter_name: str | None
    reporter_phone: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    assigned_team_id: int | None
    assigned_team: str | None
    assigned_to: str | None
    assigned_to_name: str | None
    first_responded_at: datetime | None
    resolved_at: datetime | None
    escalated_at: datetime | None
    escalation_reason: str | None
    sla_status: SlaState | None
    sla_response_deadline: datetime | None
    sla_resolution_deadline: datetime | None
    next_deadline: datetime | None
    suburb: str | None = None
    may_message: bool = False
    """Whether whoever reported it agreed to messages."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `next` is the cursor of the page after it, None on the last."""

    tickets: tuple[TicketRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of a ticket's assignment history, oldest first.

    It holds until the next one, or until the ticket is resolved: `until` and `held` are None while it
    does. `why` is there where the ticket was routed.
    """

    team_name: str | None
    assigned_to_name: str | None
    assigned_by: str
    reason: str | None
    created_at: datetime
    until: datetime | None = None
    held: timedelta | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a ticket as the history shows it."""

    seq: int
    at: datetime
    kind: EventKind
    actor: str
    via: str
    from_status: Status | None
    to_status: Status | None
    team_name: str | None
    assigned_to_name: str | None
    note: str | None
    facts: ClockFacts = field(default_factory=ClockFacts)
    why: Why | None = None
    """Why a report was routed to this team, or to none when it was logged."""
    undoes: int | None = None
    """The `seq` of the assignment that this one takes back."""


@dataclass(frozen=True, slots=True)
class ConfidentialReport:
    """The narrative and contact details of a GBV report, as read through a recorded opening."""

    description: str
    address: str | None
    latitude: float | None
    longitude: float | None
    reporter_name: str | None
    reporter_phone: str | None
    safe_to_contact: bool
    contact_instructions: str | None
    suburb: str | None = None


@dataclass(frozen=True, slots=True)
class TicketDetail:
    """One ticket with everything that happened to it; for whoever opened a GBV report, the report too.

    `history` is newest first; it has the notes of a GBV report only beside the report itself.
    `terms` is None for a ticket without clocks.
    """

    ticket: TicketRow
    assignment_history: tuple[Assignment, ...]
    confidential: ConfidentialReport | None = field(default=None, repr=False)
    history: tuple[TimelineEntry, ...] = field(default=(), repr=False)
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a caller reports. Text is cleaned by the service before it leaves the program."""

    category: Category
    severity: Severity = Severity.MEDIUM
    description: str = field(default="", repr=False)
    address: str | None = field(default=None, repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    language: Language = Language.ENGLISH
    reporter_name: str | None = field(default=None, repr=False)
    reporter_phone: str | None = field(default=None, repr=False)
    safe_to_contact: bool = False
    contact_instructions: str | None = field(default=None, repr=False)
    suburb: str | None = field(default=None, repr=False)
    may_message: bool = False
    """Whether they agreed to messages about it; none are sent about a GBV report."""
