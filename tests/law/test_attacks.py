"""What a person with psql would try to get past the wall, and what of it tells them something: nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from support import world
from support.database import Database, Server

from law import desk, house

pytestmark = pytest.mark.law

MUNICIPAL = ("tvd_operator", "tvd_manager", "tvd_admin")


@pytest.fixture(scope="module")
def told(server: Server) -> Iterator[tuple[Database, dict[str, desk.Story]]]:
    """A database with a ticket and a GBV report in each municipality; for looking only."""
    database = server.fresh()
    stories = desk.tell_stories(database)
    with psycopg.connect(
        server.cluster.superuser_dsn(database.dbname), autocommit=True
    ) as superuser:
        superuser.execute("analyze")
    yield database, stories
    server.drop(database)


@pytest.fixture
def walled(told: tuple[Database, dict[str, desk.Story]]) -> Iterator[Database]:
    """The told database, its connections closed after the test."""
    yield told[0]
    told[0].close()


# ----------------------------------------------------------------------------------- functions


@pytest.mark.parametrize("login", [*MUNICIPAL, "tvd_saps"])
def test_a_cheap_chatty_function_is_told_nothing(
    walled: Database, told: tuple[Database, dict[str, desk.Story]], server: Server, login: str
) -> None:
    """A function that costs nothing and tells all it is given is asked after the policies, never before."""
    with psycopg.connect(server.cluster.superuser_dsn(walled.dbname), autocommit=True) as superuser:
        superuser.execute(
            """
            create schema if not exists theirs;
            grant usage on schema theirs to public;
            create or replace function theirs.tell(words text) returns bool
            language plpgsql cost 0.0000001 as $$
            begin
                raise notice '%', words;
                return true;
            end
            $$;
            """
        )
    person = walled.connect(login)
    heard: list[str] = []
    person.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
    for relation in house.relations(walled):
        for query in (
            f"select from muni.{relation} as t where theirs.tell(t::text)",
            f"select case when theirs.tell(t::text) then 1 end from muni.{relation} as t",
            f"select from muni.{relation} as t order by theirs.tell(t::text)",
        ):
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                person.execute(query)
    text = "\n".join(heard)
    story, other = (told[1][code] for code in ("tvd", "ksb"))
    hidden = (*other.municipal_marks, *other.sensitive_marks) + (
        story.municipal_marks if login == "tvd_saps" else story.sensitive_marks
    )

    assert heard
    assert [mark for mark in hidden if mark in text and mark != login] == []


SHADOWS = """
create {temporary} table {schema}operators as
    select 'tvd_operator'::name as username, 1 as municipality_id, 'saps_liaison' as role,
    9 as team_id, 'X' as full_name, true as is_active;
