"""Logging in: who gets a desk, what they may do, and what everybody else is told."""

from __future__ import annotations

import pytest
from services.conftest import OpenDesk
from support import world
from support.database import Database

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.domain.errors import LoginFailed, NotAnOperator, SchemaMismatch, Unreachable
from municonsole.domain.permissions import Permission
from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Role

EVERYBODY = {
    Permission.ADD_NOTE,
    Permission.ADD_REPORTER,
    Permission.CHANGE_STATUS,
    Permission.ESCALATE,
    Permission.LOG_TICKET,
    Permission.RECORD_CONTACT,
    Permission.SEARCH_TICKETS,
    Permission.TAKE_TICKET,
}
OPERATORS = {
    Permission.MARK_SENSITIVE,
    Permission.READ_ALERTS,
    Permission.SAVE_DRAFT,
    Permission.SIMILAR_TICKETS,
    Permission.SLA_PREVIEW,
}
SUPERVISORS = {
    Permission.ADD_NOTES,
    Permission.ASSIGN_TICKET,
    Permission.ASSIGN_TICKETS,
    Permission.CHANGE_STATUSES,
    Permission.PROPOSE_TEAM,
    Permission.UNASSIGN_TICKET,
    Permission.UNDO_ASSIGNMENT,
    Permission.UNDO_ASSIGNMENTS,
}
MANAGERS = (
    OPERATORS
    | SUPERVISORS
    | {
        Permission.BEGIN_EXPORT,
        Permission.OVERRIDE_DEADLINE,
        Permission.RECLASSIFY,
        Permission.REPORT_SLA,
    }
)


@pytest.mark.parametrize(
    ("username", "role", "more"),
    [
        ("tvd_operator", Role.OPERATOR, OPERATORS),
        ("tvd_manager", Role.MANAGER, MANAGERS),
        (
            "tvd_admin",
            Role.ADMIN,
            MANAGERS
            | {
                Permission.APPLY_MUNICIPALITY,
                Permission.CREATE_OPERATOR,
                Permission.DISABLE_OPERATOR,
                Permission.ENABLE_OPERATOR,
                Permission.IMPORT_TICKETS,
                Permission.OPEN_CONFIDENTIAL_REPORT,
                Permission.RESET_OPERATOR_PASSWORD,
                Permission.SET_OPERATOR_TEAM,
            },
        ),
        (
            "tvd_saps",
            Role.SAPS_LIAISON,
            SUPERVISORS | {Permission.OPEN_CONFIDENTIAL_REPORT},
        ),
    ],
)
async def test_the_database_says_who_one_is_and_what_one_may_do(
    desk_of: OpenDesk, username: str, role: Role, more: set[Permission]
) -> None:
    """Role, municipality and permissions come from the login, through the GRANTs."""
    desk = await desk_of(username)

    assert desk.operator.role is role
    assert desk.operator.municipality.code == "tvd"
    assert desk.operator.municipality.time_zone == "Africa/Johannesburg"
    assert desk.operator.permissions == EVERYBODY | more


@pytest.mark.parametrize("username", ["tvd_disabled", world.STRANGER, world.WORKER, world.INTAKE])
async def test_a_login_that_is_no_active_operator_gets_one_sentence(
    desk_of: OpenDesk, username: str
) -> None:
    """A disabled colleague and a database login that is nobody here read the same sentence."""
    with pytest.raises(NotAnOperator, match="not an active operator"):
        await desk_of(username)


async def test_a_wrong_password_says_so(database: Database) -> None:
    """A wrong password is told apart from a server that is away."""
    with pytest.raises(LoginFailed, match="tvd_operator"):
        await open_desk(Config(), database.dsn("tvd_operator"), "not the password")


async def test_an_unreachable_database_says_so(database: Database) -> None:
    """Nobody listens: one sentence with host and port."""
    dsn = "host=127.0.0.1 port=1 dbname=x user=y"

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 cannot be reached"):
        await open_desk(Config(), dsn, "x")


async def test_an_older_schema_asks_for_an_upgrade(database: Database, desk_of: OpenDesk) -> None:
    """A console newer than its database names the command that mends it."""
    database.connect_owner().execute("update schema_version set version_num = '0001'")

    with pytest.raises(SchemaMismatch, match="municonsole db upgrade"):
        await desk_of("tvd_operator")


async def test_a_newer_schema_asks_for_a_newer_program(
    database: Database, desk_of: OpenDesk
) -> None:
    """A console older than its database says that it is the one to be replaced."""
    database.connect_owner().execute("update schema_version set version_num = '9999'")

    with pytest.raises(SchemaMismatch, match="install a newer municonsole"):
        await desk_of("tvd_operator")


async def test_an_empty_database_asks_for_an_upgrade(blank_database: Database) -> None:
    """A database without any schema is told apart from a broken one."""
    with pytest.raises(SchemaMismatch, match="empty"):
        await open_desk(Config(), blank_database.owner_dsn, blank_database.owner_password)


async def test_a_municipality_without_teams_still_takes_reports(
    database: Database, desk_of: OpenDesk
) -> None:
    """Before any team is set up a report is logged all the same, unassigned."""
    owner = database.connect_owner()
    owner.execute("update operators set team_id = null")
    owner.execute("update teams set manager = null")
    owner.execute("delete from teams")
    desk = await desk_of("tvd_operator")
    number = await desk.work.create(NewTicket(Category.ROADS, description="a pothole"))

    assert (await desk.tickets.row(number)).assigned_team is None
    assert await desk.people.teams() == ()
