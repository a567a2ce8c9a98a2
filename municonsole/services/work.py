"""Work on tickets: log, move, take, note, contact, escalate, re-date, reclassify, mark sensitive."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from municonsole.db import calls, clocks
from municonsole.domain.clocks import Clock, Preview
from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.permissions import Permission
from municonsole.domain.records import NewTicket
from municonsole.domain.supervising import Given
from municonsole.domain.text import clean, clean_line
from municonsole.domain.values import Category, Language, SlaState, Status
from municonsole.services.access import Access
from municonsole.services.journal import Journal
from municonsole.services.phones import e164
from municonsole.services.undoing import LastAssignment


class Work:
    """One operator's actions on tickets, each one event. Texts are cleaned before they leave.

    When the connection is lost before the answer comes (Unanswered), nobody knows whether it was done.
    What was sent with an `attempt` can then be settled, or sent again: it is done once.
    """

    def __init__(self, access: Access, journal: Journal, last: LastAssignment) -> None:
        self._access = access
        self._journal = journal
        self._last = last

    async def create(self, ticket: NewTicket, attempt: UUID | None = None) -> str:
        """Log a report; its tracking number. A GBV report is not seen again by its author.

        Sent again with the same `attempt`, as when the connection was lost before the answer came, it
        is logged once, and the number is that of the first time.
        """
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
                "suburb": line(ticket.suburb),
                "may_message": ticket.may_message,
                "latitude": ticket.latitude,
                "longitude": ticket.longitude,
                "reporter_name": line(ticket.reporter_name),
                "reporter_phone": number_of(ticket.reporter_phone),
                "language": ticket.language.value,
                "safe_to_contact": ticket.safe_to_contact,
                "contact_instructions": line(ticket.contact_instructions),
                "attempt": attempt,
            },
        )
        return str(rows[0][0])

    async def settle(self, attempt: UUID) -> bool:
        """Whether what was sent with this attempt was done; if not, it will not be any more."""
        return await self.outcome(attempt) is not None

    async def outcome(self, attempt: UUID) -> str | None:
        """What was answered to this attempt, as the number of a report; None where it is not done, ever."""
        rows = await self._access.session.write(calls.SETTLE_ATTEMPT, {"attempt": attempt})
        return None if rows[0][0] is None else str(rows[0][0])

    async def change_status(
        self,
        number: str,
        to: Status,
        note: str | None = None,
        if_version: int | None = None,
        attempt: UUID | None = None,
    ) -> None:
        """Move a ticket. Raises Stale when `if_version` is no longer its version."""
        event = await self._access.act(
            Permission.CHANGE_STATUS,
            calls.CHANGE_STATUS,
            number,
            {"to_status": to.value, "note": words(note), "expected_version": if_version},
            attempt,
        )
        await self._journal.record("status", number, event)

    async def take(self, number: str, attempt: UUID | None = None) -> None:
        """Take an unassigned ticket of the own team."""
        event = await self._access.act(
            Permission.TAKE_TICKET, calls.TAKE_TICKET, number, {}, attempt
        )
        self._last.remember([Given(number, event)])
        await self._journal.record("assignment", number, event)

    async def add_note(
        self, number: str, note: str, public: bool = False, attempt: UUID | None = None
    ) -> None:
        """Add a note, for colleagues or (`public`) for the citizen too."""
        await self._access.act(
            Permission.ADD_NOTE,
            calls.ADD_NOTE,
            number,
            {"note": words(note) or "", "is_public": public},
            attempt,
        )

    async def record_contact(self, number: str, outcome: str, attempt: UUID | None = None) -> None:
        """Record that the citizen was spoken to; it counts as a response."""
        await self._access.act(
            Permission.RECORD_CONTACT,
            calls.RECORD_CONTACT,
            number,
            {"outcome": words(outcome) or ""},
            attempt,
        )

    async def add_reporter(
        self,
        number: str,
        name: str | None,
        phone: str | None,
        language: Language = Language.ENGLISH,
        *,
        may_message: bool = False,
        attempt: UUID | None = None,
    ) -> None:
        """Add a further person who reported the same; a name or a phone number at least."""
        await self._access.act(
            Permission.ADD_REPORTER,
            calls.ADD_REPORTER,
            number,
            {
                "reporter_name": line(name),
                "reporter_phone": number_of(phone),
                "language": language.value,
                "may_message": may_message,
            },
            attempt,
        )

    async def escalate(
        self,
        number: str,
        reason: str,
        if_version: int | None = None,
        attempt: UUID | None = None,
    ) -> None:
        """Escalate a ticket with a reason."""
        event = await self._access.act(
            Permission.ESCALATE,
            calls.ESCALATE,
            number,
            {"reason": words(reason) or "", "expected_version": if_version},
            attempt,
        )
        await self._journal.record("escalation", number, event)

    async def override_deadline(
        self,
        number: str,
        clock: Clock,
        deadline: datetime | None,
        reason: str,
        if_version: int | None = None,
        attempt: UUID | None = None,
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
            attempt,
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
        self,
        number: str,
        category: Category,
        reason: str,
        if_version: int | None = None,
        attempt: UUID | None = None,
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
            attempt,
        )

    async def mark_sensitive(self, number: str, reason: str, attempt: UUID | None = None) -> None:
        """Move a ticket behind the wall, for SAPS alone; there is no way back."""
        await self._access.act(
            Permission.MARK_SENSITIVE,
            calls.MARK_SENSITIVE,
            number,
            {"reason": words(reason) or ""},
            attempt,
        )


def line(text: str | None) -> str | None:
    """A field of one line, cleaned; None when nothing is left."""
    return (clean_line(text) or None) if text is not None else None


def number_of(spoken: str | None) -> str | None:
    """A phone number as it is stored; None when none was given. Raises InvalidInput."""
    given = line(spoken)
    return e164(given) if given is not None else None


def words(text: str | None) -> str | None:
    """A text of any number of lines, cleaned; None when nothing is left."""
    return (clean(text).strip() or None) if text is not None else None