create {temporary} table {schema}tickets (id uuid, is_sensitive bool);
create {temporary} table {schema}confidential_openings (id uuid);
create function {schema}_actor() returns int language sql as 'select 1';
create function {schema}_deny() returns void language sql as 'select';
create function {schema}pg_has_role(name, text, text) returns bool language sql as 'select true';
create function {schema}eq(text, text) returns bool language sql as 'select true';
create operator {schema}= (leftarg = text, rightarg = text, function = {schema}eq);
create operator {schema}<> (leftarg = text, rightarg = text, function = {schema}eq);
"""


@pytest.mark.parametrize("schema", ["pg_temp.", "mine."])
def test_shadows_of_tables_functions_and_operators_deceive_nobody(
    database: Database, server: Server, schema: str
) -> None:
    """Where somebody may make objects by mistake, they cannot put theirs in the place of ours."""
    stories = desk.tell_stories(database)
    story = stories["tvd"]
    ticket = desk.id_of(database, story.sensitive)
    with psycopg.connect(
        server.cluster.superuser_dsn(database.dbname), autocommit=True
    ) as superuser:
        superuser.execute("create schema mine authorization tvd_operator")
        superuser.execute(
            sql.SQL("grant temporary on database {} to tvd_operator").format(
                sql.Identifier(database.dbname)
            )
        )
    person = database.connect("tvd_operator")
    person.execute(
        SHADOWS.format(
            schema=schema, temporary="temporary" if schema == "pg_temp." else ""
        ).replace("temporary table pg_temp.", "temporary table ")
    )
    person.execute(f"set search_path = {schema[:-1]}, pg_catalog, muni")
    row = person.execute("select role, team_name from muni.whoami()").fetchone()

    assert row == ("operator", "Water 1")
    assert desk.value(person, "select count(*) from muni.tickets where is_sensitive") == 0
    assert desk.value(person, "select muni.municipality_as('saps_liaison')") is None
    desk.assert_refused(person, desk.NOTE, (ticket, "words"))
    assert desk.refusal(person, desk.ASSIGN, (ticket, 1, None, None)).sqlstate == "42501"
    assert person.execute("select muni.search_tickets(%s)", (story.sensitive,)).fetchall() == []


# ----------------------------------------------------------------------------- who one claims to be


@pytest.mark.parametrize("login", [*MUNICIPAL, "tvd_saps", world.WORKER, world.INTAKE])
@pytest.mark.parametrize(
    "claim",
    [
        "set role muni_owner",
        "set role muni_worker_or_other",
        "set session authorization muni_owner",
        "set session authorization tvd_saps2",
        "set local session authorization postgres",
        "select set_config('role', 'muni_owner', false)",
        "select set_config('session_authorization', 'tvd_saps2', false)",
        "select set_config('is_superuser', 'on', false)",
        "set session_replication_role = replica",
        "alter role session_user bypassrls",
        "alter role session_user superuser",
        "alter role session_user createrole",
        "create role mine login",
        "grant muni_saps to test_stranger",
        "grant muni_owner to session_user",
        "reassign owned by muni_owner to session_user",
        "drop owned by muni_owner",
        "create extension dblink",
        "create extension adminpack",
        "load 'auto_explain'",
        "alter system set log_statement = 'all'",
        "alter database {database} set row_security = off",
        "create event trigger mine on ddl_command_end execute function suppress_redundant_updates_trigger()",
        "create schema mine",
        "create temporary table mine (i int)",
        "create function public.mine() returns int language sql as 'select 1'",
        "create function pg_temp.mine() returns int language sql as 'select 1'",
        "create publication mine for all tables",
        "create subscription mine connection '' publication mine",
        "copy (select 1) to program 'true'",
        "copy (select 1) to '/tmp/mine'",
        "select pg_read_file('postgresql.conf')",
        "select pg_ls_dir('.')",
        "select lo_import('/etc/passwd')",
        "select pg_create_logical_replication_slot('mine', 'test_decoding')",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
        "select * from pg_authid",
        "select * from pg_statistic",
        "select * from pg_hba_file_rules",
    ],
    ids=lambda text: text[:60],
)
def test_nobody_becomes_more_than_they_are(walled: Database, login: str, claim: str) -> None:
    """No claim, setting, role, file or extension makes a login more than it is."""
    person = walled.connect(login)
    query = claim.replace(
        "muni_worker_or_other", "muni_saps" if "saps" not in login else "muni_admin"
    )
    if "alter database" in query:
        query = query.format(database=walled.dbname)
    if "pg_terminate_backend" in query:
        walled.connect(walled.owner)
        query = query.replace("'postgres'", f"'{walled.owner}'")
    with pytest.raises(psycopg.Error) as caught:
        person.execute(query)

    assert caught.value.sqlstate in {"42501", "42704", "22023", "55000", "55P02"} | (
        {"0A000", "58P01"} if "extension" in query or "subscription" in query else set()
    ), caught.value
    assert desk.value(person, "select session_user") == login


@pytest.mark.parametrize("login", MUNICIPAL)
def test_row_security_cannot_be_switched_off(walled: Database, login: str) -> None:
    """Switching row security off gives an error, not the rows."""
    person = walled.connect(login)
    person.execute("set row_security = off")
    for table in ("tickets", "ticket_events", "ticket_notes", "operators", "teams"):
        assert desk.refusal(person, f"select * from muni.{table}").sqlstate == "42501"


@pytest.mark.parametrize("login", MUNICIPAL)
def test_a_role_of_ones_own_group_shows_the_same(walled: Database, login: str) -> None:
    """Acting as one's own group neither widens nor hides anything."""
    person = walled.connect(login)
    own = desk.value(person, "select array_agg(id) from muni.tickets")
    person.execute(f"set role muni_{login[4:]}")

    assert desk.value(person, "select array_agg(id) from muni.tickets") == own
    assert desk.value(person, "select username from muni.whoami()") == login


# --------------------------------------------------------------------------------- side roads


@pytest.mark.parametrize("login", MUNICIPAL)
@pytest.mark.parametrize(
    "query",
    [
        "select last_value from muni.ticket_events_sensitive_id",
        "select nextval('muni.ticket_events_sensitive_id')",
        "select currval('muni.ticket_events_sensitive_id')",
        "select setval('muni.ticket_events_sensitive_id', 1)",
        "select lastval()",
        "select nextval('muni.ticket_events_municipal_id')",
    ],
)
def test_sequences_count_for_nobody(walled: Database, login: str, query: str) -> None:
    """Not even after logging a GBV report can its author see how many events there are."""
    person = walled.connect(login)
    with person.transaction(force_rollback=True):
        desk.log(person, "gbv")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), person.transaction():
            person.execute(query)


