"""Many tickets at once: shown before, done one by one, each with what became of it."""

from __future__ import annotations

import asyncio

import pytest
from calls import first_answer_lost, held, until
from handling import BRIDGE, NO_WATER, PRESSURE, go_to, hold_out, notes_of, row_of, said, table
from live import look, opened
from screen_text import text
from support.database import Database, Server
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Status
from municonsole.ui.dialogs.bulk import BulkDialog
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.form_preview import FormPreview
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.results import ResultsScreen
from municonsole.ui.screens.ticket import TicketScreen

pytestmark = pytest.mark.usefixtures("tickets")

THREE = (NO_WATER, BRIDGE, PRESSURE)


async def mark(at: Console, *told: str) -> None:
    """Mark the tickets of which this was told."""
    for one in told:
        await go_to(at, one)
        await at.press("space")


async def previewed(at: Console) -> str:
    """What the form says that it does, once it has looked."""
    preview = at.app.screen.query_one(FormPreview)
    await at.settle()
    if preview._resting is not None and preview._resting._task is not None:
        await preview._resting._task
    await at.settle()
    return text(at.app)


def queue(at: Console) -> QueueScreen:
    """The list."""
    found = at.app.screen_stack[0]
    assert isinstance(found, QueueScreen)
    return found


def outcomes(at: Console) -> list[str]:
    """The lines of the result, as on the screen."""
    assert isinstance(at.app.screen, ResultsScreen)
    return [" ".join(line.split()) for line in text(at.app).splitlines()[1:] if line.strip()]


