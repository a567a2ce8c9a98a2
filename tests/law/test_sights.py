"""What each role sees of each table it may read: all of its own municipality and side, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import sql
from support import world
from support.database import Database, Server

from law import desk
from law.test_roles import SELECTABLE

pytestmark = pytest.mark.law

KEY_OF = {"municipalities": "id"}
OF_NO_MUNICIPALITY = {"status_transitions", "schema_version", "law_version"}
READINGS = tuple(
    (table, role) for table, roles in SELECTABLE.items() for role in desk.ROLES if role in roles
)


@pytest.fixture(scope="module")
def filled(server: Server) -> Iterator[Database]:
    """Both municipalities with rows in every table: tickets, reports, reporters, policies, lines of audit."""
    database = server.fresh()
    owner = database.connect_owner()
    for story in desk.tell_stories(database).values():
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
    yield database
    server.drop(database)


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
    key = sql.Identifier(KEY_OF.get(table, "municipality_id"))
    own = desk.value(full.connect_owner(), "select id from municipalities where code = 'tvd'")
    seen = person.execute(sql.SQL("select distinct {} from {}").format(key, name)).fetchall()

    assert seen == [(own,)]
    if "is_sensitive" in columns:
        sides = person.execute(sql.SQL("select distinct is_sensitive from {}").format(name))
        assert sides.fetchall() == [(role == "saps_liaison",)]


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
@pytest.mark.parametrize("table", ["tickets", "ticket_events"])
def test_who_switches_pruning_off_sees_nothing(full: Database, role: str, table: str) -> None:
    """Without it a plan would count the rows of the other side."""
    person = full.connect(desk.login("tvd", role))
    person.execute("set enable_partition_pruning = off")

    assert person.execute(f"select from muni.{table}").fetchall() == []
