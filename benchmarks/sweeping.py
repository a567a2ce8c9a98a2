"""A field of open tickets, some of them late, and three ways to escalate those.

Through the law's sweep; by the bare set-based statements that write the same rows without asking,
locking or linking anything; and by loading all open tickets and escalating the late ones one by one.
"""

from __future__ import annotations

import resource
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import Column, Engine, MetaData, Table, create_engine, func, inspect, select
from sqlalchemy.orm import Session, registry
from sqlalchemy.pool import StaticPool

Connection = psycopg.Connection[Any]

TICKETS = """
insert into muni.tickets (
    id, municipality_id, is_sensitive, tracking_number, category, description, reporter_phone, created_at,
    updated_at, chain, last_seq, assigned_team_id, sla_policy_id, sla_response_deadline,
    sla_resolution_deadline, sla_response_warning_at, sla_resolution_warning_at
)
select
    x.id, tm.municipality_id, false, 'TKT-20260101-' || upper(lpad(to_hex(n), 6, '0')), tm.category,
    'Water runs down the street at the corner, since the morning', '+2782' || lpad(n::text, 7, '0'),
    c.at, c.at, sha256(convert_to(x.id::text, 'UTF8')), 1, tm.id, muni._policy(tm.municipality_id, tm.category),
    c.at + interval '24 h', c.at + interval '168 h', c.at + interval '19 h', c.at + interval '134 h'
from generate_series(1, %(tickets)s) as n
cross join lateral (select gen_random_uuid() as id where n > 0) as x
cross join lateral (select now() - interval '18 h' * random() * sign(n) as at) as c
join (
    select t.*, row_number() over (order by t.id) - 1 as place, count(*) over () as of
    from muni.teams as t
    join muni.operators as o on o.username = t.manager and o.is_active
    where not t.is_saps and t.municipality_id = (select min(id) from muni.municipalities)
) as tm on tm.place = n %% tm.of
"""
EVENTS = """
insert into muni.ticket_events (
    id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, to_status, chain
)
select
    nextval('muni.ticket_events_municipal_id'), t.municipality_id, false, t.id, 1, 'created', 'bench', 'intake',
    t.created_at, 'open', t.chain
from muni.tickets as t
where t.is_sensitive = false and t.reporter_phone like '+2782%%'
"""
LATE = """
update muni.tickets set
    sla_response_deadline = now() - interval '90 min', sla_response_warning_at = now() - interval '2 h'
where
    is_sensitive = false
    and tracking_number between 'TKT-20260101-' || upper(lpad(to_hex(%(first)s::int), 6, '0'))
    and 'TKT-20260101-' || upper(lpad(to_hex(%(last)s::int), 6, '0'))
"""

BARE = """
with escalated as (
    update muni.tickets as t set
        status = 'escalated', escalated_at = now(), updated_at = now(), version = t.version + 2,
        last_seq = t.last_seq + 2, assigned_to = tm.manager, sla_response_breached_at = t.sla_response_deadline,
        escalation_reason = format(
            'response_breach (overdue by %s h)',
            round(extract(epoch from now() - t.sla_response_deadline) / 3600, 1)
        ),
        chain = sha256('bench')
    from muni.teams as tm
    where
        t.is_sensitive = false and t.next_sweep <= now() and tm.id = t.assigned_team_id
        and t.municipality_id = (select min(id) from muni.municipalities)
    returning t.id, t.municipality_id, t.last_seq, t.assigned_team_id, t.assigned_to
),

events as (
    insert into muni.ticket_events (
        id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, from_status, to_status, team_id,
        assignee, data, chain
    )
    select
        nextval('muni.ticket_events_municipal_id'), e.municipality_id, false, e.id, e.last_seq + x.step, x.kind,
        'system', 'sweep', now(), x.from_status, x.to_status, x.team_id, x.assignee, x.data, sha256('bench')
    from escalated as e
    cross join lateral (
        values
        (
            -1, 'sla_breached', 'open', 'escalated', null::int, null::name,
            jsonb_build_object('clock', 'response', 'level', 1, 'overdue_seconds', 5400)
        ),
        (0, 'assigned', null, null, e.assigned_team_id, e.assigned_to, '{"because": "breach"}')
    ) as x (step, kind, from_status, to_status, team_id, assignee, data)
    returning id, municipality_id, ticket_id, to_status
),

alerts as (
    insert into muni.alerts (municipality_id, recipient, ticket_id, kind, clock, level, at)
    select e.municipality_id, e.assigned_to, e.id, 'breach', 'response', 1, now() from escalated as e
),

notices as (
    insert into muni.notifications (municipality_id, ticket_id, event_id)
    select e.municipality_id, e.ticket_id, e.id from events as e where e.to_status = 'escalated'
)

select count(*) from escalated
"""


def fill(owner: Connection, tickets: int) -> None:
    """Write so many open tickets with their first event, none of them late; `owner` is muni_owner."""
    owner.execute(TICKETS, {"tickets": tickets})
    owner.execute(EVENTS)
    owner.execute(
        "create index on muni.tickets_municipal (escalated_at)"
    )  # for the bare statements
    owner.execute("create index on muni.ticket_events_municipal (at)")
    owner.execute("vacuum analyze muni.tickets, muni.ticket_events")


