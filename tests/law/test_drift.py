"""`db check` finds what a hand has changed, says nothing about a clean database, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from support.database import Database, Server

from law import house
from municonsole.db import drift, migrate
from municonsole.domain.errors import MuniconsoleError, Refused, Unreachable

pytestmark = pytest.mark.law

BY_HAND = {
    # Who sees a row.
    "drop policy manager on tickets": ["policy manager on tickets is missing"],
    "alter policy manager on tickets using (true)": ["policy manager on tickets was changed"],
    "alter policy manager on tickets to muni_worker": ["policy manager on tickets was changed"],
    "create policy more on ticket_notes using (true)": ["policy more on ticket_notes is not ours"],
    "alter table tickets_sensitive disable row level security": [
        "table tickets_sensitive was changed"
    ],
    "alter table tickets force row level security": ["table tickets was changed"],
    # Who may do what.
    "grant select on confidential_reports to muni_admin": [
        "table confidential_reports was changed"
    ],
    "grant update (status) on tickets to muni_operator": ["column tickets.status was changed"],
    "grant select (note) on confidential_notes to public": [
        "column confidential_notes.note was changed"
    ],
    "grant execute on function import_tickets to muni_manager": [
        "function import_tickets(text,jsonb,boolean) was changed"
    ],
    "grant execute on function _has_opened to public": ["function _has_opened(uuid) was changed"],
    "revoke execute on function whoami() from muni_saps": ["function whoami() was changed"],
    "grant usage on sequence ticket_events_sensitive_id to muni_operator": [
        "sequence ticket_events_sensitive_id was changed"
    ],
    "grant create on schema muni to muni_operator": ["schema muni was changed"],
    "grant usage on schema muni to public": ["schema muni was changed"],
    "alter default privileges in schema muni grant select on tables to muni_saps": [
        "default privileges of muni_owner for r in muni is not ours"
    ],
    "alter default privileges grant execute on functions to muni_saps": [
        "default privileges of muni_owner for f is not ours"
    ],
    # What a function does.
    "create or replace function _has_opened(ticket uuid) returns bool language sql stable security definer"
    " set search_path = pg_catalog, pg_temp as 'select true'": [
        "function _has_opened(uuid) was changed"
    ],
    "alter function take_ticket set search_path = public": [
        "function take_ticket(uuid,uuid) was changed"
    ],
    "alter function take_ticket reset search_path": ["function take_ticket(uuid,uuid) was changed"],
    "alter function take_ticket security invoker": ["function take_ticket(uuid,uuid) was changed"],
    "alter function municipality_as volatile": ["function municipality_as(text) was changed"],
    "drop function add_note": ["function add_note(uuid,text,boolean,uuid) is missing"],
    "create function extra() returns int language sql as 'select 1'": [
        "function extra() is not ours"
    ],
    "create function take_ticket(id text) returns bigint language sql as 'select 1::bigint'": [
        "function take_ticket(text) is not ours"
    ],
    "create aggregate extra(int) (sfunc = int4pl, stype = int)": [
        "function extra(integer) is not ours"
    ],
    "create function leq(text, text) returns bool language sql as 'select true';"
    " create operator = (leftarg = text, rightarg = text, function = leq)": [
        "function leq(text,text) is not ours",
        "operator muni.=(text,text) is not ours",
    ],
    "update status_transitions set roles = array_append(roles, 'operator') where from_status = 'closed'": [
        "transition closed to in_progress was changed"
    ],
    "delete from status_transitions where from_status = 'closed'": [
        "transition closed to in_progress is missing"
    ],
    "insert into status_transitions values ('closed', 'open', '{operator}')": [
        "transition closed to open is not ours"
    ],
    # What is stored.
    "drop index tickets_newest": [
        "index tickets_municipal_municipality_id_is_sensitive_created_at_i_idx is missing",
        "index tickets_newest is missing",
        "index tickets_sensitive_municipality_id_is_sensitive_created_at_i_idx is missing",
    ],
    "create index more on teams (name)": ["index more is not ours"],
    "alter table tickets drop constraint tickets_check": [
        "constraint tickets_check on tickets is missing",
        "constraint tickets_check on tickets_municipal is missing",
        "constraint tickets_check on tickets_sensitive is missing",
    ],
    "alter table operators drop constraint operators_role_check": [
        "constraint operators_role_check on operators is missing"
    ],
    "alter table confidential_openings drop constraint confidential_openings_opened_by_fkey": [
        "constraint confidential_openings_opened_by_fkey on confidential_openings is missing"
    ],
    "alter table teams add column more int": ["column teams.more is not ours"],
    "alter table teams drop column service_area": [
        "column teams.service_area is missing",
        "index teams_service_area is missing",
    ],
    "alter table teams alter column name type varchar(99)": ["column teams.name was changed"],
    "alter table confidential_openings alter column opened_at set default '2099-01-01'": [
        "column confidential_openings.opened_at was changed"
    ],
    "alter table tickets detach partition tickets_sensitive": None,
    "create table more (i int)": ["column more.i is not ours", "table more is not ours"],
    "create table more partition of tickets default": None,
    "create view more as select 1 as i": ["column more.i is not ours", "view more is not ours"],
    "create materialized view more as select 1 as i": [
        "column more.i is not ours",
        "materialized view more is not ours",
    ],
    "create type more as enum ('a')": ["type more is not ours"],
    "create domain more as text": ["type more is not ours"],
    "create trigger more before insert on teams for each row"
    " execute function suppress_redundant_updates_trigger()": ["trigger more on teams is not ours"],
    "create rule more as on insert to teams do also nothing": ["rule more on teams is not ours"],
    "alter sequence ticket_events_sensitive_id increment 100": [
        "sequence ticket_events_sensitive_id was changed"
    ],
    "create publication more for table confidential_reports": [
        "publication more of confidential_reports is not ours"
    ],
}
"""What a hand does, and the sentences that must come of it (None: several, of which one is enough)."""

BY_SUPERUSER = {
    "alter function muni.take_ticket owner to postgres": "function take_ticket(uuid,uuid) was changed",
    "alter table muni.confidential_notes owner to test_owner": "table confidential_notes was changed",
    "alter function muni._deny leakproof": "function _deny() was changed",
    "alter table muni.tickets_municipal disable trigger all": (
        "constraint tickets_municipality_id_fkey on tickets_municipal was changed"
    ),
    "grant temporary on database {database} to muni_operator": (
        "grants of TEMPORARY on the database was changed"
    ),
    "grant create on database {database} to public": (
        "grants of CREATE on the database was changed"
    ),
}

ROLES = {
    "alter role muni_operator bypassrls": (
        "alter role muni_operator nobypassrls",
        "role muni_operator passes by row security",
    ),
    "alter role muni_owner login": ("alter role muni_owner nologin", "role muni_owner may log in"),
    "alter role muni_saps createrole": (
        "alter role muni_saps nocreaterole",
        "role muni_saps may create roles",
    ),
    "alter role tvd_operator bypassrls": (
        "alter role tvd_operator nobypassrls",
        "operator tvd_operator passes by row security",
    ),
    "alter role tvd_admin superuser": (
        "alter role tvd_admin nosuperuser",
        "operator tvd_admin is a superuser",
    ),
    "grant muni_owner to muni_admin": (
        "revoke muni_owner from muni_admin",
        "role muni_admin is a member of muni_owner",
    ),
    "grant muni_owner to tvd_admin": (
        "revoke muni_owner from tvd_admin",
        "operator tvd_admin (admin) is a member of muni_owner",
    ),
    "grant muni_saps to tvd_operator": (
        "revoke muni_saps from tvd_operator",
        "operator tvd_operator (operator) is a member of muni_saps",
    ),
}
"""What is done to a role, how it is undone, and the sentence in between."""


def test_a_clean_database_has_nothing_to_say(database: Database) -> None:
    """A database with people in it and nothing changed by hand passes."""
    assert house.check(database) == []


def test_a_database_at_work_has_nothing_to_say(database: Database) -> None:
    """Tickets and openings are no drift."""
    operator = database.connect("tvd_operator")
    operator.execute("select muni.log_ticket('water', 'low', 'a leak')")
    number = operator.execute("select muni.log_ticket('gbv', 'low', 'a report')").fetchone()
    database.connect("tvd_saps").execute("select muni.open_confidential_report(%s)", number)

    assert house.check(database) == []


def test_another_systems_rights_are_no_drift(database: Database) -> None:
    """What the platform's other systems own and are promised in this database is their business."""
    owner = database.connect(database.owner)
    owner.execute(
        "create schema theirs; create table theirs.bulletin (line text);"
        " alter default privileges grant select on tables to test_stranger;"
        " grant select on theirs.bulletin to test_stranger"
    )

    assert house.check(database) == []


