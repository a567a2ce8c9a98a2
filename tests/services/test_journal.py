"""The journal: which log line an action leaves, and for which it leaves none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from services.conftest import OpenDesk
from support.database import Database

from municonsole import logs
from municonsole.config import LogTable
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Status


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """The log of this test alone."""
    file = tmp_path / "mine.log"
    logs.start(LogTable(str(file)))
    yield file
    logs.start(LogTable(level="OFF"))


def numbers(file: Path) -> set[str]:
    """The tracking numbers that stand in the log."""
    return {json.loads(line)["number"] for line in file.read_text().splitlines()}


async def test_an_administrator_who_works_through_an_opening_leaves_no_line(
    database: Database, desk_of: OpenDesk, file: Path
) -> None:
    """Not even where a municipal event has the id that the report's event has on its side."""
    operator = await desk_of("tvd_operator")
    admin = await desk_of("tvd_admin")
    report = await operator.work.create(NewTicket(Category.GBV, description="neutral words"))
    for _ in range(9):
        await operator.work.create(NewTicket(Category.WATER, description="a leak"))
    await admin.tickets.show(report, "a court order came in")
    await admin.work.change_status(report, Status.IN_PROGRESS)
    await admin.assignments.unassign(report)
    await admin.work.escalate(report, "a court order came in")
    with database.connect_owner() as owner:
        shared = owner.execute(
            "select count(*) from ticket_events_sensitive as s join ticket_events_municipal as m "
            "using (id) where s.kind in ('status_changed', 'unassigned', 'escalated')"
        ).fetchone()

    assert shared == (3,)
    assert numbers(file) == set()


async def test_work_of_an_operator_leaves_a_line_of_that_ticket(
    desk_of: OpenDesk, file: Path
) -> None:
    """The number of the ticket that was worked on, and of no other."""
    operator = await desk_of("tvd_operator")
    made = [
        await operator.work.create(NewTicket(Category.WATER, description="a leak"))
        for _ in range(2)
    ]
    await operator.work.change_status(made[0], Status.IN_PROGRESS)

    assert numbers(file) == {made[0]}


async def test_where_the_log_is_off_nothing_more_is_asked_of_the_database(
    desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An action is one statement then."""
    logs.start(LogTable(level="OFF"))
    operator = await desk_of("tvd_operator")
    number = await operator.work.create(NewTicket(Category.WATER, description="a leak"))

    async def no_read(*_: object) -> None:
        pytest.fail("the journal asked")

    monkeypatch.setattr(operator._session, "read", no_read)
    await operator.work.change_status(number, Status.IN_PROGRESS)
