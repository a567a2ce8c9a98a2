"""What happens to the tickets one may see, as it happens: each event once, none missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from municonsole.db import feed as statements
from municonsole.db import lists
from municonsole.db.session import Session
from municonsole.domain.desk import FeedEvent, Look, News
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import TicketRow
from municonsole.domain.values import EventKind, Status

LIMIT: Final = 2_000
"""Events of one look; whoever has missed more reads everything anew."""


class Feed:
    """The feed of one operator. Only what the law lets them see is in it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: str | None = None
        self._backend: int | None = None
        self._known = ""
        self._states: Mapping[str, str] = {}

    async def news(self) -> News:
        """What became visible since the last look; nothing at the first. Raises Unreachable."""
        return (await self.look(())).news

    async def look(self, shown: Collection[UUID], listed: TicketFilter | None = None) -> Look:
        """The news, and what became of the tickets `shown` since the last look. Raises Unreachable.

        `listed` is the list that is on the screen, of which `belonging` tells; None: of no list. Takes
        one trip to the server while nothing happens, and one more to read what something happened to.
        The news are not complete at the first look, and after the connection was made anew.
        """
        told = await self._told(shown)
        events = _events(told.events or ())
        complete = (
            len(events) <= LIMIT
            and not told.is_newer
            and self._seen is not None
            and told.backend == self._backend
        )
        states = self._states if told.shown is None else told.shown
        gone = {ticket for ticket in shown if str(ticket) not in states}
        wanted = {event.ticket_id for event in events} if complete else set()
        wanted |= {
            ticket
            for ticket in shown
            if ticket not in gone and states[str(ticket)] != self._states.get(str(ticket))
        }
        rows, belonging = await self._read(wanted, listed)
        # Only now: what could not be read is asked for again.
        self._seen, self._backend = told.seen, told.backend
        self._known, self._states = told.known, states
        return Look(
            News(events[:LIMIT], complete=complete),
            rows,
            belonging,
            frozenset(gone | (wanted.intersection(shown) - rows.keys())),
            {UUID(ticket): tuple(names) for ticket, names in (told.others or {}).items()},
        )

    async def _told(self, shown: Collection[UUID]) -> Any:  # noqa: ANN401 - a row of LOOK
        values = {
            "seen": self._seen,
            "ids": list(shown),
            "known": self._known,
            "limit": LIMIT + 1,
        }
        return (await self._session.read(statements.LOOK, values))[0]

    async def _read(
        self, tickets: Collection[UUID], listed: TicketFilter | None
    ) -> tuple[dict[UUID, TicketRow], frozenset[UUID]]:
        if not tickets:
            return {}, frozenset()
        statement = lists.BY_IDS if listed is None else lists.belonging_statement(listed)
        values = {} if listed is None else lists.parameters(listed)
        found = await self._session.read(statement, {**values, "ids": list(tickets)})
        rows = [(lists.ticket_row(row), listed is not None and row[-1]) for row in found]
        return {row.id: row for row, _ in rows}, frozenset(row.id for row, fits in rows if fits)


def _events(told: Collection[Any]) -> tuple[FeedEvent, ...]:
    return tuple(
        FeedEvent(
            id=number,
            ticket_id=UUID(ticket),
            kind=EventKind(kind),
            actor=actor,
            via=via,
            at=datetime.fromisoformat(at),
            to_status=Status(to_status) if to_status else None,
            assignee=assignee,
            was_mine=was_mine,
        )
        for number, ticket, kind, actor, via, at, to_status, assignee, was_mine in told
    )
