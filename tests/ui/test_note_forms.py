"""Notes, contacts and escalations from the keyboard."""

from __future__ import annotations

import pytest
from handling import BRIDGE, PRESSURE, go_to, notes_of, row_of, said
from screen_text import text
from support.database import Database
from ui.conftest import OpenConsole

from municonsole.ui.screens.queue import QueueScreen

pytestmark = pytest.mark.usefixtures("tickets")


async def test_a_note_of_several_lines_is_for_colleagues_unless_said_otherwise(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """c, the words, Ctrl+S."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type("Called the contractor")
        await at.press("enter")
        await at.type("back at noon")
        await at.press("ctrl+s")

        assert notes_of(database, numbers[BRIDGE])[-1] == "Called the contractor\nback at noon"
        assert said(at) == f"the note is on {numbers[BRIDGE]}"
        await at.press("c")
        await at.type("We are on site")
        await at.press("tab", "p", "ctrl+s")
    with database.connect_owner() as owner:
        public = owner.execute(
            "select n.note, n.is_public from ticket_notes as n join tickets as t"
            " on t.id = n.ticket_id where t.tracking_number = %s order by n.event_id",
            (numbers[BRIDGE],),
        ).fetchall()
    assert [flag for _, flag in public][-2:] == [False, True]


async def test_escape_asks_before_it_throws_text_away(console: OpenConsole) -> None:
    """A wrong key does not cost ten minutes of typing."""
    async with console() as at:
        await at.press("5", "p", "escape")
        assert isinstance(at.app.screen, QueueScreen)
        await at.press("p")
        await at.type("many words")
        await at.press("escape")
        asked = text(at.app)
        await at.type("!")
        await at.press("escape")
        again = text(at.app)
        await at.press("escape")

        assert "Esc again throws away what you typed" in asked
        assert "many words!" in again
        assert isinstance(at.app.screen, QueueScreen)


async def test_a_contact_and_an_escalation_are_recorded(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Spoken to the citizen, and not content with how it goes."""
    async with console(size=(120, 40)) as at:
        await go_to(at, PRESSURE)
        await at.press("p", "ctrl+s")
        assert "the outcome of a contact needs words" in text(at.app)
        await at.type("will be there after four")
        await at.press("ctrl+s", "e")
        await at.type("third call about this")
        await at.press("enter")
        await at.rest()
        row = row_of(database, numbers[PRESSURE])

        assert row["first_responded_at"] is not None
        assert row["status"] == "escalated"
        assert row["escalation_reason"] == "third call about this"
        assert "citizen contacted" in text(at.app)
