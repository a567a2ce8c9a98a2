"""An action through the law against its bare three statements: what the checks and the chain cost."""

from __future__ import annotations

import asyncio
import itertools
import sys
from collections.abc import Iterator
from uuid import uuid4

import psycopg
from harness import Pair, demo, pair

from municonsole.demo.server import Demo

Connection = psycopg.AsyncConnection[tuple[object, ...]]

STATUSES = ("in_progress", "on_hold")

# The bare way: what a program without the law would do in one transaction, on the same tables.
UPDATE = b"""
    update muni.tickets set status = %s, updated_at = clock_timestamp(), version = version + 1,
        first_responded_at = coalesce(first_responded_at, clock_timestamp())
    where id = %s and is_sensitive = false
"""
INSERT = b"""
    insert into muni.ticket_events
        (id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, from_status, to_status, chain)
    values (nextval('muni.ticket_events_municipal_id'), %s, false, %s, %s, 'status_changed', 'bench', 'console',
        clock_timestamp(), 'resolved', %s, sha256('bench'))
"""
SELECT = (
    b"select status, version from muni.tickets where id = %s and is_sensitive = false for update"
)


async def main(up: Demo) -> list[Pair]:
    """The pairs of this benchmark."""
    login = up.login("manager")
    operator = await _connect(up, login.username, login.password)
    owner = await _connect(up, up.owner.username, up.owner.password)
    await owner.execute("set role muni_owner")
    await owner.execute("set plan_cache_mode = force_generic_plan")
    tickets = await (
        await operator.execute(
            "select id, municipality_id from muni.tickets where status = 'resolved' limit 2000"
        )
    ).fetchall()
    through, bare = iter(tickets[::2]), iter(tickets[1::2])
    moves = itertools.cycle(STATUSES)
    try:
        return [
            await pair(
                "change_status through the law",
                lambda: _law(operator, through),
                "its bare three statements",
                lambda: _bare(owner, bare, moves),
                budget=1.3,
                rounds=400,
            )
        ]
    finally:
        await operator.close()
        await owner.close()


async def _connect(up: Demo, username: str, password: str) -> Connection:
    return await psycopg.AsyncConnection.connect(
        up.dsn(username), password=password, autocommit=True, prepare_threshold=0
    )


async def _law(operator: Connection, tickets: Iterator[tuple[object, ...]]) -> None:
    ticket, _ = next(tickets)
    # Under an attempt, as the console sends it.
    await operator.execute(
        b"select muni.change_status(%s, 'in_progress', attempt => %s)", (ticket, uuid4())
    )


async def _bare(
    owner: Connection, tickets: Iterator[tuple[object, ...]], moves: Iterator[str]
) -> None:
    ticket, municipality = next(tickets)
    status = next(moves)
    # In a pipeline: what is compared is the server's work, not the trips to it.
    async with owner.pipeline(), owner.transaction():
        await owner.execute(SELECT, (ticket,))
        await owner.execute(INSERT, (municipality, ticket, 1_000_000, status))
        await owner.execute(UPDATE, (status, ticket))


if __name__ == "__main__":
    with demo(tickets=50_000) as running:
        verdicts = [found.report() for found in asyncio.run(main(running))]
    sys.exit(0 if all(verdicts) else 1)
