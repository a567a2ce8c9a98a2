"""Taking a call: who calls, what they reported before, and whether this has been reported already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from municonsole.db import intake as statements
from municonsole.db import lists
from municonsole.domain.desk import Similar, Suburb
from municonsole.domain.errors import InvalidInput
from municonsole.domain.permissions import Permission
from municonsole.domain.records import NewTicket, TicketRow
from municonsole.domain.text import clean, clean_line
from municonsole.domain.values import Category
from municonsole.services.access import Access

CALLERS_TICKETS: Final = 20
NO_SUCH_SUBURB: Final = "no suburb has that name; leave it empty and say in the address where it is"


class Intake:
    """One operator at the telephone. Nothing here tells of a GBV report, nor is asked for one."""

    def __init__(self, access: Access) -> None:
        self._session = access.session
        self._may_look = access.operator.may(Permission.SIMILAR_TICKETS)
        self._suburbs: tuple[Suburb, ...] | None = None

    async def caller(self, phone: str) -> tuple[TicketRow, ...]:
        """The tickets of a number (E.164), reported or joined: open ones first, then the newest."""
        if not self._may_look:
            return ()
        found = await self._session.read(
            statements.CALLER, {"phone": phone, "limit": CALLERS_TICKETS}
        )
        ids = [row.id for row in found]
        rows = await self._rows(ids)
        return tuple(rows[key] for key in ids if key in rows)

    async def similar(
        self,
        category: Category,
        *,
        latitude: float | None = None,
        longitude: float | None = None,
        suburb: str | None = None,
        words: str = "",
    ) -> tuple[Similar, ...]:
        """Open tickets of the last 72 hours that may be about the same, likeliest first; ten at most."""
        if not self._may_look or category.is_sensitive:
            return ()
        found = await self._session.read(
            statements.SIMILAR,
            {
                "category": category.value,
                "latitude": latitude,
                "longitude": longitude,
                "suburb": clean_line(suburb or "") or None,
                "words": clean(words)[:2000] or None,
            },
        )
        rows = await self._rows([row.id for row in found])
        return tuple(
            Similar(rows[row.id], row.metres, row.likeness) for row in found if row.id in rows
        )

    async def suburbs(self) -> tuple[Suburb, ...]:
        """The municipality's suburbs by name, asked for once."""
        if self._suburbs is None:
            found = await self._session.read(statements.SUBURBS)
            self._suburbs = tuple(Suburb(row.name, row.latitude, row.longitude) for row in found)
        return self._suburbs

    async def placed(self, ticket: NewTicket) -> NewTicket:
        """The report with its suburb as the municipality writes it, whose middle stands for missing coordinates.

        Raises InvalidInput for a suburb that the municipality has not.
        """
        return placed(ticket, await self.suburbs()) if clean_line(ticket.suburb or "") else ticket

    async def _rows(self, ids: list[object]) -> dict[object, TicketRow]:
        if not ids:
            return {}
        found = await self._session.read(lists.BY_IDS, {"ids": ids})
        rows = map(lists.ticket_row, found)
        return {row.id: row for row in rows}


def placed(ticket: NewTicket, suburbs: Sequence[Suburb]) -> NewTicket:
    """The same with these suburbs; where a municipality has named none, any name is taken as it is."""
    name = clean_line(ticket.suburb or "")
    if not name or not suburbs:
        return ticket
    found = next((one for one in suburbs if one.name.casefold() == name.casefold()), None)
    if found is None:
        raise InvalidInput(NO_SUCH_SUBURB)
    if ticket.latitude is not None:
        return replace(ticket, suburb=found.name)
    return replace(ticket, suburb=found.name, latitude=found.latitude, longitude=found.longitude)
