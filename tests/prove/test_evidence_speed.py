"""A whole municipality's history is walked while one waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from support.database import Database, Server

from municonsole.db import migrate
from municonsole.demo import seed
from municonsole.services import audit

pytestmark = pytest.mark.prove

TICKETS = 16_000
"""The demo tells about seven events a ticket."""
BUDGET = 10.0
"""Seconds for a hundred thousand events, from logging in to the verdict."""


def test_a_hundred_thousand_events_are_walked_in_ten_seconds(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every link and every note of a made-up year, recomputed; the best of three walks counts."""
    database: Database = server.blank()
    migrate.upgrade(database.owner_dsn, password=database.owner_password)
    seed.run(
        database.owner_dsn,
        database.owner_password,
        tickets=TICKETS,
        now=datetime(2026, 9, 16, 13, 0, tzinfo=UTC),
    )
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        found = audit.verify(database.owner_dsn, database.owner_password)
        taken.append(time.perf_counter() - began)
    server.drop(database)
    per_hundred_thousand = min(taken) / found.events * 100_000
    with capsys.disabled():
        print(  # noqa: T201  the figure is what this is run for
            f"\n{found.tickets:,} tickets, {found.events:,} events walked in {min(taken):.2f} s: "
            f"{per_hundred_thousand:.2f} s for 100,000 (budget {BUDGET:.0f} s)"
        )

    assert found.broken == []
    assert found.events >= 100_000
    assert per_hundred_thousand < BUDGET
