"""That one has a ticket open just now; no history of it is kept."""

from __future__ import annotations

from uuid import UUID

from municonsole.db import intake as statements
from municonsole.db.session import Session


class Presence:
    """One operator among those who look at tickets; it is forgotten after two minutes.

    Who the others are comes with each look of the feed.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ticket: UUID | None = None

    async def here(self, ticket: UUID | None) -> None:
        """Say that this ticket is open on one's screen, and no other; None: none."""
        self._ticket = ticket
        await self._session.write(statements.BE_PRESENT, {"ticket": ticket})

    async def leave(self) -> None:
        """Say that none is open any more, if one was."""
        if self._ticket is not None and self._session.connected:
            await self.here(None)
