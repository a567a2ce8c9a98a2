"""What happens to the tickets one may see, as it happens: each event once, none missed."""

from __future__ import annotations

from typing import Final

from municonsole.db import feed as statements
from municonsole.db.session import Session
from municonsole.domain.desk import FeedEvent, News
from municonsole.domain.values import EventKind, Status

LIMIT: Final = 2_000
"""Events of one look; whoever has missed more reads everything anew."""


class Feed:
    """The feed of one operator. Only what the law lets them see is in it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: str | None = None

    async def news(self) -> News:
        """What became visible since the last call; nothing at the first. Raises Unreachable."""
        if self._seen is None:
            self._seen = str((await self._session.read(statements.NOW))[0].seen)
            return News((), complete=False)
        rows = await self._session.read(statements.NEWS, {"seen": self._seen, "limit": LIMIT + 1})
        self._seen = str(rows[0].seen)
        events = tuple(
            FeedEvent(
                id=row.id,
                ticket_id=row.ticket_id,
                kind=EventKind(row.kind),
                actor=row.actor,
                via=row.via,
                at=row.at,
                to_status=Status(row.to_status) if row.to_status else None,
                assignee=row.assignee,
            )
            for row in rows
            if row.id is not None
        )
        return News(events[:LIMIT], complete=len(events) <= LIMIT and not rows[0].is_newer)
