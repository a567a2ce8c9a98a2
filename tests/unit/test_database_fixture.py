"""The tests' own ground: everyone really logs in, and row security is in force."""

from __future__ import annotations

import psycopg
import pytest
from support import world
from support.database import Database, Server

ACTIVE = [person for person in world.PEOPLE if person.is_active]


@pytest.mark.parametrize("person", ACTIVE, ids=lambda person: person.username)
def test_every_operator_logs_in_as_themselves(database: Database, person: world.Person) -> None:
    """An operator logs in with their password and the database knows who they are."""
    row = database.connect(person.username).execute(
        "select username, role, municipality_code, team_name from muni.whoami()"
    )

    assert row.fetchone() == (person.username, person.role, person.municipality, person.team)


def test_a_wrong_password_is_refused(database: Database) -> None:
    """Nobody gets in without proving the password."""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database.dsn("tvd_operator"), password="not the password")


def test_nobody_at_a_desk_is_a_superuser(database: Database) -> None:
    """No login of the tests goes round row security."""
    connection = database.connect(database.owner)
    privileged = connection.execute(
        "select rolname from pg_roles where (rolsuper or rolbypassrls) and rolname !~ '^postgres$'"
    )

    assert privileged.fetchall() == []


def test_databases_begin_alike_and_are_apart(database: Database, server: Server) -> None:
    """What one test writes, the next does not see."""
    database.connect_owner().execute("update municipalities set name = 'changed'")
    other = server.fresh()
    names = other.connect_owner().execute("select name from municipalities order by 1").fetchall()
    server.drop(other)

    assert names == [("Kusasa Bay",), ("Testville District",)]
