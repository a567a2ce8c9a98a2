"""The innermost functions that touch logins refuse by themselves, whoever of the house calls them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from support.database import Database, Server

from law import desk
from law.test_people import GOOD

pytestmark = pytest.mark.law

CREATE = "select muni._create_login(%s, %s, %s)"
ALTER = "select muni._alter_login(%s, %s, true)"
MORE = (
    *("alter role x_more superuser", "alter role x_more createrole", "alter role x_more createdb"),
    *("alter role x_more replication", "alter role x_more bypassrls"),
    *("grant muni_saps to x_more", "grant muni_admin to x_more", "grant pg_monitor to x_more"),
)


@pytest.fixture(scope="module")
def house(server: Server) -> Iterator[Database]:
    """A database on which nothing is changed."""
    database = server.fresh()
    yield database
    server.drop(database)


@pytest.fixture
def insider(house: Database) -> Iterator[psycopg.Connection]:
    """Somebody who acts as the functions' only caller, muni_owner."""
    yield house.connect_owner()
    house.close()


@pytest.mark.parametrize(
    "given",
    [
        *(("x_new", GOOD, group) for group in (None, "muni_saps", "muni_admin", "muni_people")),
        *((name, GOOD, "muni_operator") for name in (None, "", "New", "x y", "pg_new", "muni_new")),
        *(("x_new", verifier, "muni_operator") for verifier in (None, "", "a password", "md5abc")),
    ],
)
def test_no_login_is_made_but_an_operators_or_a_managers(
    server: Server, insider: psycopg.Connection, given: tuple[str | None, ...]
) -> None:
    """Of two groups, by a name of the form, with a verifier: even when the caller has not looked."""
    error = desk.refusal(insider, CREATE, given)
    made = server.admin.execute("select from pg_roles where rolname = %s", (given[0],)).fetchall()

    assert (error.sqlstate, error.diag.message_primary) == (
        "42501",
        "not a login that is made here",
    )
    assert made == []


@pytest.mark.parametrize("more", MORE)
def test_a_login_that_has_become_more_is_left_alone(
    server: Server, insider: psycopg.Connection, more: str
) -> None:
    """Whatever somebody has added to a login that was made here, its password is no longer ours to set."""
    insider.execute(CREATE, ("x_more", GOOD, "muni_operator"))
    try:
        assert desk.value(insider, ALTER, "x_more", GOOD) is True
        server.admin.execute(more)

        assert desk.value(insider, ALTER, "x_more", GOOD) is False
    finally:
        server.admin.execute("drop role x_more")


@pytest.mark.parametrize(
    "name", ["muni_saps", "muni_people", "pg_monitor", "postgres", "nobody", None]
)
def test_what_is_no_login_of_ours_is_left_alone(
    insider: psycopg.Connection, name: str | None
) -> None:
    """Roles of the house and of PostgreSQL are nobody's to let in."""
    assert desk.value(insider, ALTER, name, GOOD) is False


def test_nobody_comes_back_as_somebody_who_has_left(database: Database) -> None:
    """A name in old histories is not given again, though its login is gone."""
    owner = database.connect_owner()
    owner.execute(
        "insert into operators (username, municipality_id, role, full_name, is_active)"
        " select 'x_gone', id, 'operator', 'Operator 8', false from municipalities where code = 'tvd'"
    )

    desk.assert_invalid(
        database.connect("tvd_admin"),
        "select muni.create_operator('x_gone', 'Operator 9', 'operator', null, %s)",
        (GOOD,),
        "the login x_gone is taken",
    )


def test_whose_login_was_never_barred_is_enabled_again(database: Database) -> None:
    """A login that the owner made may stay open while its operator is shut out, and works again after."""
    admin = database.connect("tvd_admin")
    for verb, active in (("disable", False), ("enable", True)):
        admin.execute(f"select muni.{verb}_operator('tvd_operator2')")
        assert (
            desk.value(
                database.connect_owner(),
                "select is_active from operators where username = 'tvd_operator2'",
            )
            is active
        )
