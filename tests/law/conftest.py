"""Databases that several files of tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.database import Database, Server

from law import working


@pytest.fixture(scope="module")
def house(server: Server) -> Iterator[Database]:
    """A municipality with its calendars."""
    database = server.fresh()
    working.keep(database.connect_owner())
    yield database
    server.drop(database)


@pytest.fixture
def town(house: Database) -> Iterator[Database]:
    """The same, its connections closed after the test."""
    yield house
    house.close()
