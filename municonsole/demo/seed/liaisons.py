"""What a GBV report goes through: logged by anybody at a desk, handled by SAPS liaisons alone.

Whoever reads a report leaves a `viewed` event and an opening; administrators give a reason.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import NamedTuple

from municonsole.demo.seed import words
from municonsole.demo.seed.cast import Cast, Squad
from municonsole.demo.seed.ledger import HOUR, Ledger, random_uuid
from municonsole.demo.seed.routing import Routed
from municonsole.demo.seed.telling import MINUTE, Present, Teller


class Opening(NamedTuple):
    """One reading of a report: a row of `confidential_openings`."""

    id: bytes
    opened_by: str
    opened_at: int


def tell(
    rng: Random, cast: Cast, ticket: Ledger, squads: tuple[Squad, ...], routed: Routed, now: int
) -> list[Opening]:
    """Append everything that happens to a report before `now`; who opened it and when."""
    story = _Report(rng, cast, ticket, squads, routed, now)
    with suppress(Present):
        story.tell()
    return story.openings


class _Report(Teller):
    def __init__(
        self,
        rng: Random,
        cast: Cast,
        ticket: Ledger,
        squads: tuple[Squad, ...],
        routed: Routed,
        now: int,
    ) -> None:
        super().__init__(rng, cast, ticket, squads, routed, now)
        self.openings: list[Opening] = []

    def tell(self) -> None:
        logger = self.one(self.cast.liaisons if self.chance(0.15) else self.cast.operators)
        self.logged(logger)
        self.first_steps()
        for _ in range(3):
            if self.chance(0.55):
                self.view(self.later(HOUR, 30 * HOUR), self.liaison())
                self.note(self.later(5 * MINUTE, 40 * MINUTE))
        if self.chance(0.05):
            self.view(self.later(HOUR, 9 * HOUR), self.cast.admin, self.one(words.ADMIN_REASONS))
        if self.chance(0.25):
            self.move("on_hold", self.later(HOUR, 20 * HOUR), self.one(words.SAPS_HOLDS))
            self.move("in_progress", self.later(12 * HOUR, 200 * HOUR))
        self.move("resolved", self.later(20 * HOUR, 420 * HOUR), self.one(words.SAPS_RESOLVED))
        if self.chance(0.6):
            self.move("closed", self.later(20 * HOUR, 150 * HOUR))
            if self.chance(0.08):
                self.move("in_progress", self.later(2 * HOUR, 100 * HOUR))

    def first_steps(self) -> None:
        """Read by the station it was routed to, perhaps passed on, taken and begun."""
        urgent = self.ticket.severity in {"critical", "high"}
        wait = (4 * MINUTE, 40 * MINUTE) if urgent else (10 * MINUTE, 5 * HOUR)
        if self.chance(0.04):
            wait = (20 * HOUR, 90 * HOUR)
        self.view(self.later(*wait), self.liaison())
        if self.chance(0.1):
            others = [squad for squad in self.squads if squad is not self.squad]
            at, giver = self.later(MINUTE, 20 * MINUTE), self.liaison()
            self.squad = others[0]
            self.assign(at, giver, None, self.one(words.SAPS_MOVED))
            self.view(self.later(2 * MINUTE, HOUR), self.liaison())
        if self.chance(0.9):
            self.assign(self.later(MINUTE, 15 * MINUTE), self.liaison(), self.liaison(), None)
        if self.chance(0.06):
            self.move("escalated", self.later(MINUTE, HOUR))
        self.move("in_progress", self.later(MINUTE, 2 * HOUR))

    def liaison(self) -> str:
        return self.ticket.assigned_to or self.squad.members[0]

    def view(self, at: int, who: str, reason: str | None = None) -> None:
        self.ticket.append("viewed", who, at, note=reason, changes_ticket=False)
        opening_id = random_uuid(self.rng)
        self.openings.append(Opening(opening_id, who, at + self.between(150, 600)))

    def assign(self, at: int, who: str, assignee: str | None, reason: str | None) -> None:
        self.ticket.append(
            "assigned", who, at, team_id=self.squad.id, assignee=assignee, note=reason
        )

    def move(self, to_status: str, at: int, note: str | None = None) -> None:
        self.ticket.append("status_changed", self.liaison(), at, to_status=to_status, note=note)

    def note(self, at: int) -> None:
        self.ticket.append("noted", self.liaison(), at, note=self.one(words.SAPS_NOTES))
