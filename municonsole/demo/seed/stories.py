"""What a municipal ticket goes through between the call and the closed file.

A story is told step by step in the order of time and ends where the present begins: what is still
open then is the console's work. Its moves are those of `muni.status_transitions`, its actors those
whom the law lets act.
"""

from __future__ import annotations

from contextlib import suppress
from math import log
from operator import itemgetter
from random import Random

from municonsole.demo.seed import words
from municonsole.demo.seed.cast import Cast, Squad
from municonsole.demo.seed.ledger import HOUR, Ledger
from municonsole.demo.seed.rhythm import DAY, at_work
from municonsole.demo.seed.routing import Routed
from municonsole.demo.seed.sweeps import deadlines, find_late, next_due
from municonsole.demo.seed.telling import MINUTE, SECOND, Present, Teller
from municonsole.demo.seed.worktime import Terms

# How long people take in working time, as a part of the SLA's target: the median's logarithm and the spread.
_RESPONSE = (log(0.36), 0.85)
_RESOLUTION = (log(0.56), 0.48)
_HOLD = (log(30 * HOUR), 0.8)
_HURRY = {"critical": 0.5, "high": 0.8, "medium": 1.0, "low": 1.15}

_FORGOTTEN = 0.014
"""The part of tickets that nobody looks at for a long while."""
_SWEPT = 0.7
"""The part of tickets that a sweep came by; before consoles ran day and night some were left out."""
_DAY_AND_NIGHT = 30 * DAY
"""How long ago they began to."""
_SWEEP = 4 * MINUTE
"""A sweep finds a breach that late at the least, so that none of the demo is overdue by 0.0 h."""


def tell(
    rng: Random,
    cast: Cast,
    ticket: Ledger,
    squads: tuple[Squad, ...],
    routed: Routed,
    terms: Terms,
    now: int,
) -> None:
    """Append everything that happens to a ticket before `now`, from its logging on."""
    with suppress(Present):
        _Story(rng, cast, ticket, squads, routed, terms, now).tell()


