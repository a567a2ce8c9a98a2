"""Statements of a supervisor's work: proposal, loads, board, many tickets at once, who is at work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    Text,
    TextClause,
    Uuid,
    bindparam,
    text,
)

from municonsole.db.calls import by_number_or_id
from municonsole.domain.supervising import RouteRule, Why

PROPOSE_TEAM = by_number_or_id("propose_team")
"""`team_id`, `team_name` and `route`, as routing records it."""


# A number that is hidden and one that was never issued stand for a ticket that is not there, so that the law
# refuses both, and keeps to all or nothing where either is among them.
def _many(call: str) -> TextClause:
    return text(f"""
        with named as materialized (
            select p.number, p.fact, p.place, coalesce(t.id, md5(p.number)::uuid) as id
            from unnest(:numbers, :facts) with ordinality as p (number, fact, place)
            left join muni.tickets as t on t.tracking_number = p.number
        ),

        told as materialized (
            select array_agg(n.id order by n.place) as ids, array_agg(n.fact order by n.place) as facts
            from named as n
        )

        select n.number, r.event, r.sqlstate, r.sentence
        from told
        cross join lateral muni.{call} as r
        join named as n on n.id = r.id
        order by n.place
    """).bindparams(  # noqa: S608 — our own words
        bindparam("numbers", type_=ARRAY(Text)),
        bindparam("facts", type_=ARRAY(BigInteger)),
        bindparam("attempt", type_=Uuid),
    )


_atomic = bindparam("atomic", type_=Boolean)

ASSIGN_TICKETS = _many(
    "assign_tickets(told.ids, told.facts::int [], :team_id, :assignee, :reason, :atomic, :attempt)"
).bindparams(
    bindparam("team_id", type_=Integer),
    bindparam("assignee", type_=Text),
    bindparam("reason", type_=Text),
    _atomic,
)
CHANGE_STATUSES = _many(
    "change_statuses(told.ids, told.facts::int [], :to_status, :note, :atomic, :attempt)"
).bindparams(bindparam("to_status", type_=Text), bindparam("note", type_=Text), _atomic)
ADD_NOTES = _many("add_notes(told.ids, :note, :is_public, :atomic, :attempt)").bindparams(
    bindparam("note", type_=Text), bindparam("is_public", type_=Boolean), _atomic
)
UNDO_ASSIGNMENTS = _many("undo_assignments(told.ids, told.facts, :attempt)")
"""`facts` are the events that are taken back, of the others the versions that were seen."""

_UNFINISHED = "t.status in ('open', 'in_progress', 'on_hold', 'escalated')"
_HERE = "d.seen_at > clock_timestamp() - interval '3 minutes'"
_COUNTS = """
    count(*) as open,
    count(*) filter (where t.assigned_to is null) as unassigned,
    count(*) filter (where t.next_deadline >= now() and t.next_deadline < now() + interval '1 hour') as due_1h,
    count(*) filter (where t.next_deadline < now()) as breached,
    count(*) filter (where t.status = 'on_hold') as on_hold
"""
_today = bindparam("today", type_=DateTime(timezone=True))
_saps = bindparam("saps", type_=Boolean)

BOARD = text(f"""
    with work as (
        select t.assigned_team_id as team_id, {_COUNTS}
        from muni.tickets as t
        where {_UNFINISHED}
        group by t.assigned_team_id
    ),

    done as (
        select t.assigned_team_id as team_id, count(*) as resolved_today
        from muni.tickets as t
        where t.resolved_at >= :today
        group by t.assigned_team_id
    ),

    lines as (
        select tm.id, tm.name
        from muni.teams as tm
        where
            tm.is_saps = :saps
            and (
                tm.is_active
                or tm.id in (select w.team_id from work as w)
                or tm.id in (select x.team_id from done as x)
            )
        union all
        select null, null
    )

    select
        l.id, l.name, coalesce(w.open, 0) as open, coalesce(w.unassigned, 0) as unassigned,
        coalesce(w.due_1h, 0) as due_1h, coalesce(w.breached, 0) as breached,
        coalesce(w.on_hold, 0) as on_hold, coalesce(x.resolved_today, 0) as resolved_today, now() as at
    from lines as l
    left join work as w on w.team_id is not distinct from l.id
    left join done as x on x.team_id is not distinct from l.id
    order by l.name nulls last
