"""`db harden`: PostgreSQL's own statistics, before and after, as everybody who logs in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from law import desk, house
from psycopg.conninfo import make_conninfo
from support import world
from support.database import Database, Server
from support.program import Open, Outcome, Run, environment, run_inside

from municonsole.db.harden import OPEN

pytestmark = pytest.mark.law

LOGINS = (*(desk.login("tvd", role) for role in desk.ROLES), world.WORKER, world.INTAKE)
EVERYBODY = (*LOGINS, world.STRANGER)
WALLED = "'muni.tickets_sensitive'::regclass"
LOOKS = (
    "select * from pg_stat_user_tables",
    "select * from pg_stat_all_indexes",
    "select * from pg_statio_user_tables",
    "select * from pg_stat_activity",
    "select * from pg_stat_database",
    "select * from pg_stat_user_functions",
    "select * from pg_stat_xact_all_tables",
    "select * from pg_locks",
    "select * from pg_prepared_xacts",
    "select * from pg_sequences",
    "select * from pg_stat_progress_vacuum",
    "select pg_blocking_pids(pg_backend_pid())",
    "select pg_database_size(current_database())",
    "select pg_current_wal_lsn()",
)
LOOKS_BEHIND_THE_WALL = (
    f"select pg_relation_size({WALLED})",
    f"select pg_total_relation_size({WALLED})",
    f"select pg_indexes_size({WALLED})",
    f"select pg_relation_filenode({WALLED})",
    f"select pg_relation_filepath({WALLED})",
    f"select pg_stat_get_live_tuples({WALLED})",
    f"select pg_stat_get_tuples_inserted({WALLED})",
    f"select pg_stat_get_numscans({WALLED})",
)


def harden(server: Server, database: Database, folder: Path) -> Outcome:
    """`db harden` as a superuser."""
    dsn = make_conninfo(server.cluster.superuser_dsn(), dbname=database.dbname)
    return run_inside(("db", "harden"), environment(folder, MUNICONSOLE_DSN=dsn))


@pytest.fixture(scope="module")
def shared(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A hardened database, for looking only."""
    database = server.fresh()
    assert harden(server, database, tmp_path_factory.mktemp("home")).status == 0
    yield database
    server.drop(database)


@pytest.fixture
def hardened(shared: Database) -> Iterator[Database]:
    """The same, whose connections end with the test."""
    yield shared
    shared.close()


@pytest.fixture
def monitor(server: Server) -> Iterator[str]:
    """A login that watches the server, as a monitoring program does."""
    server.passwords["x_monitor"] = "made up here"
    server.admin.execute("create role x_monitor login password 'made up here' in role pg_monitor")
    yield "x_monitor"
    server.admin.execute("drop role x_monitor")
    del server.passwords["x_monitor"]


@pytest.mark.parametrize("username", EVERYBODY)
def test_before_it_postgresql_shows_them_to_everybody(database: Database, username: str):
    """What the threat model says is open is open: the test of the next one looks at something."""
    connection = database.connect(username)
    for look in LOOKS:
        connection.execute(look)
    if username != world.STRANGER:  # who may not even name a table of ours
        for look in LOOKS_BEHIND_THE_WALL:
            connection.execute(look)

    assert connection.execute(OPEN).fetchone()[0] is True


@pytest.mark.parametrize("username", EVERYBODY)
def test_after_it_nobody_at_a_desk_sees_them(hardened: Database, username: str):
    """Row counts, sizes, locks, sessions and what is written tell an operator nothing."""
    connection = hardened.connect(username)
    for look in (*LOOKS, *LOOKS_BEHIND_THE_WALL):
        assert desk.refusal(connection, look).sqlstate == "42501", look
    left = connection.execute(
        """
        select c.relname::text from pg_class as c
        where c.relnamespace = 'pg_catalog'::regnamespace and c.relname ~ '^pg_stat(io)?_'
            and c.relkind = 'v' and has_table_privilege(c.oid, 'select')
        union all
        select p.oid::regprocedure::text from pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace and p.proname ~ '^pg_stat_get_'
            and has_function_privilege(p.oid, 'execute')
        """
    )

    assert left.fetchall() == []
    assert connection.execute(OPEN).fetchone()[0] is False


def test_who_watches_the_server_goes_on_watching(hardened: Database, monitor: str):
    """A monitoring program that is a member of pg_monitor is not blinded."""
    connection = hardened.connect(monitor)
    for look in LOOKS:
        connection.execute(look)
    seen = connection.execute("select count(*) from pg_stat_activity").fetchone()

    assert seen is not None
    assert seen[0] > 0


