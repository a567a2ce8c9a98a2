"""What is typed of an ordinary report outlives the form, the terminal and the connection."""

from __future__ import annotations

import pytest
from calls import (
    appears,
    complaint,
    drafts,
    fill,
    form,
    held,
    hint,
    is_open,
    keys,
    rest,
    tickets_told,
    until,
    value,
    write,
)
from handling import hold_out
from screen_text import text
from support.database import Database, Server
from ui.conftest import Console, OpenConsole

from municonsole.domain.errors import Unreachable
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.number import NumberDialog
from municonsole.ui.screens.help import HelpScreen

TOLD = "Pipe drips behind the library"

pytestmark = pytest.mark.usefixtures("tickets", "suburbs", "at_once")


async def begin(at: Console) -> None:
    """A report, half typed."""
    await at.press("n")
    await fill(at, phone="0825550123", category="w", description=TOLD, suburb="hillt")


async def test_what_is_typed_is_kept_as_one_types(console: OpenConsole, database: Database) -> None:
    """Every field, for its author alone, and the form says when."""
    async with console() as at:
        await begin(at)
        (kept,) = drafts(database)

        assert kept["description"] == TOLD
        assert (kept["phone"], kept["category"], kept["suburb"]) == (
            "0825550123",
            "water",
            "Hilltop",
        )
        assert "draft kept" in text(at.app)
        with database.connect("tvd_operator2") as colleague:
            assert colleague.execute("select * from muni.drafts").fetchall() == []


async def test_a_draft_is_kept_on_leaving_and_gone_on_with(
    console: OpenConsole, database: Database
) -> None:
    """Esc asks, n offers it again, and logging it ends it."""
    async with console() as at:
        await begin(at)
        await at.press("escape")
        assert isinstance(at.app.screen, FormDialog)
        await at.press("enter")
        assert not is_open(at)

        await at.press("n")
        assert TOLD in text(at.app)
        await at.press("enter")
        assert value(at, "description") == TOLD
        assert (value(at, "suburb"), value(at, "category")) == ("Hilltop", "water")
        await at.press("ctrl+s", "enter")
        assert drafts(database) == []
        assert len(tickets_told(database, TOLD)) == 1
        await at.press("n")
        assert value(at, "description") == ""


async def test_a_draft_is_thrown_away(console: OpenConsole, database: Database) -> None:
    """On leaving, or in favour of a new report."""
    async with console() as at:
        await begin(at)
        await at.press("escape", "t", "enter")
        assert (is_open(at), drafts(database)) == (False, [])

        await begin(at)
        await at.press("escape", "enter", "n", "down", "down", "enter")
        await rest(at)
        assert (value(at, "description"), drafts(database)) == ("", [])


async def test_whoever_asks_what_to_do_goes_on_typing(console: OpenConsole) -> None:
    """Esc twice is no loss."""
    async with console() as at:
        await begin(at)
        await at.press("escape", "escape")

        assert at.app.screen is form(at)
        assert value(at, "description") == TOLD


async def test_an_empty_form_is_left_without_a_question(console: OpenConsole) -> None:
    """A key that was pressed by mistake."""
    async with console() as at:
        await at.press("n", "escape")

        assert not is_open(at)


