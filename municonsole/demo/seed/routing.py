"""Which squad a report goes to and why, as `muni._route` (migrations/law/40_routing.sql) had it at that moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from municonsole.demo.seed.cast import Squad
from municonsole.demo.seed.ledger import Ledger

_WEIGHTS: Final = {"low": 1, "medium": 2, "high": 3, "critical": 4}
_RADIUS: Final = 6_371_008.8
_REACH: Final = 10_000
"""Metres, as the law has them."""

_FINISHED: Final = frozenset({"resolved", "closed"})
_NEVER: Final = 1 << 62


class Routed(NamedTuple):
    """The squad, and the reason as the event's data: JSON as PostgreSQL prints jsonb."""

    squad: Squad
    because: str


@dataclass(slots=True)
class _Book:
    """What one squad has as time goes on; asked in the order of time."""

    open: int = 0
    load: int = 0
    last: int = 0
    """When it was given something last."""
    _given: list[int] = field(default_factory=list)
    _coming: list[tuple[int, int, int]] = field(default_factory=list)
    _here: list[tuple[int, int]] = field(default_factory=list)

    def give(self, at: int) -> None:
        heappush(self._given, at)

    def hold(self, begins: int, ends: int, weight: int) -> None:
        heappush(self._coming, (begins, ends, weight))

    def turn(self, now: int) -> None:
        """Come to this instant."""
        while self._given and self._given[0] < now:
            self.last = heappop(self._given)
        while self._coming and self._coming[0][0] < now:
            _, ends, weight = heappop(self._coming)
            heappush(self._here, (ends, weight))
            self.open += 1
            self.load += weight
        while self._here and self._here[0][0] < now:
            _, weight = heappop(self._here)
            self.open -= 1
            self.load -= weight


class Dispatch:
    """Routes one municipality's reports in the order in which they are logged."""

    def __init__(self) -> None:
        self._books: dict[int, _Book] = {}

    def route(self, ticket: Ledger, squads: tuple[Squad, ...]) -> Routed:
        """Where a report goes that is logged now; `squads` are those of its category."""
        rule, equals, among, metres = _candidates(ticket, squads)
        books = {squad.id: self._book(squad.id) for squad in equals}
        for book in books.values():
            book.turn(ticket.created_at)
        best = min(equals, key=lambda s: (books[s.id].load, books[s.id].last, s.id))
        told = f'"of": {among}, '
        if not ticket.is_sensitive:
            told += f'"load": {books[best.id].load}, "open": {books[best.id].open}, '
        told += f'"rule": "{rule}"'
        if metres is not None and not ticket.is_sensitive:
            told += f', "metres": {round(metres)}'
        return Routed(best, f'{{"route": {{{told}}}}}')

    def learn(self, ticket: Ledger) -> None:
        """Keep in mind who had this ticket, and when, for those that are logged after it."""
        weight = _WEIGHTS[ticket.severity]
        team, since, is_open = None, 0, True
        for event in ticket.events:
            keeper = event.team_id if event.kind == "assigned" else team
            if event.kind == "assigned" and keeper is not None:
                self._book(keeper).give(event.at)
            still = event.to_status not in _FINISHED if event.to_status is not None else is_open
            if (keeper, still) == (team, is_open):
                continue
            if team is not None and is_open:
                self._book(team).hold(since, event.at, weight)
            team, since, is_open = keeper, event.at, still
        if team is not None and is_open:
            self._book(team).hold(since, _NEVER, weight)

    def _book(self, team: int) -> _Book:
        return self._books.setdefault(team, _Book())


def _candidates(
    ticket: Ledger, squads: tuple[Squad, ...]
) -> tuple[str, tuple[Squad, ...], int, float | None]:
    """As `muni._candidates`; every town has a squad for every category."""
    latitude, longitude = ticket.report.latitude, ticket.report.longitude
    if latitude is None or longitude is None:
        return "category", squads, len(squads), None
    if not ticket.is_sensitive:
        covering = tuple(squad for squad in squads if squad.crew.covers(latitude, longitude))
        if covering:
            return "area", covering, len(covering), None
    away = {
        squad.id: _metres(
            latitude, longitude, squad.crew.depot_latitude, squad.crew.depot_longitude
        )
        for squad in squads
    }
    near = [metres for metres in away.values() if ticket.is_sensitive or metres <= _REACH]
    if not near:
        return "category", squads, len(squads), None
    least = min(near)
    return "near", tuple(s for s in squads if away[s.id] == least), len(near), least


def _metres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """The way between two points on a sphere (haversine)."""
    return (
        2
        * _RADIUS
        * asin(
            sqrt(
                sin(radians(to_latitude - latitude) / 2) ** 2
                + cos(radians(latitude))
                * cos(radians(to_latitude))
                * sin(radians(to_longitude - longitude) / 2) ** 2
            )
        )
    )
