"""One look: events that became visible since a snapshot, and whether tickets in sight are as they were."""

from __future__ import annotations

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, text

# A transaction that wrote an event may commit after one that drew a later id, so no id and no time is a
# cursor. A snapshot is: it says of every transaction whether its work was visible. What was not then and
# is now is news, each event once, and a writer that stays open for minutes holds up nobody else's.
#
# Asked every second by every console: the tickets in sight are told only if they differ from `known`, and
# when nothing has happened the answer is one row of nothing.
_LOOK = """
    with now as materialized (
        select
            s.seen,
            -- A server restored from elsewhere counts its transactions anew.
            coalesce(pg_snapshot_xmin(cast(:seen as pg_snapshot)) > pg_snapshot_xmax(s.seen), false) as is_newer
        from (select pg_current_snapshot() as seen) as s
    ),

    shown as materialized (
        select
            t.id,
            concat_ws(
                ' ', t.version,
                muni.sla_state(
                    t.status, now(), t.sla_response_deadline, t.sla_resolution_deadline,
                    t.sla_response_warning_at, t.sla_resolution_warning_at, t.first_responded_at, t.resolved_at,
                    t.paused_at
                )
            ) as state
        from muni.tickets as t
        where t.id = any(:ids)
    ),

    together as materialized (
        select coalesce(md5(string_agg(concat(s.id, s.state), '' order by s.id)), '') as known from shown as s
    ),

    fresh as materialized (
        select x.id, x.ticket_id, x.seq, x.kind, x.actor, x.via, x.at, x.to_status, x.assignee
        from muni.ticket_events as x
        where
            x.tx >= pg_snapshot_xmin(cast(:seen as pg_snapshot))
            and x.tx < (select pg_snapshot_xmax(now.seen) from now)
            and not pg_visible_in_snapshot(x.tx, cast(:seen as pg_snapshot))
            and x.kind <> 'viewed'
        limit :limit
    )

    select
        now.seen::text as seen,
        now.is_newer,
        pg_backend_pid() as backend,
        together.known,
        case
            when together.known is distinct from :known
                then (select coalesce(jsonb_object_agg(s.id, s.state), '{}') from shown as s)
        end as shown,
        (
            select
                jsonb_agg(
                    jsonb_build_array(
                        e.id, e.ticket_id, e.kind, e.actor, e.via, e.at, e.to_status, e.assignee,
                        -- Whose it was: a breach may have handed it to somebody else since.
                        (e.kind = 'sla_breached' or e.to_status is not distinct from 'escalated')
                        and coalesce(
                            (
                                select a.assignee = session_user
                                from muni.ticket_events as a
                                where
                                    a.ticket_id = e.ticket_id and a.seq < e.seq
                                    and a.kind in ('assigned', 'unassigned')
                                order by a.seq desc
                                limit 1
                            ),
                            false
                        )
                    )
                    order by e.id
                )
            from fresh as e
        ) as events,
        (
            select jsonb_object_agg(p.ticket_id, p.names)
            from (
                -- A second console of the same person is no colleague.
                select x.ticket_id, jsonb_agg(coalesce(o.full_name, x.username) order by o.full_name) as names
                from muni.presences as x
                left join muni.operators as o on o.username = x.username
                where
                    x.ticket_id = any(:ids)
                    and x.username <> session_user
                    and x.seen_at > clock_timestamp() - interval '2 minutes'
                group by x.ticket_id
            ) as p
        ) as others
    from now
    cross join together
"""

LOOK = text(_LOOK).bindparams(
    bindparam("seen", type_=Text),
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("known", type_=Text),
    bindparam("limit", type_=Integer),
)
"""One row. `seen` is the next cursor, `known` the next word for how the tickets in sight are; `shown` is
null where they are as `known` said, else the state of each that may be seen; `events` and `others` are
null where there are none."""
