"""What colleagues do is on the screen as it happens, and nothing moves under one's hands for it."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from handling import BRIDGE, NO_WATER, PRESSURE, go_to, said, table, under_cursor
from live import look, opened
from screen_text import text
from support.database import Database
from textual.app import App
from textual.widgets import Input
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Severity, Status
from municonsole.services import feed
from municonsole.services.desk import Desk
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens import queue_live
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.widgets.status_line import StatusLine

pytestmark = pytest.mark.usefixtures("tickets")


def line_of(at: Console, number: str) -> str:
    """The line of the screen with this number; empty without one."""
    return next((line for line in text(at.app).splitlines() if number in line), "")


async def log(desk: Desk, told: str, category: Category = Category.ROADS, **more: object) -> str:
    return await desk.work.create(NewTicket(category, description=told, **more))  # type: ignore[arg-type]


def announced(at: Console) -> str:
    """What the status line announces."""
    return next(iter(at.app.screen_stack[0].query_one(StatusLine)._news), "")


async def test_a_change_in_one_console_is_on_the_other(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """Two desks side by side: the cursor of one stays while the other works."""
    async with console("tvd_operator2", (120, 40)) as one, console("tvd_operator") as two:
        await go_to(one, BRIDGE)
        await go_to(two, PRESSURE)
        await one.press("s", "i", "enter")
        await look(two)

        assert "is in progress" in said(one).replace("now ", "")
        assert "in progress" in line_of(two, numbers[BRIDGE])
        assert under_cursor(two) == PRESSURE


async def test_a_list_that_is_scrolled_stays_where_it_is(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """Thirty new tickets and a change in sight: first line, cursor and rows are where they were."""
    colleague = await desk_of("tvd_operator2")
    for number in range(30):
        await log(colleague, f"Pothole {number}")
    async with console(size=(80, 20)) as at:
        await at.press("5", *["j"] * 33)
        top, cursor, ticket = table(at).top, table(at).cursor, under_cursor(at)
        for number in range(3):
            await log(colleague, f"New pothole {number}")
        number = table(at).rows[cursor - 1].tracking_number
        await colleague.work.change_status(number, Status.ON_HOLD)
        await look(at)

        assert top > 0
        assert (table(at).top, table(at).cursor, under_cursor(at)) == (top, cursor, ticket)
        assert "on hold" in line_of(at, number)


async def test_a_change_below_a_dialog_leaves_the_dialog_alone(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """What is being typed stays, and on the line goes the one row that has changed."""
    colleague = await desk_of("tvd_manager")
    async with console(size=(120, 40)) as at:
        await go_to(at, PRESSURE)
        await at.press("e")
        await at.type("ten houses ask")
        screen = at.app.screen
        for status in (Status.IN_PROGRESS, Status.ON_HOLD):
            # The second change: Textual would send the whole screen with it.
            await colleague.work.change_status(numbers[NO_WATER], status)
            sent: list[int] = []
            compositor = screen._compositor
            update = compositor.render_update

            def counted(*args: object, **more: object) -> object:
                sent.append(sum(region.area for region in compositor._dirty_regions))  # noqa: B023
                return update(*args, **more)  # type: ignore[arg-type] # noqa: B023

            with patch.object(compositor, "render_update", counted):
                await look(at)

            assert 0 < sum(sent) <= 3 * 120

        assert isinstance(at.app.screen, FormDialog)
        assert at.app.screen.query_one(Input).value == "ten houses ask"
        assert "on hold" in line_of(at, numbers[NO_WATER])


async def test_a_row_that_leaves_the_list_says_so_until_it_is_read_anew(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """A colleague resolves what one was about to work on: it does not vanish under the cursor."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, PRESSURE)
        cursor = table(at).cursor
        await colleague.work.change_status(numbers[PRESSURE], Status.IN_PROGRESS)
        await colleague.work.change_status(numbers[PRESSURE], Status.RESOLVED)
        await look(at)
        left = line_of(at, numbers[PRESSURE])
        await look(at)
        still = line_of(at, numbers[PRESSURE])
        on = (table(at).cursor, under_cursor(at))
        await colleague.work.change_status(numbers[PRESSURE], Status.IN_PROGRESS)
        await look(at)
        back = line_of(at, numbers[PRESSURE])
        await colleague.work.change_status(numbers[PRESSURE], Status.RESOLVED)
        await look(at)
        await at.press("r")

        assert "no longer in this list: resolved" in left
        assert still == left
        assert on == (cursor, PRESSURE)
        assert "in progress" in back
        assert "no longer" not in back
        assert numbers[PRESSURE] not in text(at.app)


