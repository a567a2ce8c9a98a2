"""Makes tickets one after the other, in the order in which they were logged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from random import Random
from typing import NamedTuple

from municonsole.demo.seed import liaisons, stories
from municonsole.demo.seed.cast import Cast
from municonsole.demo.seed.ledger import HOUR, Ledger
from municonsole.demo.seed.residents import call
from municonsole.demo.seed.rhythm import DAY, LOCAL, calls
from municonsole.demo.seed.routing import Dispatch
from municonsole.domain.values import Category

SPAN = 90 * DAY
"""How far back the tickets reach, in microseconds."""

_JUST_NOW = HOUR // 120
"""The last call is half a minute old, so that it has been routed."""

SHARES = {
    Category.WATER: 0.24,
    Category.ROADS: 0.18,
    Category.ELECTRICITY: 0.20,
    Category.WASTE: 0.16,
    Category.SANITATION: 0.12,
    Category.OTHER: 0.08,
    Category.GBV: 0.02,
}
"""What residents call about."""

_CALLS_A_RESIDENT = 3


class Told(NamedTuple):
    """A ticket with its events, and who opened it if it is a GBV report."""

    ticket: Ledger
    openings: list[liaisons.Opening]


def generate(rng: Random, casts: Sequence[Cast], count: int, now: int) -> Iterator[Told]:
    """`count` tickets of the 90 days before `now` (microseconds since 1970), by time of logging."""
    categories, shares = tuple(SHARES), tuple(accumulate(SHARES.values()))
    towns = [cast.town.share for cast in casts]
    up_to = tuple(accumulate(towns))
    residents = [max(300, int(count * share / _CALLS_A_RESIDENT)) for share in towns]
    places = range(len(casts))
    numbers = _Numbers(rng)
    dispatches = [Dispatch() for _ in casts]
    for created_at in calls(rng, count, now - SPAN, now - _JUST_NOW):
        place = rng.choices(places, cum_weights=up_to)[0]
        cast = casts[place]
        category = rng.choices(categories, cum_weights=shares)[0]
        said = call(rng, cast.town.suburbs, category, residents[place])
        ticket = Ledger(
            rng,
            cast.municipality_id,
            numbers.issue(created_at),
            category.value,
            said.severity,
            said.language,
            said.report,
            created_at,
        )
        squads = cast.squads[category]
        routed = dispatches[place].route(ticket, squads)
        openings: list[liaisons.Opening] = []
        if ticket.is_sensitive:
            openings = liaisons.tell(rng, cast, ticket, squads, routed, now)
        else:
            ticket.start_clocks(cast.terms[category])
            stories.tell(rng, cast, ticket, squads, routed, cast.terms[category], now)
        dispatches[place].learn(ticket)
        yield Told(ticket, openings)


class _Numbers:
    """Tracking numbers, each once: the local date and six random hexadecimal digits."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._day = -1
        self._prefix = ""
        self._issued: set[int] = set()

    def issue(self, at: int) -> str:
        day = (at + LOCAL) // DAY
        if day != self._day:
            self._day = day
            self._issued.clear()
            date = datetime.fromtimestamp(day * DAY // 1_000_000, UTC)
            self._prefix = f"TKT-{date:%Y%m%d}-"
        digits = self._rng.getrandbits(24)
        while digits in self._issued:
            digits = self._rng.getrandbits(24)
        self._issued.add(digits)
        return f"{self._prefix}{digits:06X}"
