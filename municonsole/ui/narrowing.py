"""What the filter dialog returns: a view narrowed down, and the chips that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import Team
from municonsole.domain.values import Category, Severity, SlaState, Status
from municonsole.ui import cells, words


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter as an operator chose it; `since` and `until` are days, both included.

    Where it says nothing the view's own filter stays; where it says something it takes the place of
    the view's, so that closed tickets can be found from any view.
    """

    statuses: tuple[Status, ...] = ()
    categories: tuple[Category, ...] = ()
    severities: tuple[Severity, ...] = ()
    sla: tuple[SlaState, ...] = ()
    team: Team | None = None
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return self != Narrowing()

    def on(self, view: TicketFilter, zone: tzinfo) -> TicketFilter:
        """The view's filter, narrowed; days begin at midnight in `zone`."""
        return replace(
            view,
            statuses=self.statuses or view.statuses,
            categories=self.categories or view.categories,
            severities=self.severities or view.severities,
            sla=self.sla or view.sla,
            team_id=self.team.id if self.team else view.team_id,
            since=_midnight(self.since, zone) if self.since else view.since,
            until=_midnight(self.until + timedelta(days=1), zone) if self.until else view.until,
        )

    def chips(self) -> tuple[str, ...]:
        """One short text for each thing it narrows by."""
        chips = [
            _listed("status", (words.status(value).words for value in self.statuses)),
            _listed("category", (words.category(value) for value in self.categories)),
            _listed("severity", (value.value for value in self.severities)),
            _listed("SLA", (words.SLA_WORDS[value] for value in self.sla)),
            f"team: {cells.line(self.team.name)}" if self.team else "",
            f"since {self.since:%d %b %Y}" if self.since else "",
            f"until {self.until:%d %b %Y}" if self.until else "",
        ]
        return tuple(filter(None, chips))


def _listed(what: str, values: Iterable[str]) -> str:
    listed = ", ".join(values)
    return f"{what}: {listed}" if listed else ""


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def day(text: str, today: date) -> date | None:
    """A day as it is typed: `2026-09-18`, `today`, `yesterday`, `7d` (seven days ago); "" is None.

    Raises InvalidInput for anything else.
    """
    typed = text.strip().lower()
    if not typed:
        return None
    if typed in ("today", "yesterday"):
        return today - timedelta(days=typed == "yesterday")
    if found := re.fullmatch(r"(\d{1,4})\s*d", typed):
        return today - timedelta(days=int(found.group(1)))
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise InvalidInput(
            f"{cells.cut(cells.line(text), 20)!r} is not a day; type one like 2026-09-18, today, "
            "yesterday or 7d for seven days ago"
        ) from None
