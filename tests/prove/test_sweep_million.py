"""A million open tickets, ten thousand of them late: the sweep beside its floor and beside the usual way."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
import sweeping
from law import desk
from psycopg import sql
from support import world
from support.database import Database, Server

from municonsole.db import connection, jobs

pytestmark = pytest.mark.prove

TICKETS = int(os.environ.get("PROVE_TICKETS", "1000000"))
LATE = TICKETS // 100
ROUNDS = 3
ABOVE_THE_FLOOR = 2.0
FASTER = 40.0
MEGABYTES = 30.0
"""What a console may grow by while it sweeps, its own imports and buffers included."""


@pytest.fixture(scope="module")
def field(server: Server) -> Iterator[Database]:
    """Give a database with the field, nobody connected: others are copies of it."""
    database = server.fresh()
    try:
        owner = as_owner(database)
        sweeping.fill(owner, TICKETS)
        sweeping.let_be_late(owner, 1, LATE)
        owner.execute("vacuum analyze muni.tickets")
        database.close()
        yield database
    finally:
        server.drop(database)


@pytest.fixture
def copy(server: Server, field: Database) -> Iterator[Callable[[], Database]]:
    """Give copies of the field, one a way of doing it."""
    made: list[Database] = []

    def copied() -> Database:
        database = Database(
            field.host, field.port, f"{field.dbname}_{len(made)}", field.owner, field.passwords
        )
        server.admin.execute(
            sql.SQL("create database {} owner {} template {} strategy file_copy").format(
                *map(sql.Identifier, (database.dbname, field.owner, field.dbname))
            )
        )
        made.append(database)
        return database

    yield copied
    for database in made:
        server.drop(database)


def as_owner(database: Database) -> psycopg.Connection[Any]:
    """Act as muni_owner, without any time limit."""
    owner = database.connect(database.owner)
    owner.execute("set role muni_owner")
    return owner


def test_a_sweep_of_ten_thousand_breaches(
    copy: Callable[[], Database], capsys: pytest.CaptureFixture[str]
) -> None:
    """At most twice the bare statements, forty times faster than one by one, and the client stays as small."""
    swept, bare, loaded = copy(), copy(), copy()
    for database in (swept, bare, loaded):
        sweeping.warm(as_owner(database))
    before = sweeping.peak()
    connect = partial(
        connection.connect,
        swept.dsn(world.WORKER),
        password=swept.password(world.WORKER),
        statement_timeout=120,
    )
    times: tuple[list[float], list[float]] = ([], [])
    # Turn by turn, the next ten thousand each time; the best of each counts.
    for turn in range(ROUNDS):
        if turn:
            for database in (swept, bare):
                sweeping.let_be_late(as_owner(database), 1 + turn * LATE, LATE)
        for seconds, (took, found) in zip(
            times, (timed(connect), sweeping.bare(as_owner(bare))), strict=True
        ):
            assert found == LATE
            seconds.append(took)
    grown = sweeping.peak() - before
    taken, floor = map(min, times)
    slow, one_by_one, megabytes = sweeping.one_by_one(partial(as_owner, loaded))
    with capsys.disabled():
        print(  # noqa: T201  the figures are what this is run for
            f"\n{TICKETS:,} open, {LATE:,} late: swept in {taken:.2f} s, bare statements {floor:.2f} s "
            f"(ratio {taken / floor:.2f}), one by one {slow:.1f} s ({slow / taken:.0f} times); "
            f"the client grew by {grown:.1f} MB, one by one by {megabytes:,.0f} MB"
        )

    assert one_by_one == LATE
    with swept.connect_owner() as owner:
        for table in ("alerts", "notifications"):
            assert desk.value(owner, f"select count(*) from {table}") == ROUNDS * LATE
        assert desk.value(
            owner,
            "select count(*) from ticket_events where via = 'sweep' and kind = 'sla_breached'",
        ) == desk.value(owner, "select count(*) from tickets where status = 'escalated'")
    assert taken <= ABOVE_THE_FLOOR * floor
    assert slow >= FASTER * taken
    assert grown < MEGABYTES


def timed(connect: jobs.Connect) -> tuple[float, int]:
    """Seconds and breaches of a sweep as a console does it, by a connection of its own."""
    found: list[int] = []
    began = time.perf_counter()
    asyncio.run(
        jobs.sweep(
            connect,
            lambda: timedelta(seconds=time.perf_counter() - began),
            lambda one: found.append(one.breached or 0),
            lambda: False,
        )
    )
    return time.perf_counter() - began, sum(found)


def test_more_than_a_batch_is_swept_in_several_transactions(
    copy: Callable[[], Database],
) -> None:
    """Twenty thousand tickets a call: the job is done when the last call finds fewer."""
    database = copy()
    owner = as_owner(database)
    sweeping.let_be_late(owner, 1, min(50_000, TICKETS))
    worker = database.connect(world.WORKER)
    call = "select breached, more from muni.sweep_sla()"
    done = "select done_at is not null from muni.jobs where name = 'sweep' order by municipality_id"
    found = []
    while True:
        row = worker.execute(call).fetchone()
        assert row is not None
        found.append(row)
        assert desk.value(owner, done) == (not row[1])
        if not row[1]:
            break

    assert found == [(20_000, True), (20_000, True), (10_000, False)]


def test_a_million_deadlines_are_recomputed(
    copy: Callable[[], Database], capsys: pytest.CaptureFixture[str]
) -> None:
    """Another policy in office hours, applied to all open tickets by the administrator."""
    database = copy()
    owner = as_owner(database)
    owner.execute(
        """
        with office as (
            insert into muni.calendars (municipality_id, name, time_zone, is_always)
            select min(id), 'Office', 'Africa/Johannesburg', false from muni.municipalities
            returning id, municipality_id
        ),
        windows as (
            insert into muni.calendar_windows (calendar_id, weekday, opens_at, closes_at)
            select office.id, day, '08:00', '16:30' from office cross join generate_series(1, 5) as day
        ),
        replaced as (
            update muni.sla_policies as p set replaced_at = now() from office
            where p.municipality_id = office.municipality_id and p.replaced_at is null
            returning p.*
        )
        select 1
        """
    )
    owner.execute(
        """
        insert into muni.sla_policies (
            municipality_id, category, calendar_id, response_target, resolution_target
        )
        select c.municipality_id, null, c.id, interval '9 h', interval '90 h'
        from muni.calendars as c where c.name = 'Office'
        """
    )
    admin = database.connect("tvd_admin")
    began = time.perf_counter()
    count = desk.value(admin, "select muni.recompute_clocks('tvd')")
    taken = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n{count:,} deadlines recomputed in {taken:.1f} s")  # noqa: T201

    assert count == TICKETS
    assert (
        desk.value(owner, "select count(*) from muni.ticket_events where kind = 'recomputed'")
        == count
    )
    assert desk.value(admin, "select muni.recompute_clocks('tvd')") == 0