@pytest.fixture(scope="module")
def clean(server: Server) -> Iterator[Database]:
    """One database for all changes that are taken back."""
    database = server.fresh()
    yield database
    server.drop(database)


@pytest.fixture(scope="module")
def wanted(clean: Database) -> dict[str, str]:
    """The catalog of a database that is as the files make it."""
    assert house.check(clean) == []
    return house.seen(clean)


@pytest.mark.parametrize("by_hand", BY_HAND, ids=lambda text: text[:60])
def test_a_change_by_hand_is_found(clean: Database, wanted: dict[str, str], by_hand: str) -> None:
    """Each change is named, by a sentence about the thing that was changed and no other."""
    with clean.connect_owner() as owner, owner.transaction(force_rollback=True):
        owner.execute(by_hand)
        sentences = drift.differences(drift.snapshot(owner), wanted)

    assert sentences
    if BY_HAND[by_hand] is not None:
        assert sentences == BY_HAND[by_hand]


@pytest.mark.parametrize("by_hand", BY_SUPERUSER, ids=lambda text: text[:60])
def test_a_change_by_a_superuser_is_found(
    clean: Database, server: Server, wanted: dict[str, str], by_hand: str
) -> None:
    """What only a superuser can change is found too."""
    with (
        psycopg.connect(server.cluster.superuser_dsn(clean.dbname)) as superuser,
        superuser.transaction(force_rollback=True),
    ):
        superuser.execute(by_hand.format(database=clean.dbname))
        sentences = drift.differences(drift.snapshot(superuser), wanted)

    assert BY_SUPERUSER[by_hand] in sentences


