"""Deadlines and working time against a naive walk through random calendars, in zones with clock changes."""

from __future__ import annotations

import pytest
from support.database import Database

from law import walk

pytestmark = pytest.mark.law


def test_the_law_arrives_where_a_walk_does(database: Database) -> None:
    """500 calendars: every deadline and every count of working time is that of a walk minute by minute."""
    assert walk.disagreements(database.connect_owner(), seed=2026, count=500) == []
