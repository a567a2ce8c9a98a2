"""The server and the databases all tests use: a real PostgreSQL, one for each test process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from support import folders
from support.database import Database, Server

# libpq's environment and our own would lead tests to a developer's databases and settings.
for name in list(os.environ):
    if name.startswith("PG") or name in {
        "MUNICONSOLE_CONFIG",
        "MUNICONSOLE_DEMO_DIR",
        "MUNICONSOLE_DSN",
    }:
        del os.environ[name]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The test process's own PostgreSQL: the embedded one, or that of MUNICONSOLE_TEST_PG_BIN."""
    folders.remove_abandoned()
    server = Server()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A database with schema, law and the fixed world, for this test alone."""
    database = server.fresh()
    try:
        yield database
    finally:
        server.drop(database)


@pytest.fixture
def blank_database(server: Server) -> Iterator[Database]:
    """An empty database that belongs to the owner, for this test alone."""
    database = server.blank()
    try:
        yield database
    finally:
        server.drop(database)
