"""A million open tickets are dated anew in one statement, beside the bare statements that store it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from law import desk
from law.municipal import apply, plan
from support.database import Database, Server

pytestmark = pytest.mark.prove

TICKETS = 1_000_000
FACTOR = 3.0
"""What working time, chains and events may cost beside writing the same rows without them."""

_FILL = """
    insert into tickets (
        municipality_id, is_sensitive, tracking_number, category, status, description, created_at, updated_at,
        chain, last_seq, sla_policy_id, sla_response_deadline, sla_resolution_deadline,
        sla_response_warning_at, sla_resolution_warning_at
    )
    select
        m.id, false, 'TKT-20260901-' || lpad(upper(to_hex(g)), 6, '0'), x.category, 'open', 'words', x.at, x.at,
        sha256(g::text::bytea), 1, p.id, x.at + p.response_target, x.at + p.resolution_target,
        x.at + p.response_target * 0.8, x.at + p.resolution_target * 0.8
    from generate_series(1, %s) as g
    join municipalities as m on m.code = 'tvd'
    cross join lateral (
        select
            now() - g * interval '7 seconds' as at,
            (array['water', 'roads', 'other', 'waste'])[1 + g %% 4] as category
    ) as x
    join sla_policies as p on p.id = _policy(m.id, x.category)
"""
_BARE = (
    """
    update tickets set
        sla_response_deadline = sla_response_deadline + interval '1 hour',
        sla_resolution_deadline = sla_resolution_deadline + interval '1 hour',
        sla_response_warning_at = sla_response_warning_at + interval '1 hour',
        sla_resolution_warning_at = sla_resolution_warning_at + interval '1 hour',
        chain = sha256(chain), last_seq = last_seq + 1, version = version + 1, updated_at = clock_timestamp()
    """,
    """
    insert into ticket_events (
        id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, data, chain
    )
    select
        nextval('ticket_events_municipal_id'), municipality_id, false, id, last_seq, 'recomputed', 'system',
        'console', updated_at, '{"from": {"response": 1, "resolution": 2}, "to": {"response": 3, "resolution": 4}}',
        chain
    from tickets
    """,
)


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The fixed world on the disk, which has room for a million tickets several times over."""
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    server = Server()
    try:
        server.start()
        database = server.fresh()
        yield database
        server.drop(database)
    finally:
        server.close()


@contextmanager
def timed(taken: dict[str, float], what: str) -> Iterator[None]:
    """Note how many seconds something took."""
    began = time.perf_counter()
    yield
    taken[what] = time.perf_counter() - began


def _bare(owner: psycopg.Connection) -> None:
    """Write as many rows without working anything out, and take them back."""
    owner.execute("begin")
    for statement in _BARE:
        owner.execute(statement)
    owner.execute("rollback")


def test_a_million_deadlines_are_recomputed_in_one_statement(
    roomy: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every open ticket gets the new calendar's deadlines, at most three times the bare writing."""
    owner, admin = roomy.connect_owner(), roomy.connect("tvd_admin")
    owner.execute(_FILL, (TICKETS,))
    owner.execute("vacuum (analyze) tickets")
    office = {"category": None, "calendar": "office", "response": 480, "resolution": 4320}
    apply(admin, plan(lambda p: p["policies"].__setitem__(2, office)))
    taken: dict[str, float] = {}
    with timed(taken, "bare"):
        _bare(owner)
    owner.execute("vacuum tickets")
    owner.execute("vacuum ticket_events")
    with timed(taken, "recompute"):
        counted = desk.value(admin, "select muni.recompute_clocks('tvd')")
    with timed(taken, "again"):
        again = desk.value(admin, "select muni.recompute_clocks('tvd')")
    wrong = desk.value(
        owner,
        "select count(*) from (select * from tickets order by id limit 5000) as x"
        " join tickets as t on t.id = x.id where t is distinct from muni._date_clocks(t)",
    )
    with capsys.disabled():
        print(  # noqa: T201  the figures are what this is run for
            f"\n{TICKETS:,} open tickets recomputed in {taken['recompute']:.1f} s "
            f"({taken['recompute'] / TICKETS * 1e6:.0f} µs each); the bare update and insert {taken['bare']:.1f} s; "
            f"again, with nothing to do, {taken['again']:.1f} s"
        )

    assert (counted, again, wrong) == (TICKETS, 0, 0)
    assert taken["recompute"] <= FACTOR * taken["bare"]