""").bindparams(_today, _saps)  # noqa: S608 — our own words
"""One row a team that is active or has tickets, by name, and last the tickets without one."""

BOARD_PEOPLE = text(f"""
    with work as (
        select t.assigned_to as username, {_COUNTS}
        from muni.tickets as t
        where t.assigned_team_id = :team and {_UNFINISHED}
        group by t.assigned_to
    ),

    done as (
        select t.assigned_to as username, count(*) as resolved_today
        from muni.tickets as t
        where t.resolved_at >= :today and t.assigned_team_id = :team
        group by t.assigned_to
    )

    select
        o.username, o.full_name, coalesce(w.open, 0) as open, coalesce(w.breached, 0) as breached,
        coalesce(w.due_1h, 0) as due_1h, coalesce(w.on_hold, 0) as on_hold,
        coalesce(x.resolved_today, 0) as resolved_today,
        exists (select from muni.duties as d where d.username = o.username and {_HERE}) as here
    from muni.operators as o
    left join work as w on w.username = o.username
    left join done as x on x.username = o.username
    where
        (o.role = 'saps_liaison') = :saps
        and ((o.team_id = :team and o.is_active) or w.username is not null or x.username is not null)
    order by o.full_name, o.username
""").bindparams(bindparam("team", type_=Integer), _today, _saps)  # noqa: S608 — our own words
"""Who is in a team, and who else has tickets of it, by name."""

_LOADS = f"""
    with work as materialized (
        select
            t.assigned_team_id as team_id,
            t.assigned_to as username,
            count(*) as open,
            count(*) filter (where t.next_deadline < now()) as breached,
            count(*) filter (where t.next_deadline >= now() and t.next_deadline < :midnight) as due_today
        from muni.tickets as t
        where {_UNFINISHED}
        group by t.assigned_team_id, t.assigned_to
    )
"""  # noqa: S608 — our own words
_SUMS = """
    coalesce(sum(w.open), 0)::int as open,
    coalesce(sum(w.breached), 0)::int as breached,
    coalesce(sum(w.due_today), 0)::int as due_today
"""
_midnight = bindparam("midnight", type_=DateTime(timezone=True))

TEAM_LOADS = text(f"""
    {_LOADS}
    select
        tm.id, tm.name, tm.is_saps, {_SUMS},
        (select count(*)::int from muni.operators as o where o.team_id = tm.id and o.is_active) as people,
        (
            select count(*)::int
            from muni.operators as o
            join muni.duties as d on d.username = o.username
            where o.team_id = tm.id and o.is_active and {_HERE}
        ) as here
    from muni.teams as tm
    left join work as w on w.team_id = tm.id
    where tm.is_active and tm.is_saps = :saps
    group by tm.id, tm.name, tm.is_saps
    order by tm.name
""").bindparams(_midnight, _saps)  # noqa: S608 — our own words
"""The active teams by name."""

PERSON_LOADS = text(f"""
    {_LOADS}
    select
        o.username, o.full_name, o.role, o.team_id, {_SUMS},
        exists (select from muni.duties as d where d.username = o.username and {_HERE}) as here
    from muni.operators as o
    left join work as w on w.username = o.username
    where o.is_active and (o.role = 'saps_liaison') = :saps
    group by o.username, o.full_name, o.role, o.team_id
    order by o.full_name, o.username
""").bindparams(_midnight, _saps)  # noqa: S608 — our own words
"""The active people by name."""

BE_ON_DUTY = text("select muni.be_on_duty()")
LEAVE_DUTY = text("select muni.leave_duty()")


def why(data: Mapping[str, Any] | None) -> Why | None:
    """What an event's data says about routing; None where nothing was routed."""
    told = (data or {}).get("route")
    if told is None:
        return None
    return Why(
        rule=RouteRule(told["rule"]),
        open=told.get("open"),
        of=told.get("of"),
        metres=told.get("metres"),
        load=told.get("load"),
    )


def undoes(data: Mapping[str, Any] | None) -> int | None:
    """The `seq` of the assignment that an event takes back; None where it takes back none."""
    return (data or {}).get("undoes")
