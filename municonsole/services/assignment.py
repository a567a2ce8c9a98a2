"""Who has a ticket: assign, route, take back, and what a supervisor looks at before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from municonsole.db import calls
from municonsole.db import supervising as statements
from municonsole.domain.errors import InvalidInput, Refused, Stale
from municonsole.domain.filters import end
from municonsole.domain.permissions import Permission
from municonsole.domain.supervising import (
    Given,
    Load,
    PersonLoad,
    Proposal,
    RouteRule,
    TeamLoad,
    Why,
)
from municonsole.domain.values import Role
from municonsole.services.access import Access
from municonsole.services.bulk import Bulk
from municonsole.services.journal import Journal
from municonsole.services.operators import People
from municonsole.services.undoing import LastAssignment, Undoable
from municonsole.services.work import words


class Assignments:
    """One supervisor's assignments."""

    def __init__(
        self, access: Access, people: People, journal: Journal, bulk: Bulk, last: LastAssignment
    ) -> None:
        self._access = access
        self._people = people
        self._journal = journal
        self._bulk = bulk
        self._last = last

    async def assign(
        self,
        number: str,
        team: str | None = None,
        to: str | None = None,
        reason: str | None = None,
        if_version: int | None = None,
        attempt: UUID | None = None,
    ) -> None:
        """Give a ticket to a team (by name) and a person (by user name); without both it is routed."""
        self._access.require(Permission.ASSIGN_TICKET)
        event = await self._access.act(
            Permission.ASSIGN_TICKET,
            calls.ASSIGN_TICKET,
            number,
            {
                "team_id": await self._people.team_id(team) if team is not None else None,
                "assignee": to,
                "reason": words(reason),
                "expected_version": if_version,
            },
            attempt,
        )
        self._last.remember([Given(number, event)])
        await self._journal.record("assignment", number, event)

    async def unassign(
        self,
        number: str,
        reason: str | None = None,
        if_version: int | None = None,
        attempt: UUID | None = None,
    ) -> None:
        """Take a ticket from its team and person."""
        event = await self._access.act(
            Permission.UNASSIGN_TICKET,
            calls.UNASSIGN_TICKET,
            number,
            {"reason": words(reason), "expected_version": if_version},
            attempt,
        )
        self._last.remember([Given(number, event)])
        await self._journal.record("assignment", number, event)

    async def proposal(self, number: str) -> Proposal:
        """Where routing would send a ticket now, and why; nothing is written."""
        row = await self._access.look(Permission.PROPOSE_TEAM, statements.PROPOSE_TEAM, number)
        why = statements.why({"route": row.route}) or Why(RouteRule.NONE)
        return Proposal(row.team_id, row.team_name, why)

    async def loads(self) -> tuple[tuple[TeamLoad, ...], tuple[PersonLoad, ...]]:
        """The teams and people that tickets can be given to, by name, with what they have now.

        A municipal supervisor sees municipal ones, a SAPS liaison their own. Today is the municipality's.
        """
        zone = ZoneInfo(self._access.operator.municipality.time_zone)
        today = datetime.now(zone).date()
        values = {
            "midnight": end(today, zone, today),
            "saps": self._access.operator.role is Role.SAPS_LIAISON,
        }
        teams = await self._access.session.read(statements.TEAM_LOADS, values)
        people = await self._access.session.read(statements.PERSON_LOADS, values)
        return (
            tuple(
                TeamLoad(
                    team_id=row.id,
                    name=row.name,
                    is_saps=row.is_saps,
                    load=Load(row.open, row.breached, row.due_today),
                    here=row.here,
                    people=row.people,
                )
                for row in teams
            ),
            tuple(
                PersonLoad(
                    username=row.username,
                    full_name=row.full_name,
                    role=Role(row.role),
                    team_id=row.team_id,
                    load=Load(row.open, row.breached, row.due_today),
                    here=row.here,
                )
                for row in people
            ),
        )

    @property
    def can_undo(self) -> bool:
        """Whether this session made an assignment in the last five minutes that it has not taken back."""
        return self._last.now is not None and self._access.operator.may(Permission.UNDO_ASSIGNMENT)

    async def undo(self) -> str:
        """Take back the last assignment of this session, of one ticket or of many; what came of it.

        Raises InvalidInput where there is none. After a lost connection it can be called again.
        """
        self._access.require(Permission.UNDO_ASSIGNMENT)
        last = self._last.now
        if last is None:
            raise InvalidInput(
                "there is nothing to take back: an assignment of your own is, within five minutes"
            )
        try:
            said = await self._take_back(last)
        except (InvalidInput, Refused, Stale):
            self._last.forget()
            raise
        self._last.forget()
        return said

    async def _take_back(self, last: Undoable) -> str:
        if len(last.given) == 1:
            given = last.given[0]
            event = await self._access.act(
                Permission.UNDO_ASSIGNMENT,
                calls.UNDO_ASSIGNMENT,
                given.number,
                {"event": given.event},
                last.attempt,
            )
            await self._journal.record("assignment", given.number, event)
            return f"the assignment of {given.number} is taken back"
        results = await self._bulk.take_back(last)
        done = sum(result.done for result in results)
        if done == len(results):
            return f"{done} assignments are taken back"
        sentence = next(result.sentence for result in results if not result.done)
        return f"{done} of {len(results)} assignments are taken back; the others stay: {sentence}"
