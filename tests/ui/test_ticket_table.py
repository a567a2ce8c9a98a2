from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rich.cells import cell_len
from rows import NOW, ZONE, row
from test_cells import HOSTILE
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from municonsole.ui.theme import PALETTES
from municonsole.ui.widgets.ticket_table import ColumnHeads, TicketTable


class Watched(TicketTable):
    """A table that notes what it asks to be sent."""

    def __init__(self, *, now: object = None) -> None:
        self.clock = NOW
        super().__init__(PALETTES["dark"], zone=ZONE, now=self._clock, saps=False)
        self.sent: list[int] = []

    def _clock(self) -> datetime:
        return self.clock

    def refresh(self, *regions: Region, **kwargs: bool) -> Watched:
        self.sent += [region.y for region in regions] or ([-1] if self.is_attached else [])
        super().refresh(*regions, **kwargs)
        return self


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = Watched()
        self.moved: list[int | None] = []
        self.near_end = 0

    def compose(self) -> ComposeResult:
        yield ColumnHeads(PALETTES["dark"], saps=False)
        yield self.table

    def on_mount(self) -> None:
        self.query_one(ColumnHeads).styles.height = 1
        self.table.styles.height = "1fr"

    def on_ticket_table_cursor_moved(self, message: TicketTable.CursorMoved) -> None:
        self.moved.append(message.row.id.int if message.row else None)

    def on_ticket_table_near_end(self) -> None:
        self.near_end += 1


@asynccontextmanager
async def a_table(
    rows: int = 100, size: tuple[int, int] = (80, 21)
) -> AsyncIterator[tuple[TableApp, Watched, Pilot[None]]]:
    app = TableApp()
    async with app.run_test(size=size) as pilot:
        app.table.show([row(number) for number in range(1, rows + 1)])
        await pilot.pause()
        app.table.sent.clear()
        yield app, app.table, pilot


