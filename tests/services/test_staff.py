"""People: an administrator adds, moves and disables; the owner makes the others."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from services.conftest import OpenDesk
from support.database import Database, Server

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.db import owner
from municonsole.domain.errors import InvalidInput, LoginFailed, NotAnOperator, Refused
from municonsole.domain.values import Role

PASSWORD = "a long enough password"


@pytest.fixture
def newcomers(server: Server) -> Iterator[list[str]]:
    """Logins that a test makes; roles are the server's, so they are dropped afterwards."""
    names = ["new_one", "new_two", "new_liaison"]
    yield names
    for name in names:
        server.admin.execute(f"drop role if exists {name}")


async def test_a_new_operator_logs_in_with_the_password_given(
    database: Database, desk_of: OpenDesk, newcomers: list[str]
) -> None:
    """Added, and at work: in the team, with an operator's permissions."""
    admin = await desk_of("tvd_admin")
    await admin.staff.add("new_one", "Operator\x1b 9", Role.OPERATOR, "water 1", PASSWORD)
    desk = await open_desk(Config(), database.dsn("new_one"), PASSWORD)
    me = desk.operator
    await desk.close()

    assert (me.role, me.team_name, me.full_name) == (Role.OPERATOR, "Water 1", "Operator\ufffd 9")
    assert me.municipality.code == "tvd"


async def test_the_password_never_reaches_the_server(
    server: Server, desk_of: OpenDesk, newcomers: list[str]
) -> None:
    """What the server keeps is a SCRAM verifier, made here."""
    admin = await desk_of("tvd_admin")
    await admin.staff.add("new_one", "Operator 9", Role.OPERATOR, None, PASSWORD)
    kept = server.admin.execute(
        "select rolpassword, rolconnlimit, rolsuper or rolcreaterole or rolcreatedb from pg_authid "
        "where rolname = 'new_one'"
    ).fetchone()

    assert kept is not None
    assert kept[0].startswith("SCRAM-SHA-256$")
    assert kept[1:] == (5, False)


async def test_disabling_shuts_an_open_console_out_at_once(
    database: Database, desk_of: OpenDesk, newcomers: list[str]
) -> None:
    """No row and no action on the open connection, no new login; enabling undoes it."""
    admin = await desk_of("tvd_admin")
    await admin.staff.add("new_one", "Operator 9", Role.OPERATOR, None, PASSWORD)
    with psycopg.connect(database.dsn("new_one"), password=PASSWORD, autocommit=True) as open_one:
        await admin.staff.disable("new_one")
        with pytest.raises(psycopg.errors.AdminShutdown):
            open_one.execute("select 1")
    with pytest.raises(LoginFailed):
        await open_desk(Config(), database.dsn("new_one"), PASSWORD)
    await admin.staff.enable("new_one")
    desk = await open_desk(Config(), database.dsn("new_one"), PASSWORD)

    assert desk.operator.username == "new_one"
    await desk.close()


async def test_moves_and_new_passwords_take_effect(
    database: Database, desk_of: OpenDesk, newcomers: list[str]
) -> None:
    """Another team at the next login, the old password no longer."""
    admin = await desk_of("tvd_admin")
    await admin.staff.add("new_one", "Manager 9", Role.MANAGER, "Water 1", PASSWORD)
    await admin.staff.set_team("new_one", "Roads 1")
    await admin.staff.reset_password("new_one", PASSWORD + "!")
    with pytest.raises(LoginFailed):
        await open_desk(Config(), database.dsn("new_one"), PASSWORD)
    desk = await open_desk(Config(), database.dsn("new_one"), PASSWORD + "!")

    assert desk.operator.team_name == "Roads 1"
    await desk.close()


