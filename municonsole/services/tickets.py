"""What an operator does with tickets: list, look, find, log, move, assign, take, note."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select

from municonsole.db import calls, lists, reads
from municonsole.db.session import Session
from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.permissions import Permission
from municonsole.domain.records import (
    Assignment,
    NewTicket,
    OperatorContext,
    Page,
    TicketDetail,
    TicketRow,
    TimelineEntry,
)
from municonsole.domain.text import clean, clean_line
from municonsole.domain.values import EventKind, Role, Sort, Status
from municonsole.services.confidential import Confidential
from municonsole.services.operators import People

MAX_PAGE: Final = 500
_WHO_MAY: Final = {
    Permission.ASSIGN_TICKET: "assigning is for managers and administrators",
    Permission.IMPORT_TICKETS: "importing is for administrators",
}


class Tickets:
    """Tickets as the operator may see and handle them. All times are aware and UTC."""

    def __init__(self, session: Session, operator: OperatorContext, people: People) -> None:
        self._session = session
        self._operator = operator
        self._people = people
        self._confidential = Confidential(session)

    # Lists

    async def page(
        self,
        filter: TicketFilter,  # noqa: A002 — the word of the field
        sort: Sort = Sort.NEWEST,
        limit: int = 50,
        after: str | None = None,
    ) -> Page:
        """`limit` tickets (1 to 500) of a filter, after the cursor of the page before."""
        if not 1 <= limit <= MAX_PAGE:
            raise InvalidInput(f"a page has 1 to {MAX_PAGE} tickets, not {limit}")
        values: dict[str, object] = {**self._parameters(filter), "limit": limit + 1}
        if after is not None:
            values |= lists.after_parameters(after, sort)
        statement = lists.page_statement(filter, sort, continued=after is not None)
        rows = await self._session.read(statement, values)
        return lists.page([lists.ticket_row(row) for row in rows], sort, limit)

    async def count(self, filter: TicketFilter, cap: int = 1000) -> int:  # noqa: A002 — as above
        """How many tickets a filter has; `cap` + 1 means more than `cap`."""
        values = {**self._parameters(filter), "limit": cap + 1}
        return int((await self._session.read(lists.count_statement(filter), values))[0][0])

    async def search(self, text: str, limit: int = 200) -> tuple[TicketRow, ...]:
        """The newest `limit` (at most 200) tickets that contain `text` (3 to 80 characters)."""
        found = await self.page(TicketFilter(search=text), limit=min(limit, lists.SEARCH_ROWS))
        return found.tickets

    def view(self, view: View) -> TicketFilter:
        """The filter of a view for this operator now: their name, today in the municipality's zone."""
        wanted = view.filter
        if view.mine:
            wanted = replace(wanted, assigned_to=self._operator.username)
        if view.resolved_today:
            zone = ZoneInfo(self._operator.municipality.time_zone)
            midnight = datetime.combine(datetime.now(zone).date(), time(), zone)
            wanted = replace(wanted, resolved_since=midnight)
        return wanted

    # One ticket

    async def row(self, number: str) -> TicketRow:
        """One ticket as the list shows it."""
        rows = await self._session.read(lists.BY_NUMBER, {"number": number})
        if not rows and (opening := self._confidential.opening(number)) is not None:
            rows = await self._session.read(lists.BY_OPENING, {"opening": opening})
        if not rows:
            raise Refused
        return lists.ticket_row(rows[0])

    async def detail(self, number: str) -> TicketDetail:
        """One ticket and who had it, opening nothing confidential."""
        return TicketDetail(await self.row(number), _assignments(await self.history(number)))

    async def show(self, number: str, reason: str | None = None) -> TicketDetail:
        """One ticket, whole.

        A GBV report is opened, which is recorded before it is read; an administrator, whose lists
        never hold one, names it by number and says why (10 characters or more).
        """
        if self._operator.role is Role.SAPS_LIAISON:
            report = await self._confidential.open(number, _optional(reason))
            return replace(await self.detail(number), confidential=report)
        try:
            return await self.detail(number)
        except Refused:
            if reason is None or not self._operator.may(Permission.OPEN_CONFIDENTIAL_REPORT):
                raise
        report = await self._confidential.open(number, _optional(reason))
        return replace(await self.detail(number), confidential=report)

    async def history(self, number: str) -> tuple[TimelineEntry, ...]:
        """The timeline, newest first. Notes on a GBV report are there while an opening is fresh."""
        is_saps = self._operator.role is Role.SAPS_LIAISON
        rows = await self._session.read(
            reads.SAPS_HISTORY if is_saps else reads.HISTORY, {"number": number}
        )
        opening = self._confidential.opening(number)
        if not rows and opening is not None:
            rows = await self._session.read(reads.OPENED_HISTORY, {"opening": opening})
        if not rows:
            raise Refused
        notes = await self._confidential.notes(number) if opening is not None else {}
        return tuple(
            TimelineEntry(
                seq=row.seq,
                at=row.at,
                kind=EventKind(row.kind),
                actor=row.actor,
                via=row.via,
                from_status=Status(row.from_status) if row.from_status else None,
                to_status=Status(row.to_status) if row.to_status else None,
                team_name=row.team_name,
                assigned_to_name=row.assigned_to_name,
                note=notes.get(row.seq, row.note),
            )
            for row in rows
        )

    # Work

    async def create(self, ticket: NewTicket) -> str:
        """Log a report; its tracking number. A GBV report is not seen again by its author."""
        self._require(Permission.LOG_TICKET)
        if not clean(ticket.description).strip():
            raise InvalidInput("a report needs a description: say in a few words what is wrong")
        rows = await self._session.write(
            calls.LOG_TICKET,
            {
                "category": ticket.category.value,
                "severity": ticket.severity.value,
                "description": clean(ticket.description).strip(),
                "address": _optional(ticket.address),
                "latitude": ticket.latitude,
                "longitude": ticket.longitude,
                "reporter_name": _optional(ticket.reporter_name),
                "reporter_phone": _optional(ticket.reporter_phone),
                "language": ticket.language.value,
                "safe_to_contact": ticket.safe_to_contact,
                "contact_instructions": _optional(ticket.contact_instructions),
            },
        )
        return str(rows[0][0])

    async def change_status(
        self, number: str, to: Status, note: str | None = None, if_version: int | None = None
    ) -> None:
        """Move a ticket. Raises Stale when `if_version` is no longer its version."""
        self._require(Permission.CHANGE_STATUS)
        await self._act(
            calls.CHANGE_STATUS,
            number,
            {"to_status": to.value, "note": _note(note), "expected_version": if_version},
        )

    async def assign(
        self,
        number: str,
        team: str | None = None,
        to: str | None = None,
        reason: str | None = None,
        if_version: int | None = None,
    ) -> None:
        """Give a ticket to a team (by name) and a person (by user name); without both it is routed."""
        self._require(Permission.ASSIGN_TICKET)
        await self._act(
            calls.ASSIGN_TICKET,
            number,
            {
                "team_id": await self.team_id(team) if team is not None else None,
                "assignee": to,
                "reason": _note(reason),
                "expected_version": if_version,
            },
        )

    async def take(self, number: str) -> None:
        """Take an unassigned ticket of the own team."""
        self._require(Permission.TAKE_TICKET)
        await self._act(calls.TAKE_TICKET, number, {})

    async def add_note(self, number: str, note: str, public: bool = False) -> None:
        """Add a note, for colleagues or (`public`) for the citizen too."""
        self._require(Permission.ADD_NOTE)
        await self._act(calls.ADD_NOTE, number, {"note": _note(note) or "", "is_public": public})

    async def team_id(self, name: str) -> int:
        """The id of the active team of this name, case not counting."""
        teams = [team for team in await self._people.teams() if team.is_active]
        for team in teams:
            if team.name.casefold() == name.strip().casefold():
                return team.id
        known = ", ".join(team.name for team in teams) or "none yet"
        raise InvalidInput(f"there is no active team {clean_line(name)!r}; there are: {known}")

    async def _act(
        self,
        call: tuple[Select[tuple[int]], Select[tuple[int]]],
        number: str,
        values: dict[str, object],
    ) -> None:
        by_number, by_opening = call
        opened = self._confidential.ticket_id(number)
        if opened is not None:
            await self._session.write(by_opening, {**values, "ticket_id": opened})
        elif not await self._session.write(by_number, {**values, "number": number}):
            raise Refused

    def _require(self, permission: Permission) -> None:
        if not self._operator.may(permission):
            raise Refused(_WHO_MAY.get(permission, "this is not for your role"))

    @staticmethod
    def _parameters(wanted: TicketFilter) -> dict[str, object]:
        if wanted.search is not None:
            text = clean_line(wanted.search)
            if not 3 <= len(text) <= 80:
                raise InvalidInput("search needs 3 to 80 characters")
            wanted = replace(wanted, search=text)
        return lists.parameters(wanted)


def _assignments(history: tuple[TimelineEntry, ...]) -> tuple[Assignment, ...]:
    kinds = (EventKind.ASSIGNED, EventKind.UNASSIGNED)
    return tuple(
        Assignment(
            team_name=entry.team_name,
            assigned_to_name=entry.assigned_to_name,
            assigned_by=entry.actor,
            reason=entry.note,
            created_at=entry.at,
        )
        for entry in reversed(history)
        if entry.kind in kinds
    )


def _optional(text: str | None) -> str | None:
    return (clean_line(text) or None) if text is not None else None


def _note(text: str | None) -> str | None:
    return (clean(text).strip() or None) if text is not None else None
