"""Log lines of what was done: number and transition, never a description, a name or a phone number."""

from __future__ import annotations

import logging
from typing import Final, Literal

from municonsole.db import reads
from municonsole.db.session import Session
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.records import OperatorContext
from municonsole.domain.values import Role

Kind = Literal["status", "assignment", "escalation"]

_LEVELS: Final[dict[Kind, int]] = {
    "status": logging.INFO,
    "assignment": logging.INFO,
    "escalation": logging.WARNING,
}
_log = logging.getLogger("municonsole.tickets")
# Where nobody has started a log, Python would write warnings over the screen.
logging.getLogger("municonsole").addHandler(logging.NullHandler())


class Journal:
    """Writes the log lines of one operator; of a GBV report there is none, whoever worked on it."""

    def __init__(self, session: Session, operator: OperatorContext) -> None:
        self._session = session
        self._silent = operator.role is Role.SAPS_LIAISON

    async def record(self, kind: Kind, number: str, event: int) -> None:
        """One line for the event of this id: an INFO, for an escalation a WARNING."""
        if self._silent or not _log.isEnabledFor(_LEVELS[kind]):
            return
        try:
            # A report that an administrator opened is not among the events they see: no line.
            rows = await self._session.read(reads.EVENT, {"event": event, "number": number})
        except MuniconsoleError:
            return  # the action is done and recorded where it counts
        for row in rows:
            _log.log(
                _LEVELS[kind],
                kind,
                extra={
                    "number": number,
                    "from_status": row.from_status,
                    "to_status": row.to_status,
                    "team": row.team_id,
                },
            )
