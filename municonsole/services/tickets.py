"""What an operator sees of tickets: lists, views, search, one ticket with its history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from municonsole.db import calls, clocks, lists, reads, supervising
from municonsole.domain.clocks import Terms
from municonsole.domain.errors import InvalidInput, Refused
from municonsole.domain.filters import TicketFilter, View, begin, end
from municonsole.domain.permissions import Permission
from municonsole.domain.records import (
    Assignment,
    ConfidentialReport,
    Page,
    TicketDetail,
    TicketRow,
    TimelineEntry,
)
from municonsole.domain.text import clean_line
from municonsole.domain.tracking import as_number
from municonsole.domain.values import EventKind, Role, Sort, Status
from municonsole.services.access import Access

MAX_PAGE: Final = 500


class Tickets:
    """Tickets as the operator may see them. All times are aware and UTC."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = access.session
        self._operator = access.operator
        self._confidential = access.confidential

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
        values: dict[str, object] = {**filter_parameters(filter), "limit": limit + 1}
        if after is not None:
            values |= lists.after_parameters(after, sort)
        statement = lists.page_statement(filter, sort, continued=after is not None)
        rows = await self._session.read(statement, values)
        return lists.page([lists.ticket_row(row) for row in rows], sort, limit)

    async def count(self, filter: TicketFilter, cap: int = 1000) -> int:  # noqa: A002 — as above
        """How many tickets a filter has; `cap` + 1 means more than `cap`."""
        values = {**filter_parameters(filter), "limit": cap + 1}
        return int((await self._session.read(lists.count_statement(filter), values))[0][0])

    async def search(self, text: str, limit: int = 200) -> tuple[TicketRow, ...]:
        """The newest `limit` (at most 200) tickets that contain `text` (3 to 80 characters).

        In their number, description, address, suburb or reporter; a phone number in any spelling.
        """
        found = await self.page(TicketFilter(search=text), limit=min(limit, lists.SEARCH_ROWS))
        return found.tickets

    def view(self, view: View) -> TicketFilter:
        """The filter of a view for this operator now: their name, today in the municipality's zone."""
        wanted = view.filter
        zone = ZoneInfo(self._operator.municipality.time_zone)
        today = datetime.now(zone).date()
        if view.mine:
            wanted = replace(wanted, assigned_to=self._operator.username)
        if view.resolved_today:
            wanted = replace(wanted, resolved_since=begin(today, zone, today))
        if view.since is not None:
            wanted = replace(wanted, since=begin(view.since, zone, today))
        if view.until is not None:
            wanted = replace(wanted, until=end(view.until, zone, today))
        return wanted

    # One ticket

    async def row(self, number: str) -> TicketRow:
        """One ticket as the list shows it."""
        return await self._access.watched(number, lambda: self._row(number))

    async def rows(self, ids: Collection[UUID]) -> dict[UUID, TicketRow]:
        """The tickets of these ids as they are now, by id.

        One that is missing may no longer be seen, whatever the cause: a console that shows it wipes it.
        """
        found = await self._session.read(lists.BY_IDS, {"ids": list(ids)})
        rows = [lists.ticket_row(row) for row in found]
        return {row.id: row for row in rows}

    async def detail(self, number: str) -> TicketDetail:
        """One ticket and who had it, opening nothing confidential."""
        return await self._access.watched(number, lambda: self._detail(number))

    async def show(self, number: str, reason: str | None = None) -> TicketDetail:
        """One ticket, whole.

        A GBV report is opened, which is recorded before it is read; an administrator, whose lists
        never hold one, names it by number and says why (10 characters or more).
        """
        return await self._access.watched(number, lambda: self._show(number, reason))

    async def history(self, number: str) -> tuple[TimelineEntry, ...]:
        """The timeline, newest first, without the notes of a GBV report: `show` has those."""
        return await self._access.watched(number, lambda: self._history(number, {}))

    async def _row(self, number: str) -> TicketRow:
        rows = await self._session.read(lists.BY_NUMBER, {"number": number})
        if not rows and (opening := self._confidential.opening(number)) is not None:
            rows = await self._session.read(lists.BY_OPENING, {"opening": opening})
        if not rows:
            raise Refused
        return lists.ticket_row(rows[0])

    async def _detail(self, number: str) -> TicketDetail:
        row = await self._row(number)
        history = await self._history(number, {})
        return replace(_whole(row, history), terms=await self._terms(row))

    async def _terms(self, row: TicketRow) -> Terms | None:
        # A report that an administrator opened has none: it is in no list to be looked up in.
        if row.sla_status is None:
            return None
        found = await self._session.read(clocks.TERMS, {"number": row.tracking_number})
        return clocks.terms(found[0]) if found else None

    async def _show(self, number: str, reason: str | None) -> TicketDetail:
        if self._operator.role is not Role.SAPS_LIAISON:
            try:
                detail = await self._detail(number)
                # A report that is open already is opened again by whoever says why: that is a look more.
                if not detail.ticket.is_sensitive or reason is None:
                    return detail
            except Refused:
                if reason is None or not self._operator.may(Permission.OPEN_CONFIDENTIAL_REPORT):
                    raise
        why = (clean_line(reason) or None) if reason is not None else None
        report = await self._confidential.open(number, why)
        notes = await self._confidential.notes(number)
        return _whole(await self._row(number), await self._history(number, notes), report)

    async def _history(self, number: str, notes: dict[int, str]) -> tuple[TimelineEntry, ...]:
        is_saps = self._operator.role is Role.SAPS_LIAISON
        if is_saps:
            await self._session.write(calls.SETTLE_DENIALS)
        rows = await self._session.read(
            reads.SAPS_HISTORY if is_saps else reads.HISTORY, {"number": number}
        )
        opening = self._confidential.opening(number)
        if not rows and opening is not None:
            rows = await self._session.read(reads.OPENED_HISTORY, {"opening": opening})
        if not rows:
            raise Refused
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
                facts=clocks.facts(row.data),
                why=supervising.why(row.data),
                undoes=supervising.undoes(row.data),
            )
            for row in rows
        )


def filter_parameters(wanted: TicketFilter) -> dict[str, object]:
    """The values that go with the statements of a filter. Raises InvalidInput for what cannot be searched."""
    if wanted.search is not None:
        text = clean_line(wanted.search)
        if not 3 <= len(text) <= 80:
            raise InvalidInput("search needs 3 to 80 characters")
        # A number that was typed or read out with blanks is looked for as it is written.
        wanted = replace(wanted, search=as_number(text) or text)
    return lists.parameters(wanted)


def _whole(
    row: TicketRow, history: tuple[TimelineEntry, ...], report: ConfidentialReport | None = None
) -> TicketDetail:
    return TicketDetail(row, _assignments(row, history), report, history)


def _assignments(row: TicketRow, history: tuple[TimelineEntry, ...]) -> tuple[Assignment, ...]:
    kinds = (EventKind.ASSIGNED, EventKind.UNASSIGNED)
    steps = [entry for entry in reversed(history) if entry.kind in kinds]
    ends: list[datetime | None] = [step.at for step in steps[1:]]
    if steps:
        # What is resolved is nobody's work any more, unless it was given to somebody afterwards.
        over = row.resolved_at
        ends.append(max(over, steps[-1].at) if over is not None else None)
    return tuple(
        Assignment(
            team_name=step.team_name,
            assigned_to_name=step.assigned_to_name,
            assigned_by=step.actor,
            reason=step.note,
            created_at=step.at,
            until=until,
            held=until - step.at if until is not None else None,
            why=step.why,
        )
        for step, until in zip(steps, ends, strict=True)
    )
