"""Exporting at a desk: the tickets of a list, all of them and each once, and nothing without a trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from services.conftest import OpenDesk
from sqlalchemy import text
from support.database import Database

from municonsole.db import exports as statements
from municonsole.domain.errors import InvalidInput, Refused, Unreachable
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import NewTicket, TicketRow
from municonsole.domain.values import Category, Severity, SlaState, Status
from municonsole.services import exports
from municonsole.services.desk import Desk
from municonsole.services.exports import ExportFormat

EVERYTHING = TicketFilter()


async def logged(desk: Desk, count: int, category: Category = Category.WATER) -> list[str]:
    """So many new tickets, newest first."""
    made = [await desk.work.create(NewTicket(category, description="a leak")) for _ in range(count)]
    return made[::-1]


async def exported(desk: Desk, wanted: TicketFilter = EVERYTHING) -> list[str]:
    """The numbers that an export gives, in order."""
    pages: list[Sequence[TicketRow]] = []
    count = await desk.exports.tickets(wanted, ExportFormat.CSV, pages.append)
    numbers = [row.tracking_number for page in pages for row in page]
    assert count == len(numbers)
    return numbers


def audit(database: Database) -> list[dict[str, Any]]:
    """What the audit log says of exports, without their numbers."""
    found = database.connect_owner().execute(
        "select data - 'export' from audit_log where kind = 'exported' order by seq"
    )
    return [data for (data,) in found.fetchall()]


@pytest.mark.parametrize("page", [1, 2, 3, 5, 7])
async def test_everything_comes_once_newest_first_whatever_the_page(
    desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Five tickets, also where a page ends exactly with the last one; no GBV report, no neighbour's."""
    monkeypatch.setattr(exports, "PAGE", page)
    operator, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    numbers = await logged(operator, 5)
    await logged(operator, 1, Category.GBV)
    await logged(await desk_of("ksb_operator"), 1)

    assert await exported(manager) == numbers


