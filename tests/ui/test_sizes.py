"""Every screen and dialog at every size: nothing is cut that one needs, and nothing is lost on the way."""

from __future__ import annotations

import pytest
from calls import fill, form
from screen_text import strips, text
from support.database import Database
from ui.conftest import Console, OpenConsole
from walk import walk

from municonsole.ui.screens.lock import LockScreen
from municonsole.ui.screens.small import SmallScreen
from municonsole.ui.widgets.status_line import KeyLine

pytestmark = pytest.mark.usefixtures("tickets")
SIZES = ((60, 20), (120, 40))
READING = frozenset({"queue", "found", "filtered", "ticket", "alerts", "help", "ticket-help"})
STORM = ((200, 50), (59, 20), (1, 1), (90, 30))
STORMY = frozenset({"queue", "commands", "filter", "deadline", "ticket", "intake", "lock"})
"""Places of every kind, in which the window is dragged about as well."""
SAPS = frozenset({"queue", "filter", "ticket", "status", "assign", "intake"})
"""Where a liaison sees other things than an administrator."""


def whole(at: Console, place: str) -> None:
    """The keys of the screen in front are on it, how to leave is among them, and the field at hand too."""
    screen = at.app.screen
    seen = screen._compositor.visible_widgets
    wanted = [*screen.query(KeyLine), *([screen.focused] if screen.focused is not None else [])]
    assert wanted
    for widget in wanted:
        assert widget in seen, widget
        region, clip = seen[widget]
        assert region.intersection(clip) == region, widget
        assert screen.region.contains_region(region), widget
        assert region.area, widget
    if place in READING:
        assert "q quit" in text(at.app).splitlines()[-1], place
    assert all(strip.cell_length == screen.size.width for strip in strips(at.app))


@pytest.mark.parametrize(
    "username", [pytest.param("tvd_admin", marks=pytest.mark.prove), "tvd_saps"]
)
async def test_every_place_bears_every_size(
    console: OpenConsole, database: Database, username: str
) -> None:
    """The key line is never cut nor the field at hand, one sees how to leave, and a storm leaves it all."""
    async with console(username) as at:
        await at.press("2" if username == "tvd_saps" else "5")
        saps = username == "tvd_saps"
        places = []
        async for place in walk(at, database, username, lambda name: saps and name not in SAPS):
            places.append(place)
            before, focused = text(at.app), at.app.focused
            whole(at, place)
            for size in SIZES:
                await resize(at, size)
                whole(at, place)
            for size in STORM if place in STORMY else ():
                await at.pilot.resize_terminal(*size)
            await resize(at, (80, 24))

            assert (text(at.app), at.app.focused) == (before, focused), place
    assert len(places) >= (7 if saps else 24)


async def test_a_terminal_that_is_too_small_asks_for_room_and_loses_nothing(
    console: OpenConsole, database: Database
) -> None:
    """One column or line less than it takes; what was typed, and the lock, outlast it."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone="0115550101", category="w", description="the street is und")
        before = text(at.app)
        for size in ((59, 20), (60, 19), (12, 3)):
            await resize(at, size)
            assert isinstance(at.app.screen, SmallScreen)
            assert "0115550101" not in text(at.app)
            await at.type("lost")
        await resize(at, (59, 20))
        told = " ".join(text(at.app).split())
        await at.press("f9")
        await resize(at, (80, 24))
        locked = isinstance(at.app.screen, LockScreen)
        await resize(at, (30, 8))
        await at.type(database.password("tvd_operator"))
        await at.press("enter")
        small_again = isinstance(at.app.screen, SmallScreen)
        await resize(at, (80, 24))

        assert "needs 60 columns and 20 lines" in told
        assert "q quit" in told
        assert locked
        assert small_again
        assert without_draft(text(at.app)) == without_draft(before)
        assert form(at).typed()["description"] == "the street is und"


async def test_a_terminal_that_is_too_small_can_be_left(console: OpenConsole) -> None:
    """Whoever cannot make room gets out."""
    async with console(size=(40, 10)) as at:
        await at.press("q")

        assert at.app.return_code == 0


async def resize(at: Console, size: tuple[int, int]) -> None:
    await at.pilot.resize_terminal(*size)
    await at.settle()


def without_draft(screen: str) -> str:
    """The screen without when the draft was kept."""
    return "\n".join(line for line in screen.splitlines() if "New report" not in line)
