"""What may no longer be seen leaves the screen; what has not changed sends nothing."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from unittest.mock import patch

import pytest
from handling import BRIDGE, hold_out, table
from screen_text import text
from support.database import Database, Server
from textual.app import App
from textual.strip import Strip
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.records import NewTicket, TicketDetail, TicketRow
from municonsole.domain.values import Category, Status
from municonsole.ui import cells
from municonsole.ui.app import MuniconsoleApp
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.settings import UiSettings

pytestmark = pytest.mark.usefixtures("tickets")


async def look(at: Console) -> None:
    """The look that the console takes every second, now."""
    at.app.watch_out.look()
    await at.settle()


def held_anywhere(words: str) -> list[object]:
    """Everything this process holds that says these words: records, and drawn lines."""
    cells.forget()
    gc.collect()
    return [
        held
        for held in gc.get_objects()
        if (isinstance(held, TicketRow) and words in (held.description or ""))
        or (isinstance(held, TicketDetail) and words in (held.ticket.description or ""))
        or (isinstance(held, Strip) and words[:12] in held.text)
    ]


@pytest.fixture
def remembered() -> Callable[[str], list[object]]:
    """Gives what is held of some words, leaving out what the tests before have left behind."""
    before = held_anywhere(BRIDGE)
    known = {id(held) for held in before}

    def remembered(words: str) -> list[object]:
        assert len(before) == len(known)  # they are kept alive, so that no id is used again
        return [held for held in held_anywhere(words) if id(held) not in known]

    return remembered


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["table", "table and panes"])
async def test_a_ticket_that_another_marks_sensitive_is_wiped_and_the_cursor_stays(
    console: OpenConsole,
    desk_of: OpenDesk,
    numbers: dict[str, str],
    remembered: Callable[[str], list[object]],
    size: tuple[int, int],
) -> None:
    """A colleague learns that it was violence: within seconds no other desk shows it."""
    colleague = await desk_of("tvd_operator2")
    async with console(size=size) as at:
        await at.press("5", "j", "j")
        await at.rest()
        before = text(at.app)
        await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        await look(at)
        after = text(at.app)

        assert BRIDGE[:12] in before
        assert BRIDGE[:12] not in after
        assert numbers[BRIDGE][-6:] not in after
        assert after.count("no longer in this list") == 1
        assert ("No longer in this list." in after) == (size[1] == 40)
        assert table(at).cursor == 2
        assert "3 of 13" in after
        assert not remembered(BRIDGE)
        await at.press("enter", "s", "j")
        assert isinstance(at.app.screen, QueueScreen)
        assert table(at).cursor == 3


async def test_an_open_ticket_that_another_marks_sensitive_is_wiped_from_every_screen(
    console: OpenConsole,
    desk_of: OpenDesk,
    numbers: dict[str, str],
    remembered: Callable[[str], list[object]],
) -> None:
    """The ticket screen, the help above it and the table below: it is on none of them."""
    colleague = await desk_of("tvd_manager")
    async with console(size=(120, 40)) as at:
        await at.press("5", "j", "j", "enter")
        assert BRIDGE in text(at.app)
        await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        await look(at)
        open_screen = text(at.app)
        held = remembered(BRIDGE)
        await at.press("escape")
        await at.rest()

        assert "No longer in this list." in open_screen
        assert numbers[BRIDGE] not in open_screen
        assert "history" not in open_screen.lower().replace("no longer", "")
        assert not held
        assert "no longer in this list" in text(at.app)
        assert numbers[BRIDGE][-6:] not in text(at.app)
        assert table(at).cursor == 2


async def test_a_list_that_is_come_back_to_is_wiped_as_well(
    console: OpenConsole,
    desk_of: OpenDesk,
    numbers: dict[str, str],
    remembered: Callable[[str], list[object]],
) -> None:
    """Behind a search waits the list one came from, and nothing may wait there that is gone."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await at.press("5", "slash")
        await at.type("bridge")
        await at.press("enter")
        await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        await look(at)
        assert not remembered(BRIDGE)
        await at.press("escape")

        assert BRIDGE[:12] not in text(at.app)
        assert len(table(at).rows) == 12


