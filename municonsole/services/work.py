"""Work on tickets: log, move, take, note, contact, escalate, re-date, reclassify, mark sensitive."""

from __future__ import annotations

from datetime import datetime, timedelta

from municonsole.db import calls, clocks
from municonsole.domain.clocks import Clock, Preview
from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.permissions import Permission
from municonsole.domain.records import NewTicket
from municonsole.domain.text import clean, clean_line
from municonsole.domain.values import Category, Language, SlaState, Status
from municonsole.services.access import Access
from municonsole.services.journal import Journal


class Work:
    """One operator's actions on tickets, each one event. Texts are cleaned before they leave."""

    def __init__(self, access: Access, journal: Journal) -> None:
        self._access = access
        self._journal = journal

    async def create(self, ticket: NewTicket) -> str:
        """Log a report; its tracking number. A GBV report is not seen again by its author."""
        self._access.require(Permission.LOG_TICKET)
        if not clean(ticket.description).strip():
            raise InvalidInput("a report needs a description: say in a few words what is wrong")
        rows = await self._access.session.write(
            calls.LOG_TICKET,
            {
                "category": ticket.category.value,
                "severity": ticket.severity.value,
                "description": clean(ticket.description).strip(),
                "address": line(ticket.address),
                "latitude": ticket.latitude,
                "longitude": ticket.longitude,
                "reporter_name": line(ticket.reporter_name),
                "reporter_phone": line(ticket.reporter_phone),
                "language": ticket.language.value,
                "safe_to_contact": ticket.safe_to_contact,
                "contact_instructions": line(ticket.contact_instructions),
            },
        )
        return str(rows[0][0])

    async def change_status(
        self, number: str, to: Status, note: str | None = None, if_version: int | None = None
    ) -> None:
        """Move a ticket. Raises Stale when `if_version` is no longer its version."""
        event = await self._access.act(
            Permission.CHANGE_STATUS,
            calls.CHANGE_STATUS,
            number,
            {"to_status": to.value, "note": words(note), "expected_version": if_version},
        )
        await self._journal.record("status", number, event)

    async def take(self, number: str) -> None:
        """Take an unassigned ticket of the own team."""
        event = await self._access.act(Permission.TAKE_TICKET, calls.TAKE_TICKET, number, {})
        await self._journal.record("assignment", number, event)

    async def add_note(self, number: str, note: str, public: bool = False) -> None:
        """Add a note, for colleagues or (`public`) for the citizen too."""
        await self._access.act(
            Permission.ADD_NOTE,
            calls.ADD_NOTE,
            number,
            {"note": words(note) or "", "is_public": public},
        )

    async def record_contact(self, number: str, outcome: str) -> None:
        """Record that the citizen was spoken to; it counts as a response."""
        await self._access.act(
            Permission.RECORD_CONTACT,
            calls.RECORD_CONTACT,
            number,
            {"outcome": words(outcome) or ""},
        )

    async def add_reporter(
        self,
        number: str,
        name: str | None,
        phone: str | None,
        language: Language = Language.ENGLISH,
    ) -> None:
        """Add a further person who reported the same; a name or a phone number at least."""
        await self._access.act(
            Permission.ADD_REPORTER,
            calls.ADD_REPORTER,
            number,
            {
                "reporter_name": line(name),
                "reporter_phone": line(phone),
                "language": language.value,
            },
        )

    async def escalate(self, number: str, reason: str, if_version: int | None = None) -> None:
        """Escalate a ticket with a reason."""
        event = await self._access.act(
            Permission.ESCALATE,
            calls.ESCALATE,
            number,
            {"reason": words(reason) or "", "expected_version": if_version},
        )
        await self._journal.record("escalation", number, event)

    async def override_deadline(
        self,
        number: str,
        clock: Clock,
        deadline: datetime | None,
        reason: str,
        if_version: int | None = None,
    ) -> None:
        """Set one deadline by hand (aware), or with None give it back to the policy."""
        await self._access.act(
            Permission.OVERRIDE_DEADLINE,
            calls.OVERRIDE_DEADLINE,
            number,
            {
                "clock": clock,
                "deadline": deadline,
                "reason": words(reason) or "",
                "expected_version": if_version,
            },
        )

    async def preview_override(
        self, number: str, clock: Clock, deadline: datetime | None
    ) -> Preview:
        """What `override_deadline` with these would do, refused as that is; nothing is written."""
        self._access.require(Permission.OVERRIDE_DEADLINE)

        async def look() -> Preview:
            rows = await self._access.session.read(
                clocks.PREVIEW_OVERRIDE, {"number": number, "clock": clock, "deadline": deadline}
            )
            if not rows:
                raise Refused
            row = rows[0]
            left = row.working_seconds_left
            return Preview(
                was=row.was,
                becomes=row.becomes,
                warning_at=row.warning_at,
                state=None if row.sla_status is None else SlaState(row.sla_status),
                left=None if left is None else timedelta(seconds=left),
            )

        return await self._access.watched(number, look)

    async def reclassify(
        self, number: str, category: Category, reason: str, if_version: int | None = None
    ) -> None:
        """Give a ticket another category and its deadlines; never to or from GBV."""
        await self._access.act(
            Permission.RECLASSIFY,
            calls.RECLASSIFY,
            number,
            {
                "category": category.value,
                "reason": words(reason) or "",
                "expected_version": if_version,
            },
        )

    async def mark_sensitive(self, number: str, reason: str) -> None:
        """Move a ticket behind the wall, for SAPS alone; there is no way back."""
        await self._access.act(
            Permission.MARK_SENSITIVE,
            calls.MARK_SENSITIVE,
            number,
            {"reason": words(reason) or ""},
        )


def line(text: str | None) -> str | None:
    """A field of one line, cleaned; None when nothing is left."""
    return (clean_line(text) or None) if text is not None else None


def words(text: str | None) -> str | None:
    """A text of any number of lines, cleaned; None when nothing is left."""
    return (clean(text).strip() or None) if text is not None else None
