"""A demo database as everybody gets it, filled once for all tests that only read it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql
from support.database import Database, Server
from support.scram import verifier

from municonsole.db import migrate
from municonsole.demo import seed

NOW = datetime(2026, 9, 16, 13, 0, tzinfo=UTC)
"""Three in the afternoon of a Wednesday in Thornveld."""


def migrated(server: Server) -> Database:
    """Give a new database with schema and law and nothing in it."""
    database = server.blank()
    migrate.upgrade(database.owner_dsn, password=database.owner_password)
    return database


@pytest.fixture(scope="session")
def seeded(server: Server) -> Iterator[Database]:
    """The demo's 5,000 tickets with everybody's login, to be read only."""
    # The fixed world makes its logins first and all at once, and one of them is the demo's as well.
    server.drop(server.fresh())
    database = migrated(server)
    seed.run(database.owner_dsn, database.owner_password, now=NOW)
    create_logins(database)
    yield database
    server.drop(database)


@pytest.fixture
def owner(seeded: Database) -> Iterator[psycopg.Connection]:
    """The seeded database as `muni_owner` sees it: everything; nothing of it is kept."""
    with psycopg.connect(seeded.owner_dsn, password=seeded.owner_password) as connection:
        connection.execute("set local role muni_owner")
        connection.execute("set local search_path = muni, pg_temp")
        yield connection
        connection.rollback()


def create_logins(database: Database) -> None:
    """Create the login of each of the demo's people; roles are the server's, so only once."""
    with psycopg.connect(
        database.owner_dsn, password=database.owner_password, autocommit=True
    ) as connection:
        for person in seed.people(1):
            if person.username in database.passwords:
                continue
            password = secrets.token_urlsafe(12)
            connection.execute(
                sql.SQL("create role {} login in role {} password {}").format(
                    sql.Identifier(person.username),
                    sql.Identifier(person.role.group),
                    sql.Literal(verifier(password)),
                )
            )
            database.passwords[person.username] = password
