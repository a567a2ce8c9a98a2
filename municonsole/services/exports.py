"""Tickets leave for a file: page by page, in the memory of one, recorded before the first and after the last."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from municonsole.db import exports, lists
from municonsole.domain.errors import MuniconsoleError, Unreachable
from municonsole.domain.filters import TicketFilter
from municonsole.domain.permissions import Permission
from municonsole.domain.records import TicketRow
from municonsole.domain.text import clean_line
from municonsole.services.access import Access
from municonsole.services.tickets import filter_parameters

PAGE: Final = 1000
"""Tickets read at once: some two megabytes."""


class ExportFormat(StrEnum):
    """How the tickets are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class Exports:
    """Exports of the operator's tickets, for managers and administrators."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._session = access.session

    def require(self) -> None:
        """Raise Refused, saying who may, unless the operator may export."""
        self._access.require(Permission.BEGIN_EXPORT)

    async def tickets(
        self,
        wanted: TicketFilter,
        format: ExportFormat,  # noqa: A002 — the word of the field
        write: Callable[[Sequence[TicketRow]], None],
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Give the tickets of a filter to `write`, a page at a time, newest first; how many there were.

        Each is as it was when its page was read. What `write` raises is passed on once the audit log
        says that the export was interrupted. Raises Refused for whom exporting is not, Unreachable
        when the connection is lost: what was written until then is not all.
        """
        self.require()
        values = filter_parameters(wanted)
        with _lost("before the export began; nothing was written"):
            begun = await self._session.write(
                exports.BEGIN_EXPORT, {"filter": _recorded(wanted), "format": format.value}
            )
        export: UUID = begun[0][0]
        try:
            await self._pages(wanted, {**values, "export": export}, write, on_progress)
        except BaseException:
            with contextlib.suppress(MuniconsoleError):
                await self._end(export, is_complete=False)
            raise
        with _lost("when all tickets were written; the audit log may call the export unfinished"):
            return await self._end(export, is_complete=True)

    async def _pages(
        self,
        wanted: TicketFilter,
        values: dict[str, object],
        write: Callable[[Sequence[TicketRow]], None],
        on_progress: Callable[[int], None],
    ) -> None:
        done = 0
        after: dict[str, object] = {}
        while True:
            statement = exports.page_statement(wanted, continued=bool(after))
            with _lost(f"after {done:,} tickets; what was written is not all, so export again"):
                found = await self._session.write(statement, {**values, **after, "limit": PAGE})
            rows = [lists.ticket_row(row) for row in found]
            write(rows)
            done += len(rows)
            on_progress(done)
            if len(rows) < PAGE:
                return
            after = lists.after_parameters(lists.cursor(rows[-1], exports.SORT), exports.SORT)

    async def _end(self, export: UUID, *, is_complete: bool) -> int:
        rows = await self._session.write(
            exports.END_EXPORT, {"export": export, "is_complete": is_complete}
        )
        return int(rows[0][0])


@contextmanager
def _lost(when: str) -> Iterator[None]:
    """Say of a lost connection what it means for the file."""
    try:
        yield
    except Unreachable:
        raise Unreachable(f"the connection to the database was lost {when}") from None


def _recorded(wanted: TicketFilter) -> str:
    """What the audit log keeps of a filter: the fields that narrow it, as JSON."""
    plain: dict[str, object] = {}
    for field in fields(wanted):
        value = getattr(wanted, field.name)
        if value in (None, (), False):
            continue
        if isinstance(value, datetime):
            value = value.astimezone(UTC).isoformat()
        elif isinstance(value, tuple):
            value = [member.value for member in value]
        elif isinstance(value, str):
            value = clean_line(value)
        plain[field.name] = value
    return json.dumps(plain, ensure_ascii=False)
