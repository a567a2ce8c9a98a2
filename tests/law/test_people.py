"""Managing people, attacked: what an administrator's raw connection must not get out of the functions.

On PostgreSQL 15 CREATEROLE does not ask for ADMIN OPTION: there the functions alone refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from support import world
from support.database import Database, Server

from law import desk

pytestmark = pytest.mark.law

CREATE = "select muni.create_operator(%s, %s, %s, %s, %s)"
RESET = "select muni.reset_operator_password(%s, %s)"
BY_NAME = (
    "select muni.disable_operator(%s)",
    "select muni.enable_operator(%s)",
    "select muni.set_operator_team(%s, null)",
)
PRIVATE = (
    "select muni._create_login('x_new', %s, 'muni_saps')",
    "select muni._alter_login('tvd_saps', %s, true)",
    "select muni._end_sessions('tvd_saps')",
    "select muni._check_login('x_new', null)",
    "select muni._check_name('Somebody')",
    "select muni._audit(1, 'operator_created', 'x_new')",
    "select muni._admin()",
    "select muni._person('tvd_operator', null)",
    "select muni._municipal_team('Water 1', 1)",
)
NAMES = (
    *("", " ", "ab", "a" * 32, "a" * 70, "9lives", "_x_new", "X_new", "x new", "x-new", "x.new"),
    *(
        "pg_x_new",
        "muni_x_new",
        "public",
        "none",
        "current_user",
        "session_user",
        "user",
        "postgres",
    ),
    *('x" superuser --', "x'; drop role y; --", "x_new\n", "x_new\\", "x_nëw", "x_new\u202e"),
    *("muni_owner", "muni_people", "muni_saps", "pg_read_all_data", None),
)
ROLES = (
    *("admin", "saps_liaison", "saps", "people", "owner", "worker", "intake", "", " operator"),
    *("Operator", "operator, muni_saps", 'operator" in role muni_saps --', "operator\n", None),
)
KEY = "A" * 43 + "="
SALT = "QSXCR+Q6sek8bf92Q6sek8bf"
GOOD = f"SCRAM-SHA-256$4096:{SALT}${KEY}:{KEY}"
VERIFIERS = (
    *(None, "", "a long enough password", "md5" + "0" * 32, KEY, GOOD[:-1], GOOD + "=", " " + GOOD),
    *(GOOD + "\n", "\n" + GOOD, GOOD.lower(), GOOD.replace("4096", "1"), GOOD.replace("4096", "0")),
    *(GOOD.replace("4096", "4095"), GOOD.replace("4096", "99999999999999999999"), GOOD + GOOD),
    *(GOOD.replace("4096", "-4096"), GOOD.replace("$", ""), GOOD.replace(":", "$")),
    *(GOOD.replace(SALT, ""), GOOD.replace(SALT, "abc"), GOOD.replace(SALT, SALT + "=")),
    # What PostgreSQL does not read as a verifier would become the password itself.
    *(GOOD.replace(KEY, "A" * 44), GOOD.replace(KEY, "A" * 42 + "=="), GOOD.replace("A" * 43, "'")),
    *(GOOD + "' superuser password '" + GOOD, "SCRAM-SHA-256$4096:' superuser createrole '"),
)
FULL_NAMES = (None, "", " \t", "x" * 101, "Name\x1b]0;x\x07", "Na\nme", "Na\u202eme", "Na\u2028me")


@pytest.fixture(scope="module")
def closed_hall(server: Server) -> Iterator[Database]:
    """A database on which everything that is tried is refused."""
    database = server.fresh()
    yield database
    server.drop(database)


@pytest.fixture
def hall(closed_hall: Database) -> Iterator[Database]:
    """The same, whose connections end with the test."""
    yield closed_hall
    closed_hall.close()


@contextmanager
def nothing_changes(server: Server, database: Database) -> Iterator[None]:
    """Whatever is tried within: roles, memberships, people and the audit log are afterwards the same."""

    def everything() -> list[object]:
        with database.connect_owner() as owner:
            return [
                server.admin.execute("select a::text from pg_authid as a order by 1").fetchall(),
                server.admin.execute(
                    "select roleid, member, admin_option from pg_auth_members order by 1, 2, 3"
                ).fetchall(),
                owner.execute("select o::text from operators as o order by 1").fetchall(),
                owner.execute("select a::text from audit_log as a order by 1").fetchall(),
            ]

    before = everything()
    yield

    assert everything() == before


def refuses(connection: psycopg.Connection, query: str, *values: object) -> tuple[str, str]:
    """The SQLSTATE and the sentence of a call that must not succeed: the law's own words, in one line."""
    error = desk.refusal(connection, query, values)
    said = error.diag.message_primary or ""

    assert error.sqlstate in {"22023", "42501"}, (values, error)
    assert "\n" not in said.strip("\n") or any("\n" in str(value) for value in values)
    return str(error.sqlstate), said


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_makes_no_login(server: Server, hall: Database, name: str | None):
    """Names of the house, of PostgreSQL, of nobody, and names that are SQL."""
    with nothing_changes(server, hall):
        _, said = refuses(hall.connect("tvd_admin"), CREATE, name, "N", "operator", None, GOOD)

    assert said.startswith("a login is 3 to 31")


