"""Working calendars, policies and calendars that tickets keep, latched breaches, alerts, notices, jobs."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create what the clocks need: working time, what was found late, and who was told."""
    _calendars()
    _tickets()
    _told()
    _jobs()
    for table in (
        "calendars",
        "calendar_windows",
        "calendar_holidays",
        "calendar_spans",
        "alerts",
        "notifications",
        "jobs",
    ):
        op.execute(f"alter table {table} enable row level security")


def _calendars() -> None:
    op.execute("""
        -- Never changed: a changed calendar or policy is a new row, and open tickets keep the old one until
        -- they are recomputed (docs/reference/sla.md, 8). The row without replaced_at is the one in force.
        create table calendars (
            id int generated always as identity primary key,
            municipality_id int not null references municipalities,
            name text not null check (length(name) between 1 and 60),
            time_zone text not null,
            is_always bool not null,
            country text check (length(country) <= 10),
            region text check (length(region) <= 40),
            -- Between these local days the public holidays are known; null where there are none to know.
            holidays_from date,
            holidays_until date,
            -- What calendar_spans holds: from midnight to midnight, local; null before the first.
            spans_from timestamptz,
            spans_until timestamptz,
            made_at timestamptz not null default clock_timestamp(),
            replaced_at timestamptz,
            unique (id, municipality_id),
            check ((country is null) = (holidays_from is null)),
            check ((holidays_from is null) = (holidays_until is null)),
            check ((spans_from is null) = (spans_until is null))
        );
        create unique index calendars_in_force on calendars (municipality_id, name) where replaced_at is null;

        create table calendar_windows (
            calendar_id int not null references calendars,
            -- ISO: Monday is 1, Sunday is 7.
            weekday smallint not null check (weekday between 1 and 7),
            opens_at time not null,
            closes_at time not null check (closes_at > opens_at),
            primary key (calendar_id, weekday, opens_at)
        );

        -- The days on which nobody works: public holidays and own additions, less own removals.
        create table calendar_holidays (
            calendar_id int not null references calendars,
            day date not null,
            name text not null check (length(name) between 1 and 200),
            primary key (calendar_id, day)
        );

        -- Working time as a number line: what the calendar has worked, in microseconds, before each window opens.
        create table calendar_spans (
            calendar_id int not null references calendars,
            opens_at timestamptz not null,
            closes_at timestamptz not null check (closes_at > opens_at),
            worked_before bigint not null,
            primary key (calendar_id, opens_at),
            unique (calendar_id, worked_before)
        );

        alter table sla_policies
        add column calendar_id int,
        add column made_at timestamptz not null default clock_timestamp(),
        add column replaced_at timestamptz,
        add foreign key (calendar_id, municipality_id) references calendars (id, municipality_id),
        add unique (id, municipality_id),
        drop constraint sla_policies_municipality_id_category_key;
        comment on column sla_policies.calendar_id is 'The calendar of both clocks; null: around the clock.';
        create unique index sla_policies_in_force
        on sla_policies (municipality_id, category) nulls not distinct where replaced_at is null;
    """)


