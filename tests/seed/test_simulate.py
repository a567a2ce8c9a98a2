"""Residents who call and colleagues who work, while somebody looks at the demo."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from seed.conftest import create_logins, migrated
from support.database import Database, Server
from support.waiting import until

from municonsole.demo import seed
from municonsole.demo.simulate import simulate
from municonsole.domain.errors import InvalidInput, Unreachable

FAST = 30_000
"""Acts a minute: as fast as the database can."""


@dataclass(frozen=True)
class Person:
    username: str
    password: str
    role: str
    municipality: str


@pytest.fixture
def demo(server: Server) -> Iterator[Database]:
    """A small demo to change."""
    server.drop(server.fresh())
    database = migrated(server)
    seed.run(database.owner_dsn, database.owner_password, tickets=300)
    create_logins(database)
    yield database
    server.drop(database)


@pytest.fixture
def owner_of_demo(demo: Database) -> psycopg.Connection:
    """Somebody who sees everything that happens in it."""
    return demo.connect_owner()


def _people(demo: Database) -> list[Person]:
    return [
        Person(p.username, demo.password(p.username), p.role.value, p.municipality)
        for p in seed.people(1)
    ]


def _new_events(owner: psycopg.Connection, after: tuple[int, int]) -> list[tuple]:
    return owner.execute(
        """
        select e.kind, e.actor, o.role, e.is_sensitive
        from ticket_events as e left join operators as o on o.username = e.actor
        where (not e.is_sensitive and e.id > %s) or (e.is_sensitive and e.id > %s)
        """,
        after,
    ).fetchall()


def _last_ids(owner: psycopg.Connection) -> tuple[int, int]:
    return owner.execute("""
        select
            (select max(id) from ticket_events_municipal),
            (select coalesce(max(id), 0) from ticket_events_sensitive)
    """).fetchone()


async def test_everybody_works_as_themselves_on_what_they_may(
    demo: Database, owner_of_demo: psycopg.Connection
) -> None:
    """New tickets, moves, notes and assignments appear, by many hands, liaisons on GBV reports alone."""
    before = _last_ids(owner_of_demo)

    counts = await simulate(_people(demo), demo.dsn, rate=FAST, seconds=3, seed=5)

    events = _new_events(owner_of_demo, before)
    assert min(counts.logged, counts.moved, counts.noted, counts.assigned) > 0
    assert sum(kind == "created" for kind, *_ in events) == counts.logged
    assert sum(kind == "status_changed" for kind, *_ in events) == counts.moved
    assert sum(kind == "noted" for kind, *_ in events) == counts.noted
    assert {actor for _, actor, _, _ in events} <= {p.username for p in seed.people(1)}
    assert {role for kind, _, role, sensitive in events if sensitive and kind == "noted"} <= {
        "saps_liaison"
    }
    assert not [e for e in events if e[2] == "saps_liaison" and not e[3]]


async def test_it_ends_at_once_when_it_is_told_to(demo: Database) -> None:
    """Whoever stops it gets the counts so far, however long the next gap would have been."""
    stop = asyncio.Event()
    stop.set()

    counts = await simulate(_people(demo), demo.dsn, rate=0.001, stop=stop)

    assert counts.done == 0


async def test_a_server_that_goes_away_ends_it_with_one_sentence(
    demo: Database, owner_of_demo: psycopg.Connection, server: Server
) -> None:
    """When the demo's server is stopped the simulation says so and what to do."""
    before = _last_ids(owner_of_demo)
    running = asyncio.create_task(simulate(_people(demo), demo.dsn, rate=FAST))
    await asyncio.to_thread(until, lambda: bool(_new_events(owner_of_demo, before)))
    server.admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (demo.dbname,)
    )

    with pytest.raises(Unreachable, match="municonsole demo up"):
        await running


@pytest.mark.parametrize("rate", [0, -1, 1e9, float("nan")])
async def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    """A rate must be a number of acts a minute."""
    with pytest.raises(InvalidInput, match="a rate is more than 0"):
        await simulate([], str, rate=rate, seconds=1)


_PROGRAM = """
import json, sys
from types import SimpleNamespace
from municonsole.demo import simulate
from psycopg.conninfo import make_conninfo
given = json.load(sys.stdin)
people = [SimpleNamespace(**person) for person in given["people"]]
counts = simulate.run(
    people, lambda name: make_conninfo(given["dsn"], user=name), rate=6000, seed=1
)
print(counts.sentence())
"""


def test_ctrl_c_ends_it_with_a_count_and_no_word_of_anybody(
    demo: Database, owner_of_demo: psycopg.Connection
) -> None:
    """Ctrl-C stops the simulation in order; all that is told is how much was done."""
    before = _last_ids(owner_of_demo)
    given = json.dumps(
        {"dsn": demo.dsn("nobody"), "people": [person.__dict__ for person in _people(demo)]}
    )
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        program.stdin.write(given)
        program.stdin.close()
        program.stdin = None
        until(lambda: len(_new_events(owner_of_demo, before)) > 20)
        program.send_signal(signal.SIGINT)
        said, complained = program.communicate(timeout=60)

    assert program.returncode == 0
    assert complained == ""
    assert said.count("\n") == 1
    assert "tickets logged" in said
    assert "Resident" not in said


def test_histories_stay_whole_while_everybody_works(demo: Database) -> None:
    """Chains of demo tickets go on where the seed ended."""
    asyncio.run(simulate(_people(demo), demo.dsn, rate=FAST, seconds=1, seed=9))
    with psycopg.connect(demo.owner_dsn, password=demo.owner_password) as connection:
        connection.execute("set local role muni_owner")
        (broken,) = connection.execute("""
            with link as (
                select e.*, lag(e.chain) over (partition by ticket_id order by seq) as before
                from muni.ticket_events as e
            )
            select count(*) from link where chain is distinct from muni.event_digest(
                coalesce(before, sha256(convert_to(ticket_id::text, 'UTF8'))), seq, kind, actor,
                via, at, from_status, to_status, team_id, assignee, data, note_digest
            )
        """).fetchone()

    assert broken == 0
