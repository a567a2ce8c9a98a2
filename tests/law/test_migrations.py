"""The schema and its law are brought up to date whole, or not at all, from wherever a database stands."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from support.database import Database, Server

from law import house
from municonsole.db import drift, migrate
from municonsole.domain.errors import (
    MuniconsoleError,
    Refused,
    SchemaMismatch,
    Unreachable,
)

pytestmark = pytest.mark.law

_PEOPLE = """
insert into municipalities (code, name) values ('old', 'Old Town');
insert into teams (municipality_id, name, category) values (1, 'Water', 'water');
insert into operators (username, municipality_id, role, team_id, full_name)
values ('tvd_operator', 1, 'operator', 1, 'Operator 1'), ('tvd_manager', 1, 'manager', 1, 'Manager 1');
insert into sla_policies (municipality_id, response_target, resolution_target) values (1, '2 h', '1 day');
"""
_TICKET = """
insert into tracking_numbers values ('TKT-20260301-ABCDEF');
insert into tickets (
    id, municipality_id, is_sensitive, tracking_number, category, description,
    created_at, updated_at, chain, assigned_team_id, last_seq
) values (
    '00000000-0000-0000-0000-000000000001', 1, false, 'TKT-20260301-ABCDEF', 'water', 'a burst pipe',
    '2026-03-01 08:00+02', '2026-03-01 08:00+02', '\\x00', 1, 1
);
insert into ticket_events (
    id, municipality_id, is_sensitive, ticket_id, seq, kind, actor, via, at, to_status, chain
) values (
    nextval('ticket_events_municipal_id'), 1, false, '00000000-0000-0000-0000-000000000001', 1, 'created',
    'tvd_operator', 'console', '2026-03-01 08:00+02', 'open', sha256('')
);
"""
"""Rows as an earlier program could have left them, for the revisions that know their tables."""


@pytest.fixture(scope="module", autouse=True)
def _logins(server: Server) -> None:
    """Let everybody have a login, also where a test begins with an empty database."""
    server.drop(server.fresh())


@pytest.fixture(scope="module")
def clean(server: Server) -> Iterator[Database]:
    """One database for all changes that are taken back."""
    database = server.fresh()
    yield database
    server.drop(database)


@pytest.fixture(scope="module")
def from_empty(server: Server) -> tuple[dict[str, str], str]:
    """Catalog and dump of a database made in one go."""
    database = server.blank()
    try:
        house.upgrade(database)
        return house.seen(database), house.dumped(database)
    finally:
        server.drop(database)


def test_the_revisions_are_the_ones_tested() -> None:
    """Every revision there is takes part in these tests."""
    files = sorted(path.name[:4] for path in (migrate.folder() / "versions").glob("[0-9]*.py"))

    assert tuple(files) == house.REVISIONS


@pytest.mark.parametrize("revision", house.REVISIONS)
def test_any_earlier_revision_arrives_at_the_same(
    blank_database: Database, from_empty: tuple[dict[str, str], str], revision: str
) -> None:
    """A database that stood at an older revision, with people and tickets in it, ends as a new one does."""
    house.upgrade(blank_database, to=revision)
    owner = blank_database.connect_owner()
    owner.execute(_PEOPLE)
    if revision > "0001":
        owner.execute(_TICKET)
    house.upgrade(blank_database)

    assert (house.seen(blank_database), house.dumped(blank_database)) == from_empty
    row = blank_database.connect("tvd_operator").execute(
        "select count(*), (select full_name from muni.operators where role = 'manager') from muni.tickets"
    )
    assert row.fetchone() == (int(revision > "0001"), "Manager 1")


def test_stating_the_law_again_changes_nothing(blank_database: Database) -> None:
    """An upgrade of a database that is up to date leaves everything as it was."""
    house.upgrade(blank_database)
    before = house.seen(blank_database), house.dumped(blank_database)
    house.upgrade(blank_database)

    assert (house.seen(blank_database), house.dumped(blank_database)) == before


def test_an_upgrade_leaves_the_tickets_alone(database: Database) -> None:
    """Tickets, their history and the people are the same after an upgrade."""
    database.connect("tvd_operator").execute(
        "select muni.add_note(t.id, 'seen') from muni.tickets as t"
        " where t.tracking_number = muni.log_ticket('water', 'low', 'a leak')"
    )
    tables = ("tickets", "ticket_events", "ticket_notes", "operators", "status_transitions")
    owner = database.connect_owner()
    before = [owner.execute(f"select * from {table} order by 1, 2").fetchall() for table in tables]
    house.upgrade(database)
    after = [owner.execute(f"select * from {table} order by 1, 2").fetchall() for table in tables]

    assert after == before


@pytest.mark.parametrize(
    "by_hand",
    [
        "create function muni.extra() returns int language sql as 'select 1'",
        "create procedure muni.extra() language sql as 'select 1'",
        "create aggregate muni.extra(int) (sfunc = int4pl, stype = int)",
        "create view muni.extra as select * from muni.tickets",
        "create materialized view muni.extra as select * from muni.tickets",
        "create policy extra on muni.tickets for select to muni_worker using (true)",
        "create policy extra on muni.tickets_sensitive for select using (true)",
        "create rule extra as on insert to muni.teams do also nothing",
        (
            "create trigger extra before insert on muni.teams for each row"
            " execute function suppress_redundant_updates_trigger()"
        ),
        "grant select on muni.tickets_sensitive to muni_manager",
        "grant update (status) on muni.tickets to muni_operator",
        "grant select (description) on muni.confidential_reports to public",
        "grant insert, update, delete, truncate, references, trigger on muni.tickets to muni_admin",
        "grant usage on sequence muni.ticket_events_sensitive_id to muni_operator",
        "grant create on schema muni to muni_saps",
        "grant execute on function muni._append to muni_operator",
        "grant execute on function muni.import_tickets to muni_manager with grant option",
        "grant select on muni.tickets to test_stranger",
        "alter table muni.tickets_sensitive disable row level security",
        "alter function muni.change_status security invoker",
        "alter function muni.take_ticket set search_path = public",
        "drop policy manager on muni.tickets",
        "alter policy manager on muni.tickets using (true)",
        "drop function muni.add_note",
        "revoke select on muni.tickets from muni_operator",
        "update muni.status_transitions set roles = array_append(roles, 'operator') where to_status = 'closed'",
    ],
    ids=lambda text: text[:60],
)
def test_what_no_file_states_is_gone(clean: Database, by_hand: str) -> None:
    """Whatever a hand has made, granted or changed in the law, stating the law again undoes."""
    with clean.connect_owner() as owner, owner.transaction(force_rollback=True):
        before = drift.snapshot(owner)
        owner.execute(by_hand)
        by_then = drift.snapshot(owner)
        migrate.state_law(owner)
        after = drift.snapshot(owner)

    assert by_then != before
    assert after == before


def test_an_upgrade_undoes_what_a_hand_has_done(database: Database) -> None:
    """The same through the upgrade as it is run."""
    before = house.seen(database)
    database.connect_owner().execute(
        "create function extra() returns int language sql as 'select 1';"
        " grant select on confidential_reports to muni_admin"
    )
    house.upgrade(database)

    assert house.seen(database) == before


def test_default_privileges_made_by_hand_grant_nothing(database: Database) -> None:
    """Rights that a hand promised in advance do not reach the functions of the next upgrade."""
    before = house.seen(database)
    owner = database.connect_owner()
    owner.execute("alter default privileges in schema muni grant execute on functions to muni_saps")
    house.upgrade(database)
    changed = {name for name, text in house.seen(database).items() if before.get(name) != text}

    assert changed == {"default privileges of muni_owner for f in muni"}


def test_a_file_that_is_taken_away_takes_its_functions_along(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program whose law no longer has a function leaves none of it in the database."""
    law = house.copied_law(tmp_path, monkeypatch) / "law"
    (law / "70_search.sql").unlink()
    grants = (law / "90_grants.sql").read_text(encoding="utf-8")
    (law / "90_grants.sql").write_text(
        re.sub(r",\s*muni\.search_tickets\(text, int\)", "", grants), encoding="utf-8"
    )
    house.upgrade(database)

    assert not any("search_tickets" in name for name in house.seen(database))


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("law/95_broken.sql", "create function muni.half() returns int;", "law/95_broken.sql"),
        ("law/95_broken.sql", "select 1 / 0", "division by zero"),
        ("law/95_broken.sql", "select from muni.no_such_table", "no_such_table"),
        (
            "versions/9998_broken.py",
            f"""
from alembic import op
revision, down_revision = "9998", "{house.REVISIONS[-1]}"
def upgrade():
    op.execute("create table half (i int)")
    op.execute("select 1 / 0")
""",
            "division by zero",
        ),
    ],
)
def test_an_upgrade_that_fails_changes_nothing(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    text: str,
    said: str,
) -> None:
    """A mistake in the last file undoes the upgrade from its first statement on, and is named in one sentence."""
    database.connect_owner().execute("create policy by_hand on teams using (true)")
    before = house.seen(database), house.dumped(database)
    (house.copied_law(tmp_path, monkeypatch) / file).write_text(text, encoding="utf-8")
    with pytest.raises(MuniconsoleError, match="nothing was changed") as failure:
        house.upgrade(database)

    assert said in str(failure.value)
    assert (house.seen(database), house.dumped(database)) == before


