"""What a plan, its row counts and a failing condition tell of rows one may not see: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from support.database import Database, Server

from law import desk

pytestmark = pytest.mark.law

MUNICIPAL = ("tvd_operator", "tvd_manager", "tvd_admin")
EXPLAIN = "explain (analyze, verbose, costs off, timing off, summary off, buffers off)"
NEVER_ISSUED = ("TKT-20260101-000000", "00000000-0000-0000-0000-000000000000")


@pytest.fixture(scope="module")
def told(server: Server) -> Iterator[tuple[Database, dict[str, desk.Story]]]:
    """A database with a ticket and a GBV report in each municipality; for looking only."""
    database = server.fresh()
    stories = desk.tell_stories(database)
    with psycopg.connect(
        server.cluster.superuser_dsn(database.dbname), autocommit=True
    ) as superuser:
        superuser.execute("analyze")
    yield database, stories
    server.drop(database)


@pytest.fixture
def walled(told: tuple[Database, dict[str, desk.Story]]) -> Iterator[Database]:
    """The told database, its connections closed after the test."""
    yield told[0]
    told[0].close()


@pytest.fixture
def secret(told: tuple[Database, dict[str, desk.Story]]) -> tuple[str, str]:
    """Number and id of the GBV report in `tvd`."""
    _, number, ticket, *_ = told[1]["tvd"].sensitive_marks
    return number, ticket


def plan(connection: psycopg.Connection, query: str) -> str:
    """What EXPLAIN ANALYZE shows of a query, whatever the session has switched off."""
    return "\n".join(str(line) for (line,) in connection.execute(f"{EXPLAIN} {query}"))


QUERIES = (
    "select 1 from muni.tickets where tracking_number = '{number}'",
    "select 1 from muni.tickets where id = '{ticket}'",
    "select 1 from muni.tickets where is_sensitive",
    "select 1 from muni.tickets where category = 'gbv'",
    "select 1 from muni.tickets where created_at > now() - interval '1 hour'",
    "select 1 from muni.tickets where assigned_team_id = 9 and status = 'on_hold'",
    "select 1 from muni.ticket_events where ticket_id = '{ticket}'",
    "select 1 from muni.ticket_events where id between 1 and 1000",
    "select count(*) from muni.tickets",
    "select 1 from muni.tickets order by next_deadline limit 1",
    "select 1 from muni.tickets tablesample system (100)",
    "select 1 from muni.tickets where ctid < '(1000,1)'",
    "select 1 from muni.tickets as t full join muni.ticket_events as e on e.ticket_id = t.id",
    "select 1 from muni.ticket_notes where ticket_id = '{ticket}'",
)
SWITCHES = (
    "enable_partition_pruning",
    "enable_seqscan",
    "enable_indexscan",
    "enable_bitmapscan",
    "enable_indexonlyscan",
    "enable_tidscan",
)


@pytest.mark.parametrize("login", MUNICIPAL)
@pytest.mark.parametrize("off", [(), *((name,) for name in SWITCHES), SWITCHES], ids=str)
def test_a_plan_never_touches_the_other_side(
    walled: Database, secret: tuple[str, str], login: str, off: tuple[str, ...]
) -> None:
    """EXPLAIN ANALYZE of a GBV number and of one never issued are the same, and name no walled partition."""
    person = walled.connect(login)
    person.execute("set constraint_exclusion = off")
    for name in off:
        person.execute(f"set {name} = off")
    for query in QUERIES:
        # The first to look takes index entries out of the way whose rows are gone, and reads more for it.
        plan(person, query.format(number=NEVER_ISSUED[0], ticket=NEVER_ISSUED[1]))
        plans = [
            plan(person, query.format(number=number, ticket=ticket))
            .replace(number, "X")
            .replace(ticket, "X")
            for number, ticket in (secret, NEVER_ISSUED)
        ]
        assert plans[0] == plans[1], query
        assert not re.search("(?<!is)_sensitive", plans[0]), query


@pytest.mark.parametrize("login", MUNICIPAL)
def test_a_plan_kept_from_before_touches_nothing_either(walled: Database, login: str) -> None:
    """A plan that was made with pruning off, and kept, shows no ticket when pruning is on again."""
    person = walled.connect(login)
    person.execute("set plan_cache_mode = force_generic_plan")
    person.execute("set enable_partition_pruning = off")
    person.execute("prepare p as select 1 from muni.tickets")
    person.execute("prepare e as select 1 from muni.ticket_events where id > 0")
    for setting in ("off", "on"):
        person.execute(f"set enable_partition_pruning = {setting}")
        for statement in ("execute p", "execute e"):
            assert not re.search("(?<!is)_sensitive", plan(person, statement))


def test_saps_plans_touch_no_municipal_ticket(walled: Database) -> None:
    """The wall has two sides: a liaison's plans do not touch the municipal partition."""
    saps = walled.connect("tvd_saps")
    for off in ((), SWITCHES):
        for name in off:
            saps.execute(f"set {name} = off")
        for query in QUERIES[:-1]:
            text = plan(saps, query.format(number=NEVER_ISSUED[0], ticket=NEVER_ISSUED[1]))
            assert not re.search("_municipal", text), query


@pytest.mark.parametrize("login", MUNICIPAL)
@pytest.mark.parametrize(
    "condition",
    [
        "tracking_number::int = 1 and tracking_number = '{number}'",
        "1 / (case when tracking_number = '{number}' then 0 else 1 end) = 1",
        "1 / (case when is_sensitive then 0 else 1 end) = 1",
        "1 / (case when category = 'gbv' then 0 else 1 end) = 1",
        "id = '{ticket}' and tracking_number::date is not null",
        "sqrt(case when is_sensitive then -1 else 1 end) = 1",
    ],
)
def test_an_error_is_no_answer(
    walled: Database, secret: tuple[str, str], login: str, condition: str
) -> None:
    """A condition that would fail on a hidden row does not fail: it is not asked about it."""
    person = walled.connect(login)
    for number, ticket in (secret, NEVER_ISSUED):
        query = condition.format(number=number, ticket=ticket)
        if "::int" in query:
            query = f"tracking_number = '{number}' and {query}"
        person.execute(f"select 1 from muni.tickets where {query}")
