"""The embedded scheduler, in a real loop against a real database."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import psycopg
import pytest
from jobs.conftest import Start, hurried, sweep, until
from law import desk, late
from psycopg import sql
from support import world
from support.database import Database, Server

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.db.jobs import Connect
from municonsole.jobs.chores import Chore, chores
from municonsole.jobs.scheduler import Scheduler


def swept_at(database: Database) -> list[object]:
    """When each municipality was last swept, by its number."""
    with database.connect_owner() as owner:
        return [
            at
            for (at,) in owner.execute(
                "select done_at from jobs where name = 'sweep' order by municipality_id"
            )
        ]


def holding_up(database: Database) -> psycopg.Connection:
    """A transaction that keeps every sweep waiting until it ends."""
    owner = database.connect(database.owner, autocommit=False)
    owner.execute("set role muni_owner")
    owner.execute("lock table muni.jobs in access exclusive mode")
    return owner


def is_waiting(server: Server, database: Database) -> bool:
    """Whether somebody waits for a lock in this database."""
    return desk.value(
        server.admin,
        "select exists (select from pg_stat_activity where datname = %s and wait_event_type = 'Lock')",
        database.dbname,
    )


async def test_what_is_late_is_found_without_anybody_asking(
    database: Database, start: Start, logged: list[logging.LogRecord]
):
    """A console that is open, or a worker that runs, is all it takes."""
    found = late.ticket(database, 3, phone="+27820000001")
    start()
    await until(lambda: late.row(database, found)["status"] == "escalated")
    await until(lambda: len(swept_at(database)) == 2 and None not in swept_at(database))

    assert [(record.getMessage(), record.job, record.breached) for record in logged] == [  # type: ignore[attr-defined]
        ("job done", "sweep", 1)
    ]


async def test_a_sweep_is_left_out_while_the_last_one_is_fresh(
    database: Database, start: Start, connect: Connect
):
    """However often consoles tick, a municipality is swept once in fifty seconds."""
    start(sweep(connect), *())
    await until(lambda: len(swept_at(database)) == 2 and None not in swept_at(database))
    before = swept_at(database)
    ticks = 0

    async def counted(ending: object) -> None:
        nonlocal ticks
        await chores(connect)[0].run(ending)  # type: ignore[arg-type]
        ticks += 1

    start(hurried(Chore("counted", counted, timedelta(1), timedelta(0), timedelta(0))))
    await until(lambda: ticks >= 3)

    assert swept_at(database) == before


async def test_stopping_waits_for_what_is_under_way(
    database: Database, server: Server, start: Start
):
    """The sweep that has begun is done to its end; no other municipality is begun after it."""
    found = late.ticket(database, 3)
    holder = holding_up(database)
    scheduler = start()
    await until(lambda: is_waiting(server, database))
    stopping = asyncio.create_task(scheduler.stop())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not stopping.done()
    holder.rollback()
    await stopping

    assert late.row(database, found)["status"] == "escalated"
    assert [at is not None for at in swept_at(database)] == [True, False]
    with database.connect_owner() as owner:
        assert (
            desk.value(
                owner,
                "select count(*) from pg_stat_activity where datname = current_database() and usename = %s",
                world.WORKER,
            )
            == 0
        )


async def test_no_key_waits_for_a_sweep(database: Database, server: Server, start: Start):
    """While the sweep hangs in the database, the desk in the same program reads and writes."""
    holder = holding_up(database)
    start()
    await until(lambda: is_waiting(server, database))
    at = await open_desk(Config(), database.dsn("tvd_operator"), database.password("tvd_operator"))
    try:
        assert await at.people.teams()
        assert is_waiting(server, database)
    finally:
        await at.close()
        holder.rollback()


async def test_ticks_that_come_meanwhile_are_one(start: Start):
    """One run at a time; what was missed while it worked is made up for by a single run."""
    go_on = asyncio.Event()
    running: list[int] = []
    begun = 0

    async def work(_: object) -> None:
        nonlocal begun
        begun += 1
        running.append(1)
        assert len(running) == 1
        await go_on.wait()
        running.pop()

    ticks = 0

    async def tick(_: object) -> None:
        nonlocal ticks
        ticks += 1

    never = timedelta(0)
    start(
        hurried(Chore("slow", work, never, never, never)),
        hurried(Chore("quick", tick, never, never, never)),
    )
    await until(lambda: ticks >= 20)
    assert begun == 1
    go_on.set()
    await until(lambda: begun >= 2)


async def test_a_login_refused_and_accepted_again_is_a_line_each_time_and_no_end(
    database: Database, start: Start, logged: list[logging.LogRecord]
):
    """While the database says no there are lines in the log; then work goes on by itself."""
    found = late.ticket(database, 3)
    role = sql.Identifier(world.WORKER)
    owner = database.connect(database.owner)
    owner.execute(sql.SQL("alter role {} nologin").format(role))
    try:
        start()
        await until(lambda: len(logged) >= 2)
    finally:
        owner.execute(sql.SQL("alter role {} login").format(role))
    await until(lambda: late.row(database, found)["status"] == "escalated")

    assert {record.getMessage() for record in logged[:2]} == {"job failed"}
    assert {record.levelname for record in logged[:2]} == {"WARNING"}
    for record in logged[:2]:
        assert record.error == (  # type: ignore[attr-defined]
            f"the database lets {world.WORKER} in no more: the login is switched off;"
            " an administrator can enable it"
        )


async def test_a_connection_that_is_lost_in_the_middle_is_made_anew(
    database: Database, server: Server, start: Start, logged: list[logging.LogRecord]
):
    """The server ends the sweep's session; the next tick does the work."""
    found = late.ticket(database, 3)
    holder = holding_up(database)
    start()
    await until(lambda: is_waiting(server, database))
    server.admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = %s",
        (database.dbname, world.WORKER),
    )
    await until(lambda: bool(logged))
    assert logged[0].error == "the connection to the database was lost"  # type: ignore[attr-defined]
    holder.rollback()
    await until(lambda: late.row(database, found)["status"] == "escalated")

    late.assert_told(database)