async def test_marked_tickets_are_given_to_a_team_and_each_says_what_became_of_it(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """The count before, a line a ticket after, and no mark is left."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("a")
        before = await previewed(at)
        await at.type("roads 2")
        chosen = await previewed(at)
        await at.press("enter")
        lines = outcomes(at)
        await at.press("escape")

        assert "Assign 3 tickets" in before
        assert "Marked        3 tickets: 2 water, 1 roads" in before
        assert "Then          each where the rules say" in before
        assert "Then          all with Roads 2" in chosen
        assert lines[:3] == [f"done {numbers[told]}" for told in THREE]
        assert {row_of(database, numbers[told])["assigned_team_id"] for told in THREE} == {
            _team(database, "Roads 2")
        }
        assert len(queue(at).marks) == 0
        assert table(at).current is not None


def _team(database: Database, name: str) -> int:
    with database.connect_owner() as owner:
        found = owner.execute(
            "select t.id from teams as t join municipalities as m on m.id = t.municipality_id"
            " where m.code = 'tvd' and t.name = %s",
            (name,),
        ).fetchone()
    assert found is not None
    return int(found[0])


async def test_nothing_is_saved_whose_count_has_not_been_on_the_screen(
    console: OpenConsole, numbers: dict[str, str], database: Database
) -> None:
    """Whoever is faster than the preview sees it, and says it again."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("a")
        await at.type("roads 2")
        await at.press("enter")
        asked = text(at.app)
        left = row_of(database, numbers[NO_WATER])["assigned_team_id"]
        await at.press("ctrl+s")

        assert "this is what it does; Ctrl+S saves it" in asked
        assert "all with Roads 2" in asked
        assert left != _team(database, "Roads 2")
        assert isinstance(at.app.screen, ResultsScreen)


async def test_a_route_of_many_goes_where_the_rules_say(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Each by itself."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("a")
        await at.type("sanitation")
        await previewed(at)
        await at.press("enter", "escape")
        await mark(at, *THREE)
        await at.press("A")
        await previewed(at)
        await at.press("enter")

        assert "3 tickets routed" in text(at.app)
        teams = [row_of(database, numbers[told])["assigned_team_id"] for told in THREE]
        assert _team(database, "Sanitation 1") not in teams
        assert None not in teams


async def test_a_status_of_many_says_of_how_many_it_is_possible(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """What is not is left, with the law's own sentence."""
    async with console("tvd_manager") as at:
        await mark(at, NO_WATER, PRESSURE)
        await at.press("6", "space", "s")
        offered = text(at.app)
        await at.press("h")
        shown = await previewed(at)
        await at.press("enter")
        waits = text(at.app)
        await at.type("the store is empty")
        await at.press("enter")
        lines = outcomes(at)

        assert "h on hold, 2 of 3" in offered
        assert "i in progress" in offered
        assert "Not possible  1 resolved" in shown
        assert "say what they are waiting for" in waits
        assert lines[0].startswith("! left TKT-")
        assert "resolved" in lines[0]
        assert lines[1:3] == [f"done {numbers[told]}" for told in (NO_WATER, PRESSURE)]
        assert notes_of(database, numbers[PRESSURE]) == ["the store is empty"]
        assert "2 of 3 on hold   1 left as they were" in text(at.app)


async def test_a_note_goes_on_each(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """The same words."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("c")
        await at.type("the valve in Main Road is shut")
        await previewed(at)
        await at.press("ctrl+s")

        assert "3 tickets noted" in text(at.app)
        for told in THREE:
            assert "the valve in Main Road is shut" in notes_of(database, numbers[told])


async def test_other_keys_are_for_the_ticket_under_the_cursor(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """What cannot be done to many is done to the one that is named in the title."""
    async with console("tvd_manager") as at:
        await mark(at, NO_WATER, PRESSURE)
        await go_to(at, BRIDGE)
        await at.press("e")

        assert isinstance(at.app.screen, FormDialog)
        assert f"Escalate {numbers[BRIDGE]}" in text(at.app)


async def test_what_a_colleague_changed_meanwhile_is_left_and_told(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """Before the form was opened, and while it was; a note by somebody does not count."""
    colleague = await desk_of("tvd_admin")
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await colleague.assignments.assign(numbers[BRIDGE], "Roads 2", reason="mine")
        await colleague.work.add_note(numbers[NO_WATER], "the caller rang again")
        await look(at)
        await at.press("a")
        shown = await previewed(at)
        await colleague.work.change_status(numbers[PRESSURE], Status.IN_PROGRESS)
        await at.type("waste")
        await previewed(at)
        await at.press("enter")
        lines = outcomes(at)
        await at.press("escape")
        await look(at)

        assert "Left          1 that was changed since you marked them" in shown
        assert lines[0].startswith(f"! left {numbers[BRIDGE]} now escalated, with Roads 2; ")
        assert lines[1].startswith(f"! left {numbers[PRESSURE]} now in progress, with Water 1, TVD")
        assert lines[2] == f"done {numbers[NO_WATER]}"
        assert row_of(database, numbers[BRIDGE])["assigned_team_id"] == _team(database, "Roads 2")
        left = {mark.now.number for mark in queue(at).marks}
        assert left == {numbers[BRIDGE], numbers[PRESSURE]}
        # Whoever has read why may decide anew.
        await at.press("a")
        assert "Left  " not in await previewed(at)
        await at.type("waste")
        await previewed(at)
        await at.press("enter")
        assert "2 tickets assigned" in text(at.app)


async def test_a_bulk_is_taken_back_by_one_key(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """From the result or from the list: where each was before."""
    before = [row_of(database, numbers[told])["assigned_team_id"] for told in THREE]
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("a")
        await at.type("waste")
        await previewed(at)
        await at.press("enter", "u")

        assert said(at) == "3 assignments are taken back"
        after = [row_of(database, numbers[told])["assigned_team_id"] for told in THREE]
        assert after == before
        await at.press("u")
        assert said(at) == "Undo: you have assigned nothing in the last five minutes"


async def test_a_ticket_that_went_to_saps_meanwhile_is_not_named(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """While the form is open, and once the result stands: its line is empty."""
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("a")
        await colleague.work.mark_sensitive(numbers[NO_WATER], "told in confidence")
        await look(at)
        two = await previewed(at)
        await at.type("waste")
        await previewed(at)
        await colleague.work.mark_sensitive(numbers[PRESSURE], "told in confidence")
        await at.press("enter")
        lines = outcomes(at)
        await colleague.work.mark_sensitive(numbers[BRIDGE], "told in confidence")
        await look(at)
        last = outcomes(at)
        shown = text(at.app)
        await at.press("enter")
        refused = said(at)
        await at.press("escape")

        assert "Assign 2 tickets" in two
        assert lines[0] == "no longer in this list"
        assert lines[1] == f"done {numbers[BRIDGE]}"
        assert last[:2] == ["no longer in this list"] * 2
        assert not any(number in shown for number in numbers.values())
        assert refused == "Open: it may no longer be seen"
        assert len(queue(at).marks) == 0


async def test_a_form_about_tickets_that_are_all_gone_closes(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """There is nothing left to do."""
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager") as at:
        await mark(at, NO_WATER)
        await at.press("a")
        await colleague.work.mark_sensitive(numbers[NO_WATER], "told in confidence")
        await look(at)

        assert isinstance(at.app.screen, QueueScreen)


async def test_how_far_it_is_stands_in_the_form(
    console: OpenConsole, desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a long one is done."""
    colleague = await desk_of("tvd_operator2")
    for number in range(40):
        await colleague.work.create(NewTicket(Category.ROADS, description=f"Pothole {number}"))
    async with console("tvd_manager") as at:
        await at.press("5", "asterisk", "asterisk", "A")
        await previewed(at)
        gate, calls = held(monkeypatch, at.desk.bulk, "_chunk")
        at._send("enter")
        await until(at, lambda: calls and "0 of 53 are through" in text(at.app))
        gate.set()
        await at.settle()

        assert len(calls) == 3
        assert "53 tickets routed" in text(at.app)


async def test_a_lost_line_doubles_nothing_and_what_was_typed_stays(
    console: OpenConsole, server: Server, database: Database, numbers: dict[str, str]
) -> None:
    """The same key goes on where it stopped."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("c")
        await at.type("once only")
        await previewed(at)
        with hold_out(server, "tvd_manager"):
            await at.press("ctrl+s")
            lost = text(at.app)
        await at.press("ctrl+s")

        assert "once only" in lost
        assert "Ctrl+S goes on" in " ".join(lost.split())
        assert "3 tickets noted" in text(at.app)
        for told in THREE:
            assert notes_of(database, numbers[told]).count("once only") == 1


async def test_an_answer_that_was_lost_after_it_was_done_is_not_done_again(
    console: OpenConsole,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    numbers: dict[str, str],
) -> None:
    """Sent again under the same number: the same outcome."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("c")
        await at.type("once only")
        await previewed(at)
        first_answer_lost(monkeypatch, at.desk.bulk, "_chunk")
        await at.press("ctrl+s", "ctrl+s")

        assert "3 tickets noted" in text(at.app)
        for told in THREE:
            assert notes_of(database, numbers[told]).count("once only") == 1


async def test_the_result_leads_to_each_ticket(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """Enter opens it, Esc comes back."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("A")
        await previewed(at)
        await at.press("enter", "j", "enter")
        async with asyncio.timeout(20):
            while opened(at).at_hand() is None:
                await at.settle()
        row = opened(at).at_hand()
        await at.press("escape")

        assert row is not None
        assert row.tracking_number == numbers[BRIDGE]
        assert isinstance(at.app.screen, ResultsScreen)
        assert not any(isinstance(s, TicketScreen) for s in at.app.screen_stack)


async def test_a_liaison_works_on_many_reports_too(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Given to a station; nothing asks for the citizen's eyes."""
    async with console("tvd_saps") as at:
        await at.press("1", "asterisk", "c")
        note = text(at.app)
        await at.press("escape", "a")
        await at.type("south")
        await previewed(at)
        await at.press("enter")

        assert isinstance(at.app.screen, ResultsScreen)
        assert "the citizens may read it" not in note
        assert "2 tickets assigned" in text(at.app)


async def test_leaving_the_form_changes_nothing_and_keeps_the_marks(console: OpenConsole) -> None:
    """Esc, and everything is marked as it was."""
    async with console("tvd_manager") as at:
        await mark(at, *THREE)
        await at.press("a")
        assert isinstance(at.app.screen, BulkDialog)
        await at.press("escape")

        assert len(queue(at).marks) == 3
