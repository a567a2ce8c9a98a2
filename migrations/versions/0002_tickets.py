"""Tickets, what happened to them, and the walled partitions of GBV reports."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create tickets, events, notes, the confidential tables and the search text."""
    _tickets()
    _events()
    _confidential()
    _search()
    for table in (
        "tickets",
        "tickets_municipal",
        "tickets_sensitive",
        "ticket_events",
        "ticket_events_municipal",
        "ticket_events_sensitive",
        "ticket_notes",
        "ticket_search",
        "ticket_search_municipal",
        "ticket_search_sensitive",
        "confidential_reports",
        "confidential_notes",
        "confidential_openings",
        "tracking_numbers",
        "municipalities",
        "teams",
        "operators",
        "sla_policies",
        "status_transitions",
    ):
        op.execute(f"alter table {table} enable row level security")


def _tickets() -> None:
    op.execute("""
        -- Unique over both partitions, and the only place that knows a number without knowing a ticket.
        create table tracking_numbers (
            tracking_number text collate "C" primary key check (
                tracking_number ~ '^TKT-[0-9]{8}-[0-9A-F]{6}$'
            )
        );

        create table tickets (
            id uuid not null default gen_random_uuid(),
            municipality_id int not null references municipalities,
            is_sensitive bool not null,
            tracking_number text collate "C" not null,
            category text collate "C" not null check (
                category in ('water', 'roads', 'electricity', 'waste', 'sanitation', 'gbv', 'other')
            ),
            status text collate "C" not null default 'open' check (
                status in ('open', 'in_progress', 'on_hold', 'escalated', 'resolved', 'closed')
            ),
            severity text collate "C" not null default 'medium' check (
                severity in ('low', 'medium', 'high', 'critical')
            ),
            severity_rank smallint not null generated always as (
                case severity when 'low' then 1 when 'medium' then 2 when 'high' then 3 else 4 end
            ) stored,
            description text check (length(description) between 1 and 10000),
            address text check (length(address) <= 500),
            latitude double precision check (latitude between -90 and 90),
            longitude double precision check (longitude between -180 and 180),
            language text collate "C" not null default 'en' check (language in ('en', 'zu', 'af')),
            reporter_name text check (length(reporter_name) <= 200),
            reporter_phone text check (length(reporter_phone) <= 32),
            created_at timestamptz not null,
            updated_at timestamptz not null,
            version int not null default 1,
            last_seq int not null default 0,
            chain bytea not null,
            assigned_team_id int,
            assigned_to name references operators,
            first_responded_at timestamptz,
            resolved_at timestamptz,
            -- Since when the resolution clock stands still: on hold, or resolved (it may be reopened).
            paused_at timestamptz,
            escalated_at timestamptz,
            escalation_reason text,
            sla_response_deadline timestamptz,
            sla_resolution_deadline timestamptz,
            sla_response_warning_at timestamptz,
            sla_resolution_warning_at timestamptz,
            -- The next instant at which something is late (docs/reference/sla.md); the year 9999 when nothing
            -- runs, since clients stumble over 'infinity' and keyset pages over null.
            next_deadline timestamptz not null generated always as (
                case
                    when status in ('resolved', 'closed') then '9999-01-01 00:00:00+00'::timestamptz
                    else least(
                        case when first_responded_at is null then sla_response_deadline end,
                        case
                            when status <> 'on_hold' or paused_at > sla_resolution_deadline
                                then sla_resolution_deadline
                        end,
                        '9999-01-01 00:00:00+00'::timestamptz
                    )
                end
            ) stored,
            next_warning timestamptz not null generated always as (
                case
                    when status in ('resolved', 'closed') then '9999-01-01 00:00:00+00'::timestamptz
                    else least(
                        case when first_responded_at is null then sla_response_warning_at end,
                        case when status <> 'on_hold' then sla_resolution_warning_at end,
                        '9999-01-01 00:00:00+00'::timestamptz
                    )
                end
            ) stored,
            primary key (id, is_sensitive),
            unique (tracking_number, is_sensitive),
            -- SEC-05 by key and by check: a GBV report is with SAPS teams, a SAPS team has nothing else,
            -- and nothing about a person stands in a row that can be selected.
            foreign key (assigned_team_id, municipality_id, is_sensitive)
            references teams (id, municipality_id, is_saps),
            check (is_sensitive = (category = 'gbv')),
            check (
                case
                    when is_sensitive
                        then num_nonnulls(
                            description, address, latitude, longitude, reporter_name, reporter_phone,
                            escalation_reason, sla_response_deadline, sla_resolution_deadline,
                            sla_response_warning_at, sla_resolution_warning_at
                        ) = 0
                    else description is not null
                end
            )
        ) partition by list (is_sensitive);
        create table tickets_municipal partition of tickets for values in (false);
        create table tickets_sensitive partition of tickets for values in (true);

        -- One index an order of the list (keyset pages), then those of the views.
        create index tickets_newest on tickets (municipality_id, is_sensitive, created_at desc, id desc);
        create index tickets_changed on tickets (municipality_id, is_sensitive, updated_at desc, id desc);
        create index tickets_severity
        on tickets (municipality_id, is_sensitive, severity_rank desc, created_at desc, id desc);
        create index tickets_deadline on tickets (municipality_id, is_sensitive, next_deadline, id);
        create index tickets_warning
        on tickets (municipality_id, is_sensitive, next_warning) where next_warning < '9999-01-01 00:00:00+00';
        create index tickets_unfinished
        on tickets (municipality_id, is_sensitive, created_at desc, id desc)
        where status in ('open', 'in_progress', 'on_hold', 'escalated');
        create index tickets_unassigned
        on tickets (municipality_id, is_sensitive, created_at desc, id desc)
        where assigned_to is null and status in ('open', 'in_progress', 'on_hold', 'escalated');
        create index tickets_assignee
        on tickets (assigned_to, is_sensitive, next_deadline, id) where assigned_to is not null;
        create index tickets_team_load
        on tickets (assigned_team_id)
        where status in ('open', 'in_progress', 'on_hold', 'escalated');
        create index tickets_resolved
        on tickets (municipality_id, is_sensitive, resolved_at) where resolved_at is not null;
    """)


