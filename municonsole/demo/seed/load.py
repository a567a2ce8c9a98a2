"""Fills a new database in one transaction: all of the seed is there afterwards, or nothing of it.

COPY goes to the partitions themselves and freezes its rows, which the tables' being emptied in the
same transaction allows: the vacuum at the end has next to nothing to do, and a server that keeps its
journal for no replica writes nothing twice. Indexes and foreign keys are made at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg

from municonsole.db.connection import connect_sync
from municonsole.db.migrate import use_search_path
from municonsole.demo.seed import rows
from municonsole.demo.seed.bare import strip
from municonsole.demo.seed.calendars import draw_up
from municonsole.demo.seed.cast import Cast, cast
from municonsole.demo.seed.populate import populate
from municonsole.demo.seed.tickets import generate
from municonsole.demo.seed.world import TOWNS, Town
from municonsole.demo.seed.writer import write
from municonsole.domain.errors import MuniconsoleError, Unreachable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_Connection = psycopg.Connection[tuple[object, ...]]


def run(
    dsn: str,
    password: str | None,
    *,
    tickets: int = 5000,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
    now: datetime | None = None,
) -> None:
    """Fill the database at `dsn`, which `db.migrate.upgrade` has just made, as its owner.

    The same `seed` and the same `now` (aware; the clock's time when None) give the same rows.
    `progress` is told how many of how many tickets are written. Raises MuniconsoleError when the
    database already has a municipality, Unreachable when the connection is lost.
    """
    present = now or datetime.now(UTC)
    until = (present - _EPOCH) // _MICROSECOND
    rng = Random(seed)  # noqa: S311 — the same seed must give the same data; nothing here is secret
    with _explained(), connect_sync(dsn, password=password, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("set local role muni_owner")
            use_search_path(connection)
            _refuse_used(connection)
            casts = [_staged(connection, town, present) for town in TOWNS]
            connection.execute(f"truncate {', '.join(_tables())} cascade")
            put_back = strip(connection, _tables())
            told = generate(rng, casts, tickets, until)
            _set_sequences(connection, write(connection, told, tickets, until, progress))
            connection.execute("set local maintenance_work_mem = '256MB'")
            for statement in put_back:
                connection.execute(statement)
        connection.execute("set role muni_owner")
        connection.execute(f"vacuum (analyze) {', '.join(_tables(partitions=False))}")


def _staged(connection: _Connection, town: Town, now: datetime) -> Cast:
    municipality_id, team_ids = populate(connection, town)
    policies = draw_up(connection, town, municipality_id, now)
    # As if a worker had been at it until a moment ago, so that the first console does not find it stale.
    connection.execute(
        """
        insert into muni.jobs (municipality_id, name, done_at, done_by)
        select %s, j.name, %s, 'worker' from (values ('sweep'), ('upkeep')) as j (name)
        """,
        (municipality_id, now),
    )
    return cast(town, municipality_id, team_ids, policies)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.DiskFull:
        raise MuniconsoleError(
            "the disk is full: nothing was kept; take fewer tickets (a million needs some 5 GB) or make room"
        ) from None
    except psycopg.OperationalError:
        raise Unreachable(
            "the connection was lost while the demo's tickets were written; nothing was kept"
        ) from None


def _refuse_used(connection: _Connection) -> None:
    if connection.execute("select from muni.municipalities limit 1").fetchone() is not None:
        raise MuniconsoleError(
            "this database already has a municipality: the demo's tickets go into a new one only"
        )


def _tables(*, partitions: bool = True) -> list[str]:
    """Everything that is written by COPY; partitioned tables by their own name, and by parts too."""
    parts = [table.name for side in (rows.TICKETS, rows.SEARCH, rows.EVENTS) for table in side]
    names = [table.name for table in rows.ALL if table.name not in parts]
    names += ["tickets", "ticket_search", "ticket_events", *(parts if partitions else [])]
    return [f"muni.{name}" for name in names]


def _set_sequences(connection: _Connection, last_ids: tuple[int, int]) -> None:
    for side, last_id in zip(("municipal", "sensitive"), last_ids, strict=True):
        if last_id:
            connection.execute(
                "select setval(%s::regclass, %s)", (f"muni.ticket_events_{side}_id", last_id)
            )
