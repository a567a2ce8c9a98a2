"""A GBV report at the telephone: nothing beside it, nothing kept, and gone once it is logged."""

from __future__ import annotations

from typing import Any

import pytest
from calls import (
    complaint,
    drafts,
    fill,
    first_answer_lost,
    form,
    held,
    hint,
    keys,
    number_shown,
    offered,
    rest,
    tickets_told,
    until,
    value,
)
from handling import hold_out
from screen_text import text
from support.database import Database, Server
from ui.conftest import Console, OpenConsole

from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.number import NumberDialog

CALLER = "0115550101"
TOLD = "Fictitious words at the telephone, for tests only"

pytestmark = pytest.mark.usefixtures("tickets", "suburbs", "at_once")


def reports(database: Database) -> list[dict[str, Any]]:
    """The confidential reports of which this was told."""
    with database.connect_owner() as owner:
        cursor = owner.execute("select * from confidential_reports where description = %s", (TOLD,))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


async def turn(at: Console) -> None:
    """A call that turns out to be one about violence."""
    await at.press("n")
    await fill(at, phone=CALLER, category="w", description="the whole street under water main")
    await fill(at, category="g")


async def test_choosing_gbv_wipes_what_stood_beside_it(
    console: OpenConsole, database: Database
) -> None:
    """Caller and duplicates are gone at once, and the draft that was stored is deleted."""
    async with console(size=(120, 40)) as at:
        await at.press("n")
        await fill(at, phone=CALLER, category="w", description="the whole street under water main")
        before = (offered(at, "caller"), offered(at, "similar"), len(drafts(database)))
        await fill(at, category="g")

        assert all(before)
        assert drafts(database) == []
        assert not form(at).caller.offers
        assert not form(at).similar.offers
        assert form(at).in_sight() == frozenset()
        assert "Burst main" not in text(at.app)
        assert "Confidential report" in text(at.app)
        assert "once it is logged you do not see it any more" in " ".join(text(at.app).split())
        assert "Messages" not in text(at.app)


async def test_of_words_typed_under_gbv_no_draft_is_kept_any_more(
    console: OpenConsole, database: Database
) -> None:
    """Not when the category is another again, and not when the console ends."""
    async with console() as at:
        await turn(at)
        await fill(at, description=TOLD)
        await fill(at, category="w", address="3 Kloof Road")

        assert "no draft is kept of it, since GBV was chosen" in text(at.app)
        assert offered(at, "caller") != []
        assert drafts(database) == []
        await at.press("escape")
        assert "keep it as a draft" not in text(at.app)
    assert drafts(database) == []


async def test_a_report_asks_whether_it_is_safe_and_is_gone_once_it_is_logged(
    console: OpenConsole, database: Database
) -> None:
    """The number and the hand-over are shown; afterwards there is nothing to be found."""
    async with console() as at:
        await at.press("n")
        await fill(at, category="g", description=TOLD)
        await at.press("ctrl+s")
        assert "ask whether it is safe" in complaint(at, "safe")
        await fill(at, safe="y", how="mornings only")
        await at.press("ctrl+s")
        number = number_shown(at)
        assert "SAPS has it now" in text(at.app)
        await at.press("enter", "slash")
        await at.type(number)
        await at.press("enter")

        assert "Nothing was found." in text(at.app)
        assert TOLD not in text(at.app)
    (report,) = reports(database)
    assert (report["safe_to_contact"], report["contact_instructions"]) == (True, "mornings only")
    assert drafts(database) == []


async def test_a_liaison_logs_gbv_reports_only(console: OpenConsole, database: Database) -> None:
    """The form is the confidential one from the start, and has nothing beside it."""
    async with console("tvd_saps") as at:
        await at.press("n")
        assert value(at, "category") == "gbv"
        assert "water" not in text(at.app)
        await fill(at, category="w", phone=CALLER, description=TOLD, safe="n")
        assert offered(at, "caller") == []
        await at.press("ctrl+s")

        assert isinstance(at.app.screen, NumberDialog)
        assert "It is in your list." in text(at.app)
    assert len(reports(database)) == 1


