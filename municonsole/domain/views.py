"""The views of one operator: where each stands on the keys 1–9, and an own one as it is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from municonsole.domain.filters import Day, DaysAgo, TicketFilter, View
from municonsole.domain.text import clean_line
from municonsole.domain.values import Category, Severity, SlaState, Sort, Status

KEYS: Final = tuple(range(1, 10))
NAME_MOST: Final = 40
"""Characters of a view's name; the rule is in migrations/law/58_views.sql."""
VERSION: Final = 1
"""Of how a filter is stored."""
_DAYS_MOST = 9999
_QUOTED = 20


class Standing(NamedTuple):
    """A view and the key it stands on; None where all nine are taken."""

    key: int | None
    view: View


def arrange(delivered: Sequence[View], own: Iterable[View]) -> tuple[Standing, ...]:
    """All views in the order of their keys, those without one last.

    An own view stands on the key it was saved under. A delivered one keeps its key while no own view
    has it, else it moves to the first key that is free; when none is, it is found by its name.
    """
    taken = {view.place: view for view in own if view.place is not None}
    moved = []
    for key, view in enumerate(delivered, start=1):
        if taken.setdefault(key, view) is not view:
            moved.append(view)
    free = [key for key in KEYS if key not in taken]
    taken |= dict(zip(free, moved, strict=False))
    keyless = [Standing(None, view) for view in moved[len(free) :]]
    return (*(Standing(key, taken[key]) for key in sorted(taken)), *keyless)


def pack(view: View) -> dict[str, object]:
    """What a view asks for, as it is stored. What was searched for is no part of a view."""
    wanted = view.filter
    fields: dict[str, object] = {
        "statuses": [value.value for value in wanted.statuses],
        "categories": [value.value for value in wanted.categories],
        "severities": [value.value for value in wanted.severities],
        "sla": [value.value for value in wanted.sla],
        "team": wanted.team_id,
        "assigned_to": wanted.assigned_to,
        "unassigned": wanted.unassigned,
        "suburb": wanted.suburb,
        "mine": view.mine,
        "resolved_today": view.resolved_today,
        "since": _pack_day(view.since),
        "until": _pack_day(view.until),
    }
    return {"version": VERSION} | {name: value for name, value in fields.items() if value}


def _pack_day(day: Day | None) -> object:
    if isinstance(day, DaysAgo):
        return {"days_ago": day.days}
    return day.isoformat() if day else None


@dataclass(frozen=True, slots=True)
class Known:
    """What a stored view may name: the teams and people there still are."""

    teams: Collection[int]
    people: Collection[str]


def unpack(place: int, name: str, stored: object, sort: str, known: Known) -> View:
    """A stored view as it can be used today.

    Whatever cannot be understood, or names what is gone, is left out, and `lost` says so in
    sentences: a view from another release, or after a team was closed, shows more, never an error.
    """
    content: Mapping[str, Any] = stored if isinstance(stored, Mapping) else {}
    fields: dict[str, Any] = {}
    lost: list[str] = []
    for field, value in content.items():
        if field == "version":
            if value != VERSION:
                lost.append("another release of municonsole saved it")
        elif (read := _FIELDS.get(field)) is None:
            lost.append(f"{clean_line(field)[:_QUOTED]!r} is not known here")
        else:
            try:
                fields[field] = read(value)
            except (ValueError, TypeError):
                lost.append(f"its {_WORDS.get(field, field)} cannot be read")
    if "team" in fields and fields["team"] not in known.teams:
        del fields["team"]
        lost.append("its team is gone")
    if "assigned_to" in fields and fields["assigned_to"] not in known.people:
        del fields["assigned_to"]
        lost.append("its assignee is gone")
    try:
        order = Sort(sort)
    except ValueError:
        order = Sort.NEWEST
        lost.append("its order cannot be read")
    title = clean_line(name)[:NAME_MOST] or f"View {place}"
    return View(
        f"own:{place}",
        title,
        TicketFilter(
            statuses=fields.get("statuses", ()),
            categories=fields.get("categories", ()),
            severities=fields.get("severities", ()),
            sla=fields.get("sla", ()),
            team_id=fields.get("team"),
            assigned_to=fields.get("assigned_to"),
            unassigned=fields.get("unassigned", False),
            suburb=fields.get("suburb"),
        ),
        order,
        mine=fields.get("mine", False),
        resolved_today=fields.get("resolved_today", False),
        since=fields.get("since"),
        until=fields.get("until"),
        place=place,
        lost=tuple(lost),
    )


def _members(kind: type[StrEnum]) -> Callable[[object], tuple[StrEnum, ...]]:
    def read(value: object) -> tuple[StrEnum, ...]:
        if not isinstance(value, list):
            raise TypeError
        return tuple(dict.fromkeys(kind(one) for one in value))

    return read


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not (text := clean_line(value)) or len(text) > 100:
        raise ValueError
    return text


def _day(value: object) -> Day:
    if isinstance(value, Mapping):
        days = _whole(value.get("days_ago"))
        if not 0 <= days <= _DAYS_MOST or len(value) > 1:
            raise ValueError
        return DaysAgo(days)
    return date.fromisoformat(value) if isinstance(value, str) else date.fromisoformat("")


_FIELDS: Final[Mapping[str, Callable[[object], object]]] = {
    "statuses": _members(Status),
    "categories": _members(Category),
    "severities": _members(Severity),
    "sla": _members(SlaState),
    "team": _whole,
    "assigned_to": _text,
    "unassigned": _flag,
    "suburb": _text,
    "mine": _flag,
    "resolved_today": _flag,
    "since": _day,
    "until": _day,
}
_WORDS: Final = {
    "sla": "deadline",
    "assigned_to": "assignee",
    "since": "first day",
    "until": "last day",
}