def let_be_late(owner: Connection, first: int, count: int) -> None:
    """Let the tickets from number `first` on have missed their response an hour and a half ago."""
    owner.execute(LATE, {"first": first, "last": first + count - 1})


def sweep(worker: Connection) -> tuple[float, int]:
    """Seconds that the law's sweep takes, and how many breaches it finds."""
    began = time.perf_counter()
    breached = 0
    while row := worker.execute(
        "select breached from muni.sweep_sla(%s)", (timedelta(seconds=time.perf_counter() - began),)
    ).fetchone():
        breached += row[0]
    return time.perf_counter() - began, breached


def bare(owner: Connection) -> tuple[float, int]:
    """Seconds that the bare statements take, and how many tickets they escalate."""
    owner.execute("set plan_cache_mode = force_generic_plan")
    began = time.perf_counter()
    row = owner.execute(BARE).fetchone()
    return time.perf_counter() - began, row[0] if row else 0


def warm(owner: Connection) -> None:
    """Read the field once, as a server has that runs for longer than a minute; what was cached goes with a copy."""
    owner.execute("select count(t.description) from muni.tickets as t where t.is_sensitive = false")
    owner.execute("select count(*) from muni.ticket_events as e where e.is_sensitive = false")


def peak() -> float:
    """The most memory this process has had so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ---------------------------------------------------------------------------- one by one


def _mapped(engine: Engine, name: str, *only: str) -> Any:  # noqa: ANN401  its attributes are the columns
    """A class for a table with all of its columns or these, as a program maps it that has no law."""
    there = inspect(engine)
    key = there.get_pk_constraint(name, schema="muni")["constrained_columns"]
    columns = (
        Column(column["name"], column["type"], primary_key=column["name"] in key)
        for column in there.get_columns(name, schema="muni")
        if not only or column["name"] in only
    )
    kind = type(name.capitalize(), (), {})
    registry().map_imperatively(kind, Table(name, MetaData(), *columns, schema="muni"))
    return kind


def one_by_one(connect: Callable[[], Connection]) -> tuple[float, int, float]:
    """Seconds, escalated tickets and megabytes of loading all open tickets and escalating the late ones.

    As an ORM is used: a query for the open ones, a judgement in Python, a transaction a ticket.
    """
    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=StaticPool)
    ticket, event, alert, notice = (
        _mapped(engine, name) for name in ("tickets", "ticket_events", "alerts", "notifications")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it does not know the type of an area, which is left out
        team = _mapped(engine, "teams", "id", "manager")
    before = peak()
    began = time.perf_counter()
    with Session(engine, expire_on_commit=False) as session:
        now = datetime.now(UTC)
        found = session.scalars(
            select(ticket).where(
                ticket.is_sensitive.is_(False),
                ticket.status.in_(("open", "in_progress", "on_hold", "escalated")),
            )
        ).all()
        late = [one for one in found if _is_late(one, now)]
        for one in late:
            session.refresh(one, with_for_update=True)
            its_team = session.get_one(team, one.assigned_team_id, populate_existing=True)
            _escalate(session, one, its_team.manager, event, alert, notice)
            session.commit()
    taken = time.perf_counter() - began
    engine.dispose()
    return taken, len(late), peak() - before


def _is_late(ticket: Any, now: datetime) -> bool:  # noqa: ANN401
    return (
        ticket.first_responded_at is None
        and ticket.sla_response_breached_at is None
        and bool(ticket.sla_response_deadline < now)
    )


def _escalate(
    session: Session,
    ticket: Any,  # noqa: ANN401
    manager: str,
    event: Callable[..., Any],
    alert: Callable[..., Any],
    notice: Callable[..., Any],
) -> None:
    now = datetime.now(UTC)
    common = {"municipality_id": ticket.municipality_id, "is_sensitive": False}
    history = {
        **common,
        "ticket_id": ticket.id,
        "actor": "system",
        "via": "sweep",
        "at": now,
        "chain": b"0" * 32,
    }
    breach = event(
        id=session.scalar(select(func.nextval("muni.ticket_events_municipal_id"))),
        seq=ticket.last_seq + 1,
        kind="sla_breached",
        from_status=ticket.status,
        to_status="escalated",
        data={"clock": "response", "level": 1, "overdue_seconds": 5400},
        **history,
    )
    handed = event(
        id=session.scalar(select(func.nextval("muni.ticket_events_municipal_id"))),
        seq=ticket.last_seq + 2,
        kind="assigned",
        team_id=ticket.assigned_team_id,
        assignee=manager,
        data={"because": "breach"},
        **history,
    )
    session.add_all((breach, handed))
    ticket.status, ticket.escalated_at, ticket.updated_at = "escalated", now, now
    ticket.escalation_reason = "response_breach (overdue by 1.5 h)"
    ticket.assigned_to = manager
    ticket.sla_response_breached_at = ticket.sla_response_deadline
    ticket.version += 2
    ticket.last_seq += 2
    session.flush()  # keys come before what refers to them
    told = {**common, "ticket_id": ticket.id}
    session.add(alert(recipient=manager, kind="breach", clock="response", level=1, at=now, **told))
    session.add(notice(event_id=breach.id, state="pending", queued_at=now, **told))
