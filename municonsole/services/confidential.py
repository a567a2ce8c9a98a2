"""GBV reports: opened (recorded and committed), then read, and remembered for as long as an opening is good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from municonsole.db import calls, reads
from municonsole.db.session import Session
from municonsole.domain.errors import Refused
from municonsole.domain.records import ConfidentialReport

# A minute less than the law's fifteen, so that an opening we count on is never refused as stale.
_GOOD_FOR: Final = timedelta(minutes=14)


@dataclass(frozen=True, slots=True)
class _Opening:
    id: UUID
    ticket_id: UUID
    at: datetime


class Confidential:
    """The openings of one operator in this program's memory; no word of a report is kept."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._openings: dict[str, _Opening] = {}

    async def open(self, number: str, reason: str | None) -> ConfidentialReport:
        """Record that the report is looked at, then read it. Raises Refused, as for a missing one."""
        opened = await self._session.write(
            calls.OPEN_CONFIDENTIAL_REPORT, {"number": number, "reason": reason}
        )
        opening: UUID = opened[0][0]
        at = datetime.now(UTC)
        try:
            row = (await self._session.read(reads.READ_REPORT, {"opening": opening}))[0]
        except Refused:
            # What the law says of an opening of nothing; a person named a number, not an opening.
            raise Refused from None
        self._openings[number] = _Opening(opening, row.ticket_id, at)
        return ConfidentialReport(
            description=row.description,
            address=row.address,
            latitude=row.latitude,
            longitude=row.longitude,
            reporter_name=row.reporter_name,
            reporter_phone=row.reporter_phone,
            safe_to_contact=row.safe_to_contact,
            contact_instructions=row.contact_instructions,
            suburb=row.suburb,
        )

    async def recall(self, number: str) -> UUID | None:
        """The ticket of an opening that another program of this administrator made, else None."""
        rows = await self._session.read(reads.FRESH_OPENING, {"number": number})
        return rows[0].ticket_id if rows else None

    def ticket_id(self, number: str) -> UUID | None:
        """The ticket of a fresh opening of this number, else None."""
        opening = self._fresh(number)
        return opening.ticket_id if opening else None

    def opening(self, number: str) -> UUID | None:
        """A fresh opening of this number, else None."""
        opening = self._fresh(number)
        return opening.id if opening else None

    async def notes(self, number: str) -> dict[int, str]:
        """The notes of an opened report by the `seq` of their event; empty without a fresh opening."""
        opening = self._fresh(number)
        if opening is None:
            return {}
        rows = await self._session.read(reads.READ_NOTES, {"opening": opening.id})
        return {row.seq: row.note for row in rows}

    def _fresh(self, number: str) -> _Opening | None:
        opening = self._openings.get(number)
        if opening is not None and datetime.now(UTC) - opening.at > _GOOD_FOR:
            del self._openings[number]
            return None
        return opening
