"""Frozen records about lateness: what a colleague is to know, and when the clocks were last looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from municonsole.domain.clocks import Clock
from municonsole.domain.values import Category, Status


class AlertKind(StrEnum):
    """What an alert is about: a clock that runs short, one that ran out, or a history that was edited."""

    WARNING = "warning"
    BREACH = "breach"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing its recipient is to know; times are aware and UTC.

    `level` is 0 for a warning, 1 for a breach, 2 for the second breach of one ticket, or for a broken
    history, which names no ticket: from `clock` to `deadline` everything is None then. `status` and
    `deadline` (of this clock) are the ticket's of now, not of when the alert was written.
    """

    id: int
    at: datetime
    kind: AlertKind
    level: int
    clock: Clock | None
    ticket_id: UUID | None
    tracking_number: str | None
    category: Category | None
    status: Status | None
    deadline: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sweep of the municipality's clocks: when, and by whom as colleagues may know it.

    `done_by` is a login of the municipality, `worker`, or `another console`.
    """

    done_at: datetime
    done_by: str
