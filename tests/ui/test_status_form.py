"""Changing the status from the keyboard: three keys, and what goes with them."""

from __future__ import annotations

import pytest
from handling import PRESSURE, go_to, notes_of, row_of, said, table, under_cursor
from screen_text import text
from support.database import Database
from textual.events import Key
from ui.conftest import OpenConsole

from municonsole.domain.values import Status
from municonsole.ui.dialogs.form import FormDialog

pytestmark = pytest.mark.usefixtures("tickets")


async def test_a_status_is_changed_with_three_keys(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """s, the letter, Enter: row, panes and counts follow, and the cursor stays."""
    async with console(size=(120, 40)) as at:
        await go_to(at, PRESSURE)
        await at.press("s", "i", "enter")
        await at.rest()

        assert row_of(database, numbers[PRESSURE])["status"] == "in_progress"
        assert said(at) == f"{numbers[PRESSURE]} is in progress"
        assert "open → in progress  TVD Operator 1" in text(at.app)
        assert under_cursor(at) == PRESSURE
        assert table(at).current.status is Status.IN_PROGRESS  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("username", "legal"),
    [("tvd_operator", ["in progress"]), ("tvd_manager", ["in progress", "closed"])],
)
async def test_only_the_moves_of_the_role_are_offered(
    console: OpenConsole, username: str, legal: list[str]
) -> None:
    """Closing is for managers, so an operator does not see it."""
    async with console(username, (80, 24)) as at:
        await at.press("6", "s")
        choice = at.app.screen.query_one("#form-to")

        assert [option.label for option in choice.options] == legal  # type: ignore[attr-defined]


async def test_a_note_goes_with_a_change_of_status(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Why it is resolved stands beside it."""
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press("s", "r", "tab")
        await at.type("valve opened")
        await at.press("enter")

        assert row_of(database, numbers[PRESSURE])["status"] == "resolved"
        assert notes_of(database, numbers[PRESSURE]) == ["valve opened"]


async def test_whoever_puts_a_ticket_on_hold_is_asked_what_it_waits_for(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """A clock stands still from now on: for what, is asked, and shown with the ticket."""
    async with console(size=(120, 40)) as at:
        await go_to(at, PRESSURE)
        await at.press("s", "i")
        usual = text(at.app)
        await at.press("h")
        asked = text(at.app)
        await at.press("enter")
        refused = text(at.app)
        await at.type("parts from the depot")
        await at.press("enter")
        await at.rest()

        assert "Note        a note beside it, or nothing" in usual
        assert "Waits for   what is it waiting for?" in asked
        assert "say what it is waiting for" in refused
        assert row_of(database, numbers[PRESSURE])["status"] == "on_hold"
        assert notes_of(database, numbers[PRESSURE]) == ["parts from the depot"]
        assert "Waits for   parts from the depot" in text(at.app)
        assert "= on hold" in text(at.app)


async def test_nothing_is_saved_without_a_choice(console: OpenConsole) -> None:
    """Enter alone changes nothing, and says what is missing."""
    async with console() as at:
        await at.press("5", "s", "enter")

        assert "choose a status" in text(at.app)
        assert isinstance(at.app.screen, FormDialog)


async def test_status_and_note_can_be_typed_ahead(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Over a slow line the letter comes before the choices have been read."""
    async with console() as at:
        await go_to(at, PRESSURE)
        for key in ("s", "r", "enter"):
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        await at.settle()
        await at.settle()

        assert row_of(database, numbers[PRESSURE])["status"] == "resolved"
