"""The board: what each team has to do, its people, and the tickets behind every number."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from handling import NO_WATER, hold_out, said, table
from live import look
from screen_text import text
from support.database import Database, Server
from textual.app import App
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Status
from municonsole.ui.board import COLUMNS
from municonsole.ui.screens import board as module
from municonsole.ui.screens.board import BoardScreen
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.widgets.board_table import BoardPeople, BoardTable

pytestmark = pytest.mark.usefixtures("tickets")


def board(at: Console) -> BoardScreen:
    """The board in front."""
    assert isinstance(at.app.screen, BoardScreen)
    return at.app.screen


def numbers_of(at: Console, team: str) -> list[str]:
    """The numbers in a team's line, from the screen."""
    line = next(line for line in text(at.app).splitlines() if line.startswith(f" {team} "))
    return line.removeprefix(f" {team}").split()


async def to(at: Console, team: str, column: int = 0) -> None:
    """The cursor to a cell; the people have followed it."""
    screen = board(at)
    rows = [row.team_name or "no team" for row in screen.query_one(BoardTable)._rows]
    await at.press("g", *["j"] * rows.index(team), *["h"] * 6, *["l"] * column)
    await rest(at)


async def rest(at: Console) -> None:
    """Until the people have followed the cursor."""
    screen = board(at)
    if screen._resting is not None and screen._resting._task is not None:
        await screen._resting._task
    await at.settle()


async def counted(at: Console) -> None:
    """Until it was counted anew, as after something has happened."""
    screen = board(at)
    if screen._counting is not None and screen._counting._task is not None:
        await screen._counting._task
    await at.settle()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has happened is counted without a rest."""
    monkeypatch.setattr(module, "AFTER", 0.01)
    monkeypatch.setattr(module, "EVERY", 0.01)


async def test_b_shows_what_each_team_has_to_do(console: OpenConsole) -> None:
    """Every active team of the municipality, and what has no team; none of SAPS."""
    async with console("tvd_manager") as at:
        await at.press("b")

        assert numbers_of(at, "Water 1") == ["3", "0", "1", "2", "0", "1"]
        assert numbers_of(at, "Roads 1") == ["2", "0", "0", "0", "1", "0"]
        assert numbers_of(at, "Waste 1") == ["2", "2", "0", "0", "0", "0"]
        assert numbers_of(at, "no team") == ["0"] * 6
        assert "SAPS" not in text(at.app)
        assert "Water closed" not in text(at.app)


async def test_every_number_is_as_many_tickets_as_its_list_has(
    console: OpenConsole, database: Database, desk_of: OpenDesk
) -> None:
    """In every column of every team, those without a team included."""
    manager = await desk_of("tvd_manager")
    number = await manager.work.create(NewTicket(Category.WASTE, description="Nobody's"))
    await manager.assignments.unassign(number)
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("5", "b")
        rows = board(at).query_one(BoardTable)._rows
        for row in rows:
            name = row.team_name or "no team"
            for place, column in enumerate(COLUMNS):
                await to(at, name, place)
                shown = numbers_of(at, name)[place]
                await at.press("enter")
                listed = len(table(at).rows)
                heading = text(at.app).splitlines()[1]
                await at.press("escape")

                assert shown == f"[{listed}]", (name, column)
                assert heading.startswith(f" {name}: {column.heading}")
                assert column.count(row) == listed


async def test_the_people_of_the_team_stand_below_it(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """With what they have, and whether they are at work."""
    await (await desk_of("tvd_operator")).duty.here()
    async with console("tvd_manager") as at:
        await at.press("b")
        await to(at, "Water 1")
        water = text(at.app)
        await to(at, "Waste 1")
        waste = text(at.app)
        await to(at, "no team")

        assert _person(water, "TVD Operator 1") == ["3", "here", "1", "2", "0", "1"]
        assert _person(water, "TVD Manager 1") == ["0", "0", "0", "0", "0"]
        assert "Waste 1   nobody is in this team" in waste
        assert "no team   tickets that no team has" in text(at.app)


def _person(screen: str, name: str) -> list[str]:
    line = next(line for line in screen.splitlines() if line.startswith(f" {name} "))
    return line.removeprefix(f" {name}").split()


async def test_esc_leads_from_the_tickets_to_the_board_and_from_there_to_the_list(
    console: OpenConsole,
) -> None:
    """Cursor and marks are where they were."""
    async with console("tvd_manager") as at:
        await at.press("5", "j", "j", "space", "b")
        await to(at, "Water 1", 3)
        await at.press("enter")
        late = [row.description for row in table(at).rows]
        marks = text(at.app)
        await at.press("escape", "escape")
        screen = board(at)
        back = screen.query_one(BoardTable).spot
        await at.press("escape")

        assert len(late) == 2
        assert "1 marked, 1 not in this list" in marks
        assert back is not None
        assert back.title == "Water 1: breached"
        queue = at.app.screen
        assert isinstance(queue, QueueScreen)
        assert table(at).cursor == 2
        assert len(table(at).rows) == 13


async def test_a_search_within_a_teams_tickets_comes_back_to_them(console: OpenConsole) -> None:
    """Step by step: found, the team's, the board, the list."""
    async with console("tvd_manager") as at:
        await at.press("5", "b")
        await to(at, "Water 1")
        await at.press("enter", "slash")
        await at.type("water")
        await at.press("enter")
        found = text(at.app).splitlines()[1]
        await at.press("escape")
        teams = text(at.app).splitlines()[1]
        await at.press("f", "down", "down", "space", "enter")
        narrowed = text(at.app).splitlines()[1]
        await at.press("F", "v")
        kept = said(at)
        await at.press("escape")
        assert isinstance(at.app.screen, BoardScreen)
        await at.press("escape")

        assert found.endswith("Esc back to Water 1: open")
        assert teams.startswith(" Water 1: open")
        assert teams.endswith("Esc back to the board")
        assert narrowed.startswith(" Water 1: open")
        assert "severity" in narrowed
        assert kept == "a view keeps a filter, not a team's line of the board; Esc goes back"
        assert len(table(at).rows) == 13