def _events() -> None:
    op.execute("""
        -- One sequence a partition: a gap in the municipal numbers must not betray a GBV event.
        create sequence ticket_events_municipal_id as bigint;
        create sequence ticket_events_sensitive_id as bigint;

        create table ticket_events (
            id bigint not null,
            municipality_id int not null references municipalities,
            is_sensitive bool not null,
            ticket_id uuid not null,
            seq int not null,
            kind text collate "C" not null check (
                kind in (
                    'created', 'imported', 'status_changed', 'assigned', 'unassigned', 'noted', 'contacted',
                    'reporter_added', 'escalated', 'deadline_overridden', 'override_cleared', 'recomputed',
                    'reclassified', 'marked_sensitive', 'opened', 'viewed', 'access_denied', 'sla_warning',
                    'sla_breached', 'redacted'
                )
            ),
            actor name not null,
            via text collate "C" not null check (via in ('console', 'intake', 'import', 'sweep', 'owner')),
            at timestamptz not null,
            from_status text collate "C",
            to_status text collate "C",
            team_id int references teams,
            assignee name references operators,
            -- What else the kind needs, never free text: old and new deadline, clock, level.
            data jsonb,
            -- sha256(salt || text); salt and text are in ticket_notes or confidential_notes.
            note_digest bytea check (length(note_digest) = 32),
            chain bytea not null check (length(chain) = 32),
            primary key (id, is_sensitive),
            unique (ticket_id, seq, is_sensitive),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        ) partition by list (is_sensitive);
        create table ticket_events_municipal partition of ticket_events for values in (false);
        create table ticket_events_sensitive partition of ticket_events for values in (true);
        create index on ticket_events (municipality_id, is_sensitive, id);
        alter table ticket_events_municipal add unique (id);
        alter table ticket_events_sensitive add unique (id);

        -- Municipal by key: a note on a GBV report has no place here.
        create table ticket_notes (
            event_id bigint primary key references ticket_events_municipal (id),
            ticket_id uuid not null,
            is_sensitive bool not null default false check (not is_sensitive),
            municipality_id int not null references municipalities,
            is_public bool not null default false,
            salt bytea not null check (length(salt) = 16),
            note text not null check (length(note) between 1 and 10000),
            -- Events of the two partitions can have the same number; tickets cannot.
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        );
        create index on ticket_notes (ticket_id);
    """)


def _confidential() -> None:
    op.execute("""
        create table confidential_reports (
            ticket_id uuid primary key,
            is_sensitive bool not null default true check (is_sensitive),
            municipality_id int not null references municipalities,
            description text not null check (length(description) between 1 and 10000),
            address text check (length(address) <= 500),
            latitude double precision check (latitude between -90 and 90),
            longitude double precision check (longitude between -180 and 180),
            reporter_name text check (length(reporter_name) <= 200),
            reporter_phone text check (length(reporter_phone) <= 32),
            safe_to_contact bool not null default false,
            contact_instructions text check (length(contact_instructions) <= 1000),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        );

        create table confidential_notes (
            event_id bigint primary key references ticket_events_sensitive (id),
            ticket_id uuid not null,
            is_sensitive bool not null default true check (is_sensitive),
            municipality_id int not null references municipalities,
            salt bytea not null check (length(salt) = 16),
            note text not null check (length(note) between 1 and 10000),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        );
        create index on confidential_notes (ticket_id);

        create table confidential_openings (
            id uuid primary key default gen_random_uuid(),
            ticket_id uuid not null,
            is_sensitive bool not null default true check (is_sensitive),
            municipality_id int not null references municipalities,
            opened_by name not null references operators,
            opened_at timestamptz not null default clock_timestamp(),
            -- The transaction that opened: reading in the same one is refused, a rollback would erase the trace.
            tx xid8 not null default pg_current_xact_id(),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        );
        create index on confidential_openings (ticket_id, opened_by, opened_at);
    """)


def _search() -> None:
    op.execute("""
        create table ticket_search (
            ticket_id uuid not null,
            is_sensitive bool not null,
            municipality_id int not null references municipalities,
            created_at timestamptz not null,
            doc text not null,
            primary key (ticket_id, is_sensitive),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive)
        ) partition by list (is_sensitive);
        create table ticket_search_municipal partition of ticket_search for values in (false);
        create table ticket_search_sensitive partition of ticket_search for values in (true);
        create index ticket_search_doc on ticket_search using gin (municipality_id, doc gin_trgm_ops);
    """)
