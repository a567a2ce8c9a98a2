"""Tickets are marked one by one, in a range, all on the screen, all of a list; marks stay on their tickets."""

from __future__ import annotations

import pytest
from handling import BRIDGE, NO_WATER, go_to, said, table
from live import look
from rows import gbv_row, row
from screen_text import text
from support.database import Database
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Status
from municonsole.ui.marks import MOST, Marks
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.widgets.status_line import StatusLine

pytestmark = pytest.mark.usefixtures("tickets")


def marked(at: Console) -> list[str]:
    """What was reported of the lines that carry the sign, from the screen."""
    signs = [line for line in text(at.app).splitlines() if line.startswith(("*", "\u25c8"))]
    return [line[1:20].strip() for line in signs]


def told(at: Console) -> str:
    """What the status line says of marks, in its longest wording."""
    return next(iter(at.app.screen_stack[0].query_one(StatusLine)._marked), "")


def numbers_on_screen(at: Console) -> list[str]:
    return [r.tracking_number for r in table(at).rows if r.id in table(at).in_sight()]


async def many(desk_of: OpenDesk, count: int, category: Category = Category.ROADS) -> None:
    """So many more tickets than the scenario has."""
    colleague = await desk_of("tvd_operator2")
    for number in range(count):
        await colleague.work.create(NewTicket(category, description=f"Pothole {number}"))


