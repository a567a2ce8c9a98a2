"""Who is at work: an operator says so while their console is neither locked nor idle."""

from __future__ import annotations

from municonsole.db import supervising as statements
from municonsole.db.session import Session


class Duty:
    """One operator among those at work; it is forgotten after three minutes.

    Supervisors read it beside the loads of their people. Municipal colleagues see municipal people,
    SAPS liaisons their own.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_here = False

    async def here(self) -> None:
        """Say that one is at work; to be said again about once a minute. Raises Unreachable."""
        self._is_here = True
        await self._session.write(statements.BE_ON_DUTY)

    async def leave(self) -> None:
        """Say that one is not any more, if one was; a console that is locked or left alone says it too."""
        if self._is_here and self._session.connected:
            self._is_here = False
            await self._session.write(statements.LEAVE_DUTY)
