"""The reference of roles says what the database grants; MUNICONSOLE_SNAPSHOTS=write writes it anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from law import desk
from support import roles_page
from support.database import Database

pytestmark = pytest.mark.law

PAGE = Path(__file__).parents[2] / "docs/reference/roles.md"


def test_the_reference_of_roles_is_what_the_database_grants(database: Database) -> None:
    """Whoever looks up who may do what reads what a real database says, on the oldest PostgreSQL too."""
    expected = roles_page.write(database.connect_owner())
    if os.environ.get("MUNICONSOLE_SNAPSHOTS") == "write":
        PAGE.write_text(expected)

    assert PAGE.read_text() == expected


def test_the_reference_of_roles_and_the_role_table_of_the_tests_agree(database: Database) -> None:
    """What the tests try as each role is what the page says: function by function."""
    page = roles_page.write(database.connect_owner())
    rows = re.findall(r"(?m)^\| `(\w+)\(.*?\)` \| .*? \| ([✓ |]+) \|$", page)
    told = {
        name: {
            role
            for role, mark in zip(roles_page.GROUPS, marks.split("|"), strict=True)
            if "✓" in mark
        }
        for name, marks in rows
    }

    assert told == desk.GRANTED


def test_a_widened_grant_shows_on_the_page(database: Database) -> None:
    """The page follows the database: a right that is given by hand stands there."""
    owner = database.connect_owner()
    before = roles_page.write(owner)
    owner.execute(
        "grant execute on function muni.reclassify(uuid, text, text, int, uuid) to muni_saps"
    )
    owner.execute(
        "create policy wide on muni.reporters for select to muni_operator using (added_by = 'x')"
    )
    after = roles_page.write(owner)

    assert {line[:14] for line in set(after.splitlines()) - set(before.splitlines())} == {
        "| `reclassify(",
        "| `reporters` ",
    }
    assert "added_by" in after
