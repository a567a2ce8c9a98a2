"""Handing a ticket over to SAPS: never by accident, and gone afterwards."""

from __future__ import annotations

import pytest
from handling import BRIDGE, go_to, row_of
from screen_text import text
from support.database import Database
from ui.conftest import OpenConsole

from municonsole.domain.errors import ConfigError
from municonsole.domain.filters import MUNICIPAL_VIEWS
from municonsole.ui.actions import Registry
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens.ticket import TicketScreen

pytestmark = pytest.mark.usefixtures("tickets")


async def test_marking_sensitive_says_what_happens_and_is_gone_afterwards(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """It goes to SAPS, and neither table nor panes nor search has it any more."""
    async with console(size=(120, 40)) as at:
        await go_to(at, BRIDGE)
        await at.press("m")
        form = " ".join(text(at.app).split())
        await at.type("it was no accident")
        await at.press("tab", "y", "enter")
        await at.rest()
        after = text(at.app)
        await at.press("slash")
        await at.type("bridge")
        await at.press("enter")

        assert "There is no way back." in form
        assert row_of(database, numbers[BRIDGE])["is_sensitive"]
        assert BRIDGE[:12] not in after
        assert "no longer in this list" in after
        assert f"{numbers[BRIDGE]} is with SAPS now" in after
        assert "Nothing was found." in text(at.app)


async def test_nothing_is_handed_over_by_accident(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Enter alone cancels, the key that asked does not confirm, and a reason is needed."""
    accidents = (
        ("m", "m", "m", "m"),
        ("m", "x", "enter", "enter"),
        ("m", "x", "ctrl+s", "ctrl+s"),
        ("m", "x", "tab", "enter"),
        ("m", "x", "tab", "m", "enter"),
        ("m", "x", "tab", "y", "c", "enter"),
        ("m", "tab", "y", "enter"),
    )
    async with console() as at:
        for keys in accidents:
            await go_to(at, BRIDGE)
            await at.press(*keys)
            assert not row_of(database, numbers[BRIDGE])["is_sensitive"], keys
            while isinstance(at.app.screen, FormDialog):
                await at.press("escape")


async def test_enter_alone_says_how_a_hand_over_is_confirmed(console: OpenConsole) -> None:
    """After the reason the cursor goes to the question, and the hint says what it takes."""
    async with console() as at:
        await at.press("5", "m", "x", "enter")

        assert "y and then Enter: hand it over to SAPS" in text(at.app)


@pytest.mark.parametrize("keys", ["y", "ctrl+s", "f9, y"])
def test_no_keymap_makes_one_key_ask_and_confirm(keys: str) -> None:
    """A key pressed twice by mistake never hands a ticket over."""
    with pytest.raises(ConfigError, match="which it would also confirm"):
        Registry(MUNICIPAL_VIEWS, {"ticket.mark_sensitive": keys})


async def test_marked_from_the_ticket_screen_it_is_gone_there_too(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """What one read a moment ago is not on the screen any more."""
    async with console(size=(120, 40)) as at:
        await go_to(at, BRIDGE)
        await at.press("enter", "m")
        await at.type("it was no accident")
        await at.press("tab", "y", "enter")
        after = text(at.app)
        await at.press("s", "c", "r")

        assert row_of(database, numbers[BRIDGE])["is_sensitive"]
        assert "No longer in this list." in after
        assert BRIDGE[:12] not in after
        assert isinstance(at.app.screen, TicketScreen)
