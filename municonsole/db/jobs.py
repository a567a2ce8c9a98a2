"""The jobs of the house, each on a short connection of its own, a transaction a municipality."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeAlias, TypeVar

import psycopg
from psycopg.rows import class_row

from municonsole.db import migrate
from municonsole.db.connection import connect_sync
from municonsole.db.errors import translate
from municonsole.db.silence import Listener, Patience
from municonsole.domain.errors import NotAnOperator
from municonsole.domain.jobs import KeptUp, Swept

Connect: TypeAlias = Callable[[], Awaitable[psycopg.AsyncConnection[Any]]]
"""Makes a logged-in AUTOCOMMIT connection with a statement timeout."""

Fresh: TypeAlias = Callable[[], timedelta | None]
"""How recent the last time may be for a job not to be due; None for what the law says."""

Found = TypeVar("Found", Swept, KeptUp)

_LONGEST: Final = 60.0
"""Seconds that the server allows the work for one municipality, as `jobs.chores` asks it to."""


async def sweep(
    connect: Connect, fresh: Fresh, tell: Callable[[Swept], None], ending: Callable[[], bool]
) -> None:
    """Look after the clocks of one municipality after the other, until none is due or all is ending.

    Raises Unreachable and whatever else `translate` makes of an error; what was done stays done.
    """
    await _each(connect, b"select * from muni.sweep_sla(%s)", Swept, fresh, tell, ending)


async def upkeep(
    connect: Connect, fresh: Fresh, tell: Callable[[KeptUp], None], ending: Callable[[], bool]
) -> None:
    """Do the daily work of one municipality after the other; as `sweep`."""
    await _each(connect, b"select * from muni.run_upkeep(%s)", KeptUp, fresh, tell, ending)


async def _each(
    connect: Connect,
    call: bytes,
    kind: type[Found],
    fresh: Fresh,
    tell: Callable[[Found], None],
    ending: Callable[[], bool],
) -> None:
    connection = await connect()
    listener = Listener(connect, Patience.beyond(_LONGEST))
    try:
        cursor = connection.cursor(row_factory=class_row(kind))
        while True:
            with listener.listening(connection):
                found = await (await cursor.execute(call, (fresh(),))).fetchone()
            if found is None:
                return
            tell(found)
            if ending():
                return
    except psycopg.Error as error:
        raise translate(error) from None
    finally:
        await connection.close()


def require_worker(dsn: str, password: str | None, connect_timeout: int) -> None:
    """Raise unless `dsn` logs in as the worker: NotAnOperator; SchemaMismatch where that is amiss."""
    with connect_sync(dsn, password=password, connect_timeout=connect_timeout) as connection:
        row = connection.execute(
            "select pg_has_role(oid, 'member') from pg_roles where rolname = 'muni_worker'"
        ).fetchone()
        if row == (False,):
            raise NotAnOperator(
                "this login is not in muni_worker, as which the worker runs; "
                "an open console looks after the clocks as well"
            )
        migrate.require_current(migrate.version_of(connection) if row else None)