async def test_space_marks_and_unmarks_and_the_line_below_counts(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """A sign before the ticket, not a colour alone."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("space", "j", "space")
        two = marked(at)
        below = text(at.app)
        await at.press("space")

        assert numbers[NO_WATER] in two
        assert len(two) == 2
        assert "2 marked" in below
        assert marked(at) == [numbers[NO_WATER]]
        assert told(at) == "1 marked"


async def test_shift_and_an_arrow_mark_a_range_that_shrinks_again(console: OpenConsole) -> None:
    """From where it began to the cursor; what was marked before stays."""
    async with console("tvd_manager") as at:
        await at.press("5", "space", "j", "j", "shift+down", "shift+down", "shift+down")
        shown = numbers_on_screen(at)
        four = marked(at)
        await at.press("shift+up")
        three = marked(at)
        await at.press("j", "j", "shift+down")

        assert four == [shown[0], *shown[2:6]]
        assert three == [shown[0], *shown[2:5]]
        assert marked(at) == [shown[0], *shown[2:5], *shown[6:8]]


async def test_a_range_is_marked_upwards_as_well(console: OpenConsole) -> None:
    """And past where it began."""
    async with console("tvd_manager") as at:
        await at.press("5", "j", "j", "shift+up", "shift+up", "shift+up")
        shown = numbers_on_screen(at)
        up = marked(at)
        await at.press("shift+down", "shift+down", "shift+down", "shift+down")

        assert up == shown[:3]
        assert marked(at) == shown[2:5]


async def test_the_star_marks_the_screen_then_the_list_then_nothing(
    console: OpenConsole, desk_of: OpenDesk
) -> None:
    """Of more tickets than a page of the list has; it says how many at each step."""
    await many(desk_of, 70)
    async with console("tvd_manager") as at:
        await at.press("5", "asterisk")
        screen, first = told(at), marked(at)
        await at.press("asterisk")
        all_of_them = said(at)
        whole = told(at)
        await at.press("asterisk")

        assert first == numbers_on_screen(at)
        assert screen == f"{len(first)} marked, * marks all"
        assert len(table(at).rows) == 83
        assert all_of_them == "all 83 of this list are marked"
        assert whole == "83 marked"
        assert told(at) == ""
        assert marked(at) == []


async def test_a_list_of_more_than_go_at_once_says_how_many_it_has(
    console: OpenConsole, desk_of: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of them are marked, and the total is told."""
    await many(desk_of, 70)
    for module in ("marks", "screens.queue_marks"):
        monkeypatch.setattr(f"municonsole.ui.{module}.MOST", 60)
    async with console("tvd_manager") as at:
        await at.press("5", "asterisk", "asterisk")
        sentence, whole = said(at), told(at)
        await at.press("G", "G", "k", "k")
        await at.press("space")
        refused = said(at)
        await at.press("asterisk")

    assert sentence == "the first 60 of 83 are marked, no more go at once"
    assert whole == "60 marked"
    assert refused == "60 tickets are marked: as many as are worked on together"
    assert MOST == 500


async def test_esc_unmarks_first_and_goes_back_then(console: OpenConsole) -> None:
    """From a search, whose tickets were marked."""
    async with console("tvd_manager") as at:
        await at.press("5", "slash")
        await at.type("water")
        await at.press("enter", "space")
        queue = at.app.screen_stack[0]
        assert isinstance(queue, QueueScreen)
        await at.press("escape")
        still_found, left = queue._listing.search, told(at)
        await at.press("escape")

        assert (still_found, left) == ("water", "")
        assert queue._listing.search is None


async def test_marks_stay_on_their_tickets_in_another_order_and_another_list(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """The line below says how many of them are elsewhere."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("space")
        await go_to(at, BRIDGE)
        await at.press("space", "2")
        in_part = told(at)
        await at.press("4")
        elsewhere = told(at)
        await at.press("r", "5")

        assert in_part == "2 marked, 1 not in this list"
        assert elsewhere == "2 marked, 1 not in this list"
        assert set(marked(at)) == {numbers[NO_WATER], numbers[BRIDGE]}
        assert told(at) == "2 marked"


async def test_a_mark_stays_when_somebody_works_on_the_ticket(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """Its line is drawn anew with its sign, and what one saw of it is not forgotten."""
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager") as at:
        await go_to(at, BRIDGE)
        await at.press("space", "j", "space")
        await colleague.work.change_status(numbers[BRIDGE], Status.IN_PROGRESS)
        await look(at)
        queue = at.app.screen_stack[0]
        assert isinstance(queue, QueueScreen)

        assert numbers[BRIDGE] in marked(at)
        assert {mark.now.number for mark in queue.marks if mark.overtaken} == {numbers[BRIDGE]}


async def test_a_marked_ticket_that_goes_to_saps_is_not_marked_any_more(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """On whatever list one is, with nothing left to count it by."""
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("space", "6", "space")
        both = told(at)
        await colleague.work.mark_sensitive(numbers[NO_WATER], "told in confidence")
        await look(at)
        queue = at.app.screen_stack[0]
        assert isinstance(queue, QueueScreen)

        assert both == "2 marked, 1 not in this list"
        assert told(at) == "1 marked"
        assert numbers[NO_WATER] not in {mark.now.number for mark in queue.marks}


async def test_an_operator_is_told_for_whom_marking_is(
    console: OpenConsole, database: Database
) -> None:
    """The key says so, and nothing is marked."""
    async with console("tvd_operator") as at:
        for key in ("space", "asterisk", "shift+down"):
            await at.press("5", key)

            assert said(at).endswith(": for managers, administrators, SAPS")
        assert marked(at) == []


async def test_without_a_ticket_there_is_nothing_to_mark(console: OpenConsole) -> None:
    """In a list that is empty."""
    async with console("tvd_manager") as at:
        await at.press("1", "space")

        assert said(at) == "Mark: there is no ticket to mark"


def test_a_note_or_a_clock_leaves_a_mark_good_and_a_decision_does_not() -> None:
    """What is changed is the ticket as it was seen, or not at all."""
    marks = Marks(saps=False)
    marks.add([row(1), row(2), row(3)])
    marks.follow([row(1, version=4), row(2, version=5, status=Status.ON_HOLD), row(9)])

    assert [(mark.overtaken, mark.version) for mark in marks] == [(False, 4), (True, 1), (False, 1)]
    marks.acknowledge()
    assert [(mark.overtaken, mark.version) for mark in marks] == [
        (False, 4),
        (False, 5),
        (False, 1),
    ]
    marks.follow([row(1, version=3, status=Status.CLOSED)])
    assert not any(mark.overtaken for mark in marks)


def test_as_many_are_marked_as_go_at_once_and_nothing_is_kept_of_what_was_said() -> None:
    """Not one more; and of a report what a list of SAPS has."""
    marks = Marks(saps=True)

    assert marks.add(gbv_row(number) for number in range(1, MOST + 1))
    assert not marks.add([gbv_row(MOST + 1)])
    assert len(marks) == MOST
    assert not hasattr(next(iter(marks)).now, "description")
