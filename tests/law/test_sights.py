"""What each role sees of each table it may read: all of its own municipality and side, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from support import world
from support.database import Database, Server

from law import desk
from law.test_roles import SELECTABLE

pytestmark = pytest.mark.law

KEY_OF = {"municipalities": "id"}
OF_A_CALENDAR = {"calendar_windows", "calendar_holidays"}
OWNED = {"saved_views": "owner", "drafts": "author"}
OF_NOBODY = {"schema_version", "law_version"}
OF_NO_MUNICIPALITY = {"status_transitions", *OF_NOBODY}
READINGS = tuple(
    (table, role) for table, roles in SELECTABLE.items() for role in desk.ROLES if role in roles
)


@pytest.fixture(scope="module")
def filled(server: Server) -> Iterator[Database]:
    """Both municipalities with rows in every table: tickets, reports, calendars, alerts, lines of audit."""
    database = server.fresh()
    owner = database.connect_owner()
    stories = desk.tell_stories(database)
    for story in stories.values():
        for login, number in (("operator", story.municipal), ("saps", story.sensitive)):
            database.connect(f"{story.code}_{login}").execute(
                "select muni.add_reporter(%s, 'Resident 9', null)", (desk.id_of(database, number),)
            )
        database.connect(f"{story.code}_admin").execute(
            "select muni.set_operator_team(%s, 'Water 1')", (f"{story.code}_operator2",)
        )
        owner.execute(
            "insert into sla_policies (municipality_id, category, response_target, resolution_target)"
            " select id, 'roads', interval '1 h', interval '2 h' from municipalities where code = %s",
            (story.code,),
        )
        _keep_time(owner, story)
        _work_at_a_desk(database, owner, story)
    _begun_elsewhere(owner, stories["ksb"].municipal)
    yield database
    server.drop(database)


def _keep_time(owner: psycopg.Connection, story: desk.Story) -> None:
    """A calendar, a job that was done, and an alert for everybody at a municipal desk.

    Also for those who work elsewhere now: what they were told here is none of their business any more.
    """
    calendar = desk.value(
        owner,
        "insert into calendars (municipality_id, name, time_zone, is_always)"
        " select id, 'office', 'Africa/Johannesburg', false from municipalities where code = %s"
        " returning id",
        story.code,
    )
    owner.execute("insert into calendar_windows values (%s, 1, '08:00', '16:30')", (calendar,))
    owner.execute(
        "insert into calendar_holidays values (%s, '2026-09-24', 'Heritage Day')", (calendar,)
    )
    owner.execute(
        "insert into jobs (municipality_id, name) select id, 'sweep' from municipalities where code = %s",
        (story.code,),
    )
    owner.execute(
        "insert into alerts (municipality_id, recipient, ticket_id, kind, clock, level, at)"
        " select t.municipality_id, o.username, t.id, 'breach', 'response', 1, now()"
        " from tickets as t cross join operators as o"
        " where t.tracking_number = %s and o.role <> 'saps_liaison'",
        (story.municipal,),
    )


def _work_at_a_desk(database: Database, owner: psycopg.Connection, story: desk.Story) -> None:
    """A suburb; and of everybody a view, who has what open, and at a municipal desk a draft."""
    owner.execute(
        "insert into suburbs select id, 'Hilltop', 0, 0 from municipalities where code = %s",
        (story.code,),
    )
    for role in desk.ROLES:
        person = database.connect(desk.login(story.code, role))
        person.execute("select muni.save_view(1, 'mine', '{}', 'newest')")
        number = story.sensitive if role == "saps_liaison" else story.municipal
        person.execute("select muni.be_present(%s)", (desk.id_of(database, number),))
        person.execute("select muni.be_on_duty()")
        if role != "saps_liaison":
            person.execute("select muni.save_draft('report', '{}')")


def _begun_elsewhere(owner: psycopg.Connection, number: str) -> None:
    """A note of everybody who has worked there before, on a ticket of the other municipality."""
    owner.execute(
        "insert into drafts (municipality_id, author, kind, ticket_id, content)"
        " select t.municipality_id, o.username, 'note', t.id, '{}' from tickets as t"
        " join operators as o on o.municipality_id <> t.municipality_id and o.role <> 'saps_liaison'"
        " where t.tracking_number = %s",
        (number,),
    )


@pytest.fixture
def full(filled: Database) -> Iterator[Database]:
    """The same, its connections closed after the test."""
    yield filled
    filled.close()


@pytest.mark.parametrize(("table", "role"), READINGS)
def test_a_role_sees_its_own_of_every_table(full: Database, table: str, role: str) -> None:
    """Rows are there, of the own municipality alone, and of the own side of the wall alone."""
    person = full.connect(desk.login("tvd", role))
    name = sql.Identifier("muni", table)
    columns = {
        column
        for (column,) in full.connect_owner().execute(
            "select attname from pg_attribute where attrelid = to_regclass(%s)", (f"muni.{table}",)
        )
    }
    if table in OF_NO_MUNICIPALITY:
        assert person.execute(sql.SQL("select from {}").format(name)).fetchall()
        return
    owner = full.connect_owner()
    if table in OWNED:
        whose = sql.SQL("select {} from {}").format(sql.Identifier(OWNED[table]), name)
        assert person.execute(whose).fetchall() == [(desk.login("tvd", role),)]
        return
    if table in OF_A_CALENDAR:
        own = desk.value(owner, "select min(id) from calendars")
        key = sql.Identifier("calendar_id")
    else:
        own = desk.value(owner, "select id from municipalities where code = 'tvd'")
        key = sql.Identifier(KEY_OF.get(table, "municipality_id"))
    seen = person.execute(sql.SQL("select distinct {} from {}").format(key, name)).fetchall()

    assert seen == [(own,)]
    if "is_sensitive" in columns:
        sides = person.execute(sql.SQL("select distinct is_sensitive from {}").format(name))
        assert sides.fetchall() == [(role == "saps_liaison",)]


@pytest.mark.parametrize("login", ["operator", "operator2", "manager", "admin"])
def test_an_alert_is_for_one_colleague(full: Database, login: str) -> None:
    """Nobody reads what another was told, not even an administrator."""
    seen = full.connect(f"tvd_{login}").execute("select recipient from muni.alerts")

    assert seen.fetchall() == [(f"tvd_{login}",)]


@pytest.mark.parametrize("role", desk.ROLES)
def test_every_colleague_is_seen_but_the_liaisons(full: Database, role: str) -> None:
    """Everybody of the municipality is among the people; liaisons are among their own alone."""
    seen = full.connect(desk.login("tvd", role)).execute("select username from muni.operators")
    wanted = {
        person.username
        for person in world.PEOPLE
        if person.municipality == "tvd"
        and (role == "saps_liaison" or person.role != "saps_liaison")
    }

    assert {name for (name,) in seen} == wanted


@pytest.mark.parametrize("role", desk.ROLES)
@pytest.mark.parametrize("table", ["tickets", "ticket_events", "presences"])
def test_who_switches_pruning_off_sees_nothing(full: Database, role: str, table: str) -> None:
    """Without it a plan would count the rows of the other side."""
    person = full.connect(desk.login("tvd", role))
    person.execute("set enable_partition_pruning = off")

    assert person.execute(f"select from muni.{table}").fetchall() == []


@pytest.mark.parametrize("role", desk.ROLES)
def test_who_is_disabled_sees_nothing(full: Database, role: str) -> None:
    """Of no table, not even what was their own; on a connection that was open before."""
    login, owner = desk.login("tvd", role), full.connect_owner()
    person = full.connect(login)
    active = "update operators set is_active = %s where username = %s"
    owner.execute(active, (False, login))
    try:
        for table, roles in SELECTABLE.items():
            if role in roles and table not in OF_NOBODY:
                name = sql.Identifier("muni", table)
                assert person.execute(sql.SQL("select from {}").format(name)).fetchall() == [], (
                    table
                )
    finally:
        owner.execute(active, (True, login))
