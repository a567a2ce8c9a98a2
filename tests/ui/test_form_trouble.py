"""What goes wrong while a form is filled in, and what becomes of what was typed."""

from __future__ import annotations

import pytest
from handling import BRIDGE, NO_WATER, PRESSURE, go_to, hold_out, notes_of, row_of
from screen_text import text
from support.database import Database, Server
from test_cells import HOSTILE
from textual.events import Paste
from ui.conftest import OpenConsole, OpenDesk

from municonsole.domain.errors import REFUSAL
from municonsole.domain.values import Status
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens.queue import QueueScreen

pytestmark = pytest.mark.usefixtures("tickets")


@pytest.mark.parametrize("keys", [("s", "r", "enter"), ("e", "x", "enter")], ids=["s", "e"])
async def test_someone_else_was_first(
    console: OpenConsole,
    desk_of: OpenDesk,
    database: Database,
    numbers: dict[str, str],
    keys: tuple[str, ...],
) -> None:
    """It says what changed, keeps what was typed, and applies it to the new state when told to."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press(*keys[:-1])
        await colleague.work.change_status(numbers[PRESSURE], Status.ON_HOLD)
        await at.press(keys[-1])
        conflict = " ".join(text(at.app).replace("│", " ").split())
        between = row_of(database, numbers[PRESSURE])["status"]
        await at.press("ctrl+s")

        assert "changed meanwhile, now on hold, with Water 1, TVD Operator 1" in conflict
        assert "open → on hold TVD Manager 1" in conflict
        assert "Ctrl+S saves yours on top of that, Esc leaves it" in conflict
        assert between == "on_hold"
        assert row_of(database, numbers[PRESSURE])["status"] in ("resolved", "escalated")
        assert isinstance(at.app.screen, QueueScreen)


async def test_a_move_that_is_not_legal_any_more_is_not_offered_again(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """After a conflict the choices are those of the new state."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press("s", "h", "tab", "x")
        await colleague.work.change_status(numbers[PRESSURE], Status.ON_HOLD)
        await at.press("enter", "ctrl+s")

        assert "choose a status" in text(at.app)


async def test_what_was_typed_survives_a_lost_connection(
    console: OpenConsole, server: Server, database: Database, numbers: dict[str, str]
) -> None:
    """One sentence, nothing shown as saved, and the same words are saved when the line is back."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type("many words")
        with hold_out(server, "tvd_operator"):
            await at.press("ctrl+s")
            away = text(at.app)
        await at.press("ctrl+s")

        assert "nobody knows yet whether it was saved" in away
        assert "Ctrl+S sends it again, it will not be doubled" in away
        assert "many words" in away
        assert notes_of(database, numbers[BRIDGE]).count("many words") == 1


async def test_a_ticket_that_moved_behind_the_wall_takes_no_note(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """The ordinary sentence, as for a ticket that never was."""
    colleague = await desk_of("tvd_manager")
    async with console(size=(120, 24)) as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type("words")
        await colleague.work.mark_sensitive(numbers[BRIDGE], "the caller told more")
        await at.press("ctrl+s")

        assert REFUSAL in text(at.app)


async def test_hostile_text_is_harmless_in_every_form(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Pasted into each field of each form: shown steady, saved clean, nothing else happens."""
    hostile = "\n".join(told[:300] for what, told in HOSTILE.items() if what != "surrogate")
    async with console("tvd_manager", (80, 24)) as at:
        await go_to(at, NO_WATER)
        for key in ("c", "p", "s", "e", "a", "A", "d", "R", "m"):
            await at.press(key)
            assert isinstance(at.app.screen, FormDialog)
            for field in at.app.screen._fields:
                field.focus()
                await at.pilot.pause()
                field.post_message(Paste(hostile))
                await at.settle()

                assert text(at.app).replace("\n", "").isprintable()
            await at.press("escape", *(("t", "enter") if key == "c" else ("escape",)))
            assert isinstance(at.app.screen, QueueScreen), key
        await at.press("c")
        at.app.screen.focused.post_message(Paste(hostile + " end"))  # type: ignore[union-attr]
        await at.settle()
        await at.press("ctrl+s")
        assert isinstance(at.app.screen, QueueScreen)
        note = notes_of(database, numbers[NO_WATER])[-1]

        assert note.replace("\n", "").isprintable()
        assert text(at.app).replace("\n", "").isprintable()
