"""A ticket that turns out to be about violence leaves every other desk, whatever is done with it there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import scenario
from handling import BRIDGE, PRESSURE, go_to, said, table
from live import enter, look
from screen_text import text
from support.database import Database
from textual.widgets import TextArea
from ui.conftest import OpenConsole
from ui.test_live_breach import make_late, seen
from ui.test_watch import held_anywhere

from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen

pytestmark = pytest.mark.usefixtures("tickets")
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["table", "table and panes"])


@pytest.fixture
def remembered() -> Callable[[str], list[object]]:
    """Gives what is held of some words, leaving out what the tests before have left behind."""
    before = held_anywhere(BRIDGE)
    known = {id(held) for held in before}
    return lambda words: [held for held in held_anywhere(words) if id(held) not in known]


async def mark(one: object, at: object) -> None:
    """A colleague marks the ticket under the cursor, by hand, at their console."""
    await one.press("m")  # type: ignore[attr-defined]
    await one.type("the caller told more")  # type: ignore[attr-defined]
    await one.press("tab", "y", "enter")  # type: ignore[attr-defined]
    await look(at)  # type: ignore[arg-type]


@SIZES
async def test_under_the_cursor(
    console: OpenConsole,
    numbers: dict[str, str],
    remembered: Callable[[str], list[object]],
    size: tuple[int, int],
) -> None:
    """Its line stays and says nothing of it; the keys have nothing to act on."""
    async with console("tvd_operator2") as one, console(size=size) as two:
        await go_to(one, BRIDGE)
        await go_to(two, BRIDGE)
        await two.rest()
        cursor = table(two).cursor
        await mark(one, two)
        shown = text(two.app)
        await two.press("s")

        assert BRIDGE[:12] not in shown
        assert numbers[BRIDGE][-6:] not in shown
        assert shown.count("no longer in this list") == 1
        assert table(two).cursor == cursor
        assert isinstance(two.app.screen, QueueScreen)
        assert numbers[BRIDGE][-6:] not in text(one.app).split("no longer")[0]
        await one.press("r")
        assert not remembered(BRIDGE)


async def test_its_number_that_was_just_told_goes_as_well(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Copied, it stood in the status line; escalated, above everything."""
    scenario.sweep(database)  # what was late before is no news
    async with console("tvd_operator2") as one, console() as two:
        await go_to(one, PRESSURE)
        await go_to(two, PRESSURE)
        await two.press("y")
        copied = text(two.app)
        make_late(database, numbers[PRESSURE])
        await look(two)
        await seen(two, "has missed", there=True)
        told = text(two.app)
        await mark(one, two)

        assert f"{numbers[PRESSURE]}, copied" in copied
        assert f"{numbers[PRESSURE]} has missed" in told
        assert numbers[PRESSURE][-6:] not in text(two.app)


@SIZES
async def test_in_a_dialog_over_the_list(
    console: OpenConsole,
    numbers: dict[str, str],
    size: tuple[int, int],
) -> None:
    """The dialog closes by itself, with what was being written, and the place says why."""
    async with console("tvd_operator2") as one, console(size=size) as two:
        await go_to(one, BRIDGE)
        await go_to(two, BRIDGE)
        await two.press("c")
        await two.type("words about it")
        await mark(one, two)

        assert isinstance(two.app.screen, QueueScreen)
        assert said(two) == "No longer in this list."
        for gone in (BRIDGE[:12], numbers[BRIDGE][-6:], "words about it"):
            assert gone not in text(two.app)


@SIZES
async def test_in_a_dialog_over_the_open_ticket(
    console: OpenConsole,
    numbers: dict[str, str],
    size: tuple[int, int],
) -> None:
    """Dialog, ticket and the list below: it is on none of them."""
    async with console("tvd_operator2") as one, console(size=size) as two:
        await go_to(one, BRIDGE)
        await go_to(two, BRIDGE)
        await two.press("enter", "c")
        assert two.app.screen.query(TextArea)
        await two.type("words about it")
        await mark(one, two)
        ticket = text(two.app)
        assert isinstance(two.app.screen, TicketScreen)
        await two.press("escape")

        assert "No longer in this list." in ticket
        for gone in (BRIDGE[:12], numbers[BRIDGE][-6:], "words about it"):
            assert gone not in ticket
            assert gone not in text(two.app)


async def test_it_is_said_alike_whatever_the_cause(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """From the screen nobody learns whether it was marked or whether it is no longer theirs to see."""
    shown = []
    for cause in ("marked", "moved"):
        async with console("tvd_manager", size=(120, 40)) as two:
            await go_to(two, BRIDGE if cause == "marked" else "Faded zebra crossing")
            await two.press("k")
            await two.rest()
            row = table(two).current
            assert row is not None
            if cause == "marked":
                database.connect("tvd_operator").execute(
                    "select muni.mark_sensitive(%s, 'as she told')", (row.id,)
                )
            else:
                with database.connect_owner() as owner:
                    owner.execute(
                        "update operators set is_active = false where username = %s",
                        ("tvd_manager",),
                    )
            await look(two)
            shown.append(
                (
                    table(two).row_spans(table(two).cursor, 120),
                    text(two.app).count("No longer in this list."),
                )
            )

    assert shown[0] == shown[1]


async def test_a_report_is_on_the_screen_of_saps_at_once(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """What leaves the municipal desks is announced at the station, and there alone."""
    async with (
        console("tvd_operator2") as one,
        console("tvd_saps") as saps,
        console("tvd_admin") as admin,
    ):
        await go_to(one, BRIDGE)
        await one.press("s", "escape")
        await mark(one, saps)
        await look(admin)

        assert "1 new, g to see" in text(saps.app)
        assert "new, g" not in text(admin.app)
        await saps.press("g")
        assert numbers[BRIDGE] in text(saps.app)
        assert BRIDGE[:12] not in text(saps.app)


async def test_nobody_outside_saps_learns_who_reads_a_report(
    console: OpenConsole, database: Database
) -> None:
    """The sign is for the colleagues of the other station; an administrator who opened it is not told of."""
    async with console("tvd_saps") as one, console("tvd_saps2", (120, 40)) as two:
        await enter(one)
        await look(two)

        assert "TVD Liaison 1" in text(two.app)
        owner = database.connect_owner()
        assert owner.execute("select is_sensitive, username from presences").fetchall() == [
            (True, "tvd_saps")
        ]
        for municipal in ("tvd_operator", "tvd_manager", "tvd_admin"):
            rows = database.connect(municipal).execute("select * from muni.presences").fetchall()
            assert rows == []
