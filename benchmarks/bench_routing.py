"""Ten thousand tickets routed in one statement against one by one, and what routing adds to logging one."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time

import psycopg
from harness import Pair, demo, pair

from municonsole.demo.server import Demo

BATCH = int(os.environ.get("BENCH_BATCH", "10000"))

LOG = b"""
    select muni.log_ticket('water', 'medium', 'a leak', latitude => %s, longitude => %s)
"""
ROUTE = b"select count(r.team_id) from muni._route(%s::uuid [], false) as r"

Connection = psycopg.AsyncConnection[tuple[object, ...]]


async def main(up: Demo) -> list[Pair]:
    """The pairs of this benchmark."""
    owner = await _connect(up, up.owner.username, up.owner.password)
    await owner.execute("set role muni_owner")
    rows = await (
        await owner.execute(
            "select t.id from muni.tickets as t where t.is_sensitive = false"
            " and t.status in ('open', 'in_progress', 'on_hold', 'escalated')"
            " and t.municipality_id = 1 order by t.id limit %s",
            (BATCH,),
        )
    ).fetchall()
    ids = [row[0] for row in rows]
    found = [await _together(owner, ids)]
    found.append(await _logging(up, owner))
    await owner.close()
    return found


async def _together(owner: Connection, ids: list[object]) -> Pair:
    """All of them in one statement; each in a statement of its own."""
    once = []
    for _ in range(3):
        started = time.perf_counter()
        await owner.execute(ROUTE, (ids,))
        once.append((time.perf_counter() - started) * 1000)
    started = time.perf_counter()
    for ticket in ids:
        await owner.execute(ROUTE, ([ticket],))
    singly = (time.perf_counter() - started) * 1000
    print(f"{len(ids)} tickets, {len(ids) and singly / len(ids):.2f} ms for one alone")
    # As a part of one by one: the fewer the better.
    return Pair(
        f"{len(ids)} routed in one statement", "one by one", statistics.median(once), singly, 0.5
    )


async def _logging(up: Demo, owner: Connection) -> Pair:
    """A report that is routed by its place, beside one of a category that no team takes."""
    login = up.login("operator")
    operator = await _connect(up, login.username, login.password)
    place = await (
        await owner.execute(
            "select t.latitude, t.longitude from muni.tickets as t join muni.operators as o"
            " on o.municipality_id = t.municipality_id where o.username = %s and t.category = 'water'"
            " and t.latitude is not null and t.is_sensitive = false limit 1",
            (login.username,),
        )
    ).fetchone()
    await owner.execute(
        "update muni.teams set is_active = false where category in ('other', 'sanitation')"
    )
    bare = LOG.replace(b"water", b"sanitation")
    try:
        return await pair(
            "log_ticket, routed",
            lambda: operator.execute(LOG, place),
            "log_ticket without a team to route to",
            lambda: operator.execute(bare, place),
            budget=2.0,
            rounds=200,
        )
    finally:
        await operator.close()


async def _connect(up: Demo, username: str, password: str) -> Connection:
    return await psycopg.AsyncConnection.connect(
        up.dsn(username), password=password, autocommit=True, prepare_threshold=0
    )


if __name__ == "__main__":
    with demo() as running:
        verdicts = [found.report() for found in asyncio.run(main(running))]
    sys.exit(0 if all(verdicts) else 1)
