"""What is typed of a note outlives the form, the terminal and the connection."""

from __future__ import annotations

import pytest
from calls import appears, drafts
from handling import BRIDGE, PRESSURE, go_to, hold_out, notes_of, said
from screen_text import text
from support.database import Database, Server
from support.proxy import Network
from ui.conftest import Console, OpenConsole

from municonsole.ui.dialogs import note
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.form_fields import FormWords
from municonsole.ui.dialogs.note import NoteDialog
from municonsole.ui.screens.queue import QueueScreen

TOLD = "The contractor comes at noon"

pytestmark = pytest.mark.usefixtures("tickets", "at_once")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fingers that rest a moment have rested long enough."""
    monkeypatch.setattr(note, "KEPT_AFTER", 0.01)


def typed(at: Console) -> str:
    """The words in the form."""
    return at.app.screen.query_one(FormWords).text


async def begin(at: Console) -> None:
    """A note, half typed."""
    await go_to(at, BRIDGE)
    await at.press("c")
    await at.type(TOLD)


async def test_a_note_is_kept_as_it_is_typed(console: OpenConsole, database: Database) -> None:
    """For its author, and the form says when; Esc asks, and c goes on with it."""
    async with console() as at:
        await begin(at)
        await at.press("tab", "p")
        await appears(at, "draft kept")
        (kept,) = drafts(database)
        await at.press("escape", "enter")
        assert isinstance(at.app.screen, QueueScreen)
        assert (kept["note"], kept["public"]) == (TOLD, "yes")

    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.type(" sharp")
        await appears(at, "sharp")
        assert typed(at) == f"{TOLD} sharp"
        assert "begun today" in text(at.app) or "draft kept" in text(at.app)
        await at.press("escape", "g", "enter")
        assert isinstance(at.app.screen, NoteDialog)
        await at.press("escape", "escape", "ctrl+s")
        assert drafts(database) == []
        await at.press("c")
        assert typed(at) == ""


async def test_it_is_saved_once_and_for_whom_it_was(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """The draft goes with the note; another ticket has none of it."""
    async with console() as at:
        await begin(at)
        await at.press("tab", "p", "escape", "enter")
        await go_to(at, PRESSURE)
        await at.press("c")
        assert typed(at) == ""
        await at.press("escape")
        await go_to(at, BRIDGE)
        await at.press("c", "ctrl+s")
        assert said(at) == f"the note is on {numbers[BRIDGE]}"

    assert drafts(database) == []
    with database.connect_owner() as owner:
        rows = owner.execute("select note from ticket_notes where is_public").fetchall()
    assert rows == [(TOLD,)]


async def test_a_note_is_thrown_away(console: OpenConsole, database: Database) -> None:
    """On leaving, by its own letter; or emptied."""
    async with console() as at:
        await begin(at)
        await appears(at, "draft kept")
        await at.press("escape", "t", "enter")
        assert (isinstance(at.app.screen, QueueScreen), drafts(database)) == (True, [])

        await at.press("c")
        await at.type("x")
        await appears(at, "draft kept")
        await at.press("backspace")
        await at.settle()
        assert drafts(database) == []
        await at.press("escape")
        assert isinstance(at.app.screen, QueueScreen)


async def test_a_console_that_ends_keeps_the_last_words(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost line takes nothing that was typed a moment ago."""
    monkeypatch.setattr(note, "KEPT_AFTER", 3600)
    async with console() as at:
        await begin(at)
        assert drafts(database) == []

    assert [kept["note"] for kept in drafts(database)] == [TOLD]


async def test_a_note_that_cannot_be_kept_says_so_and_is_kept_later(
    console: OpenConsole, database: Database, server: Server
) -> None:
    """While the database is away the form stays, whatever key is pressed."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("c")
        await at.settle()
        with hold_out(server, "tvd_operator"):
            await at.type(TOLD)
            await appears(at, "NOT kept")
            await at.press("escape", "enter")
            await appears(at, "so the form stays")
            assert typed(at) == TOLD
        at.app.screen.before_blank()  # type: ignore[attr-defined]
        await appears(at, "draft kept")

        assert [kept["note"] for kept in drafts(database)] == [TOLD]


@pytest.mark.parametrize("arrives", [True, False], ids=["saved", "not saved"])
async def test_what_was_sent_without_an_answer_is_not_doubled(
    console: OpenConsole,
    database: Database,
    network: Network,
    numbers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    arrives: bool,
) -> None:
    """Whoever leaves it at that finds the words again where they did not arrive, and only there."""
    monkeypatch.setattr(note, "KEPT_AFTER", 3600)
    async with console(network=network) as at:
        await begin(at)
        network.cut(TOLD.encode(), arrives=arrives)
        await at.press("ctrl+s")
        await appears(at, "nobody knows")
        network.mend()
        await at.press("escape", "escape")
        await at.settle()
        assert [kept.get("sent") for kept in drafts(database)] == ([] if arrives else ["yes"])
        await at.press("c")
        assert typed(at) == ("" if arrives else TOLD)
        await at.press("escape" if arrives else "ctrl+s")

        assert notes_of(database, numbers[BRIDGE]).count(TOLD) == 1
        assert drafts(database) == []


async def test_of_a_gbv_report_no_note_is_kept(console: OpenConsole, database: Database) -> None:
    """It lives in this form alone, and Esc says that it is thrown away."""
    async with console("tvd_saps") as at:
        await at.press("c")
        await at.type("words")
        assert type(at.app.screen) is FormDialog
        await at.press("escape")
        assert "Esc again throws away what you typed" in text(at.app)

    assert drafts(database) == []