async def test_a_console_that_ends_keeps_the_last_words(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost line takes nothing that was typed a moment ago."""
    monkeypatch.setattr("municonsole.ui.screens.intake_drafts.KEPT_AFTER", 3600)
    async with console() as at:
        await at.press("n")
        await write(at, "description", TOLD)
        assert drafts(database) == []

    assert [kept["description"] for kept in drafts(database)] == [TOLD]


async def test_a_draft_that_cannot_be_kept_says_so_and_is_kept_later(
    console: OpenConsole, database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the database is away the form stays, whatever key is pressed."""
    monkeypatch.setattr("municonsole.ui.screens.intake_drafts.AGAIN_AFTER", 3600)
    async with console() as at:
        await at.press("n")
        with hold_out(server, "tvd_operator"):
            await write(at, "description", TOLD)
            await appears(at, "NOT kept")
            await at.press("escape", "enter")
            assert value(at, "description") == TOLD
            assert "could not be kept, so the form stays" in text(at.app)
        form(at).keep()
        await at.settle()

        assert [kept["description"] for kept in drafts(database)] == [TOLD]


async def test_what_is_saved_or_thrown_away_is_not_kept_again(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the fingers' rest or a lock meanwhile; and the form closes, not what lies over it."""
    async with console() as at:
        let_create, created = held(monkeypatch, at.desk.work, "create")
        let_forget, forgotten = held(monkeypatch, at.desk.drafts, "forget_report")
        let_keep, kept = held(monkeypatch, at.desk.drafts, "keep_report")
        let_keep.set()
        await at.press("n")
        await fill(at, phone="0115550101", category="w", description=TOLD)
        monkeypatch.setattr("municonsole.ui.screens.intake_drafts.KEPT_AFTER", 0.5)
        await keys(at, "x", "ctrl+s")
        await until(at, lambda: created)
        before = len(kept)
        await at.pilot.pause(0.6)
        form(at).before_blank()
        form(at).set_focus(form(at).caller)
        await keys(at, "enter")
        waits = (hint(at), at.app.screen is form(at))
        await at.app.action_help()
        let_create.set()
        await at.settle()
        above = at.app.screen
        await at.press("escape")
        assert waits == ("this is being saved; wait for the answer", True)
        assert isinstance(above, HelpScreen)
        assert isinstance(at.app.screen, NumberDialog)
        assert (len(kept) - before, drafts(database)) == (0, [])

        await at.press("enter")
        await begin(at)
        await keys(at, "x", "escape", "t", "enter")
        await until(at, lambda: forgotten)
        before = len(kept)
        await keys(at, "y")
        await at.pilot.pause(0.6)
        form(at).before_blank()
        let_forget.set()
        await at.settle()
        assert not is_open(at)
        assert (len(kept) - before, drafts(database)) == (0, [])


async def test_an_older_draft_is_neither_lost_nor_in_the_way(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Esc is not now, no letter throws it away, and who is typing already is not asked."""

    def kept() -> list[str]:
        return [draft["description"] for draft in drafts(database)]

    async with console() as at:
        await begin(at)
        await at.press("escape", "enter", "n", "t", "b", "escape")
        assert "not kept while an older draft waits; n offers it" in text(at.app)
        await fill(at, description="Second words")
        await at.press("escape")
        assert "only one can be" in text(at.app)
        await at.press("enter")
        assert (value(at, "description"), kept()) == ("Second words", [TOLD])
        await at.press("escape", "up", "up", "enter")
        assert (is_open(at), kept()) == (False, ["Second words"])

        let_report, asked = held(monkeypatch, at.desk.drafts, "report")
        await keys(at, "n")
        await until(at, lambda: asked)
        form(at).query_one("#form-description").focus()
        await keys(at, "w", "x")
        let_report.set()
        await rest(at)
        assert at.app.screen is form(at)
        assert value(at, "description") == "wx"
        assert "n offers it" in text(at.app)
        await at.press("escape", "t", "enter")
        assert (is_open(at), kept()) == (False, ["Second words"])
        await at.press("n", "down", "down", "enter")
        assert (is_open(at), kept()) == (True, [])


async def test_what_is_kept_before_it_is_known_whether_there_is_an_older_draft(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form stays and says so; a console that ends then asks once more."""
    monkeypatch.setattr("municonsole.ui.screens.intake_drafts.AGAIN_AFTER", 3600)
    async with console() as at:
        report = type(at.desk.drafts).report

        async def away(_: object) -> None:
            raise Unreachable("the database cannot be reached")

        monkeypatch.setattr(type(at.desk.drafts), "report", away)
        await at.press("n")
        await write(at, "description", TOLD)
        await at.press("escape", "enter")
        assert "could not be kept, so the form stays" in hint(at)
        assert value(at, "description") == TOLD
        monkeypatch.setattr(type(at.desk.drafts), "report", report)

    assert [kept["description"] for kept in drafts(database)] == [TOLD]


async def test_a_form_that_was_gone_on_with_complains_as_any_other(console: OpenConsole) -> None:
    """What was wrong in a draft is wrong still."""
    async with console() as at:
        await at.press("n")
        await fill(at, phone="082", category="w", description=TOLD)
        await at.press("escape", "enter", "n", "enter", "ctrl+s")

        assert "digit" in complaint(at, "phone")