@pytest.mark.parametrize("login", MUNICIPAL)
def test_postgresqls_own_views_keep_quiet(
    walled: Database, told: tuple[Database, dict[str, desk.Story]], login: str
) -> None:
    """Column statistics, sequences, other sessions' statements and the text of plans hold no hidden word."""
    saps = walled.connect("tvd_saps")
    saps.execute("select 'tvdsecretstatement'")
    person = walled.connect(login)
    for query in (
        "select * from pg_stats where schemaname = 'muni'",
        "select * from pg_stats_ext where schemaname = 'muni'",
        "select * from pg_stats_ext_exprs where schemaname = 'muni'",
    ):
        rows = person.execute(query).fetchall()
        assert [row for row in rows if row[1] not in {"schema_version", "law_version"}] == []
    values = person.execute(
        "select last_value from pg_sequences where schemaname = 'muni' and last_value is not null"
    )
    assert values.fetchall() == []
    activity = person.execute("select t::text from pg_stat_activity as t").fetchall()
    text = "\n".join(str(row) for row in activity)
    assert "tvdsecret" not in text
    assert "<insufficient privilege>" in text
    for table in ("pg_prepared_statements", "pg_cursors", "pg_largeobject_metadata"):
        rows = person.execute(
            sql.SQL("select t::text from {} as t").format(sql.Identifier(table))
        ).fetchall()
        text = "\n".join(str(row) for row in rows)
        for story in told[1].values():
            assert [mark for mark in story.sensitive_marks if mark in text] == []


@pytest.mark.parametrize("login", [*MUNICIPAL, "tvd_saps"])
def test_copying_copies_what_one_sees(
    walled: Database, told: tuple[Database, dict[str, desk.Story]], login: str
) -> None:
    """COPY gives the rows of the policies, of a partition none."""
    person = walled.connect(login)
    out = b""
    for source in (
        "(select * from muni.tickets)",
        "muni.operators",
        "muni.teams",
        "(table muni.ticket_events)",
    ):
        with person.cursor().copy(f"copy {source} to stdout") as copy:
            out += b"".join(bytes(piece) for piece in copy)
    text = out.decode()
    story, other = (told[1][code] for code in ("tvd", "ksb"))
    hidden = story.municipal_marks if login == "tvd_saps" else story.sensitive_marks

    assert [mark for mark in (*other.municipal_marks, *other.sensitive_marks) if mark in text] == []
    assert [mark for mark in hidden if mark in text] == []
    for partition in ("tickets_sensitive", "tickets_municipal", "confidential_reports"):
        error = desk.refusal(person, f"copy muni.{partition} to stdout")
        assert error.sqlstate == "42501"


def test_large_objects_are_ones_own(walled: Database) -> None:
    """What one login puts into a large object, another cannot read."""
    made = desk.value(walled.connect("tvd_saps"), "select lo_from_bytea(0, 'words')")
    manager = walled.connect("tvd_manager")

    assert desk.refusal(manager, "select lo_get(%s)", (made,)).sqlstate == "42501"
    assert desk.refusal(manager, "select lo_put(%s, 0, 'x')", (made,)).sqlstate == "42501"
    assert desk.refusal(manager, "select lo_unlink(%s)", (made,)).sqlstate == "42501"


def test_nothing_is_announced(database: Database) -> None:
    """Whoever listens on every channel they can think of hears nothing of a GBV report."""
    listener = database.connect("tvd_operator")
    for channel in ("muni", "tickets", "ticket_events", "gbv", "events", "municonsole"):
        listener.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
    desk.tell_stories(database)

    assert list(listener.notifies(timeout=0)) == []


@pytest.mark.parametrize("login", MUNICIPAL)
def test_no_setting_prints_what_a_function_sees(
    walled: Database, told: tuple[Database, dict[str, desk.Story]], login: str
) -> None:
    """With every debugging message turned on, refused calls tell nothing of the row they were refused."""
    story = told[1]["tvd"]
    person = walled.connect(login)
    heard: list[str] = []
    person.add_notice_handler(
        lambda notice: heard.append(f"{notice.message_primary} {notice.message_detail}")
    )
    person.execute("set client_min_messages = debug5")
    for setting in ("debug_print_plan", "debug_print_rewritten", "debug_pretty_print"):
        person.execute(f"set {setting} = on")
    ticket = desk.id_of(walled, story.sensitive)
    for call in (desk.NOTE, desk.CHANGE):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            person.execute(call, (ticket, "resolved"))
    person.execute("select muni.search_tickets(%s)", (story.sensitive[:11],))
    person.execute("select count(*) from muni.tickets")
    text = "\n".join(heard)

    assert heard
    assert not re.search("tvdsecret", text)


def test_a_liaison_who_works_blocks_no_list(database: Database) -> None:
    """While a GBV report is locked and changed, municipal colleagues list, log and search as ever."""
    ticket = desk.new_ticket(database, "saps_liaison")
    saps = database.connect("tvd_saps", autocommit=False)
    saps.execute(desk.NOTE, (ticket, "words"))
    manager = database.connect("tvd_manager")
    manager.execute("set lock_timeout = '1ms'; set statement_timeout = '10s'")

    assert desk.value(manager, "select count(*) from muni.tickets") == 0
    desk.log(manager)
    assert len(manager.execute("select muni.search_tickets('TKT-')").fetchall()) == 1
    saps.rollback()
