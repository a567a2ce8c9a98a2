"""Deadlines against a naive walk, over 20,000 random calendars; `-k 'batch7-'` runs one batch of them."""

from __future__ import annotations

import pytest
from law import walk
from support.database import Database

pytestmark = pytest.mark.prove


@pytest.mark.parametrize("seed", range(1, 41), ids=lambda seed: f"batch{seed}-")
def test_the_law_arrives_where_a_walk_does_however_often(database: Database, seed: int) -> None:
    """500 calendars a batch, others in each."""
    assert walk.disagreements(database.connect_owner(), seed=seed, count=500) == []
