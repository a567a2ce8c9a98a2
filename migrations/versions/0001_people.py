"""Municipalities, their teams, people and SLA policies, and the legal moves of a ticket."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create what tickets refer to."""
    op.execute("""
        create table municipalities (
            id int generated always as identity primary key,
            code text not null unique check (code ~ '^[a-z][a-z0-9]{1,9}$'),
            name text not null,
            time_zone text not null default 'Africa/Johannesburg'
        );

        create table teams (
            id int generated always as identity primary key,
            municipality_id int not null references municipalities,
            name text not null,
            category text collate "C" not null check (
                category in ('water', 'roads', 'electricity', 'waste', 'sanitation', 'gbv', 'other')
            ),
            is_saps bool not null default false,
            is_active bool not null default true,
            manager name,
            service_area polygon,
            depot_latitude double precision check (depot_latitude between -90 and 90),
            depot_longitude double precision check (depot_longitude between -180 and 180),
            unique (municipality_id, name),
            -- What a ticket's assignment refers to: the wall between municipal and SAPS teams is a key.
            unique (id, municipality_id, is_saps),
            check (is_saps = (category = 'gbv')),
            check ((depot_latitude is null) = (depot_longitude is null)),
            -- Municipal colleagues see the teams; who the liaisons are is not for them to know.
            check (manager is null or not is_saps)
        );

        create table operators (
            username name primary key,
            municipality_id int not null references municipalities,
            role text collate "C" not null check (role in ('operator', 'manager', 'admin', 'saps_liaison')),
            team_id int references teams,
            full_name text not null,
            is_active bool not null default true
        );
        create index on operators (municipality_id, username);
        alter table teams add foreign key (manager) references operators;

        create table sla_policies (
            id int generated always as identity primary key,
            municipality_id int not null references municipalities,
            category text collate "C" check (
                category in ('water', 'roads', 'electricity', 'waste', 'sanitation', 'other')
            ),
            response_target interval not null check (response_target > interval '0'),
            resolution_target interval not null check (resolution_target >= response_target),
            warning_percent int not null default 80 check (warning_percent between 1 and 99),
            -- A category of null is the municipality's default; there is one at most.
            unique nulls not distinct (municipality_id, category)
        );

        create table status_transitions (
            from_status text collate "C" not null,
            to_status text collate "C" not null,
            roles text [] not null,
            primary key (from_status, to_status)
        );

        -- Which law is in force: a digest of the files under migrations/law.
        create table law_version (
            digest text not null,
            applied_at timestamptz not null default clock_timestamp()
        );
    """)
