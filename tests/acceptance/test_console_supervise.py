"""Supervising in a real terminal: fifty tickets given away with a few keys while somebody else works on five."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from law import desk
from support.database import Database
from support.program import Open, Terminal

ESC, ENTER = "\x1b", "\r"
FIFTY = 50
ALL = 60
MOST_KEYS = 8


@pytest.fixture
def numbers(database: Database) -> list[str]:
    """Sixty tickets: fifty of water, and ten of roads that stay as they are."""
    operator = database.connect("tvd_operator")
    made = [desk.log(operator, "water", f"Dry tap number {n}") for n in range(FIFTY)]
    for n in range(ALL - FIFTY):
        desk.log(operator, "roads", f"Pothole number {n}")
    return made


@pytest.fixture
def console(terminal: Open, database: Database) -> Callable[[str], Terminal]:
    """Opens somebody's console."""

    def open_console(username: str) -> Terminal:
        screen = terminal(username, PGPASSWORD=database.password(username))
        screen.wait_for("connected")
        return screen

    return open_console


def holders(database: Database, numbers: Sequence[str]) -> dict[str, str | None]:
    """Which team has each."""
    rows = database.connect_owner().execute(
        "select t.tracking_number, m.name from tickets as t"
        " left join teams as m on m.id = t.assigned_team_id where t.tracking_number = any(%s)",
        (list(numbers),),
    )
    return dict(rows.fetchall())


def water(screen: Terminal) -> None:
    """The list of the fifty: everything of water that is open."""
    screen.type("5")
    screen.wait_for("of 60")
    screen.type("f")
    screen.wait_for("Category")
    screen.type("\x1b[B ")  # down to the categories, the first of which is water
    screen.type(ENTER)
    screen.wait_for("category: water")
    screen.wait_for("1 of 50")


def test_fifty_are_given_away_with_few_keys_and_what_a_colleague_changed_is_left(
    console: Callable[[str], Terminal], database: Database, numbers: list[str]
) -> None:
    """Forty-five done, five explained and none overwritten; one key takes the forty-five back."""
    before = holders(database, numbers)
    screen = console("tvd_manager")
    water(screen)
    keys = ["*", "*"]
    screen.type(keys[0])
    screen.wait_for("marks all")
    screen.type(keys[1])
    screen.wait_for("all 50 of this list are marked")
    keys.append("a")
    screen.type("a")
    screen.wait_for("Assign 50 tickets")
    screen.wait_for("50 tickets: 50 water")
    # While the form is open another supervisor takes five of them somewhere else.
    five = numbers[3::10]
    other = database.connect("tvd_admin")
    for number in five:
        other.execute(
            "select muni.assign_ticket(t.id, m.id, null, 'mine') from muni.tickets as t, muni.teams as m"
            " where t.tracking_number = %s and m.name = 'Roads 1'",
            (number,),
        )
    keys += list("sani")
    screen.type("sani")
    screen.wait_for("all with Sanitation 1")
    keys.append(ENTER)
    screen.type(ENTER)
    screen.wait_for("45 of 50 assigned   5 left as they were")
    screen.wait_for("with Roads 1; the ticket changed since", times=5)

    assert len(keys) <= MOST_KEYS
    for number in five:
        screen.wait_for(f"! left  {number}")
    after = holders(database, numbers)
    assert {after[number] for number in five} == {"Roads 1"}
    assert {after[number] for number in set(numbers) - set(five)} == {"Sanitation 1"}

    screen.type("u")
    screen.wait_for("45 assignments are taken back")
    back = holders(database, numbers)
    assert {back[number] for number in five} == {"Roads 1"}
    assert all(back[number] == before[number] for number in set(numbers) - set(five))
    screen.type(ESC)
    screen.wait_for("5 marked")
    screen.type("q")

    assert screen.wait() == 0


def test_fifty_go_where_the_rules_say_with_five_keys(
    console: Callable[[str], Terminal], database: Database, numbers: list[str]
) -> None:
    """Each counts for the next: both teams of the category get as many."""
    screen = console("tvd_manager")
    water(screen)
    for key, answer in (
        ("*", "marks all"),
        ("*", "all 50 of this list are marked"),
        ("A", "Route 50 tickets"),
    ):
        screen.type(key)
        screen.wait_for(answer)
    screen.wait_for("each where the rules say")
    screen.type(ENTER)
    screen.wait_for("50 tickets routed")
    after = list(holders(database, numbers).values())

    assert sorted(set(map(str, after))) == ["Water 1", "Water 2"]
    assert abs(after.count("Water 1") - after.count("Water 2")) <= 1


def test_the_board_leads_to_a_teams_tickets_and_follows_what_happens(
    console: Callable[[str], Terminal], database: Database, numbers: list[str]
) -> None:
    """From the numbers to the list and back; another team's number changes under one's eyes."""
    screen = console("tvd_manager")
    screen.type("5")
    screen.wait_for("of 60")
    screen.type("b")
    screen.wait_for("Sanitation 1")
    screen.wait_for("nobody is in this team")
    other = database.connect("tvd_admin")
    other.execute(
        "select muni.assign_ticket(t.id, m.id) from muni.tickets as t, muni.teams as m"
        " where t.tracking_number = %s and m.name = 'Sanitation 1'",
        (numbers[0],),
    )
    screen.wait_for("Sanitation 1         1 ")
    screen.type("jjjj")  # electricity, other, roads 1, roads 2, sanitation
    screen.wait_for("[1]")
    screen.type(ENTER)
    screen.wait_for("Sanitation 1: open")
    screen.wait_for(numbers[0])
    screen.type(ESC)
    screen.wait_for("resolved today")
    screen.wait_for("[1]")
    screen.type(ESC)
    screen.wait_for("1 of 60")
    screen.type("q")

    assert screen.wait() == 0
