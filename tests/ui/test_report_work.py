"""Working on GBV reports, as a liaison and as an administrator who opened one."""

from __future__ import annotations

import pytest
from handling import REPORT, notes_of, offered, row_of, said
from screen_text import text
from support.database import Database
from ui.conftest import OpenConsole

from municonsole.ui.screens.ticket import TicketScreen

pytestmark = pytest.mark.usefixtures("tickets")


async def test_a_liaison_works_on_a_report(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Status, note and station, and never a question whether the citizen may read it."""
    async with console("tvd_saps", (120, 40)) as at:
        await at.press("enter", "c")
        form = text(at.app)
        await at.type("shelter found")
        await at.press("ctrl+s")
        noted = text(at.app)
        await at.press("s", "i", "enter", "a")
        await at.type("south")
        await at.press("enter")
        row = row_of(database, numbers[REPORT])

        assert "citizen" not in form
        assert "shelter found" in noted
        assert row["status"] == "in_progress"
        assert "SAPS South" in text(at.app)


async def test_an_administrator_opens_a_report_by_number_with_a_reason(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """On record, with who and when; SAPS reads the reason; acting is as the role table says."""
    async with console("tvd_admin", (120, 40)) as at:
        await at.press("o")
        await at.type(numbers[REPORT].lower())
        await at.press("tab")
        await at.type("court order 12/26")
        await at.press("enter")
        opened = text(at.app)
        here = offered(at)
        await at.press("c")
        await at.type("order filed")
        await at.press("ctrl+s", "s", "h", "enter")
        acted = text(at.app)
        await at.press("d")
        refused = said(at)
        await at.press("escape")
        left = text(at.app)

        assert REPORT in opened
        assert "On record   opened by TVD Admin 1, " in opened
        assert here == {"status", "note", "assign", "route"}
        assert "order filed" in acted
        assert row_of(database, numbers[REPORT])["status"] == "on_hold"
        assert refused == "Deadline: not for a GBV report"
        assert REPORT[:12] not in left
        assert numbers[REPORT] not in left
        assert "court order 12/26" in notes_of(database, numbers[REPORT])


async def test_an_opening_ends_by_itself(console: OpenConsole, numbers: dict[str, str]) -> None:
    """Who leaves the desk leaves no report on the screen for ever."""
    async with console("tvd_admin", (120, 40)) as at:
        await at.press("o")
        await at.type(numbers[REPORT])
        await at.press("tab")
        await at.type("court order 12/26")
        await at.press("enter")
        screen = at.app.screen
        assert isinstance(screen, TicketScreen)
        assert screen._ending is not None
        screen.end()
        await at.settle()

        assert "This opening has ended" in text(at.app)
        assert REPORT[:12] not in text(at.app)


async def test_a_short_reason_opens_nothing(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Ten characters at least, before anything is asked."""
    async with console("tvd_admin") as at:
        await at.press("o")
        await at.type(numbers[REPORT])
        await at.press("tab")
        await at.type("curious")
        await at.press("enter")

        assert "a reason of at least 10 characters" in text(at.app)
    with database.connect_owner() as owner:
        count = owner.execute("select count(*) from confidential_openings").fetchone()
    assert count == (0,)
