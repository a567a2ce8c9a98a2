"""A lost connection: reads come back by themselves, writes are never done twice."""

from __future__ import annotations

import asyncio

import pytest
from services.conftest import OpenDesk
from sqlalchemy import text
from support.database import Database, Server

from municonsole.domain.errors import MuniconsoleError, Unreachable
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category


def _cut(server: Server, database: Database) -> None:
    server.admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename like 'tvd%%'",
        (database.dbname,),
    )


async def test_a_read_after_a_cut_connection_answers(
    server: Server, database: Database, desk_of: OpenDesk
) -> None:
    """The server was restarted over lunch: the next key works."""
    desk = await desk_of("tvd_operator")
    await desk.work.create(NewTicket(Category.WATER, description="a leak"))
    _cut(server, database)

    assert await desk.tickets.count(TicketFilter()) == 1
    assert desk.connected


async def test_a_write_after_a_cut_connection_is_not_tried_twice(
    server: Server, database: Database, desk_of: OpenDesk
) -> None:
    """Whether a save arrived is for the operator to look at; the next action connects anew."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description="a leak"))
    _cut(server, database)
    with pytest.raises(Unreachable, match="while saving"):
        await desk.work.add_note(number, "arrived?")
    assert not desk.connected

    await desk.work.add_note(number, "again")

    assert desk.connected
    notes = [entry.note for entry in await desk.tickets.history(number) if entry.note]
    assert notes == ["again"]


async def test_a_caller_that_is_cancelled_does_not_undo_a_save(
    database: Database, desk_of: OpenDesk
) -> None:
    """A dialog closed while it saves leaves a whole ticket behind, and a working connection."""
    desk = await desk_of("tvd_operator")
    saving = asyncio.create_task(desk.work.create(NewTicket(Category.WATER, description="a leak")))
    await asyncio.sleep(0)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving

    assert await desk.tickets.count(TicketFilter()) == 1


async def test_two_calls_at_once_wait_for_each_other(desk_of: OpenDesk) -> None:
    """One connection serves a screen that asks for several things at the same moment."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description="a leak"))

    answers = await asyncio.gather(
        *(desk.tickets.row(number) for _ in range(5)),
        *(desk.tickets.count(TicketFilter()) for _ in range(5)),
    )

    assert [row.tracking_number for row in answers[:5]] == [number] * 5
    assert answers[5:] == [1] * 5


async def test_a_closed_desk_says_so(desk_of: OpenDesk) -> None:
    """After leaving, nothing opens the connection again."""
    desk = await desk_of("tvd_operator")
    await desk.close()

    with pytest.raises(Unreachable):
        await desk.tickets.count(TicketFilter())


async def test_a_statement_that_takes_too_long_is_stopped_with_one_sentence(
    database: Database, desk_of: OpenDesk
) -> None:
    """Somebody holds the ticket: the console is told, and goes on working."""
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.WATER, description="a leak"))
    holder = database.connect_owner()
    holder.autocommit = False
    holder.execute("select * from tickets where tracking_number = %s for update", (number,))
    await desk._session.read(text("select set_config('statement_timeout', '100', false)"))

    with pytest.raises(MuniconsoleError, match="took too long"):
        await desk.work.add_note(number, "words")

    holder.rollback()
    await desk.work.add_note(number, "words")