def test_an_empty_database_stays_empty_when_the_first_upgrade_fails(
    blank_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new database has no half of a house."""
    law = house.copied_law(tmp_path, monkeypatch) / "law"
    (law / "95_broken.sql").write_text("oops", encoding="utf-8")
    with pytest.raises(MuniconsoleError):
        house.upgrade(blank_database)
    found = blank_database.connect(blank_database.owner).execute(
        "select to_regnamespace('muni'), (select count(*) from pg_extension where extname like '%\\_%')"
    )

    assert found.fetchone() == (None, 0)


def test_two_upgrades_at_once_are_one(blank_database: Database) -> None:
    """Two people who upgrade at the same moment both end with a database that is up to date."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            house.upgrade(blank_database)
        except BaseException as failure:  # noqa: BLE001 — handed to the test, which fails with it
            failures.append(failure)

    people = [threading.Thread(target=run) for _ in range(3)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert failures == []
    assert house.check(blank_database) == []


def test_a_long_transaction_is_waited_for_not_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While somebody's transaction reads the tickets, the upgrade gives up with one clear sentence."""
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", "100ms")
    before = house.seen(database)
    reader = database.connect("tvd_operator", autocommit=False)
    reader.execute("select count(*) from muni.tickets")
    with pytest.raises(MuniconsoleError, match=r"^the database is busy: [^.\n]*$"):
        house.upgrade(database)
    reader.rollback()

    assert house.seen(database) == before
    house.upgrade(database)


def test_a_revision_that_waits_too_long_says_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence is the same where a new revision, not the law, finds its table taken."""
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", "100ms")
    versions = house.copied_law(tmp_path, monkeypatch) / "versions"
    (versions / "9998_column.py").write_text(
        f"from alembic import op\nrevision, down_revision = '9998', '{house.REVISIONS[-1]}'\n"
        "def upgrade():\n    op.execute('alter table tickets add column more int')\n",
        encoding="utf-8",
    )
    reader = database.connect("tvd_operator", autocommit=False)
    reader.execute("select count(*) from muni.tickets")
    with pytest.raises(MuniconsoleError, match=r"^the database is busy: [^.\n]*$"):
        house.upgrade(database)


def test_a_lost_connection_is_said(
    database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that goes away in the middle is named as such, and the database is as it was."""
    before = house.seen(database)
    state_law = migrate.state_law

    def cut(connection: psycopg.Connection[tuple[object, ...]]) -> None:
        server.admin.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
        state_law(connection)

    monkeypatch.setattr(migrate, "state_law", cut)
    with pytest.raises(Unreachable, match="connection was lost during the upgrade"):
        house.upgrade(database)

    assert house.seen(database) == before


@pytest.mark.parametrize("work", [house.upgrade, house.check])
def test_a_newer_database_is_refused(
    database: Database, work: Callable[[Database], object]
) -> None:
    """A program older than the database touches nothing and says what to install."""
    database.connect_owner().execute("update schema_version set version_num = '9999'")
    with pytest.raises(SchemaMismatch, match="install a newer municonsole"):
        work(database)


@pytest.mark.parametrize("revision", ["0001", None])
def test_an_older_database_cannot_be_checked(
    blank_database: Database, revision: str | None
) -> None:
    """A check of a database that is behind says so, instead of naming a hundred differences."""
    if revision:
        house.upgrade(blank_database, to=revision)
    with pytest.raises(SchemaMismatch, match="its owner runs municonsole db upgrade"):
        house.check(blank_database)


def test_the_owner_is_a_plain_login(database: Database) -> None:
    """No superuser and nobody who passes by row security made this database."""
    owner = database.connect(database.owner)
    row = owner.execute(
        "select rolsuper, rolbypassrls, rolreplication from pg_roles where rolname = current_user"
    )

    assert row.fetchone() == (False, False, False)
    owned = owner.execute(
        "select pg_get_userbyid(relowner) as owner from pg_class where relnamespace = 'muni'::regnamespace"
        " union select pg_get_userbyid(proowner) from pg_proc where pronamespace = 'muni'::regnamespace"
        " order by owner"
    )
    assert owned.fetchall() == [("muni_owner",), ("muni_people",)]


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_admin", "test_stranger"])
def test_nobody_else_upgrades(database: Database, login: str) -> None:
    """An operator who tries to upgrade is told in one sentence who may."""
    before = house.seen(database)
    with pytest.raises(Refused, match="use the one that owns it"):
        migrate.upgrade(database.dsn(login), password=database.password(login))

    assert house.seen(database) == before


def test_extensions_that_somebody_installed_are_used(
    blank_database: Database, server: Server
) -> None:
    """Where the platform has put the extensions into public, no second copy is made."""
    with psycopg.connect(
        server.cluster.superuser_dsn(blank_database.dbname), autocommit=True
    ) as superuser:
        superuser.execute(
            "create extension pg_trgm schema public; create extension btree_gin schema public"
        )
        superuser.execute("revoke all on schema public from public")
    house.upgrade(blank_database)
    found = blank_database.connect(blank_database.owner).execute(
        "select extnamespace::regnamespace::text, to_regnamespace('ext') from pg_extension"
        " where extname in ('pg_trgm', 'btree_gin')"
    )

    assert found.fetchall() == [("public", None)] * 2
    assert house.check(blank_database) == []


@pytest.mark.parametrize(
    "public", ["drop schema public", "revoke all on schema public from public"]
)
def test_a_database_without_a_public_schema_will_do(
    blank_database: Database, server: Server, public: str
) -> None:
    """A platform that has closed or removed the schema public can be upgraded all the same, twice."""
    with psycopg.connect(
        server.cluster.superuser_dsn(blank_database.dbname), autocommit=True
    ) as superuser:
        superuser.execute("alter schema public owner to postgres")
        superuser.execute(public)
    house.upgrade(blank_database)
    house.upgrade(blank_database)

    assert house.check(blank_database) == []


def test_an_upgrade_leaves_other_systems_in_public_alone(blank_database: Database) -> None:
    """Another system of the platform that keeps its tables in public goes on reading them."""
    owner = blank_database.connect(blank_database.owner)
    owner.execute(
        "create table public.bulletin (line text); grant select on public.bulletin to public"
    )
    house.upgrade(blank_database)

    assert blank_database.connect("test_stranger").execute(
        "select count(*) from public.bulletin"
    ).fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        blank_database.connect("test_stranger").execute("create table public.mine (i int)")


def test_progress_is_told(blank_database: Database) -> None:
    """Whoever upgrades sees what is being done."""
    told: list[str] = []
    migrate.upgrade(
        blank_database.owner_dsn, password=blank_database.owner_password, progress=told.append
    )

    assert told == ["roles, schema, extensions", f"schema: empty to {migrate.schema_head()}", "law"]
