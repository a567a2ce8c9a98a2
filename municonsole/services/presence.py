"""Who has a ticket open just now; no history of it is kept."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from uuid import UUID

from municonsole.db import intake as statements
from municonsole.db.session import Session


class Presence:
    """One operator among those who look at tickets; it is forgotten after two minutes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def here(self, ticket: UUID | None) -> None:
        """Say that this ticket is open on one's screen, and no other; None: none."""
        await self._session.write(statements.BE_PRESENT, {"ticket": ticket})

    async def others(self, tickets: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
        """By ticket the names of colleagues who have it open."""
        if not tickets:
            return {}
        rows = await self._session.read(statements.PRESENT, {"ids": list(tickets)})
        return {
            ticket: tuple(row.name for row in group)
            for ticket, group in groupby(rows, key=lambda row: row.ticket_id)
        }
