"""A screen over another that goes on changing: each has its own to draw, and neither loses it."""

from __future__ import annotations

import asyncio
from functools import partial

from ui.conftest import OpenConsole

from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.status_line import StatusLine
from municonsole.ui.widgets.steady_page import SteadyPage


def told(word: str, _: int) -> list[Spans]:
    """Three lines about it."""
    return [[(f"{word} {n}", Tone.PLAIN)] for n in range(3)]


async def test_what_changes_below_takes_nothing_from_what_is_above(console: OpenConsole) -> None:
    """The lines of a ticket are all sent, whenever the list below it draws one of its own."""
    async with console() as at:
        queue = at.app.screen
        assert isinstance(queue, QueueScreen)
        await at.press("enter")
        await at.settle()
        assert isinstance(at.app.screen, TicketScreen)
        page = at.app.screen.query_one("#ticket-detail", SteadyPage)
        below = queue.query_one(StatusLine)
        for turn in range(5):
            page.show(partial(told, f"above {turn}"))
            while page not in at.app.screen._dirty_widgets:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)
            # Before that is drawn, the screen below draws what it has to.
            below.say(f"below {turn}")
            queue._compositor.update_widgets({below})
            queue._compositor_refresh()
            await at.settle()
            await at.pilot.pause(0.1)

            painted = [page._painted[y].text.strip() for y in range(3)]
            assert painted == [f"above {turn} {n}" for n in range(3)]