async def test_a_server_that_is_away_is_a_line_in_the_log(
    database: Database, start: Start, connect: Connect, logged: list[logging.LogRecord]
):
    """Nobody listens; then somebody does."""
    from municonsole.db import connection

    found = late.ticket(database, 3)
    is_there = False

    async def connecting() -> psycopg.AsyncConnection:
        return await (connect() if is_there else connection.connect("host=127.0.0.1 port=1"))

    start(connecting=connecting)
    await until(lambda: bool(logged))
    assert logged[0].error.startswith("the database at 127.0.0.1:1 cannot be reached")  # type: ignore[attr-defined]
    is_there = True
    await until(lambda: late.row(database, found)["status"] == "escalated")


async def test_a_sweep_that_takes_too_long_is_stopped(
    database: Database, connect: Connect, logged: list[logging.LogRecord]
):
    """A statement timeout bounds it: a stuck database keeps no console from closing."""

    async def short() -> psycopg.AsyncConnection:
        made = await connect()
        await made.execute("set statement_timeout = 50")
        return made

    holder = holding_up(database)
    await chores(short)[0].run(lambda: False)
    holder.rollback()

    assert [record.error for record in logged] == [  # type: ignore[attr-defined]
        "the database took too long and was stopped; narrow it down or try again"
    ]


async def test_a_fault_of_a_job_is_a_line_and_ends_nothing(
    start: Start, logged: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch, tmp_path
):
    """What breaks in a job leaves the console alone, and says where it broke without what it was about."""
    monkeypatch.setattr("municonsole.faults.log_file", lambda: tmp_path / "faults.log")

    async def broken() -> psycopg.AsyncConnection:
        raise ZeroDivisionError("words of a citizen")

    start(connecting=broken)
    await until(lambda: len(logged) >= 2)

    assert "citizen" not in str([vars(record) for record in logged])
    assert "ZeroDivisionError" in (tmp_path / "faults.log").read_text()


async def test_a_scheduler_that_was_never_started_stops(connect: Connect):
    """A console that is left at once ends at once."""
    await Scheduler(chores(connect)).stop()


def test_the_real_times_are_a_minute_and_a_day(connect: Connect):
    """Sweep every minute, upkeep daily and soon after the start, each spread over consoles."""
    swept, kept_up = chores(connect)

    assert (swept.name, swept.every) == ("sweep", timedelta(seconds=60))
    assert (kept_up.name, kept_up.every) == ("upkeep", timedelta(days=1))
    for chore in (swept, kept_up):
        assert timedelta(0) < chore.jitter < chore.every / 4
        assert chore.after < timedelta(minutes=1)
