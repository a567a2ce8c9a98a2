"""Giving a ticket to a team or a person, and another category, from the keyboard."""

from __future__ import annotations

import pytest
from handling import NO_WATER, go_to, notes_of, row_of, table
from screen_text import text
from support.database import Database
from ui.conftest import OpenConsole

pytestmark = pytest.mark.usefixtures("tickets")


async def test_a_manager_finds_a_person_by_a_part_of_the_name(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Typing narrows down; the team is the person's own."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("a", "tab")
        await at.type("operator 1 water")
        shown = text(at.app)
        await at.press("enter")

        assert "TVD Operator 1, Water 1" in shown
        assert "TVD Operator 2" not in shown
        assert row_of(database, numbers[NO_WATER])["assigned_to"] == "tvd_operator"


async def test_a_team_is_found_by_a_part_of_its_name_and_routing_takes_it_back(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Given to another team with a reason; A gives it where the rules say."""
    async with console("tvd_manager", (120, 40)) as at:
        await go_to(at, NO_WATER)
        await at.press("a")
        await at.type("roads")
        await at.press("tab", "tab")
        await at.type("their trench")
        await at.press("enter")
        moved = table(at).current.assigned_team  # type: ignore[union-attr]
        await at.press("A", "enter")

        assert moved == "Roads 1"
        assert "their trench" in notes_of(database, numbers[NO_WATER])
        assert table(at).current.assigned_team.startswith("Water ")  # type: ignore[union-attr]


async def test_assigning_to_nobody_or_to_somebody_unknown_is_refused_in_words(
    console: OpenConsole,
) -> None:
    """What was typed is still there."""
    async with console("tvd_manager") as at:
        await at.press("5", "a", "enter")
        nobody = text(at.app)
        await at.type("zzz")
        await at.press("enter")

        assert "choose a team or a person; A gives it where the rules say" in nobody
        assert "nothing has that name" in text(at.app)
        assert "zzz" in text(at.app)


async def test_a_ticket_gets_another_category_but_never_gbv(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Reclassified by a manager; the way behind the wall is another key."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("R")
        form = text(at.app)
        await at.press("s", "tab")
        await at.type("it is a sewer")
        await at.press("enter")

        assert "GBV" not in form
        assert row_of(database, numbers[NO_WATER])["category"] == "sanitation"
