"""A supervisor's desk: who is at work, and what routing, loads and the board are counted from."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create what a supervisor decides by; a GBV report is with a SAPS liaison by key from here on."""
    _people()
    _counts()
    op.execute("alter table duties enable row level security")


def _people() -> None:
    op.execute("""
        -- SEC-05 by key, as for teams: whoever has a GBV report is a SAPS liaison and stays one while they do.
        alter table operators
        add column is_saps bool not null generated always as (role = 'saps_liaison') stored,
        add unique (username, is_saps);
        alter table tickets
        drop constraint tickets_assigned_to_fkey,
        add constraint tickets_assigned_to_fkey foreign key (assigned_to, is_sensitive)
        references operators (username, is_saps);

        -- Who is at a console now; no history.
        create table duties (
            username name primary key references operators,
            municipality_id int not null references municipalities,
            is_saps bool not null,
            seen_at timestamptz not null
        );
        create index on duties (municipality_id, seen_at);
    """)


def _counts() -> None:
    op.execute("""
        -- Open work by team and person, counted without reading a ticket: loads, routing, the board.
        create index tickets_work
        on tickets (municipality_id, is_sensitive, assigned_team_id, assigned_to)
        include (status, severity_rank, next_deadline)
        where status in ('open', 'in_progress', 'on_hold', 'escalated');
        drop index tickets_team_load;
        drop index tickets_resolved;
        create index tickets_resolved
        on tickets (municipality_id, is_sensitive, resolved_at) include (assigned_team_id, assigned_to)
        where resolved_at is not null;
        -- Such a count reads the tickets all the same where the page was written since it was last vacuumed.
        alter table tickets_municipal set (
            autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01
        );
        alter table tickets_sensitive set (
            autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01
        );

        -- Which team was given something last.
        create index ticket_events_given
        on ticket_events (team_id, is_sensitive, at desc) where kind = 'assigned';
        create index teams_service_area on teams using gist (service_area) where is_active;
    """)