def shown(app: App[None]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def test_moving_the_cursor_sends_two_lines() -> None:
    """A key press costs the line that was left and the line that was reached."""
    async with a_table() as (_, table, _):
        table.move(1)

        assert table.sent == [0, 1]


async def test_changing_one_ticket_sends_one_line() -> None:
    """A colleague's change repaints its row and no other."""
    async with a_table() as (_, table, _):
        table.update_row(row(5, description="Something else"))

        assert table.sent == [4]


async def test_equal_rows_send_nothing() -> None:
    """Reading a list again that has not changed costs nothing on the wire."""
    async with a_table() as (_, table, _):
        table.show([row(number) for number in range(1, 101)], on=row(1).id)

        assert table.sent == []


async def test_a_ticket_out_of_sight_sends_nothing() -> None:
    """What is not on the screen is not sent."""
    async with a_table() as (_, table, _):
        table.update_row(row(90, description="Something else"))

        assert table.sent == []


async def test_the_cursor_stays_on_its_ticket_when_rows_are_read_again() -> None:
    """New tickets above push the row down, and the cursor with it; the eye keeps its place."""
    async with a_table() as (_, table, _):
        table.move_to(50)
        place = table.cursor - table.top
        table.show([row(number) for number in (*range(201, 211), *range(1, 101))], on=row(51).id)

        assert table.current == row(51)
        assert table.cursor - table.top == place


async def test_the_cursor_stays_when_a_page_is_added() -> None:
    """Reading on happens below; nothing moves."""
    async with a_table(50) as (_, table, pilot):
        table.move_to(40)
        await pilot.pause()
        table.sent.clear()
        table.extend([row(number) for number in range(51, 101)])

        assert table.current == row(41)
        assert table.sent == []
        assert len(table.rows) == 100


async def test_a_ticket_is_not_listed_twice() -> None:
    """A ticket that moved into the next page while it was read is there once."""
    async with a_table(50) as (_, table, _):
        table.extend([row(50), row(51)])

        assert len(table.rows) == 51


async def test_a_ticket_that_is_gone_leaves_the_cursor_where_it_was() -> None:
    """After a resolved ticket left the view, its neighbour is under the cursor."""
    async with a_table() as (_, table, _):
        table.move_to(10)
        gone = table.current
        assert gone is not None
        table.show([row(number) for number in range(1, 101) if number != 11], on=gone.id, cursor=10)

        assert table.current == row(12)


async def test_more_is_asked_for_before_the_end_is_reached() -> None:
    """The operator never waits at the end of a page."""
    async with a_table() as (app, table, pilot):
        table.move_to(50)
        await pilot.pause()
        before = app.near_end
        table.move_to(65)
        await pilot.pause()

        assert before == 0
        assert app.near_end == 1


async def test_paging_keeps_one_row_for_the_eye() -> None:
    """The last row of a screen is the first of the next."""
    async with a_table() as (_, table, _):
        table.page(1)

        assert (table.top, table.cursor) == (19, 19)
        table.page(-1)
        assert (table.top, table.cursor) == (0, 0)


async def test_the_cursor_never_leaves_the_list() -> None:
    """Keys held down stop at the ends."""
    async with a_table(3) as (app, table, pilot):
        table.move(99)
        assert table.current == row(3)
        table.move(-99)
        assert table.current == row(1)
        table.show(())
        table.move(1)
        await pilot.pause()

        assert table.current is None
        assert app.moved[-1] is None


async def test_only_a_move_to_another_ticket_is_told() -> None:
    """The panes are not read anew for a cursor that stays."""
    async with a_table() as (app, table, pilot):
        table.move(-1)
        table.update_row(row(1, description="Something else"))
        await pilot.pause()

        assert app.moved == [1]


async def test_time_is_told_anew_only_where_it_reads_differently() -> None:
    """An idle console sends a line when what it says has become another, else nothing."""
    async with a_table() as (_, table, pilot):
        table.show(
            [
                row(1, next_deadline=NOW + timedelta(minutes=30)),
                row(2, next_deadline=NOW + timedelta(days=5, hours=1)),
            ]
        )
        await pilot.pause()
        table.sent.clear()
        table.clock = NOW + timedelta(seconds=30)
        table.tell_time()
        await pilot.pause()
        half_a_minute = list(table.sent)
        table.clock = NOW + timedelta(seconds=90)
        table.tell_time()

        assert half_a_minute == [0]
        assert table.sent == [0, 0]


async def test_an_empty_table_says_why_in_words() -> None:
    """No blank screen."""
    async with a_table(0) as (app, table, pilot):
        table.show_notice("There is no ticket in this view.", "r reads again")
        await pilot.pause()

        lines = [line.strip() for line in shown(app)]
        assert "There is no ticket in this view." in lines
        assert "r reads again" in lines


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60), (30, 5), (1, 1)])
async def test_the_cursor_stays_in_sight_at_any_size(size: tuple[int, int]) -> None:
    """The terminal may be resized at any moment."""
    async with a_table() as (_, table, pilot):
        table.move_to(70)
        await pilot.resize_terminal(*size)
        await pilot.pause()

        assert table.current == row(71)
        if table.size.height:
            assert table.top <= 70 < table.top + table.size.height


@pytest.mark.parametrize("width", [60, 80, 120, 200])
async def test_hostile_rows_are_drawn_as_wide_as_any(width: int) -> None:
    """Nothing that people write breaks a line, drives the terminal or is read as markup."""
    async with a_table(0, size=(width, 24)) as (app, table, pilot):
        table.show(
            [
                replace(row(number), description=text, assigned_team=text, assigned_to_name=text)
                for number, text in enumerate(HOSTILE.values(), start=1)
            ]
        )
        await pilot.pause()
        lines = shown(app)

        assert all(cell_len(line) == width for line in lines)
        assert all(line.isprintable() for line in lines)
        assert not any(
            style and (style.link or style.meta)
            for strip in app.screen._compositor.render_strips()
            for _, style, _ in strip
        )


async def test_the_row_of_the_cursor_stands_out() -> None:
    """One row has another background, all across."""
    async with a_table(3) as (app, table, pilot):
        table.move(1)
        await pilot.pause()
        backgrounds = [
            {style.bgcolor for _, style, _ in strip if style}
            for strip in app.screen._compositor.render_strips()
        ]

        assert len(backgrounds[2]) == 1
        assert backgrounds[2] != backgrounds[1] == backgrounds[3]