@pytest.mark.parametrize("name", sorted({*world.GROUPS.values(), "tvd_saps", "ksb_admin"}))
def test_a_login_that_exists_is_not_made_again(server: Server, hall: Database, name: str):
    """Nobody takes over a liaison's, an administrator's or a group's name."""
    with nothing_changes(server, hall):
        refuses(hall.connect("tvd_admin"), CREATE, name, "N", "operator", None, GOOD)


def test_a_login_of_another_program_is_not_taken_over(server: Server, hall: Database):
    """A login of the server that is no operator cannot become one, nor get another password."""
    admin = hall.connect("tvd_admin")
    with nothing_changes(server, hall):
        for name in (world.STRANGER, world.WORKER, hall.owner):
            _, said = refuses(admin, CREATE, name, "N", "operator", None, GOOD)
            assert said == f"the login {name} is taken; choose another name"
            refuses(admin, RESET, name, GOOD)
            for query in BY_NAME:
                refuses(admin, query, name)


@pytest.mark.parametrize("role", ROLES)
def test_no_group_but_two_is_given(server: Server, hall: Database, role: str | None):
    """Neither SAPS nor admin, nor a role that hides another one in its name."""
    with nothing_changes(server, hall):
        _, said = refuses(hall.connect("tvd_admin"), CREATE, "x_new", "N", role, None, GOOD)

    assert said.startswith("an administrator adds operators and managers")


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_nothing_but_a_verifier_becomes_a_password(
    server: Server, hall: Database, verifier: str | None
):
    """No clear text, no MD5, nothing weak, nothing that PostgreSQL would take for a password."""
    admin = hall.connect("tvd_admin")
    with nothing_changes(server, hall):
        _, made = refuses(admin, CREATE, "x_new", "N", "operator", None, verifier)
        _, said = refuses(admin, RESET, "tvd_operator", verifier)

    assert said == "a password is sent as a SCRAM verifier only"
    assert made == ("a new login needs a password" if verifier is None else said)


@pytest.mark.parametrize("full_name", FULL_NAMES)
def test_a_name_that_could_drive_a_terminal_is_refused(
    server: Server, hall: Database, full_name: str | None
):
    """Whoever writes past the console still writes for the consoles of others."""
    with nothing_changes(server, hall):
        refuses(hall.connect("tvd_admin"), CREATE, "x_new", full_name, "operator", None, GOOD)