async def test_a_row_that_leaves_by_assignment_says_so_as_well(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """It is whoever asked for it who decides what a list is: one's own tickets, not only the open ones."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await at.press("1")
        await colleague.assignments.unassign(numbers[PRESSURE], "back to the team")
        await look(at)

        assert "no longer in this list: open" in line_of(at, numbers[PRESSURE])


async def test_new_tickets_are_announced_and_g_goes_to_them(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """Nothing jumps: the line says how many, and the key what they are."""
    colleague = await desk_of("tvd_operator2")
    async with console() as at:
        await go_to(at, PRESSURE)
        before = [row.id for row in table(at).rows]
        await log(colleague, "A new pothole")
        await log(colleague, "A second one")
        await look(at)
        lines, telling = [row.id for row in table(at).rows], text(at.app)
        on = under_cursor(at)
        await at.press("g")

        assert lines == before
        assert "2 new, g to see" in telling
        assert on == PRESSURE
        assert under_cursor(at) == "A second one"
        assert table(at).cursor == 0
        assert len(table(at).rows) == len(before) + 2
        assert "new, g to see" not in text(at.app)
        await at.press("G", "g")
        assert table(at).cursor == 0


async def test_in_another_order_g_goes_to_the_first_of_the_new_ones(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """One's own tickets stand by their deadline: what is new there is somewhere in between."""
    manager = await desk_of("tvd_manager")
    async with console() as at:
        await at.press("1")
        assert table(at).rows[0].description != NO_WATER
        await manager.assignments.assign(
            numbers[NO_WATER], "Water 1", "tvd_operator", "she knows the street"
        )
        await look(at)
        telling = announced(at)
        await at.press("G", "g")

        assert telling == "1 new, g to see"
        assert under_cursor(at) == NO_WATER


async def test_what_does_not_belong_to_the_view_is_not_announced(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """Neither in one's own tickets nor in a filter that leaves it out."""
    colleague = await desk_of("tvd_operator2")
    async with console() as at:
        await at.press("1")
        await log(colleague, "A new pothole")
        await look(at)
        mine = announced(at)
        await at.press("5", "f", *["down"] * 2, "down", "right", "right", "right", "space", "enter")
        await log(colleague, "Another pothole", severity=Severity.LOW)
        await look(at)

        assert mine == ""
        assert announced(at) == ""


async def test_a_change_far_down_a_list_is_no_new_ticket(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """What is not on the screen because nobody has read so far was there before."""
    colleague = await desk_of("tvd_operator2")
    first = await log(colleague, "The first of very many")
    for number in range(60):
        await log(colleague, f"Pothole {number}")
    async with console() as at:
        await at.press("5")
        assert len(table(at).rows) == 50
        await colleague.work.add_note(first, "a note")
        await look(at)
        none = announced(at)
        await log(colleague, "The newest")
        await look(at)

        assert none == ""
        assert announced(at) == "1 new, g to see"


async def test_behind_a_search_new_tickets_are_remembered(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """What was found stays as it was found; the list behind it tells what is new in it."""
    colleague = await desk_of("tvd_operator2")
    async with console() as at:
        await at.press("5", "slash")
        await at.type("bridge")
        await at.press("enter")
        await log(colleague, "Another bridge")
        await look(at)
        searching = text(at.app)
        await at.press("escape")

        assert "new, g" not in searching
        assert "1 new, g to see" in text(at.app)


async def test_a_new_ticket_that_is_gone_is_announced_no_more(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """It was marked sensitive before anybody looked: not even its number of one stays."""
    colleague = await desk_of("tvd_operator2")
    async with console() as at:
        await at.press("5")
        number = await log(colleague, "A made-up report")
        await look(at)
        before = announced(at)
        await colleague.work.mark_sensitive(number, "as she told")
        await look(at)

        assert before == "1 new, g to see"
        assert "new, g" not in text(at.app)


async def test_views_are_counted_once_for_everything_that_happens(
    console: OpenConsole, desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten new tickets in three looks are one count, a little later."""
    monkeypatch.setattr(queue_live, "COUNT_AFTER", 1.5)
    monkeypatch.setattr(queue_live, "COUNT_EVERY", 0.05)
    colleague = await desk_of("tvd_operator2")
    async with console() as at:
        await at.press("5")
        queue = at.app.screen
        assert isinstance(queue, QueueScreen)
        asked: list[str] = []
        counting = queue._ask.count_view
        with patch.object(queue._ask, "count_view", lambda v: (asked.append(v.id), counting(v))):
            for number in range(9):
                await log(colleague, f"Pothole {number}")
                if number % 3 == 2:
                    await look(at)
            timer = queue._counting
            assert timer is not None
            assert timer._task is not None
            await timer._task
            await at.settle()

        assert asked.count("open") == 1
        assert queue._counts["open"] == 22
        assert "22" in text(at.app).splitlines()[0]


async def test_the_open_ticket_updates_itself_and_the_scroll_stays(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """Whoever reads an old note goes on reading it while new ones come in above."""
    colleague = await desk_of("tvd_manager")
    for number in range(30):
        await colleague.work.add_note(numbers[BRIDGE], f"Older note {number}")
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("enter", "pagedown", "pagedown")
        first = text(at.app).splitlines()[0]
        await at.press("c")
        await at.type("half a note")
        await colleague.work.add_note(numbers[BRIDGE], "Traffic police is on site")
        await colleague.work.change_status(numbers[BRIDGE], Status.IN_PROGRESS)
        await look(at)
        dialog = text(at.app)
        at.app.screen.dismiss(None)
        await at.settle()
        reading = text(at.app)
        await at.press("g")
        after = text(at.app)

        assert "half a note" in dialog
        assert "Older note" in first
        assert reading.splitlines()[0] == first
        assert "in progress" in after.splitlines()[0]
        assert opened(at)._opened is not None
        assert any(e.note == "Traffic police is on site" for e in opened(at)._opened.detail.history)


async def test_what_was_said_is_not_wiped_by_ones_own_news(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """The sentence about what one has saved outlives the look that brings it back."""
    async with console("tvd_operator2") as at:
        await go_to(at, BRIDGE)
        await at.press("enter", "s", "i", "enter")
        saying = said(at)
        await look(at)

        assert "in progress" in saying
        assert said(at) == saying


async def test_too_much_news_is_read_anew_with_the_cursor_on_its_ticket(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an import nothing is missing, and nobody has lost their place."""
    async with console() as at:
        await go_to(at, PRESSURE)
        at.app.screen_stack[0].query_one(StatusLine).say("a sentence")
        monkeypatch.setattr(feed, "LIMIT", 5)
        with database.connect("tvd_operator2", autocommit=False) as colleague:
            for number in range(4):  # together: the console looks by itself meanwhile
                colleague.execute(
                    "select muni.log_ticket('roads', 'medium', %s)", (f"Pothole {number}",)
                )
        await look(at)

        assert under_cursor(at) == PRESSURE
        assert len(table(at).rows) == 17
        assert table(at).rows[0].description == "Pothole 3"
        assert announced(at) == ""
        assert said(at) == "a sentence"


async def test_a_look_that_brings_nothing_is_one_trip_and_draws_nothing(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """What is paid for by the byte, and asked every second by two hundred consoles."""
    async with console(size=(120, 40)) as at:
        await at.press("5")
        await at.rest()
        await look(at)
        trips: list[object] = []
        read = at.desk.feed._session.read

        async def counted(statement: object, values: object = None) -> object:
            trips.append(statement)
            return await read(statement, values)  # type: ignore[arg-type]

        with (
            patch.object(at.desk.feed._session, "read", counted),
            patch.object(App, "_display") as display,
        ):
            await look(at)

        assert len(trips) == 1
        assert not display.called
