"""Connections for the jobs of the house, and what they leave in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from support import world
from support.database import Database

from municonsole.db import connection
from municonsole.db.jobs import Connect
from municonsole.jobs.chores import Chore, chores
from municonsole.jobs.scheduler import Scheduler

Start = Callable[..., Scheduler]


@pytest.fixture
def connect(database: Database) -> Connect:
    """Give the worker's connections, as a program makes them."""
    return partial(
        connection.connect,
        database.dsn(world.WORKER),
        password=database.password(world.WORKER),
        statement_timeout=60,
    )


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """Give the records that the jobs write, as they are written."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
    logger = logging.getLogger("municonsole.jobs")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield records
    logger.setLevel(before)
    logger.removeHandler(handler)


@pytest.fixture
async def start(connect: Connect) -> AsyncIterator[Start]:
    """Start a scheduler whose minutes are hundredths of a second; stopped at the end of the test."""
    started: list[Scheduler] = []

    def start(*of: Chore, connecting: Connect = connect) -> Scheduler:
        scheduler = Scheduler(of or (sweep(connecting),))
        scheduler.start()
        started.append(scheduler)
        return scheduler

    yield start
    for scheduler in started:
        await scheduler.stop()


def sweep(connect: Connect) -> Chore:
    """The sweep as every console has it, at a pace that a test can wait for."""
    return hurried(chores(connect)[0])


def hurried(chore: Chore) -> Chore:
    """The same chore, at once and every hundredth of a second."""
    soon = timedelta(seconds=0.01)
    return replace(chore, every=soon, jitter=timedelta(0), after=timedelta(0))


async def until(happened: Callable[[], bool | Awaitable[bool]], seconds: float = 60) -> None:
    """Return as soon as it has happened, while the loop goes on; fail when it does not in time."""
    async with asyncio.timeout(seconds):
        while True:
            seen = happened()
            if seen if isinstance(seen, bool) else await seen:
                return
            await asyncio.sleep(0.002)
