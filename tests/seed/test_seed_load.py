"""Filling a database: reproducible, all or nothing, into a new one only, within its memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from seed.conftest import NOW, migrated
from support.database import Database, Server

from municonsole.db import migrate
from municonsole.demo import seed
from municonsole.domain.errors import MuniconsoleError

TABLES = (
    "municipalities", "teams", "operators", "sla_policies", "tracking_numbers", "tickets",
    "ticket_events", "ticket_notes", "ticket_search", "confidential_reports", "confidential_notes",
    "calendars", "calendar_windows", "calendar_holidays", "calendar_spans", "alerts", "jobs",
)  # fmt: skip


def _fill(database: Database, **how: object) -> None:
    seed.run(database.owner_dsn, database.owner_password, **how)


def _fingerprints(database: Database) -> dict[str, str]:
    """Give a digest of each table's rows; openings and events without the transaction that wrote them."""
    owner = database.connect_owner()
    queries = {table: f"select x::text from {table} as x order by 1" for table in TABLES}
    queries["confidential_openings"] = (
        "select (id, ticket_id, opened_by, opened_at)::text from confidential_openings order by 1"
    )
    queries["ticket_events"] = (
        "select (to_jsonb(x) - 'tx')::text from ticket_events as x order by x.is_sensitive, x.id"
    )
    queries["suburbs"] = "select x::text from suburbs as x order by 1"
    return {
        table: hashlib.sha256(repr(owner.execute(query).fetchall()).encode()).hexdigest()
        for table, query in queries.items()
    }


def test_the_same_seed_gives_the_same_demo(server: Server) -> None:
    """Two demos of one seed and one moment are equal to the last byte, those of two seeds are not."""
    prints = []
    for start, now in ((7, NOW), (7, NOW), (8, NOW), (7, NOW + timedelta(hours=1))):
        database = migrated(server)
        _fill(database, tickets=400, seed=start, now=now)
        prints.append(_fingerprints(database))
        server.drop(database)
    first, again, other, later = prints

    assert first == again
    assert first["tickets"] != other["tickets"]
    assert first["tickets"] != later["tickets"]
    assert first["operators"] == other["operators"]


def test_progress_goes_from_nothing_to_everything(blank_database: Database) -> None:
    """The bar moves forwards and ends when the last ticket is written."""
    migrate.upgrade(blank_database.owner_dsn, password=blank_database.owner_password)
    told: list[tuple[int, int]] = []

    _fill(blank_database, tickets=4321, progress=lambda done, of: told.append((done, of)), now=NOW)

    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (4321, 4321)
    assert {of for _, of in told} == {4321}


def test_a_demo_without_tickets_has_its_people(blank_database: Database) -> None:
    """With no ticket at all there are still two municipalities with their teams and people."""
    migrate.upgrade(blank_database.owner_dsn, password=blank_database.owner_password)

    _fill(blank_database, tickets=0, now=NOW)

    owner = blank_database.connect_owner()
    assert owner.execute("select count(*) from operators").fetchone() == (len(seed.people(1)),)
    assert owner.execute("select count(*) from tickets").fetchone() == (0,)


def test_a_database_in_use_is_not_filled(database: Database) -> None:
    """The seed never adds to a database that already has a municipality."""
    owner = database.connect_owner()
    before = owner.execute("select array_agg(code) from municipalities").fetchone()

    with pytest.raises(MuniconsoleError, match="already has a municipality"):
        _fill(database, tickets=10)

    assert owner.execute("select array_agg(code) from municipalities").fetchone() == before


def test_an_interrupted_filling_leaves_nothing_behind(blank_database: Database) -> None:
    """When filling is broken off the database is as empty as before, with every index in place."""
    migrate.upgrade(blank_database.owner_dsn, password=blank_database.owner_password)

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _fill(blank_database, tickets=3000, progress=interrupt)

    owner = blank_database.connect_owner()
    assert owner.execute("select count(*) from municipalities").fetchone() == (0,)
    assert owner.execute("select count(*) from tickets").fetchone() == (0,)
    assert migrate.check(blank_database.owner_dsn, password=blank_database.owner_password) == []


def test_a_full_disk_is_said_in_one_sentence(blank_database: Database) -> None:
    """Who asks for more tickets than the disk holds learns that, and keeps an empty database."""
    migrate.upgrade(blank_database.owner_dsn, password=blank_database.owner_password)

    def fill_up(done: int, of: int) -> None:
        raise psycopg.errors.DiskFull("could not extend file")

    with pytest.raises(MuniconsoleError, match="the disk is full: nothing was kept"):
        _fill(blank_database, tickets=10, progress=fill_up)

    owner = blank_database.connect_owner()
    assert owner.execute("select count(*) from municipalities").fetchone() == (0,)


def test_filled_tables_need_no_vacuum(seeded: Database) -> None:
    """Rows are frozen and the planner knows them, so that the first page is as fast as the last."""
    with psycopg.connect(seeded.owner_dsn, password=seeded.owner_password) as connection:
        pages, visible, rows = connection.execute("""
            select relpages, relallvisible, reltuples
            from pg_class where oid = 'muni.ticket_events_municipal'::regclass
        """).fetchone()

    assert rows > 25_000
    # The server makes up to 64 pages ahead of each COPY; those that stay empty are not marked.
    assert visible >= pages * 0.9


_MILLION = """
import resource, sys
from municonsole.demo import seed
dsn, password = sys.argv[1], sys.stdin.read()
seed.run(dsn, password, tickets=1_000_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture
def roomy_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A new database on the disk: a million tickets take 5 GB, which memory may not have."""
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    server = Server()
    try:
        server.start()
        database = migrated(server)
        yield database
        server.drop(database)
    finally:
        server.close()


@pytest.mark.prove
def test_a_million_tickets_fit_into_a_gigabyte(roomy_database: Database) -> None:
    """A province's worth of tickets is written with at most 1 GB of memory."""
    done = subprocess.run(
        [sys.executable, "-c", _MILLION, roomy_database.owner_dsn],
        input=roomy_database.owner_password,
        capture_output=True,
        text=True,
        check=True,
    )

    owner = roomy_database.connect_owner()
    assert owner.execute("select count(*) from tickets").fetchone() == (1_000_000,)
    assert int(done.stdout) <= 1024 * 1024
