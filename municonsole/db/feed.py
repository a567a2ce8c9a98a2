"""The feed: events that became visible since a snapshot, whatever the order in which they were committed."""

from __future__ import annotations

from sqlalchemy import text

# A transaction that wrote an event may commit after one that drew a later id, so no id and no time is a
# cursor. A snapshot is: it says of every transaction whether its work was visible. What was not then and
# is now is news, each event once, and a writer that stays open for minutes holds up nobody else's.
_NEWS = """
    select
        now.seen::text as seen, now.is_newer, e.id, e.ticket_id, e.kind, e.actor, e.via, e.at, e.to_status,
        e.assignee
    from (
        select
            s.seen,
            -- A server restored from elsewhere counts its transactions anew.
            pg_snapshot_xmin(cast(:seen as pg_snapshot)) > pg_snapshot_xmax(s.seen) as is_newer
        from (select pg_current_snapshot() as seen) as s
    ) as now
    left join lateral (
        select x.id, x.ticket_id, x.kind, x.actor, x.via, x.at, x.to_status, x.assignee
        from muni.ticket_events as x
        where
            x.tx >= pg_snapshot_xmin(cast(:seen as pg_snapshot))
            and x.tx < pg_snapshot_xmax(now.seen)
            and not pg_visible_in_snapshot(x.tx, cast(:seen as pg_snapshot))
            and x.kind <> 'viewed'
        order by x.id
        limit :limit
    ) as e on true
    order by e.id
"""

NEWS = text(_NEWS)
"""At least one row, whose `seen` is the next cursor; without news its `id` is null."""

NOW = text("select pg_current_snapshot()::text as seen")
"""Where a feed begins."""
