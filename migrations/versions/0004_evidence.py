"""Further reporters, pauses and overrides of the clocks, denials, and the audit log of people and rules."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create what the whole role table needs beside the tickets."""
    op.execute("""
        alter table tickets
        -- How long the resolution clock stood still so far; a new policy keeps it (docs/reference/sla.md, 8).
        add column paused_for interval not null default interval '0',
        -- A deadline set by hand wins until it is cleared (rule 9).
        add column response_overridden bool not null default false,
        add column resolution_overridden bool not null default false;

        comment on column teams.service_area is
        'Polygon of (longitude, latitude) points, degrees WGS 84.';

        create table reporters (
            id uuid not null default gen_random_uuid(),
            is_sensitive bool not null,
            ticket_id uuid not null,
            municipality_id int not null references municipalities,
            reporter_name text check (length(reporter_name) <= 200),
            reporter_phone text check (length(reporter_phone) <= 32),
            language text collate "C" not null default 'en' check (language in ('en', 'zu', 'af')),
            added_by name not null,
            added_at timestamptz not null,
            primary key (id, is_sensitive),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive),
            check (num_nonnulls(reporter_name, reporter_phone) > 0)
        ) partition by list (is_sensitive);
        create table reporters_municipal partition of reporters for values in (false);
        create table reporters_sensitive partition of reporters for values in (true);
        create index on reporters (ticket_id);

        -- What was asked for in vain. A row is the same work for a report as for a number never issued;
        -- whose report it was is found out when SAPS looks (muni.settle_denials).
        create table denials (
            id bigint generated always as identity primary key,
            municipality_id int not null references municipalities,
            actor name not null,
            tracking_number text collate "C" not null check (length(tracking_number) <= 40),
            at timestamptz not null default clock_timestamp(),
            is_settled bool not null default false
        );
        create index on denials (actor, at);
        create index on denials (tracking_number) where not is_settled;

        -- The head of the municipality's audit chain, so that a cut tail shows.
        alter table municipalities
        add column audit_seq int not null default 0,
        add column audit_chain bytea check (length(audit_chain) = 32);

        create table audit_log (
            municipality_id int not null references municipalities,
            seq int not null,
            at timestamptz not null,
            actor name not null,
            kind text collate "C" not null check (
                kind in (
                    'operator_created', 'operator_disabled', 'operator_enabled', 'operator_moved',
                    'password_reset', 'team_changed', 'policy_changed', 'calendar_changed', 'exported'
                )
            ),
            subject text not null,
            data jsonb not null default '{}',
            chain bytea not null check (length(chain) = 32),
            primary key (municipality_id, seq)
        );
    """)
    for table in (
        "reporters",
        "reporters_municipal",
        "reporters_sensitive",
        "denials",
        "audit_log",
    ):
        op.execute(f"alter table {table} enable row level security")