class _Story(Teller):
    def __init__(
        self,
        rng: Random,
        cast: Cast,
        ticket: Ledger,
        squads: tuple[Squad, ...],
        routed: Routed,
        terms: Terms,
        now: int,
    ) -> None:
        super().__init__(rng, cast, ticket, squads, routed, now)
        self.terms = terms
        self.pace = _HURRY[ticket.severity]
        self.swept_since = 0 if rng.random() < _SWEPT else now - _DAY_AND_NIGHT
        self.lag = _SWEEP + int(rng.expovariate(1 / (0.8 * HOUR)))
        self.held = 0

    # ------------------------------------------------------------------ time

    def reach(self, at: int) -> int:
        """Let time pass until `at`, with what the sweeps do meanwhile; the instant of the next act."""
        limit = min(at, self.now)
        while (found_at := self.found_at()) is not None and found_at < limit:
            find_late(self.ticket, super().reach(found_at), self.squad, self.cast.admin)
        return super().reach(at)

    def found_at(self) -> int | None:
        """When the next sweep comes by that has something to do."""
        due = next_due(self.ticket)
        if due is None:
            return None
        at = max(max(due, self.swept_since) + self.lag, self.ticket.last_at + SECOND)
        for deadline in deadlines(self.ticket):
            if deadline < at < deadline + _SWEEP:
                at = deadline + _SWEEP
        return at

    def worked(self, length: int) -> int:
        """The instant at which so much has been worked since the ticket was logged."""
        return self.terms.line.reach(self.ticket.created_at, max(length, 1))

    def office(self, at: int) -> int:
        """An instant at which a manager works, at or after `at`."""
        return at_work(self.rng, at, 7, 18, weekdays_only=True)

    # ------------------------------------------------------------------ people

    def actor(self) -> str:
        """Who works on it next: whoever has it, else the team's operator, else anybody at a desk."""
        ticket = self.ticket
        if ticket.assigned_to is not None and self.chance(0.85):
            return ticket.assigned_to
        if self.chance(0.8):
            return self.squad.members[0]
        return self.one(self.cast.operators)

    def manager(self) -> str:
        own = self.squad.crew.manager
        return own if own is not None and self.chance(0.85) else self.one(self.cast.managers)

    def move(
        self, to_status: str, at: int, note: str | None = None, actor: str | None = None
    ) -> None:
        self.ticket.append(
            "status_changed", actor or self.actor(), at, to_status=to_status, note=note
        )

    def note(self, at: int) -> None:
        public = self.chance(0.35)
        self.ticket.append(
            "noted",
            self.actor(),
            at,
            note=self.one(words.PUBLIC if public else words.WORKING),
            is_public=public,
        )

    def give(self, at: int, squad: Squad, assignee: str | None, reason: str | None) -> None:
        self.squad = squad
        self.ticket.append(
            "assigned", self.manager(), at, team_id=squad.id, assignee=assignee, note=reason
        )

    # ------------------------------------------------------------------ the story

    def tell(self) -> None:
        by_operator = self.chance(0.94)
        self.logged(self.one(self.cast.operators if by_operator else self.cast.managers))
        if self.chance(0.05):
            self.note(self.reach(self.ticket.last_at + self.between(2 * MINUTE, 20 * MINUTE)))
        self.respond()
        if self.ticket.status != "resolved":
            self.work()
        self.finish()

    def respond(self) -> None:
        """Triage by a manager, perhaps, then the first work on it."""
        ticket = self.ticket
        if self.chance(_FORGOTTEN):
            wait = self.between(self.terms.resolution, 5 * self.terms.resolution)
        else:
            wait = int(self.rng.lognormvariate(*_RESPONSE) * self.pace * self.terms.response)
        at = max(self.worked(wait), ticket.created_at + 2 * MINUTE)
        if ticket.severity in {"low", "medium"}:
            at = at_work(self.rng, at, 6, 21, weekdays_only=False)
        self.triage(at)
        at = self.reach(at)
        member = self.squad.members[0]
        if ticket.assigned_to is None and self.chance(0.62):
            ticket.append("assigned", member, at, team_id=self.squad.id, assignee=member)
            at += self.between(SECOND, 20 * SECOND)
            at = self.reach(at)
        if ticket.status == "open" and self.chance(0.05):
            self.move("resolved", at, self.one(words.RESOLVED))
        elif ticket.status == "escalated" and self.chance(0.5):
            self.move("in_progress", at, self.one(words.STARTED), self.manager())
        else:
            self.move("in_progress", at, self.one(words.STARTED) if self.chance(0.5) else None)

    def triage(self, before: int) -> None:
        at = self.office(self.ticket.last_at + self.between(3 * MINUTE, 90 * MINUTE))
        if at >= before:
            return
        if self.chance(0.45):
            reason = self.one(words.GIVEN) if self.chance(0.6) else None
            self.give(self.reach(at), self.squad, self.squad.members[0], reason)

    def work(self) -> None:
        """Notes, holds, escalations and hand-backs on the way to a resolution."""
        ticket, rng = self.ticket, self.rng
        part = rng.lognormvariate(*_RESOLUTION) * self.pace
        end = max(
            self.worked(int(part * self.terms.resolution)),
            ticket.last_at + self.between(5 * MINUTE, 3 * HOUR),
        )
        if ticket.severity in {"low", "medium"}:
            end = at_work(rng, end, 6, 21, weekdays_only=False)
        span = end - ticket.last_at
        start = ticket.last_at
        steps = [
            (rng.random(), step)
            for share, step in (
                (0.38, self.note),
                (0.14, self.note),
                (0.2, self.hold),
                (0.05, self.escalate),
                (0.02, self.hand_back),
                (0.03, self.move_to_other_team),
            )
            if rng.random() < share
        ]
        for place, step in sorted(steps, key=itemgetter(0)):
            step(self.reach(start + self.held + int(place * span)))
            if ticket.status == "resolved":
                return
        at = self.reach(max(start + self.held + span, ticket.last_at + 3 * MINUTE))
        if ticket.status == "open":
            self.move("in_progress", at)
            at = self.reach(at + self.between(5 * MINUTE, 2 * HOUR))
        if ticket.status == "escalated" and self.chance(0.4):
            self.move("in_progress", at, None, self.manager())
            at = self.reach(at + self.between(10 * MINUTE, 3 * HOUR))
        self.move("resolved", at, self.one(words.RESOLVED))

    def hold(self, at: int) -> None:
        if self.ticket.status not in {"in_progress", "escalated"}:
            return
        self.move("on_hold", at, self.one(words.HOLDS))
        length = max(int(self.rng.lognormvariate(*_HOLD)), 20 * MINUTE)
        back = at_work(self.rng, at + length, 7, 17, weekdays_only=False)
        self.move("in_progress", self.reach(back), self.one(words.RESUMED))

    def escalate(self, at: int) -> None:
        if self.ticket.status != "in_progress":
            return
        self.move("escalated", at, self.one(words.ESCALATED))
        at = self.office(at + self.between(10 * MINUTE, 2 * HOUR))
        if self.chance(0.6):
            self.give(self.reach(at), self.squad, self.squad.members[0], self.one(words.GIVEN))
        if self.chance(0.7):
            self.move("in_progress", self.reach(at + MINUTE), None, self.manager())

    def hand_back(self, at: int) -> None:
        if self.ticket.status != "in_progress":
            return
        self.move("open", at, self.one(words.HANDED_BACK))
        self.give(
            self.reach(self.office(at + self.between(5 * MINUTE, HOUR))),
            self.squad,
            None,
            self.one(words.MOVED),
        )

    def move_to_other_team(self, at: int) -> None:
        others = [squad for squad in self.squads if squad is not self.squad]
        if others:
            self.give(self.reach(self.office(at)), others[0], None, self.one(words.MOVED))

    def finish(self) -> None:
        """A closed file, a reopened one, or one that is left as resolved."""
        ticket = self.ticket
        while self.chance(0.055):
            at = self.reach(ticket.last_at + self.between(2 * HOUR, 70 * HOUR))
            self.move("in_progress", at, self.one(words.REOPENED))
            at = self.reach(at + self.between(HOUR, 30 * HOUR))
            self.move("resolved", at, self.one(words.RESOLVED))
        if self.chance(0.6):
            at = self.reach(self.office(ticket.last_at + self.between(20 * HOUR, 130 * HOUR)))
            self.move("closed", at, None, self.manager())
            if self.chance(0.006):
                at = self.reach(self.office(at + self.between(HOUR, 90 * HOUR)))
                self.move("in_progress", at, self.one(words.REOPENED), self.manager())
                at = self.reach(at + self.between(2 * HOUR, 40 * HOUR))
                self.move("resolved", at, self.one(words.RESOLVED))