@pytest.mark.usefixtures("at_once")
async def test_what_happens_is_counted_and_equal_numbers_are_not_drawn_again(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """One line for one change; for a change that moves no number nothing at all goes over the wire."""
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("b")
        await to(at, "Water 1")
        await look(at)
        await counted(at)
        with patch.object(App, "_display", autospec=True) as displayed:
            await colleague.work.add_note(numbers[NO_WATER], "he rang again")
            await look(at)
            await counted(at)
            quiet = displayed.call_count
        await colleague.work.change_status(numbers[NO_WATER], Status.ON_HOLD, "a part")
        await look(at)
        await counted(at)

        assert quiet == 0
        assert numbers_of(at, "Water 2") == ["1", "1", "0", "1", "1", "0"]
        assert numbers_of(at, "Water 1") == ["[3]", "0", "1", "2", "0", "1"]


async def test_much_that_happens_is_counted_once(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """At a bounded pace, whatever the feed brings."""
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager") as at:
        await at.press("b")
        for _ in range(3):
            await colleague.work.add_note(numbers[NO_WATER], "he rang again")
            await look(at)
            first = board(at)._counting

        assert first is not None
        assert first._interval > module.AFTER
        assert board(at)._counting is first


async def test_a_liaison_sees_the_board_of_saps_alone(console: OpenConsole) -> None:
    """Stations and liaisons, without the clocks that a report has not."""
    async with console("tvd_saps") as at:
        await at.press("b")
        await to(at, "SAPS North")
        shown = text(at.app)

        assert numbers_of(at, "SAPS North") == ["[2]", "1", "0", "0"]
        assert "TVD Liaison 1" in shown
        assert "breached" not in shown
        assert "Water" not in shown


async def test_an_operator_is_told_for_whom_the_board_is(console: OpenConsole) -> None:
    """Its key says so."""
    async with console() as at:
        await at.press("b")

        assert said(at) == "Board: for managers, administrators, SAPS"


async def test_a_database_that_goes_away_leaves_the_numbers_and_says_so(
    console: OpenConsole, server: Server
) -> None:
    """And once it is back, `r` counts anew."""
    async with console("tvd_manager") as at:
        await at.press("b")
        with hold_out(server, "tvd_manager"):
            await at.press("r")
            lost = text(at.app)
        await at.press("r")

        assert "NOT CONNECTED" in lost
        assert numbers_of(at, "Waste 1") == ["2", "2", "0", "0", "0", "0"]
        assert "NOT CONNECTED" not in text(at.app)


async def test_a_board_that_cannot_be_read_says_which_key_tries_again(
    console: OpenConsole, server: Server
) -> None:
    """In the place of the numbers."""
    async with console("tvd_manager") as at:
        with hold_out(server, "tvd_manager"):
            await at.press("b")
            lost = text(at.app)
        await at.press("r")

        assert "r tries again" in lost
        assert numbers_of(at, "Waste 1")[0] == "2"


async def test_more_people_than_there_is_room_for_are_counted(
    console: OpenConsole, database: Database
) -> None:
    """The last line says how many more there are."""
    with database.connect_owner() as owner:
        owner.execute(
            "insert into operators (username, municipality_id, role, team_id, full_name)"
            " select 'many_' || n, t.municipality_id, 'operator', t.id, 'Somebody ' || n"
            " from teams as t join municipalities as m on m.id = t.municipality_id,"
            " generate_series(1, 20) as n where m.code = 'tvd' and t.name = 'Water 1'"
        )
    async with console("tvd_manager") as at:
        await at.press("b")
        await to(at, "Water 1")
        lines = [
            "".join(piece for piece, _ in line)
            for line in board(at).query_one(BoardPeople).make_lines(80)
        ]

        assert lines[-1].startswith(" and ")
        assert int(lines[-1].split()[1]) == 22 - (len(lines) - 2)
