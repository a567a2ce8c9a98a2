"""Who has a ticket: assign, route, take back."""

from __future__ import annotations

from uuid import UUID

from municonsole.db import calls
from municonsole.domain.errors import InvalidInput
from municonsole.domain.permissions import Permission
from municonsole.domain.text import clean_line
from municonsole.services.access import Access
from municonsole.services.journal import Journal
from municonsole.services.operators import People
from municonsole.services.work import words


class Assignments:
    """One supervisor's assignments."""

    def __init__(self, access: Access, people: People, journal: Journal) -> None:
        self._access = access
        self._people = people
        self._journal = journal

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
                "team_id": await self.team_id(team) if team is not None else None,
                "assignee": to,
                "reason": words(reason),
                "expected_version": if_version,
            },
            attempt,
        )
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
        await self._journal.record("assignment", number, event)

    async def team_id(self, name: str) -> int:
        """The id of the active team of this name, case not counting."""
        teams = [team for team in await self._people.teams() if team.is_active]
        for team in teams:
            if team.name.casefold() == name.strip().casefold():
                return team.id
        known = ", ".join(team.name for team in teams) or "none yet"
        raise InvalidInput(f"there is no active team {clean_line(name)!r}; there are: {known}")