async def test_what_changes_meanwhile_comes_once_all_the_same(
    desk_of: OpenDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague who works on tickets while they leave moves none out of the file or into it twice."""
    monkeypatch.setattr(exports, "PAGE", 2)
    operator, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    numbers = await logged(operator, 6)
    colleague = database.connect("tvd_operator")
    written: list[str] = []

    def write(page: Sequence[TicketRow]) -> None:
        written.extend(row.tracking_number for row in page)
        colleague.execute("select muni.log_ticket('water', 'low', 'a new one')")
        colleague.execute("select muni.add_note(id, 'looked at') from muni.tickets")

    await manager.exports.tickets(EVERYTHING, ExportFormat.CSV, write)

    assert written == numbers


@pytest.mark.parametrize(
    "wanted",
    [
        EVERYTHING,
        TicketFilter(statuses=(Status.OPEN,)),
        TicketFilter(statuses=(Status.OPEN, Status.ON_HOLD), categories=(Category.ROADS,)),
        TicketFilter(severities=(Severity.CRITICAL,)),
        TicketFilter(sla=(SlaState.ON_TRACK,)),
        TicketFilter(unassigned=True),
        TicketFilter(assigned_to="tvd_operator"),
        TicketFilter(suburb="Hilltop"),
        TicketFilter(search="pothole"),
        TicketFilter(
            since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC)
        ),
        TicketFilter(until=datetime(2020, 1, 1, tzinfo=UTC)),
        TicketFilter(resolved_since=datetime(2020, 1, 1, tzinfo=UTC)),
        TicketFilter(categories=(Category.GBV,)),
    ],
)
async def test_an_export_is_the_list_it_was_asked_for(
    desk_of: OpenDesk, wanted: TicketFilter
) -> None:
    """Filter by filter the same tickets in the same order, row for row."""
    operator, manager = await desk_of("tvd_operator"), await desk_of("tvd_manager")
    for new in (
        NewTicket(Category.WATER, description="a leak", suburb="Hilltop"),
        NewTicket(Category.ROADS, Severity.CRITICAL, "a pothole"),
        NewTicket(Category.ROADS, description="a sign"),
        NewTicket(Category.GBV, description="a pothole, she said"),
    ):
        await operator.work.create(new)
    first, *_ = await exported(manager, TicketFilter(categories=(Category.WATER,)))
    await manager.assignments.assign(first, None, "tvd_operator", None)
    await operator.work.change_status(first, Status.RESOLVED)
    pages: list[Sequence[TicketRow]] = []
    await manager.exports.tickets(wanted, ExportFormat.JSON_LINES, pages.append)
    listed = await manager.tickets.page(wanted)

    assert [row for page in pages for row in page] == list(listed.tickets)


async def test_the_audit_log_has_what_was_asked_for_before_a_ticket_is_read(
    desk_of: OpenDesk, database: Database
) -> None:
    """The filter in words, what it is written as, and at the end how many there were."""
    await logged(await desk_of("tvd_operator"), 3)
    wanted = TicketFilter(
        statuses=(Status.OPEN,), search="a leak", since=datetime(2026, 1, 1, tzinfo=UTC)
    )
    begun = {
        "state": "begun",
        "format": "jsonl",
        "filter": {
            "statuses": ["open"],
            "search": "a leak",
            "since": "2026-01-01T00:00:00+00:00",
        },
    }
    seen: list[list[dict[str, Any]]] = []
    manager = await desk_of("tvd_manager")
    await manager.exports.tickets(
        wanted, ExportFormat.JSON_LINES, lambda _: seen.append(audit(database))
    )

    assert seen == [[begun]]
    assert audit(database) == [begun, {"state": "completed", "tickets": 3}]


async def test_no_page_is_read_past_the_law(desk_of: OpenDesk) -> None:
    """The statement that reads a page gives nothing where the law does not count it."""
    manager = await desk_of("tvd_manager")
    await logged(manager, 2)
    statement = statements.page_statement(EVERYTHING, continued=False)
    for export in (None, "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(Refused, match="no export of yours has begun"):
            await manager.exports._session.write(statement, {"export": export, "limit": 10})


@pytest.mark.parametrize("trouble", [OSError(28, "no room"), KeyboardInterrupt()])
async def test_an_export_that_ends_early_is_called_interrupted(
    desk_of: OpenDesk,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    trouble: BaseException,
) -> None:
    """Whatever ended it; how many had been read by then is said."""
    monkeypatch.setattr(exports, "PAGE", 2)
    manager = await desk_of("tvd_manager")
    await logged(manager, 5)
    pages: list[Sequence[TicketRow]] = []

    def write(page: Sequence[TicketRow]) -> None:
        if pages:
            raise trouble
        pages.append(page)

    with pytest.raises(type(trouble)):
        await manager.exports.tickets(EVERYTHING, ExportFormat.CSV, write)

    assert audit(database)[1:] == [{"state": "interrupted", "tickets": 4}]


async def test_a_line_that_is_lost_says_how_far_it_came(
    desk_of: OpenDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written is not all of it, and the audit log calls it interrupted."""
    monkeypatch.setattr(exports, "PAGE", 2)
    manager = await desk_of("tvd_manager")
    await logged(manager, 5)

    [[pid]] = await manager.exports._session.read(text("select pg_backend_pid()"))
    other = database.connect("tvd_manager")

    def write(_: Sequence[TicketRow]) -> None:
        other.execute("select pg_terminate_backend(%s, 60000)", (pid,))

    with pytest.raises(Unreachable, match="lost after 2 tickets; what was written is not all"):
        await manager.exports.tickets(EVERYTHING, ExportFormat.CSV, write)

    # Over a new connection, which there is in this case.
    assert audit(database)[1:] == [{"state": "interrupted", "tickets": 2}]


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_saps"])
async def test_exporting_is_for_managers_and_administrators(
    desk_of: OpenDesk, database: Database, login: str
) -> None:
    """Whoever else asks is told so, and nothing is written down."""
    desk = await desk_of(login)

    with pytest.raises(Refused, match="exporting is for managers and administrators"):
        await exported(desk)
    assert audit(database) == []


async def test_a_search_that_is_none_begins_no_export(
    desk_of: OpenDesk, database: Database
) -> None:
    """What the list would refuse is refused before anything is written down."""
    desk = await desk_of("tvd_manager")

    with pytest.raises(InvalidInput, match="3 to 80 characters"):
        await exported(desk, TicketFilter(search="x"))
    assert audit(database) == []
