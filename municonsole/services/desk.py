"""Everything one logged-in operator works with."""

from __future__ import annotations

from dataclasses import dataclass

from municonsole.db.session import Session
from municonsole.domain.records import OperatorContext
from municonsole.services.imports import Imports
from municonsole.services.operators import People, log_in
from municonsole.services.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Desk:
    """One operator's services over one connection."""

    operator: OperatorContext
    tickets: Tickets
    people: People
    imports: Imports
    _session: Session

    @classmethod
    async def open(cls, session: Session) -> Desk:
        """Log in over `session`; it is closed by `close`, and also when logging in fails."""
        try:
            operator = await log_in(session)
        except BaseException:
            await session.close()
            raise
        people = People(session)
        return cls(
            operator=operator,
            tickets=Tickets(session, operator, people),
            people=people,
            imports=Imports(session, operator),
            _session=session,
        )

    @property
    def connected(self) -> bool:
        """Whether the last call found a working connection; the next one tries a new one."""
        return self._session.connected

    async def close(self) -> None:
        """End the session, within two seconds even if the network is gone."""
        await self._session.close()