def _tickets() -> None:
    op.execute("""
        alter table tickets
        -- Under which policy the clocks were set; null: the built-in one (docs/reference/sla.md, 2).
        add column sla_policy_id int,
        -- Imported without clocks: the sweep gives it none.
        add column without_sla bool not null default false,
        -- When the resolution clock stood still so far.
        add column pauses tstzmultirange not null default '{}',
        -- Latched by the sweep, or by an answer or a resolution that came too late: once, for good.
        add column sla_response_warned_at timestamptz,
        add column sla_resolution_warned_at timestamptz,
        add column sla_response_breached_at timestamptz,
        add column sla_resolution_breached_at timestamptz,
        add foreign key (sla_policy_id, municipality_id) references sla_policies (id, municipality_id),
        add check (
            not is_sensitive
            or num_nonnulls(
                sla_policy_id, sla_response_warned_at, sla_resolution_warned_at, sla_response_breached_at,
                sla_resolution_breached_at
            ) = 0
        );

        update tickets as t set without_sla = true
        where not t.is_sensitive and t.sla_response_deadline is null and t.sla_resolution_deadline is null;
        update tickets as t set
            sla_policy_id = (
                select p.id
                from sla_policies as p
                where p.municipality_id = t.municipality_id and (p.category = t.category or p.category is null)
                order by p.category nulls last
                limit 1
            ),
            sla_response_breached_at = case
                when t.first_responded_at > t.sla_response_deadline then t.sla_response_deadline
            end,
            sla_resolution_breached_at = case
                when t.resolved_at > t.sla_resolution_deadline then t.sla_resolution_deadline
            end
        where not t.is_sensitive and not t.without_sla;

        -- A pause lasts from one move to the next; those that follow each other are one.
        update tickets as t set pauses = p.pauses
        from (
            select m.ticket_id, m.is_sensitive, range_agg(tstzrange(m.at, greatest(m.at, m.until))) as pauses
            from (
                select
                    e.ticket_id, e.is_sensitive, e.to_status, e.at,
                    lead(e.at) over (partition by e.ticket_id, e.is_sensitive order by e.seq) as until,
                    bool_or(e.to_status not in ('resolved', 'closed')) over (
                        partition by e.ticket_id, e.is_sensitive order by e.seq
                        rows between 1 following and unbounded following
                    ) as is_reopened
                from ticket_events as e
                where e.to_status is not null
            ) as m
            where
                m.until is not null
                and (m.to_status = 'on_hold' or (m.to_status in ('resolved', 'closed') and m.is_reopened))
            group by m.ticket_id, m.is_sensitive
        ) as p
        where p.ticket_id = t.id and p.is_sensitive = t.is_sensitive;
        alter table tickets drop column paused_for;

        alter table tickets
        -- When the sweep has something to do for it next; the year 9999 when nothing.
        add column next_sweep timestamptz not null generated always as (
            case
                when is_sensitive or status in ('resolved', 'closed')
                    then '9999-01-01 00:00:00+00'::timestamptz
                when not without_sla and (sla_response_deadline is null or sla_resolution_deadline is null)
                    then created_at
                else least(
                    case
                        when first_responded_at is null and sla_response_breached_at is null
                            then least(
                                sla_response_deadline,
                                case when sla_response_warned_at is null then sla_response_warning_at end
                            )
                    end,
                    case
                        when
                            sla_resolution_breached_at is null
                            and (status <> 'on_hold' or paused_at > sla_resolution_deadline)
                            then least(
                                sla_resolution_deadline,
                                case when sla_resolution_warned_at is null then sla_resolution_warning_at end
                            )
                    end,
                    '9999-01-01 00:00:00+00'::timestamptz
                )
            end
        ) stored;
        create index tickets_sweep
        on tickets (municipality_id, next_sweep)
        where is_sensitive = false and next_sweep < '9999-01-01 00:00:00+00';
        create index tickets_policy on tickets (sla_policy_id) where sla_policy_id is not null;
    """)


def _told() -> None:
    op.execute("""
        -- What a colleague is to know of a ticket that runs late; municipal by key.
        create table alerts (
            id bigint generated always as identity primary key,
            municipality_id int not null references municipalities,
            recipient name not null references operators,
            ticket_id uuid,
            is_sensitive bool not null default false check (not is_sensitive),
            kind text collate "C" not null check (kind in ('warning', 'breach', 'history')),
            clock text collate "C" check (clock in ('response', 'resolution')),
            -- 0 a warning, 1 a breach, 2 a second breach of one ticket.
            level smallint not null check (level between 0 and 2),
            at timestamptz not null,
            read_at timestamptz,
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive),
            check ((kind = 'history') = (ticket_id is null)),
            check ((ticket_id is null) = (clock is null))
        );
        create index alerts_unread on alerts (recipient, at desc, id desc) where read_at is null;
        create index alerts_newest on alerts (recipient, at desc, id desc);
        create unique index alerts_once on alerts (ticket_id, clock, level, recipient) where ticket_id is not null;

        -- What a citizen is to be told; queued with the event, sent by a later channel. Municipal by key.
        create table notifications (
            id bigint generated always as identity primary key,
            municipality_id int not null references municipalities,
            ticket_id uuid not null,
            is_sensitive bool not null default false check (not is_sensitive),
            event_id bigint not null references ticket_events_municipal (id),
            -- Null: who reported it first; else one of those who reported the same.
            reporter_id uuid,
            state text collate "C" not null default 'pending' check (state in ('pending', 'suppressed')),
            queued_at timestamptz not null default clock_timestamp(),
            foreign key (ticket_id, is_sensitive) references tickets (id, is_sensitive),
            foreign key (reporter_id, is_sensitive) references reporters (id, is_sensitive),
            unique nulls not distinct (ticket_id, event_id, reporter_id)
        );
        create index notifications_pending on notifications (queued_at, id) where state = 'pending';
    """)


def _jobs() -> None:
    op.execute("""
        -- The work that any console or worker may do: one row a municipality and job, taken by whoever does it.
        create table jobs (
            municipality_id int not null references municipalities,
            name text collate "C" not null check (name in ('sweep', 'upkeep')),
            done_at timestamptz,
            -- Who did it last, as colleagues may know it: a login, 'worker', or another municipality's console.
            done_by text,
            result jsonb not null default '{}',
            primary key (municipality_id, name)
        );

        alter table audit_log drop constraint audit_log_kind_check;
        alter table audit_log add constraint audit_log_kind_check check (
            kind in (
                'operator_created', 'operator_disabled', 'operator_enabled', 'operator_moved',
                'password_reset', 'team_changed', 'policy_changed', 'calendar_changed', 'exported',
                'municipality_changed', 'recomputed'
            )
        );
    """)