async def test_rows_that_changed_are_drawn_anew_and_no_others(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """A colleague's work shows without anybody pressing a key."""
    colleague = await desk_of("tvd_operator2")
    async with console(size=(120, 40)) as at:
        await at.press("5")
        await at.rest()
        row = next(n for n, r in enumerate(table(at).rows) if r.description == BRIDGE)
        await colleague.work.change_status(numbers[BRIDGE], Status.IN_PROGRESS)
        drawn: list[int] = []
        draw = table(at).render_line

        def watched(y: int) -> Strip:
            drawn.append(y)
            return draw(y)

        with patch.object(table(at), "render_line", watched):
            await look(at)

        assert drawn == [row]


async def test_nothing_is_sent_when_nothing_changed(console: OpenConsole) -> None:
    """Looking costs a question to the database, and not one byte on the line."""
    async with console(size=(120, 40)) as at:
        await at.press("5")
        await at.rest()
        with patch.object(App, "_display") as display:
            await look(at)
            await look(at)

        assert not display.called


async def test_nothing_is_asked_while_no_ticket_is_on_the_screen(console: OpenConsole) -> None:
    """Help shows no ticket, so there is nothing to look after; leaving it looks at once."""
    async with console() as at:
        await at.press("5")
        seen = at.app.watch_out.in_sight()
        await at.press("question_mark")
        nothing = at.app.watch_out.in_sight()
        await at.press("escape", "f")
        below_dialog = at.app.watch_out.in_sight()

        assert len(seen) == 13
        assert nothing == frozenset()
        assert below_dialog == seen


async def test_only_what_is_on_the_screen_is_looked_after(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """A list of thousands costs no more than its visible part."""
    colleague = await desk_of("tvd_operator2")
    for number in range(10):
        await colleague.work.create(NewTicket(Category.ROADS, description=f"Pothole {number}"))
    async with console(size=(80, 20)) as at:
        await at.press("5")
        assert len(table(at).rows) > table(at).size.height
        assert len(at.app.watch_out.in_sight()) == table(at).size.height
        await at.press("enter")

        assert len(at.app.watch_out.in_sight()) == 1


async def test_a_lost_connection_shows_by_itself_and_what_went_meanwhile_is_wiped(
    console: OpenConsole, desk_of: OpenDesk, server: Server, numbers: dict[str, str]
) -> None:
    """Nobody has to press a key to learn that the line is down, nor that it is back."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await at.press("5")
        with hold_out(server, "tvd_operator"):
            await look(at)
            away = text(at.app)
            await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        await look(at)

        assert "NOT CONNECTED" in away
        assert BRIDGE[:12] in away
        assert " connected " in text(at.app)
        assert BRIDGE[:12] not in text(at.app)
        assert at.app.screen.query_one("StatusLine").message == ""  # type: ignore[attr-defined]


async def test_a_disabled_operator_keeps_nothing_on_the_screen(
    console: OpenConsole, database: Database
) -> None:
    """Whatever the cause: what the database does not give any more goes from the screen."""
    async with console() as at:
        await at.press("5")
        with database.connect_owner() as owner:
            owner.execute("update operators set is_active = false where username = 'tvd_operator'")
        await look(at)

        assert table(at).rows == []
        assert text(at.app).count("no longer in this list") == 13


async def test_the_console_looks_by_itself(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """Nobody has to do anything for it."""
    colleague = await desk_of("tvd_manager")
    async with console(watch_every=0.05) as at:
        await at.press("5")
        await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        async with asyncio.timeout(20):
            while BRIDGE[:12] in text(at.app):
                await at.settle()

        assert "no longer in this list" in text(at.app)


async def test_a_municipal_ticket_on_the_screen_follows_what_colleagues_do(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """The history of the open ticket grows while one looks at it."""
    colleague = await desk_of("tvd_operator2")
    async with console(size=(120, 40)) as at:
        await at.press("5", "j", "j", "enter")
        await colleague.work.add_note(numbers[BRIDGE], "Traffic police is on site")
        await look(at)

        assert isinstance(at.app.screen, TicketScreen)
        assert "Traffic police is on site" in text(at.app)


async def test_a_look_before_there_is_a_table_ends_nothing(
    desk_of: OpenDesk,
) -> None:
    """The database may be faster than the first frame."""
    desk = await desk_of("tvd_operator")
    app = MuniconsoleApp(desk, UiSettings(), watch_every=3600, pulse_every=3600)
    queue = app.get_default_screen()
    assert isinstance(queue, QueueScreen)

    assert queue.in_sight() == frozenset()
    assert not queue.concerns(await desk.feed.look(()))
    assert queue.awaited() is None
