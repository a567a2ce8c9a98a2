"""What the filter dialog returns: a view narrowed down, and the chips that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Any, NamedTuple

from municonsole.domain.errors import InvalidInput
from municonsole.domain.filters import Day, DaysAgo, TicketFilter, View, begin, end
from municonsole.domain.records import Team
from municonsole.domain.values import Category, Severity, SlaState, Status
from municonsole.ui import cells, words


@dataclass(frozen=True, slots=True)
class Assignee:
    """Whom tickets are assigned to; without a login, nobody."""

    username: str | None
    name: str


NOBODY = Assignee(None, "nobody")


class Chip(NamedTuple):
    """One thing a list is narrowed by: the field of the Narrowing, and a short text."""

    field: str
    text: str


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
    assignee: Assignee | None = None
    suburb: str | None = None
    since: Day | None = None
    until: Day | None = None

    def __bool__(self) -> bool:
        return self != Narrowing()

    def on(self, wanted: TicketFilter, zone: tzinfo, today: date) -> TicketFilter:
        """The filter of a view, narrowed; days begin at midnight in `zone`."""
        return replace(
            self._narrow(wanted),
            since=begin(self.since, zone, today) if self.since else wanted.since,
            until=end(self.until, zone, today) if self.until else wanted.until,
        )

    def on_view(self, view: View) -> View:
        """A view that is narrowed like this from the start, with days that move along as they do here."""
        return replace(
            view,
            filter=self._narrow(view.filter),
            mine=view.mine and self.assignee is None,
            since=self.since or view.since,
            until=self.until or view.until,
            lost=(),
        )

    def _narrow(self, wanted: TicketFilter) -> TicketFilter:
        who = self.assignee
        return replace(
            wanted,
            statuses=self.statuses or wanted.statuses,
            categories=self.categories or wanted.categories,
            severities=self.severities or wanted.severities,
            sla=self.sla or wanted.sla,
            team_id=self.team.id if self.team else wanted.team_id,
            assigned_to=who.username if who else wanted.assigned_to,
            unassigned=who.username is None if who else wanted.unassigned,
            suburb=self.suburb or wanted.suburb,
        )

    def chips(self) -> tuple[Chip, ...]:
        """One chip for each thing it narrows by."""
        chips = (
            Chip("statuses", _listed("status", (words.status(v).words for v in self.statuses))),
            Chip("categories", _listed("category", map(words.category, self.categories))),
            Chip("severities", _listed("severity", (v.value for v in self.severities))),
            Chip("sla", _listed("SLA", (words.SLA_WORDS[v] for v in self.sla))),
            Chip("team", f"team: {cells.line(self.team.name)}" if self.team else ""),
            Chip("assignee", f"with: {cells.line(self.assignee.name)}" if self.assignee else ""),
            Chip("suburb", f"suburb: {cells.line(self.suburb)}" if self.suburb else ""),
            Chip("since", f"since {_told(self.since)}" if self.since else ""),
            Chip("until", f"until {_told(self.until)}" if self.until else ""),
        )
        return tuple(chip for chip in chips if chip.text)

    def without(self, field: str) -> Narrowing:
        """The same, not narrowed by this field any more."""
        nothing: dict[str, Any] = {field: getattr(Narrowing(), field)}
        return replace(self, **nothing)


def _listed(what: str, values: Iterable[str]) -> str:
    listed = ", ".join(values)
    return f"{what}: {listed}" if listed else ""


def _told(day: Day) -> str:
    if isinstance(day, DaysAgo):
        return {0: "today", 1: "yesterday"}.get(day.days, f"{day.days} days ago")
    return f"{day:%d %b %Y}"


def typed(day: Day | None) -> str:
    """A day as it would be typed."""
    if isinstance(day, DaysAgo):
        return {0: "today", 1: "yesterday"}.get(day.days, f"{day.days}d")
    return day.isoformat() if day else ""


def day(text: str) -> Day | None:
    """A day as it is typed: `2026-09-18`; `today`, `yesterday`, `7d` (seven days ago), which move along.

    "" is None. Raises InvalidInput for anything else.
    """
    given = text.strip().lower()
    if not given:
        return None
    if given in ("today", "yesterday"):
        return DaysAgo(int(given == "yesterday"))
    if found := re.fullmatch(r"(\d{1,4})\s*d", given):
        return DaysAgo(int(found.group(1)))
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(
            f"{cells.cut(cells.line(text), 20)!r} is not a day; type one like 2026-09-18, today, "
            "yesterday or 7d for seven days ago"
        ) from None