def test_a_schema_that_was_given_away_is_no_clean_one(database: Database, server: Server) -> None:
    """Where the whole schema has another owner, that is said."""
    with psycopg.connect(server.cluster.superuser_dsn(database.dbname)) as superuser:
        superuser.execute("alter schema muni owner to postgres")

    assert "schema muni was changed" in house.check(database)


@pytest.mark.parametrize("by_hand", ROLES, ids=lambda text: text[:60])
def test_a_power_that_a_role_must_not_have_is_found(
    database: Database, server: Server, by_hand: str
) -> None:
    """Roles are the server's, so they are held against what they must be, not against a copy."""
    undo, sentence = ROLES[by_hand]
    server.admin.execute(by_hand)
    try:
        sentences = house.check(database)
    finally:
        server.admin.execute(undo)

    assert sentence in sentences
    assert house.check(database) == []


def test_the_check_itself_names_a_change(database: Database) -> None:
    """The whole check, scratch database and all, comes to the same sentences, and drops the scratch."""
    database.connect_owner().execute(
        "drop policy manager on tickets; create function extra() returns int"
        " language sql as 'select 1'"
    )

    assert house.check(database) == [
        "function extra() is not ours",
        "policy manager on tickets is missing",
    ]
    assert house.scratch_databases(database) == []


def test_an_upgrade_mends_what_the_check_found(database: Database) -> None:
    """After an upgrade the law is whole again."""
    database.connect_owner().execute("drop policy manager on tickets")
    house.upgrade(database)

    assert house.check(database) == []


def test_an_error_leaves_no_scratch_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the scratch database cannot be made whole, it is dropped all the same."""

    def fail(_connection: object) -> None:
        raise psycopg.errors.DivisionByZero

    monkeypatch.setattr(migrate, "state_law", fail)
    with pytest.raises(MuniconsoleError):
        house.check(database)

    assert house.scratch_databases(database) == []


def test_an_interrupted_check_leaves_no_scratch_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl+C in the middle drops it too."""

    def interrupt(_connection: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(migrate, "state_law", interrupt)
    with pytest.raises(KeyboardInterrupt):
        house.check(database)

    assert house.scratch_databases(database) == []


def test_a_check_needs_createdb(database: Database) -> None:
    """An owner who may not create a database is told so in one sentence."""
    with house.plain_login(database, "plain_owner") as (dsn, password):
        owner = database.connect(database.owner)
        owner.execute("grant muni_owner to plain_owner")
        with pytest.raises(Refused, match=r"^[^.\n]*needs CREATEDB$"):
            migrate.check(dsn, password=password)


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_admin", "test_worker", "test_stranger"])
def test_nobody_else_checks(database: Database, login: str) -> None:
    """A check by somebody who is not the owner is refused in one sentence."""
    with pytest.raises(Refused, match=r"^db check is for the login that owns the database[^.\n]*$"):
        migrate.check(database.dsn(login), password=database.password(login))


def test_a_lost_connection_is_said(
    database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that goes away during a check is named as such."""
    state_law = migrate.state_law

    def cut(connection: psycopg.Connection[tuple[object, ...]]) -> None:
        server.admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s",
            (database.owner,),
        )
        state_law(connection)

    monkeypatch.setattr(migrate, "state_law", cut)
    with pytest.raises(Unreachable, match="connection was lost"):
        house.check(database)
    for (name,) in server.admin.execute(
        "select datname from pg_database where datname like 'muni\\_check\\_%'"
    ).fetchall():
        server.admin.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
