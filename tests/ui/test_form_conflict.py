"""Two people at one ticket: who was second sees what the first did, and loses no word."""

from __future__ import annotations

import re

import pytest
from handling import BRIDGE, NO_WATER, PRESSURE, go_to, notes_of, previewed, row_of, said
from screen_text import text
from support.database import Database
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.errors import REFUSAL
from municonsole.domain.values import Category, Status
from municonsole.services.desk import Desk
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.form_conflict import FormConflict
from municonsole.ui.screens.queue import QueueScreen

pytestmark = pytest.mark.usefixtures("tickets")

Keys = tuple[str, ...]


def screen(at: Console) -> str:
    """What the dialog says, or without one the screen."""
    inside = re.findall("│(.*)│", text(at.app))
    return " ".join(" ".join(inside or [text(at.app)]).split())


async def busy(colleague: Desk, number: str) -> None:
    """A colleague does six things one after the other."""
    await colleague.work.change_status(number, Status.ON_HOLD, "the part comes on Monday")
    for words in ("one", "two", "three"):
        await colleague.work.add_note(number, words)
    await colleague.work.record_contact(number, "told her")
    await colleague.work.add_note(number, "four")


async def reclassified(colleague: Desk, number: str) -> None:
    await colleague.work.reclassify(number, Category.ROADS, "it is the road")


async def assigned(colleague: Desk, number: str) -> None:
    await colleague.assignments.assign(number, to="tvd_operator2")


async def noted(colleague: Desk, number: str) -> None:
    await colleague.work.add_note(number, "she called again")


FORMS: tuple[tuple[Keys, str, str], ...] = (
    (("s", "r"), "status", "resolved"),
    (("e", "x"), "status", "escalated"),
    (("a", "w", "a", "t", "e", "r", "space", "1"), "assigned_to", "None"),
    (("A",), "assigned_to", "None"),
    (("d", "r", "tab", *"+9d", "tab", "x"), "resolution_overridden", "True"),
    (("R", "o", "tab", "x"), "category", "other"),
)
"""Every form with a version: what is typed, and what it makes of the ticket."""


@pytest.mark.parametrize(("keys", "column", "becomes"), FORMS, ids=lambda value: str(value)[:12])
async def test_every_form_tells_what_changed_and_applies_again(
    console: OpenConsole,
    desk_of: OpenDesk,
    database: Database,
    numbers: dict[str, str],
    keys: Keys,
    column: str,
    becomes: str,
) -> None:
    """The colleague's change stays, and the same key applies one's own on top of it."""
    colleague, number = await desk_of("tvd_admin"), numbers[PRESSURE]
    async with console("tvd_manager", (80, 24)) as at:
        await go_to(at, PRESSURE)
        await at.press(*keys)
        if keys[0] == "d":
            await previewed(at)
        await noted(colleague, number)
        await at.press("ctrl+s")
        told = screen(at)
        between = str(row_of(database, number)[column])
        if keys[0] == "d":
            await previewed(at)
        await at.press("ctrl+s")

        assert "changed meanwhile, now open, with Water 1, TVD Operator 1" in told
        assert "note TVD Admin: she called again" in told.replace("TVD Admin 1", "TVD Admin")
        assert "Ctrl+S saves yours on top of that, Esc leaves it" in told
        assert between != becomes
        assert str(row_of(database, number)[column]) == becomes
        assert notes_of(database, number).count("she called again") == 1
        assert isinstance(at.app.screen, QueueScreen)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_much_that_happened_is_told_in_a_few_lines(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str], size: tuple[int, int]
) -> None:
    """The newest first, and how much more; the keys stay in sight, also in the longest form."""
    colleague = await desk_of("tvd_admin")
    async with console("tvd_manager", size) as at:
        await go_to(at, PRESSURE)
        await at.press("d", "r", "tab", *"+9d", "tab", "x")
        await previewed(at)
        await busy(colleague, numbers[PRESSURE])
        await at.press("ctrl+s")
        await previewed(at)
        told = screen(at)

        assert "four" in told
        assert f"and {2 if size[1] == 24 else 5} more" in told
        assert ("the part comes on Monday" in told) is False
        assert "+9d" in told
        assert "Becomes" in told
        assert "Ctrl+S saves yours on top of that, Esc leaves it" in told
        assert "Ctrl+S save Esc cancel" in told


async def test_moves_that_are_no_longer_legal_are_shown_as_such(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """The choice that was made is gone, its note is not, and another choice is saved with it."""
    colleague, number = await desk_of("tvd_admin"), numbers[PRESSURE]
    async with console("tvd_manager") as at:
        await go_to(at, PRESSURE)
        await at.press("s", "h", "tab", *"parts")
        await colleague.work.change_status(number, Status.ON_HOLD, "for the store")
        await at.press("ctrl+s")
        told = screen(at)
        await at.press("ctrl+s")
        asked = screen(at)
        await at.press("r", "ctrl+s")

        assert "on hold i in progress" in told
        assert "on hold, not possible now" in told
        assert "open → on hold TVD Admin" in told
        assert "choose a status" in asked
        assert row_of(database, number)["status"] == "resolved"
        assert notes_of(database, number)[-1] == "parts"


async def test_a_category_that_somebody_else_has_given_is_not_offered_any_more(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """And the one it had is."""
    colleague, number = await desk_of("tvd_admin"), numbers[PRESSURE]
    async with console("tvd_manager") as at:
        await go_to(at, PRESSURE)
        await at.press("R", "r", "tab", "x")
        await reclassified(colleague, number)
        await at.press("ctrl+s")
        told = screen(at)
        await at.press("shift+tab", "w", "ctrl+s")

        assert "roads w water" in told
        assert "roads, not possible now" in told
        assert row_of(database, number)["category"] == "water"


async def test_who_took_it_first_is_named(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """`t` asks nothing, so what happened is told in the status line."""
    colleague, number = await desk_of("tvd_admin"), numbers[NO_WATER]
    async with console("tvd_manager", (120, 40)) as at:
        await go_to(at, NO_WATER)
        await assigned(colleague, number)
        await at.press("t")

        assert f"{number} is with Roads 1, TVD Operator 2 since " in said(at)
        assert said(at).endswith("by TVD Admin 1")
        assert row_of(database, number)["assigned_to"] == "tvd_operator2"


@pytest.mark.parametrize("key", ["c", "s"])
async def test_of_a_ticket_that_is_gone_nothing_is_told(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str], key: str
) -> None:
    """What happened a moment before goes with it: the ordinary sentence and nothing else."""
    colleague, number = await desk_of("tvd_admin"), numbers[BRIDGE]
    async with console("tvd_manager", (120, 24)) as at:
        await go_to(at, BRIDGE)
        await at.press("s", "i")
        await noted(colleague, number)
        await at.press("ctrl+s")
        before = screen(at)
        if key == "c":
            await at.press("escape", "escape", "c", "x")
        await colleague.work.mark_sensitive(number, "she told more")
        await at.press("ctrl+s")

        assert "she called again" in before
        assert REFUSAL in screen(at)
        assert "she called again" not in screen(at)
        assert "changed meanwhile" not in screen(at)
        if isinstance(at.app.screen, FormDialog):
            assert not at.app.screen.query_one(FormConflict).display
