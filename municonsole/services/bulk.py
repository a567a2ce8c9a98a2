"""Many tickets at once: assign, move or note them, one result each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Executable

from municonsole.db import supervising as statements
from municonsole.domain.errors import REFUSAL, InvalidInput, Unanswered
from municonsole.domain.filters import TicketFilter
from municonsole.domain.permissions import Permission
from municonsole.domain.supervising import BULK_LIMIT, Given, Pick, Progress, Result
from municonsole.domain.values import Sort, Status
from municonsole.services.access import Access
from municonsole.services.operators import People
from municonsole.services.tickets import Tickets
from municonsole.services.undoing import LastAssignment, Undoable
from municonsole.services.work import words

CHUNK: Final = 25
"""Tickets of one trip; with all or nothing they go in one."""

COUNTED: Final = 100_000
"""More tickets of a filter than this are not counted."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    number: str
    event: int | None
    sentence: str


class Bulk:
    """One supervisor's work on many tickets; each becomes an event of its own, or says why not.

    A number that is hidden and one that was never issued are refused in the same words. What is sent
    again with its `attempt`, as after a lost connection, is done once.
    """

    def __init__(
        self, access: Access, people: People, tickets: Tickets, last: LastAssignment
    ) -> None:
        self._access = access
        self._people = people
        self._tickets = tickets
        self._last = last

    async def matching(
        self,
        filter: TicketFilter,  # noqa: A002 — the word of the field
        limit: int = BULK_LIMIT,
        sort: Sort = Sort.NEWEST,
    ) -> tuple[tuple[Pick, ...], int]:
        """The first `limit` tickets of a filter as they are now, and how many it has in all.

        More than `COUNTED` are told as one more.
        """
        page = await self._tickets.page(filter, sort, limit)
        picks = tuple(Pick(row.tracking_number, row.version) for row in page.tickets)
        total = len(picks)
        if page.next is not None:
            total = await self._tickets.count(filter, COUNTED)
        return picks, total

    async def assign(
        self,
        picks: Sequence[Pick],
        team: str | None = None,
        to: str | None = None,
        reason: str | None = None,
        *,
        atomic: bool = False,
        progress: Progress | None = None,
        attempt: UUID | None = None,
    ) -> tuple[Result, ...]:
        """Give them to a team (by name) and a person (by user name); without both each is routed.

        Routed ones go one after the other: each counts for the next.
        """
        self._access.require(Permission.ASSIGN_TICKETS)
        values = {
            "team_id": await self._people.team_id(team) if team is not None else None,
            "assignee": to,
            "reason": words(reason),
        }
        outcomes = await self._run(
            statements.ASSIGN_TICKETS, picks, values, atomic, progress, attempt
        )
        self._last.remember(
            [Given(one.number, one.event) for one in outcomes if one.event is not None]
        )
        return _results(outcomes)

    async def change_status(
        self,
        picks: Sequence[Pick],
        to: Status,
        note: str | None = None,
        *,
        atomic: bool = False,
        progress: Progress | None = None,
        attempt: UUID | None = None,
    ) -> tuple[Result, ...]:
        """Move them to a status, each where its own status allows it."""
        self._access.require(Permission.CHANGE_STATUSES)
        values = {"to_status": to.value, "note": words(note)}
        return _results(
            await self._run(statements.CHANGE_STATUSES, picks, values, atomic, progress, attempt)
        )

    async def note(
        self,
        picks: Sequence[Pick],
        text: str,
        public: bool = False,
        *,
        atomic: bool = False,
        progress: Progress | None = None,
        attempt: UUID | None = None,
    ) -> tuple[Result, ...]:
        """Add the same note to each, for colleagues or (`public`) for the citizens too."""
        self._access.require(Permission.ADD_NOTES)
        values = {"note": words(text) or "", "is_public": public}
        return _results(
            await self._run(statements.ADD_NOTES, picks, values, atomic, progress, attempt)
        )

    async def take_back(self, last: Undoable) -> tuple[Result, ...]:
        """Undo assignments that were made together; what somebody has assigned since stays."""
        self._access.require(Permission.UNDO_ASSIGNMENTS)
        events = [Pick(given.number, given.event) for given in last.given]
        return _results(
            await self._run(
                statements.UNDO_ASSIGNMENTS,
                events,
                {},
                atomic=False,
                progress=None,
                attempt=last.attempt,
            )
        )

    async def _run(
        self,
        statement: Executable,
        picks: Sequence[Pick],
        values: Mapping[str, object],
        atomic: bool,
        progress: Progress | None,
        attempt: UUID | None,
    ) -> list[_Outcome]:
        wanted = list({pick.number: pick for pick in reversed(picks)}.values())[::-1]
        if len(wanted) > BULK_LIMIT:
            raise InvalidInput(
                f"at most {BULK_LIMIT} tickets are changed at once, not {len(wanted)}: narrow it down"
            )
        attempt = attempt or uuid4()
        size = max(len(wanted), 1) if atomic else CHUNK
        outcomes: list[_Outcome] = []
        for start in range(0, len(wanted), size):
            if progress is not None:
                progress(start, len(wanted))
            chunk = wanted[start : start + size]
            outcomes += await self._chunk(
                statement, chunk, {**values, "atomic": atomic}, uuid5(attempt, str(start))
            )
        if progress is not None:
            progress(len(wanted), len(wanted))
        return outcomes

    async def _chunk(
        self,
        statement: Executable,
        chunk: Sequence[Pick],
        values: Mapping[str, object],
        attempt: UUID,
    ) -> list[_Outcome]:
        sent = {
            **values,
            "numbers": [pick.number for pick in chunk],
            "facts": [pick.version for pick in chunk],
            "attempt": attempt,
        }
        try:
            rows = await self._access.session.write(statement, sent)
        except Unanswered:
            # Once more on a new connection: what was done is answered as before.
            rows = await self._access.session.write(statement, sent)
        told = {row.number: _Outcome(row.number, row.event, row.sentence or "") for row in rows}
        # One that went behind the wall meanwhile is no longer found by its number.
        outcomes = [told.get(pick.number, _Outcome(pick.number, None, REFUSAL)) for pick in chunk]
        refused = [one.number for one in outcomes if one.sentence == REFUSAL]
        await self._access.record_denials(refused)
        return outcomes


def _results(outcomes: Sequence[_Outcome]) -> tuple[Result, ...]:
    return tuple(Result(one.number, one.event is not None, one.sentence) for one in outcomes)