@pytest.mark.parametrize("team", ["SAPS North", "saps south", "Water closed", "Nowhere", "", "%"])
def test_a_team_that_is_not_theirs_is_no_team(server: Server, hall: Database, team: str):
    """SAPS teams, closed teams and no teams are told apart by nobody."""
    admin = hall.connect("tvd_admin")
    with nothing_changes(server, hall):
        _, made = refuses(admin, CREATE, "x_new", "N", "operator", team, GOOD)
        _, moved = refuses(admin, "select muni.set_operator_team('tvd_operator', %s)", team)

    assert made == moved == "there is no such active municipal team"


@pytest.mark.parametrize(
    "name",
    ["tvd_saps", "tvd_admin", "ksb_operator", "ksb_manager", "nobody", "muni_saps", "", None],
)
def test_people_out_of_reach_are_not_there(server: Server, hall: Database, name: str | None):
    """Liaisons, administrators (oneself too) and another town's people: the same words as for nobody."""
    admin = hall.connect("tvd_admin")
    with nothing_changes(server, hall):
        said = {refuses(admin, query, name)[1] for query in BY_NAME}
        said.add(refuses(admin, RESET, name, GOOD)[1])

    shown = "<NULL>" if name is None else name
    assert said == {f"there is no operator or manager {shown} in your municipality"}


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_saps", "tvd_disabled"])
def test_nobody_else_manages_anybody(server: Server, hall: Database, username: str):
    """Neither oneself nor others, whatever is given."""
    connection = hall.connect(username)
    with nothing_changes(server, hall):
        refuses(connection, CREATE, "x_new", "N", "operator", None, GOOD)
        refuses(connection, RESET, username, GOOD)
        for query in BY_NAME:
            refuses(connection, query, username)


@pytest.mark.parametrize("username", ["tvd_admin", "tvd_manager", "tvd_saps", world.WORKER])
def test_what_the_functions_do_inside_nobody_calls(server: Server, hall: Database, username: str):
    """The parts that make and change logins are not granted."""
    connection = hall.connect(username)
    with nothing_changes(server, hall):
        for query in PRIVATE:
            values = (GOOD,) if "%s" in query else ()
            assert desk.refusal(connection, query, values).sqlstate == "42501"


def test_no_role_is_made_or_granted_past_the_functions(server: Server, hall: Database):
    """An administrator is no CREATEROLE, and becomes nobody else."""
    admin = hall.connect("tvd_admin")
    with nothing_changes(server, hall):
        for query in (
            "create role x_new login",
            "alter role tvd_operator password 'a made up one'",
            "alter role tvd_admin createrole",
            "grant muni_saps to tvd_admin",
            "grant muni_people to tvd_admin",
            "grant tvd_saps to tvd_admin",
            "set role muni_people",
            "set role muni_owner",
            "set session authorization tvd_saps",
            "drop role tvd_operator",
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
        ):
            error = None
            try:
                rows = admin.execute(query)
                # PostgreSQL tells who cannot be ended by an error, or has nobody by that name.
                assert query.startswith("select"), query
                assert rows.fetchall() == []
            except psycopg.Error as refusal:
                error = refusal
                assert error.sqlstate == "42501"


@pytest.fixture
def more(server: Server, database: Database) -> Iterator[sql.Identifier]:
    """The owner's operator `x_more`, in the town of the administrator."""
    role = sql.Identifier("x_more")
    with database.connect_owner() as owner:
        owner.execute(
            "insert into operators (username, municipality_id, role, full_name) "
            "select 'x_more', id, 'operator', 'Operator 9' from municipalities where code = 'tvd'"
        )
        owner.execute("reset role")
        owner.execute(sql.SQL("create role {} login in role muni_operator").format(role))
    yield role
    server.drop(database)
    server.admin.execute(sql.SQL("drop role {}").format(role))