def acls(server: Server, database: Database) -> list[object]:
    """Every grant on PostgreSQL's catalog."""
    dsn = make_conninfo(server.cluster.superuser_dsn(), dbname=database.dbname)
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            """
            select c.oid::regclass::text, c.relacl::text from pg_class as c
            where c.relnamespace = 'pg_catalog'::regnamespace
            union all
            select p.oid::regprocedure::text, p.proacl::text from pg_proc as p
            where p.pronamespace = 'pg_catalog'::regnamespace
            order by 1
            """
        ).fetchall()


def test_doing_it_again_changes_nothing(
    server: Server, database: Database, blank_database: Database, tmp_path: Path
):
    """Once a database, and of no consequence to another one of the server."""
    other = acls(server, blank_database)
    open_ones = acls(server, database)
    first = harden(server, database, tmp_path)
    closed = acls(server, database)
    second = harden(server, database, tmp_path)

    assert (first.status, second.status) == (0, 0)
    assert first.output == second.output
    assert closed != open_ones
    assert acls(server, database) == closed
    assert acls(server, blank_database) == other


@pytest.mark.parametrize("username", ["test_owner", "tvd_admin", world.STRANGER])
def test_it_takes_a_superuser(as_: Run, server: Server, database: Database, username: str):
    """Anybody else reads so in one sentence, exit status 3, and nothing is changed."""
    before = acls(server, database)
    done = as_(username, "db", "harden")

    assert (done.status, done.output) == (3, "")
    assert done.complaint.startswith("municonsole: db harden changes PostgreSQL's own catalog")
    assert done.complaint.count("\n") == 1
    assert acls(server, database) == before


def test_an_empty_database_is_upgraded_first(
    server: Server, blank_database: Database, tmp_path: Path
):
    """The superuser is told so."""
    done = harden(server, blank_database, tmp_path)

    assert (done.status, done.complaint.count("\n")) == (1, 1)
    assert "municonsole db upgrade" in done.complaint


def test_everything_works_afterwards(as_: Run, server: Server, database: Database, tmp_path: Path):
    """Upgrade, check, evidence, doctor, and a ticket from the call to its history."""
    assert harden(server, database, tmp_path).status == 0

    def done(username: str, *words: str, stdin: str = "") -> str:
        outcome = as_(username, *words, stdin=stdin)
        assert (outcome.status, outcome.complaint) == (0, ""), words
        return outcome.output.strip()

    number = done("tvd_operator", "tickets", "create", "--category", "water", stdin="A leak")
    report = done("tvd_operator", "tickets", "create", "--category", "gbv", stdin="made up")
    done("tvd_manager", "tickets", "assign", number, "--team", "Water 1")
    done("tvd_operator", "tickets", "take", number)
    done("tvd_operator", "tickets", "contact", number, "--outcome", "told them")
    done("tvd_operator", "tickets", "escalate", number, "--reason", "third call")
    done("tvd_operator", "tickets", "status", number, "resolved")
    done("tvd_manager", "tickets", "reclassify", number, "--category", "roads", "--reason", "tar")
    done("tvd_operator", "tickets", "list", "--search", "leak")
    done("tvd_operator", "tickets", "history", number)
    done("tvd_saps", "tickets", "show", report)
    done("tvd_admin", "tickets", "show", report, "--reason", "a court order came")
    done("tvd_operator", "doctor")
    done("test_owner", "operators", "list")
    done("test_owner", "audit", "verify")
    done("test_owner", "audit", "export", str(tmp_path / "heads"))
    done("test_owner", "db", "check")
    done("test_owner", "db", "upgrade")

    assert house.check(database) == []


@pytest.mark.parametrize("by", ["tvd_admin", "test_owner"])
def test_disabling_still_ends_sessions(
    as_: Run, server: Server, database: Database, tmp_path: Path, by: str
):
    """Finding somebody's sessions is left to those who end them."""
    assert harden(server, database, tmp_path).status == 0
    words = ("operators", "add", "x_brief", "--name", "Operator 9")
    try:
        as_("tvd_admin", *words, stdin="made up here")
        with psycopg.connect(database.dsn("x_brief"), password="made up here") as open_one:
            done = as_(by, "operators", "disable", "x_brief")
            with pytest.raises(psycopg.errors.AdminShutdown):
                open_one.execute("select 1")
    finally:
        server.drop(database)
        server.admin.execute("drop role if exists x_brief")

    assert (done.status, done.complaint) == (0, "")


def test_the_console_opens_on_it(
    server: Server, database: Database, terminal: Open, tmp_path: Path
):
    """An operator notices nothing."""
    assert harden(server, database, tmp_path).status == 0
    number = desk.log(database.connect("tvd_operator"))
    screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
    screen.wait_for("connected")
    screen.type("5")
    screen.wait_for(number[-6:])
    screen.type("q")

    assert screen.wait() == 0
