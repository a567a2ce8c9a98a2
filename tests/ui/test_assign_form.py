"""Giving a ticket to a team or a person, and another category, from the keyboard."""

from __future__ import annotations

import pytest
from handling import NO_WATER, REPORT, go_to, notes_of, row_of, said, table
from screen_text import text
from support.database import Database
from ui.conftest import OpenConsole, OpenDesk

pytestmark = pytest.mark.usefixtures("tickets")

LIGHTS = "Street lights out along the taxi rank"


async def test_a_manager_finds_a_person_by_a_part_of_the_name(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Typing narrows down; the team is the person's own."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("a")
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
        await at.press("tab")
        await at.type("their trench")
        await at.press("enter")
        moved = table(at).current.assigned_team  # type: ignore[union-attr]
        await at.press("A", "enter")

        assert moved == "Roads 1"
        assert "their trench" in notes_of(database, numbers[NO_WATER])
        assert table(at).current.assigned_team.startswith("Water ")  # type: ignore[union-attr]


async def test_somebody_unknown_is_refused_in_words(console: OpenConsole) -> None:
    """What was typed is still there."""
    async with console("tvd_manager") as at:
        await at.press("5", "a")
        await at.type("zzz")
        nobody = text(at.app)
        await at.press("enter")

        assert "nothing of that name" in nobody
        assert "nothing has that name" in text(at.app)
        assert "zzz" in text(at.app)


async def test_what_the_rules_say_stands_first_with_its_reason_and_enter_gives_it(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Of an electricity ticket without a place: the one team of its category."""
    manager = database.connect("tvd_manager")
    manager.execute(
        "select muni.assign_ticket(id, (select id from muni.teams where name = 'Roads 2'))"
        " from muni.tickets where tracking_number = %s",
        (numbers[LIGHTS],),
    )
    async with console("tvd_manager") as at:
        await go_to(at, LIGHTS)
        await at.press("a")
        offered = text(at.app)
        await at.press("enter")

        assert "Now with Roads 2." in offered
        assert "Electricity 1: by category; 1 open" in offered
        assert table(at).current.assigned_team == "Electricity 1"  # type: ignore[union-attr]
        assert said(at) == f"{numbers[LIGHTS]} is with Electricity 1; u takes it back"


async def test_teams_and_people_stand_with_what_they_have_and_who_is_at_work(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """Whoever works at a console now is told apart from whoever does not."""
    await (await desk_of("tvd_operator2")).duty.here()
    async with console("tvd_manager") as at:
        await at.press("5", "a")
        teams = text(at.app)
        await at.type("operator")
        people = text(at.app)

        assert "open  late  today     here" in teams
        # What is due today is another number late in the evening.
        roads, person = _columns(teams, "Roads 1"), _columns(people, "TVD Operator 2, Roads 1")
        assert (roads[:2], roads[3:]) == (["2", "0"], ["1", "of", "1"])
        assert (person[:2], person[3:], person[2]) == (["2", "0"], ["here"], roads[2])
        assert _columns(teams, "Water 1")[:2] == ["3", "2"]
        assert _columns(people, "TVD Operator 1, Water 1")[-1] == "\N{EN DASH}"
        assert "SAPS" not in teams + people
        assert "Liaison" not in teams + people


def _columns(screen: str, name: str) -> list[str]:
    line = next(line for line in screen.splitlines() if f" {name} " in line)
    return line.partition(f" {name} ")[2].partition("\N{BOX DRAWINGS LIGHT VERTICAL}")[0].split()


async def test_an_arrow_chooses_without_a_letter_typed(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """The first below what the rules say."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("a", "down", "enter")

        assert said(at).startswith(f"{numbers[NO_WATER]} is with Electricity 1;")


async def test_a_liaison_sees_stations_and_liaisons_alone(console: OpenConsole) -> None:
    """Nothing of the municipality's people."""
    async with console("tvd_saps") as at:
        await at.press("1", "a")
        shown = text(at.app)

        assert "SAPS North" in shown
        assert "TVD Liaison 1" in shown
        assert "Water" not in shown.partition("To  ")[2]
        assert "Operator" not in shown


async def test_an_administrator_gives_an_opened_report_to_a_station_without_learning_its_load(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """By names alone: how much SAPS has would tell of other reports."""
    async with console("tvd_admin") as at:
        await at.press("o")
        await at.type(numbers[REPORT])
        await at.press("tab")
        await at.type("court order 12/26")
        await at.press("enter", "a")
        shown = text(at.app).partition("To  ")[2]
        await at.type("south")
        await at.press("enter")

        assert "SAPS North" in shown
        assert "where the rules say" in shown
        assert "late" not in shown
        assert "Water" not in shown
        assert "is with SAPS South" in text(at.app)


async def test_u_takes_the_last_assignment_back(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Offered once there is one; by an event like any other."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        before = row_of(database, numbers[NO_WATER])["assigned_team_id"]
        await at.press("u")
        nothing = said(at)
        await at.press("a")
        await at.type("roads 2")
        await at.press("enter")
        moved = row_of(database, numbers[NO_WATER])["assigned_team_id"]
        await at.press("u")
        back = said(at)
        await at.press("u")

        assert nothing == "Undo: you have assigned nothing in the last five minutes"
        assert moved != before
        assert back == f"the assignment of {numbers[NO_WATER]} is taken back"
        assert row_of(database, numbers[NO_WATER])["assigned_team_id"] == before
        assert said(at) == nothing


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
