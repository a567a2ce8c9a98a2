"""The operator's desk: suburbs, callers, drafts, who is looking, saved views, and the order of commits."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create what a shift at the desk needs beside the tickets."""
    _callers()
    _feed()
    _desk()
    for table in (
        "suburbs",
        "drafts",
        "presences",
        "presences_municipal",
        "presences_sensitive",
        "saved_views",
        "attempts",
    ):
        op.execute(f"alter table {table} enable row level security")


def _callers() -> None:
    op.execute("""
        create table suburbs (
            municipality_id int not null references municipalities,
            name text not null check (length(name) between 1 and 100),
            latitude double precision not null check (latitude between -90 and 90),
            longitude double precision not null check (longitude between -180 and 180),
            primary key (municipality_id, name)
        );

        alter table tickets
        add column suburb text check (length(suburb) <= 100),
        -- Whether whoever reported it may be sent messages; of a GBV report nobody is.
        add column may_message bool not null default false,
        add check (not is_sensitive or (suburb is null and not may_message));
        alter table confidential_reports add column suburb text check (length(suburb) <= 100);
        alter table reporters
        add column may_message bool not null default false,
        add check (not is_sensitive or not may_message);

        -- A caller is known by the number: E.164, as logged.
        create index tickets_caller
        on tickets (municipality_id, is_sensitive, reporter_phone, created_at desc) where reporter_phone is not null;
        create index reporters_caller
        on reporters (municipality_id, is_sensitive, reporter_phone) where reporter_phone is not null;
        -- What is near: a strip of latitude of one category's open work.
        create index tickets_near
        on tickets (municipality_id, is_sensitive, category, latitude)
        where latitude is not null and status in ('open', 'in_progress', 'on_hold', 'escalated');
        create index tickets_suburb
        on tickets (municipality_id, is_sensitive, suburb, created_at desc) where suburb is not null;
    """)


def _feed() -> None:
    op.execute("""
        -- Which transaction wrote it: the ids are drawn before the commit, so their order is not that in which
        -- events become visible. A reader asks for what its last snapshot did not see.
        alter table ticket_events add column tx xid8 not null default pg_current_xact_id();
        create index ticket_events_feed on ticket_events (municipality_id, is_sensitive, tx);
    """)


def _desk() -> None:
    op.execute("""
        -- What somebody has typed and not sent; of a GBV report nothing is kept.
        create table drafts (
            id bigint generated always as identity primary key,
            municipality_id int not null references municipalities,
            author name not null references operators,
            kind text collate "C" not null check (kind in ('report', 'note')),
            ticket_id uuid,
            is_sensitive bool not null default false check (not is_sensitive),
            content jsonb not null check (pg_column_size(content) <= 65536),
            saved_at timestamptz not null default clock_timestamp(),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive),
            check ((kind = 'note') = (ticket_id is not null)),
            unique nulls not distinct (author, kind, ticket_id)
        );
        create index on drafts (ticket_id) where ticket_id is not null;

        -- Who has a ticket open just now; no history.
        create table presences (
            ticket_id uuid not null,
            is_sensitive bool not null,
            municipality_id int not null references municipalities,
            username name not null references operators,
            seen_at timestamptz not null,
            primary key (ticket_id, is_sensitive, username),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        ) partition by list (is_sensitive);
        create table presences_municipal partition of presences for values in (false);
        create table presences_sensitive partition of presences for values in (true);
        create index on presences (municipality_id, is_sensitive, seen_at);
        create index on presences (username);

        create table saved_views (
            owner name not null references operators,
            place smallint not null check (place between 1 and 9),
            name text not null check (length(name) between 1 and 40),
            filter jsonb not null check (pg_column_size(filter) <= 8192),
            sort text collate "C" not null check (length(sort) <= 20),
            primary key (owner, place),
            unique (owner, name)
        );

        -- What was answered to a call that its sender may send again, not knowing whether it arrived.
        create table attempts (
            attempt uuid primary key,
            author name not null,
            action text not null,
            ticket_id uuid,
            answer text,
            at timestamptz not null default clock_timestamp()
        );
        create index on attempts (author, at);
    """)