@pytest.mark.parametrize(
    "more_than_an_operator",
    [
        *("grant muni_saps to {}", "grant muni_admin to {}", "grant muni_owner to {}"),
        *("grant pg_read_all_data to {}", "alter role {} superuser", "alter role {} createrole"),
        *("alter role {} createdb", "alter role {} replication", "alter role {} bypassrls"),
        "revoke muni_operator from {}",
    ],
)
def test_a_login_that_is_more_than_an_operator_keeps_its_password(
    server: Server, database: Database, more: sql.Identifier, more_than_an_operator: str
):
    """Whatever the table of people says: who gets such a password would get all that it opens.

    The one without a group may be another program's by now. On PostgreSQL 15 only the function
    stands between.
    """
    revoked = more_than_an_operator.startswith("revoke")
    statement = more_than_an_operator
    if revoked:  # from 16 on a membership is taken back by who gave it
        statement = "revoke muni_operator from {} granted by test_owner"
        if database.connect(database.owner).info.server_version < 160_000:
            statement = more_than_an_operator
    server.admin.execute(sql.SQL(statement).format(more))
    with nothing_changes(server, database):
        _, said = refuses(database.connect("tvd_admin"), RESET, "x_more", GOOD)
    database.connect("tvd_admin").execute("select muni.disable_operator('x_more')")
    can_log_in = server.admin.execute("select rolcanlogin from pg_roles where rolname = 'x_more'")

    assert said.startswith("this login was made by the database's owner")
    assert can_log_in.fetchone() == (True,)  # its other work goes on …
    with database.connect_owner() as owner:  # … and none of ours
        active = owner.execute("select is_active from operators where username = 'x_more'")
        assert active.fetchone() == (False,)


def test_nobody_is_said_to_be_enabled_who_cannot_log_in(
    server: Server, database: Database, more: sql.Identifier
):
    """A login that the owner closed and an administrator cannot open: they are told, nothing changes."""
    server.admin.execute(sql.SQL("alter role {} createdb nologin").format(more))
    with database.connect_owner() as owner:
        owner.execute("update operators set is_active = false where username = 'x_more'")
    with nothing_changes(server, database):
        _, said = refuses(database.connect("tvd_admin"), "select muni.enable_operator('x_more')")

    assert said.endswith("who alone can let it in again")


def test_ending_sessions_leaves_no_membership_behind(server: Server, database: Database):
    """Whoever ended somebody's sessions holds none of that person's rights afterwards."""
    admin = database.connect("tvd_admin")
    memberships = (
        "select r.rolname, m.rolname from pg_auth_members as a join pg_roles as r on r.oid = a.roleid"
        " join pg_roles as m on m.oid = a.member where m.rolname in ('muni_people', 'muni_owner')"
        " and r.rolname not like 'x\\_%%' order by 1, 2"
    )
    before = server.admin.execute(memberships.replace("%%", "%")).fetchall()
    admin.execute(CREATE, ("x_brief", "Operator 9", "operator", None, GOOD))
    try:
        admin.execute("select muni.disable_operator('x_brief')")
        usable = server.admin.execute(
            "select pg_has_role('muni_people', 'x_brief', 'usage'),"
            " pg_has_role('muni_people', 'x_brief', 'set')"
            if server.admin.info.server_version >= 160_000
            else "select pg_has_role('muni_people', 'x_brief', 'usage'), false"
        ).fetchone()
    finally:
        server.drop(database)
        server.admin.execute("drop role x_brief")

    assert usable == (False, False)
    assert server.admin.execute(memberships.replace("%%", "%")).fetchall() == before


def test_a_person_in_somebody_elses_hands_waits(database: Database):
    """Two administrators who change one person do so one after the other."""
    first, second = (database.connect("tvd_admin", autocommit=False) for _ in range(2))
    first.execute("select muni.set_operator_team('tvd_operator', 'Roads 1')")
    second.execute("set local lock_timeout = '50ms'")

    assert desk.refusal(second, "select muni.set_operator_team('tvd_operator', null)").sqlstate == (
        "55P03"
    )
