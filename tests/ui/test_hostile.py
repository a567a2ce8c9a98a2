"""Hostile text in everything that is stored, on every screen and dialog: shown, and nothing more."""

from __future__ import annotations

import pytest
import scenario
from live import look
from rich.cells import cell_len
from screen_text import strips
from support import hostile
from support.database import Database
from ui.conftest import Console, OpenConsole
from walk import walk
from wcwidth import wcswidth

pytestmark = pytest.mark.usefixtures("tickets", "suburbs")
PLAIN = "Faded zebra crossing"


def harmless(at: Console, place: str) -> None:
    """Every line is as wide as the screen in every terminal, and nothing in it drives one."""
    for strip in strips(at.app):
        assert strip.text.isprintable(), (place, strip.text)
        assert strip.cell_length == cell_len(strip.text) == wcswidth(strip.text), place
        assert strip.cell_length == at.app.size.width, (place, strip.text)
        assert all(
            not style or not (style.link or style.meta.get("@click")) for _, style, _ in strip
        )


@pytest.mark.parametrize(
    "username", [pytest.param("tvd_admin", marks=pytest.mark.prove), "tvd_saps"]
)
async def test_every_place_shows_hostile_text_harmlessly(
    console: OpenConsole, database: Database, username: str
) -> None:
    """In a large terminal and the smallest, with everything anybody could have written being hostile."""
    scenario.sweep(database)
    hostile.add(database, username)
    hostile.poison(database, but=PLAIN)
    saps = username == "tvd_saps"
    async with console(username, (120, 40)) as at:
        await at.press("2" if saps else "5")
        await look(at)
        at.app.pulse.look()
        places = []
        async for place in walk(at, database, username):
            places.append(place)
            harmless(at, place)
            if not saps or place in ("queue", "ticket", "filter", "assign"):
                await at.pilot.resize_terminal(60, 20)
                await at.settle()
                harmless(at, place)
                await at.pilot.resize_terminal(120, 40)
        if not saps:
            at.app.screen_stack[0].query_one("TicketTable").move_to(0)
        for _ in range(3 if saps else 15):
            await at.press("enter")
            harmless(at, "a ticket")
            await at.press("escape", "j")
            harmless(at, "a list")

        assert at.app.return_code is None
    assert {"board", "board-tickets", "many-assign", "results"} <= set(places)
    assert len(places) >= 18
