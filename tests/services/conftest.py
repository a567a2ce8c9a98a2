"""Desks of operators who log in as themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from support.database import Database

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.services.desk import Desk

OpenDesk = Callable[[str], Awaitable[Desk]]


@pytest.fixture
async def desk_of(database: Database) -> AsyncIterator[OpenDesk]:
    """Give the desk of a login of the test world; closed at the end of the test."""
    desks: list[Desk] = []

    async def desk_of(username: str) -> Desk:
        desk = await open_desk(Config(), database.dsn(username), database.password(username))
        desks.append(desk)
        return desk

    yield desk_of
    for desk in desks:
        await desk.close()