async def test_leaving_a_confidential_form_keeps_nothing(
    console: OpenConsole, database: Database
) -> None:
    """It is thrown away, or gone on with; going on is what Enter does."""
    async with console() as at:
        await turn(at)
        await fill(at, description=TOLD)
        await at.press("escape", "enter")
        assert TOLD in value(at, "description")
        await at.press("escape", "t", "enter")

        assert TOLD not in text(at.app)
    assert drafts(database) == []


async def test_a_stored_draft_is_deleted_once_the_database_is_back(
    console: OpenConsole, database: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then the form says that it could not be."""
    monkeypatch.setattr("municonsole.ui.screens.intake_drafts.AGAIN_AFTER", 3600)
    async with console() as at:
        await at.press("n")
        await fill(at, category="w", description="water")
        with hold_out(server, "tvd_operator"):
            await fill_category(at)
            assert "could not be deleted yet" in hint(at)
            assert len(drafts(database)) == 1
    assert drafts(database) == []


@pytest.mark.parametrize("late", [False, True], ids=["asked before", "found after"])
@pytest.mark.parametrize("of_this_call", [True, False])
async def test_an_older_draft_may_be_of_this_call(
    console: OpenConsole,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    of_this_call: bool,
    late: bool,
) -> None:
    """Begun as something else before the terminal was killed: the form asks, and no letter decides."""
    async with console() as at:
        await at.press("n")
        await fill(at, category="w", description="He is at the door")
        await at.press("escape", "enter")
        let_report, asked = held(monkeypatch, at.desk.drafts, "report")
        if not late:
            let_report.set()
        await keys(at, "n")
        await until(at, lambda: asked)
        if not late:
            await at.press("escape")
        form(at).query_one("#form-category").focus()
        await keys(at, "g")
        let_report.set()
        await at.settle()
        assert "An older draft is kept" in text(at.app)
        assert "He is at the door" in text(at.app)
        await at.press("t", "x", "enter")
        assert isinstance(at.app.screen, FormDialog)
        await at.press("up" if of_this_call else "k", "enter")
        assert at.app.screen is form(at)
        assert len(drafts(database)) == (0 if of_this_call else 1)
        await fill(at, description=TOLD, safe="n")
        await at.press("ctrl+s")
        await rest(at)
        assert "SAPS has it now" in text(at.app)

    assert len(drafts(database)) == (0 if of_this_call else 1)


async def fill_category(at: Console) -> None:
    """Choose GBV, without waiting for what is tried again later."""
    form(at).query_one("#form-category").focus()
    await at.press("g")
    await at.settle()


async def test_a_gbv_report_is_no_answer_to_an_ordinary_one(
    console: OpenConsole, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent without an answer, then turned: each is logged as what it is."""
    async with console() as at:
        first_answer_lost(monkeypatch, at.desk.work, "create")
        await at.press("n")
        await fill(at, category="w", description=TOLD)
        await at.press("ctrl+s")
        await fill(at, category="g", safe="n")
        told = " ".join(text(at.app).split())
        await at.press("ctrl+s")
        await rest(at)

        assert "SAPS has it now" in text(at.app)
    assert len(reports(database)) == 1
    (ticket,) = tickets_told(database, TOLD)
    assert (
        f"logged before as an ordinary ticket, which colleagues see: {ticket['tracking_number']}"
        in told
    )
    assert "m on that ticket marks it as sensitive" in told


async def test_what_is_asked_for_an_ordinary_report_too_is_asked_once_gbv_was_chosen(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suburbs, also when the line comes back; and after a lost line what is like it is looked for anew."""
    from municonsole.ui.watch import Anew, Connection

    async with console(size=(120, 40)) as at:
        first_answer_lost(monkeypatch, at.desk.intake, "suburbs", arrives=False)
        monkeypatch.setattr("municonsole.ui.screens.intake_lookups._AGAIN_AFTER", 3600)
        let_report, asked = held(monkeypatch, at.desk.drafts, "report")
        await keys(at, "n")
        await until(at, lambda: asked)
        form(at).query_one("#form-category").focus()
        await keys(at, "g")
        let_report.set()
        await at.settle()
        form(at).post_message(Connection(""))
        await at.settle()
        assert len(form(at).suburbs) == 3

        await fill(at, category="w", description="the whole street under water main")
        let_similar, looked = held(monkeypatch, at.desk.intake, "similar")
        let_similar.set()
        form(at).post_message(Anew())
        await at.settle()
        assert len(looked) == 1
