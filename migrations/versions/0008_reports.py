"""Exports that are under way, and the tickets that were reopened, found without reading every event."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create what reports and exports need beside the tickets."""
    op.execute("""
        -- Nobody reads it: what an export was is in the audit log.
        create table exports (
            id uuid primary key default gen_random_uuid(),
            author name not null references operators,
            begun_at timestamptz not null default clock_timestamp(),
            -- The transaction that began: reading in the same one is refused, a rollback would erase the trace.
            tx xid8 not null default pg_current_xact_id(),
            tickets bigint not null default 0
        );
        alter table exports enable row level security;

        -- One event in two hundred: a report over a month need not look at all of a year's.
        create index ticket_events_reopened
        on ticket_events (municipality_id, is_sensitive, ticket_id)
        where from_status in ('resolved', 'closed') and to_status = 'in_progress';
    """)
