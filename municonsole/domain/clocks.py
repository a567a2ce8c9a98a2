"""Frozen records about a ticket's clocks: what they run by, what happened to them, what would become of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from municonsole.domain.values import Category, SlaState

Clock = Literal["response", "resolution"]


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Both deadlines at one moment, aware and UTC; None for a clock that there is not."""

    response: datetime | None
    resolution: datetime | None


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What an event of the history says about the clocks, as far as its kind has something to say.

    `level` is 1 for the breach of a clock, 2 for the second one of a ticket, `overdue` by how much;
    `before` and `after` are the deadlines where they were moved. Of a hand-over `because` is `breach`;
    `stays_because` is why a breach handed nothing over: `no_team`, `no_manager`, `manager_disabled`.
    """

    clock: Clock | None = None
    level: int | None = None
    overdue: timedelta | None = None
    before: Deadlines | None = None
    after: Deadlines | None = None
    because: str | None = None
    stays_because: str | None = None


@dataclass(frozen=True, slots=True)
class ClockTerms:
    """What one clock runs by: working time, whether its deadline was set by hand, what was missed.

    A breach stays on record whatever became of the deadline since.
    """

    target: timedelta
    by_hand: bool
    breached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the clocks of a municipal ticket run by (docs/reference/sla.md, 2 and 8 to 10).

    `policy` is the category that has one of its own, `default`, or `built-in`; `calendar` is None
    around the clock. `in_force` is false once policy or calendar were changed: the ticket keeps the
    old ones until somebody has its deadlines computed anew.
    """

    policy: Category | Literal["default", "built-in"]
    calendar: str | None
    warning_percent: int
    in_force: bool
    response: ClockTerms
    resolution: ClockTerms


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deadline set by hand would make of a clock; `left` is working time, negative when it is over."""

    was: datetime | None
    becomes: datetime | None
    warning_at: datetime | None
    state: SlaState | None
    left: timedelta | None
