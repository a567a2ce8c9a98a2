"""What a shift at the desk is made of: the feed of events, duplicates, drafts, suburbs, who is looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from municonsole.domain.records import TicketRow
from municonsole.domain.values import EventKind, Status


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Something that happened to a ticket one may see. `id` is unique among those one sees."""

    id: int
    ticket_id: UUID
    kind: EventKind
    actor: str
    via: str
    at: datetime
    to_status: Status | None
    assignee: str | None
    """Whom an assignment gave it to."""
    was_mine: bool = False
    """Of a breach or an escalation: whether it was the reader's own ticket until then."""


@dataclass(frozen=True, slots=True)
class News:
    """What became visible since the last look, in the order of the ids.

    Not `complete`: there was more than one look brings, or the server is another one. Whoever shows
    tickets reads them all anew.
    """

    events: tuple[FeedEvent, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the feed and at the tickets in sight brought.

    `rows` are, as they are now, the tickets of the news and those in sight that are not as they were at
    the last look; `belonging` are those of them that belong to the list that was asked about. `gone` may
    no longer be seen, whatever the cause. `others` are colleagues who have a ticket in sight open.
    """

    news: News
    rows: Mapping[UUID, TicketRow]
    belonging: frozenset[UUID]
    gone: frozenset[UUID]
    others: Mapping[UUID, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Similar:
    """An open ticket that may be about the same; `metres` away, where both places are known."""

    ticket: TicketRow
    metres: float | None
    likeness: float | None
    """Which part of the words it shares, 0 to 1; None where the place decided."""


@dataclass(frozen=True, slots=True)
class Suburb:
    """A part of the municipality and its middle, degrees WGS 84."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Draft:
    """What its author typed and did not send; `content` by the names of the fields."""

    content: Mapping[str, str]
    saved_at: datetime
