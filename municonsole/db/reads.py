"""Prepared reads of one ticket and of the people and teams around it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    bindparam,
    func,
    null,
    select,
    text,
)

from municonsole.db.tables import (
    operators,
    schema_version,
    teams,
    ticket_events,
    ticket_notes,
    tickets,
)


def _timeline(events: FromClause, note: ColumnElement[Any] | None) -> Select[Any]:
    e = events.c
    source = events.outerjoin(teams, teams.c.id == e.team_id).outerjoin(
        operators, operators.c.username == e.assignee
    )
    if note is not None:
        source = source.outerjoin(ticket_notes, ticket_notes.c.event_id == e.id)
    return (
        select(
            e.seq,
            e.at,
            e.kind,
            e.actor,
            e.via,
            e.from_status,
            e.to_status,
            teams.c.name.label("team_name"),
            operators.c.full_name.label("assigned_to_name"),
            (null() if note is None else note).label("note"),
            e.data,
        )
        .select_from(source)
        .order_by(e.seq.desc())
    )


_ticket = (
    select(tickets.c.id)
    .where(tickets.c.tracking_number == bindparam("number", type_=Text))
    .scalar_subquery()
)

HISTORY = _timeline(ticket_events, ticket_notes.c.note).where(ticket_events.c.ticket_id == _ticket)
"""A ticket's timeline, newest first."""

SAPS_HISTORY = _timeline(ticket_events, None).where(ticket_events.c.ticket_id == _ticket)
"""The same without notes: SAPS has no right on municipal ones, its own are read by an opening."""

OPENED_HISTORY = _timeline(
    func.muni.read_confidential_events(bindparam("opening", type_=Uuid))
    .table_valued(*(Column(column.name, column.type) for column in ticket_events.columns))
    .alias("opened"),
    None,
)
"""The timeline of an opened GBV report, for whom no read shows it."""

# Of this ticket: events of the two sides of the wall have ids of their own, which may be the same.
EVENT = (
    select(ticket_events.c.from_status, ticket_events.c.to_status, ticket_events.c.team_id)
    .join(tickets, tickets.c.id == ticket_events.c.ticket_id)
    .where(
        ticket_events.c.id == bindparam("event", type_=BigInteger),
        tickets.c.tracking_number == bindparam("number", type_=Text),
    )
)

TEAMS = select(
    teams.c.id, teams.c.name, teams.c.category, teams.c.is_saps, teams.c.is_active
).order_by(teams.c.name)

COLLEAGUES = (
    select(operators.c.username, operators.c.full_name, operators.c.role, operators.c.team_id)
    .where(operators.c.is_active)
    .order_by(operators.c.full_name)
)

STAFF = select(
    operators.c.username,
    operators.c.full_name,
    operators.c.role,
    operators.c.team_id,
    operators.c.is_active,
).order_by(operators.c.full_name)

TRANSITIONS = text("""
    select s.from_status, s.to_status
    from muni.status_transitions as s
    where (select me.role from muni.whoami() as me) = any(s.roles)
""")

SCHEMA_VERSION = select(schema_version.c.version_num)

HAS_SCHEMA = text("select to_regclass('muni.schema_version') is not null as present")

LOGIN = text("""
    select
        (select v.version_num from muni.schema_version as v) as schema_version,
        me.*,
        array(
            select distinct p.proname::text
            from pg_catalog.pg_proc as p
            where
                p.pronamespace = 'muni'::regnamespace
                and p.proname = any(:names)
                and has_function_privilege(p.oid, 'execute')
        ) as permissions
    from muni.whoami() as me
""")
"""Schema version, operator and which of the named functions they may call: one trip to the server."""

SEARCH = select(func.muni.search_tickets(bindparam("query", type_=Text), bindparam("limit")))

READ_REPORT = text("select * from muni.read_confidential_report(:opening)").bindparams(
    bindparam("opening", type_=Uuid)
)
FRESH_OPENING = text("select opening, ticket_id from muni.fresh_opening(:number)").bindparams(
    bindparam("number", type_=Text)
)
READ_NOTES = text("select * from muni.read_confidential_notes(:opening)").bindparams(
    bindparam("opening", type_=Uuid)
)
