"""The closed lists of the field: what a category, a status, a role, a state of the clocks can be."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """What a report is about. `gbv` reports are walled in: see `is_sensitive`."""

    WATER = "water"
    ROADS = "roads"
    ELECTRICITY = "electricity"
    WASTE = "waste"
    SANITATION = "sanitation"
    GBV = "gbv"
    OTHER = "other"

    @property
    def is_sensitive(self) -> bool:
        """Whether reports of this category are for SAPS alone (SEC-05)."""
        return self is Category.GBV


class Severity(StrEnum):
    """How bad it is, mildest first: the declared order is the order of sorting."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Language(StrEnum):
    """The language a citizen is answered in."""

    ENGLISH = "en"
    ISIZULU = "zu"
    AFRIKAANS = "af"


class Status(StrEnum):
    """Where a ticket stands. Legal moves are the table `muni.status_transitions`."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    ON_HOLD = "on_hold"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CLOSED = "closed"


UNFINISHED = (Status.OPEN, Status.IN_PROGRESS, Status.ON_HOLD, Status.ESCALATED)
"""The statuses in which somebody still owes the citizen work."""


class SlaState(StrEnum):
    """State of a ticket's clocks, worst first: the first that holds is the state (docs/reference/sla.md, rule 10)."""

    BREACHED_RESOLUTION = "breached_resolution"
    BREACHED_RESPONSE = "breached_response"
    PAUSED = "paused"
    WARNING = "warning"
    ON_TRACK = "on_track"


class Role(StrEnum):
    """What an operator is; each is a PostgreSQL group role."""

    OPERATOR = "operator"
    MANAGER = "manager"
    ADMIN = "admin"
    SAPS_LIAISON = "saps_liaison"

    @property
    def group(self) -> str:
        """The PostgreSQL group role that carries this role's GRANTs."""
        return "muni_saps" if self is Role.SAPS_LIAISON else f"muni_{self.value}"


class EventKind(StrEnum):
    """What can happen to a ticket; one row of `ticket_events` each."""

    CREATED = "created"
    IMPORTED = "imported"
    STATUS_CHANGED = "status_changed"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    NOTED = "noted"
    CONTACTED = "contacted"
    REPORTER_ADDED = "reporter_added"
    ESCALATED = "escalated"
    DEADLINE_OVERRIDDEN = "deadline_overridden"
    OVERRIDE_CLEARED = "override_cleared"
    RECOMPUTED = "recomputed"
    RECLASSIFIED = "reclassified"
    MARKED_SENSITIVE = "marked_sensitive"
    OPENED = "opened"
    VIEWED = "viewed"
    ACCESS_DENIED = "access_denied"
    SLA_WARNING = "sla_warning"
    SLA_BREACHED = "sla_breached"
    REDACTED = "redacted"


class Sort(StrEnum):
    """Orders of a list. Each is a stable keyset order, the ticket's id breaking ties."""

    NEWEST = "newest"
    DEADLINE = "deadline"
    SEVERITY = "severity"
    CHANGED = "changed"