@pytest.mark.parametrize(
    ("username", "role", "team", "said"),
    [
        ("new_one", Role.SAPS_LIAISON, None, "made by the database's owner"),
        ("new_one", Role.ADMIN, None, "made by the database's owner"),
        ("new_one", Role.OPERATOR, "SAPS North", "no such active municipal team"),
        ("new_one", Role.OPERATOR, "Water closed", "no such active municipal team"),
        ("tvd_operator", Role.OPERATOR, None, "is taken"),
        ("muni_saps", Role.OPERATOR, None, "a login is 3 to 31"),
        ("pg_monitor", Role.OPERATOR, None, "a login is 3 to 31"),
        ('x"; drop role y; --', Role.OPERATOR, None, "a login is 3 to 31"),
        ("New_One", Role.OPERATOR, None, "a login is 3 to 31"),
        ("", Role.OPERATOR, None, "a login is 3 to 31"),
    ],
)
async def test_what_an_administrator_may_not_make_is_refused(
    desk_of: OpenDesk, newcomers: list[str], username: str, role: Role, team: str | None, said: str
) -> None:
    """Liaisons, administrators, SAPS teams, names that are taken or no names: one sentence each."""
    admin = await desk_of("tvd_admin")

    with pytest.raises((InvalidInput, Refused), match=said):
        await admin.staff.add(username, "Somebody", role, team, PASSWORD)


@pytest.mark.parametrize(
    "username", ["tvd_saps", "tvd_admin", "ksb_operator", "test_owner", "muni_owner", "nobody"]
)
async def test_people_beyond_reach_are_not_there(desk_of: OpenDesk, username: str) -> None:
    """Liaisons, administrators, another municipality's people, roles of the house: the same answer."""
    admin = await desk_of("tvd_admin")
    for attempt in (
        admin.staff.disable(username),
        admin.staff.enable(username),
        admin.staff.set_team(username, None),
        admin.staff.reset_password(username, PASSWORD),
    ):
        with pytest.raises(InvalidInput, match="there is no operator or manager"):
            await attempt


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_saps"])
async def test_only_an_administrator_manages_people(desk_of: OpenDesk, username: str) -> None:
    """Everybody else reads who does."""
    desk = await desk_of(username)

    with pytest.raises(Refused, match="administrators"):
        await desk.staff.disable("tvd_operator2")


async def test_the_owner_makes_a_liaison_in_a_saps_team(
    database: Database, newcomers: list[str]
) -> None:
    """SAPS people and their teams are the owner's to say; a municipal team is none for them."""

    def make(team: str) -> None:
        with owner.as_owner(database.owner_dsn, database.owner_password) as connection:
            owner.add(
                connection,
                username="new_liaison",
                full_name="Liaison 9",
                role=Role.SAPS_LIAISON,
                municipality="ksb",
                team=team,
                password=PASSWORD,
            )

    with pytest.raises(InvalidInput, match="SAPS North, SAPS South"):
        make("Water 1")
    make("saps south")
    desk = await open_desk(Config(), database.dsn("new_liaison"), PASSWORD)

    assert (desk.operator.role, desk.operator.team_name) == (Role.SAPS_LIAISON, "SAPS South")
    await desk.close()


async def test_nobody_else_acts_as_the_owner(database: Database) -> None:
    """An operator's login gets no further than an operator."""
    with (
        pytest.raises(NotAnOperator),
        owner.as_owner(database.dsn("tvd_admin"), database.password("tvd_admin")),
    ):
        pytest.fail("an administrator acts as the owner")


async def test_the_audit_log_keeps_what_was_done_to_people(
    database: Database, desk_of: OpenDesk, newcomers: list[str]
) -> None:
    """Managers and administrators read it, of their own municipality; operators do not."""
    admin = await desk_of("tvd_admin")
    await admin.staff.add("new_one", "Operator 9", Role.OPERATOR, "Water 1", PASSWORD)
    await admin.staff.disable("new_one")
    lines = database.connect("tvd_manager").execute(
        "select seq, actor, kind, subject from muni.audit_log order by seq"
    )

    assert lines.fetchall() == [
        (1, "tvd_admin", "operator_created", "new_one"),
        (2, "tvd_admin", "operator_disabled", "new_one"),
    ]
    assert database.connect("ksb_admin").execute("select * from muni.audit_log").fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.connect("tvd_operator").execute("select * from muni.audit_log")
