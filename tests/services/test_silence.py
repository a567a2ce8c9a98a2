"""A line on which nothing comes back any more, though nobody has closed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from support.database import Database, Server
from support.proxy import Network
from support.waiting import until

from municonsole.db import connection, jobs
from municonsole.db.session import Session
from municonsole.db.silence import Patience
from municonsole.domain.errors import MuniconsoleError, Unanswered, Unreachable
from municonsole.domain.jobs import Swept

READ = text("select count(*) from muni.tickets where :words = :words")
NOTE = text("select muni.add_note(id, :words) from muni.tickets")
WORDS = "a plumber comes at noon"
SHORT = Patience(silent=0.2, longest=30)

Open = Callable[[Patience], Session]


@pytest.fixture
def network(database: Database) -> Iterator[Network]:
    """What lies between the console and the server."""
    made = Network(database.host, database.port)
    yield made
    made.close()


@pytest.fixture
async def session_of(database: Database, network: Network) -> AsyncIterator[Open]:
    """An operator's session over that network; one ticket is there."""
    database.connect("tvd_operator").execute("select muni.log_ticket('water', 'low', 'a leak')")
    dsn = make_conninfo(database.dsn("tvd_operator"), host="127.0.0.1", port=network.port)
    connect = partial(
        connection.connect, dsn, password=database.password("tvd_operator"), connect_timeout=2
    )
    opened: list[Session] = []

    def session_of(patience: Patience) -> Session:
        opened.append(Session(connect, patience))
        return opened[-1]

    yield session_of
    for session in opened:
        await session.close()


def notes(database: Database) -> list[str]:
    rows = database.connect_owner().execute("select note from ticket_notes")
    return [note for (note,) in rows]


async def until_so(condition: Callable[[], bool]) -> None:
    """Until something is so, while the loop goes on."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for sends no event
            await asyncio.sleep(0.01)


async def count(session: Session) -> int:
    return int((await session.read(READ, {"words": WORDS}))[0][0])


@pytest.mark.parametrize("arrives", [False, True], ids=["before", "after"])
async def test_a_save_on_a_silent_line_is_given_up_with_one_sentence(
    database: Database, network: Network, session_of: Open, arrives: bool
) -> None:
    """It says that nobody knows; nothing is sent a second time; the next action connects anew."""
    session = session_of(SHORT)
    assert await count(session) == 1
    network.fall_silent(WORDS.encode(), arrives=arrives)
    with pytest.raises(Unanswered, match="lost while saving"):
        await session.write(NOTE, {"words": WORDS})
    assert network.silent
    assert not session.connected
    with pytest.raises(Unreachable):
        await count(session)

    network.mend()

    assert await count(session) == 1
    assert session.connected
    if arrives:
        until(lambda: notes(database) == [WORDS])
    else:
        assert notes(database) == []


async def test_a_read_on_a_silent_line_is_answered_by_another(
    network: Network, session_of: Open
) -> None:
    """As where a router has forgotten the line: the network is there, only this line is not."""
    session = session_of(SHORT)
    await count(session)
    network.fall_silent()
    network.mend()

    assert await count(session) == 1


async def test_a_server_that_is_still_at_it_is_waited_for(session_of: Open) -> None:
    """A long search is not a lost line, however often one asks."""
    session = session_of(SHORT)
    slow = text("select 'done' from pg_sleep(1.5)")

    assert (await session.read(slow))[0][0] == "done"


async def test_a_server_with_no_connection_left_is_waited_for(
    server: Server, database: Database, session_of: Open
) -> None:
    """It answers, if only that it is full."""
    session = session_of(SHORT)
    await count(session)
    others = [database.connect("tvd_operator") for _ in range(3)]
    limit = "alter role tvd_operator connection limit {}"
    server.admin.execute(limit.format(len(others) + 1))
    try:
        assert (await session.read(text("select 'done' from pg_sleep(1)")))[0][0] == "done"
    finally:
        server.admin.execute(limit.format(-1))


async def test_nothing_takes_longer_than_the_longest(session_of: Open) -> None:
    """Even where the server says that it is at it."""
    session = session_of(Patience(silent=0.2, longest=1))
    endless = text("select from pg_sleep(600)")
    with pytest.raises(Unanswered):
        await session.write(endless)
    with pytest.raises(MuniconsoleError):
        await session.read(endless)

    assert await count(session) == 1


async def test_a_caller_that_is_cancelled_does_not_undo_a_save_that_takes_long(
    server: Server, database: Database, session_of: Open
) -> None:
    """Nor does asking whether the server is still at it."""
    session = session_of(SHORT)
    slow = text("select muni.add_note(id, :words), pg_sleep(1) from muni.tickets")
    saving = asyncio.create_task(session.write(slow, {"words": WORDS}))
    at_it = (
        "select count(*) from pg_stat_activity"
        " where query ~ 'pg_sleep' and state = 'active' and usename = 'tvd_operator'"
    )
    await until_so(lambda: server.admin.execute(at_it).fetchone() == (1,))
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving

    assert await count(session) == 1
    assert notes(database) == [WORDS]


async def test_the_jobs_of_the_house_give_a_silent_line_up_too(
    database: Database, network: Network
) -> None:
    """The clocks are looked after again the next time, and nobody who leaves waits for them."""
    dsn = make_conninfo(database.dsn("tvd_operator"), host="127.0.0.1", port=network.port)
    connect = partial(
        connection.connect, dsn, password=database.password("tvd_operator"), connect_timeout=2
    )
    swept: list[Swept] = []
    network.fall_silent(b"sweep_sla")
    with pytest.raises(Unreachable):
        await jobs.sweep(connect, timedelta, swept.append, lambda: False)
    network.mend()
    await jobs.sweep(connect, timedelta, swept.append, lambda: True)

    assert len(swept) == 1


async def test_a_console_is_left_at_once_on_a_silent_line(
    network: Network, session_of: Open
) -> None:
    """Whoever quits does not wait for an answer that never comes."""
    session = session_of(Patience(silent=600, longest=600))
    await count(session)
    network.fall_silent(WORDS.encode())
    reading = asyncio.create_task(count(session))
    await until_so(lambda: network.silent)
    await session.close()

    with pytest.raises(Unreachable):
        await reading
