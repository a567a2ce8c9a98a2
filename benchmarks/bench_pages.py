"""A page of tickets: through the service against raw psycopg, the last page against the first."""

from __future__ import annotations

import asyncio
import sys

import psycopg
from harness import Pair, demo, pair
from sqlalchemy.dialects.postgresql import psycopg as dialect

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.db import lists
from municonsole.demo.server import Demo
from municonsole.domain.filters import TicketFilter
from municonsole.domain.values import Sort
from municonsole.services.desk import Desk

LIMIT = 50


async def main(up: Demo) -> list[Pair]:
    """All pairs of this benchmark."""
    login = up.login("manager")
    desk = await open_desk(Config(), up.dsn(login.username), login.password)
    raw = await psycopg.AsyncConnection.connect(
        up.dsn(login.username), password=login.password, autocommit=True, prepare_threshold=0
    )
    try:
        pairs = [await _service(desk, raw)]
        pairs.extend([await _depth(desk, raw, sort) for sort in Sort])
        return pairs
    finally:
        await raw.close()
        await desk.close()


async def _service(desk: Desk, raw: psycopg.AsyncConnection[tuple[object, ...]]) -> Pair:
    everything = TicketFilter()
    compiled = lists.page_statement(everything, Sort.NEWEST, continued=False).compile(
        dialect=dialect.dialect()
    )
    statement = str(compiled).encode()
    parameters = {**compiled.params, "limit": LIMIT + 1}

    async def service() -> object:
        return await desk.tickets.page(everything, limit=LIMIT)

    async def bare() -> object:
        return await (await raw.execute(statement, parameters)).fetchall()

    return await pair("a page through the service", service, "raw psycopg", bare, budget=1.6)


async def _depth(desk: Desk, raw: psycopg.AsyncConnection[tuple[object, ...]], sort: Sort) -> Pair:
    everything = TicketFilter()
    last = await _last_cursor(desk, raw, sort)

    async def last_page() -> object:
        return await desk.tickets.page(everything, sort, limit=LIMIT, after=last)

    async def first_page() -> object:
        return await desk.tickets.page(everything, sort, limit=LIMIT)

    return await pair(f"last page, {sort.value}", last_page, "first page", first_page, budget=1.5)


async def _last_cursor(
    desk: Desk, raw: psycopg.AsyncConnection[tuple[object, ...]], sort: Sort
) -> str:
    """The cursor before the last full page, found from the other end of the order."""
    order = {
        Sort.NEWEST: "created_at, id",
        Sort.DEADLINE: "next_deadline desc, id desc",
        Sort.SEVERITY: "severity_rank, created_at, id",
        Sort.CHANGED: "updated_at, id",
    }[sort]
    found = await raw.execute(
        f"select tracking_number from muni.tickets order by {order} offset {LIMIT} limit 1".encode()
    )
    row = await found.fetchone()
    if row is None:
        raise SystemExit("there are too few tickets for a last page")
    return lists.cursor(await desk.tickets.row(str(row[0])), sort)


if __name__ == "__main__":
    with demo() as running:
        verdicts = [found.report() for found in asyncio.run(main(running))]
    sys.exit(0 if all(verdicts) else 1)
