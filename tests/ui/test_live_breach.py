"""A breach of one's own ticket is told above everything, rings, and goes away by itself."""

from __future__ import annotations

import asyncio

import pytest
import scenario
from handling import BRIDGE, PRESSURE, go_to, said
from live import look
from screen_text import compare, strips, text
from support import world
from support.database import Database
from textual.widgets import Input
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.ui import toast
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.settings import UiSettings

pytestmark = pytest.mark.usefixtures("tickets")
LOUD, QUIET = UiSettings(bell=True), UiSettings(bell=False)


def make_late(database: Database, number: str) -> None:
    """The ticket missed its answer, and the clocks are looked after."""
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set sla_response_deadline = now() - interval '1 min',"
            " sla_response_warning_at = now() - interval '30 min'"
            " where tracking_number = %s",
            (number,),
        )
    for _ in world.MUNICIPALITIES:  # each sweep takes the one that has waited longest
        scenario.sweep(database)


def rings(at: Console, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Filled by the terminal's bell."""
    rung: list[str] = []
    monkeypatch.setattr(at.app, "bell", lambda: rung.append("ding"))
    return rung


@pytest.mark.parametrize("settings", [LOUD, QUIET], ids=["bell", "no bell"])
async def test_a_missed_deadline_of_ones_own_ticket_is_told(
    console: OpenConsole,
    database: Database,
    numbers: dict[str, str],
    settings: UiSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Although it has been handed on by the same stroke; and to nobody it does not concern."""
    scenario.sweep(database)
    async with console(settings=settings) as mine, console("tvd_operator2") as other:
        rung = rings(mine, monkeypatch)
        await go_to(mine, BRIDGE)
        make_late(database, numbers[PRESSURE])
        await look(mine, other)
        await seen(mine, "has missed", there=True)
        first = text(mine.app).splitlines()[0]

        assert f"! {numbers[PRESSURE]} has missed a deadline; TVD Manager 1 has it now" in first
        assert rung == (["ding"] if settings.bell else [])
        assert "has missed" not in text(other.app)
        await look(mine)
        assert len(rung) <= 1


async def test_it_is_told_above_a_dialog_and_takes_no_key(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """Whoever is typing goes on typing; an escalation by a colleague is told as well."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("e")
        await at.type("half ")
        await colleague.work.escalate(numbers[PRESSURE], "the school waits")
        await look(at)
        await seen(at, "was escalated", there=True)
        told = text(at.app)
        await at.type("a reason")

        assert f"! {numbers[PRESSURE]} was escalated" in told.splitlines()[0]
        assert isinstance(at.app.screen, FormDialog)
        assert at.app.screen.query_one(Input).value == "half a reason"


async def test_it_goes_away_by_itself_and_stays_over_a_dialog_that_closes(
    console: OpenConsole,
    desk_of: OpenDesk,
    numbers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The line below it is as it was."""
    monkeypatch.setattr(toast, "_STEP", 0.01)
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, BRIDGE)
        before = text(at.app).splitlines()[0]
        await at.press("e")
        await colleague.work.escalate(numbers[PRESSURE], "the school waits")
        await look(at)
        await at.press("escape")
        await seen(at, "was escalated", there=True)
        at.app._toasts._until = 0
        await seen(at, "was escalated", there=False)

        assert text(at.app).splitlines()[0] == before


async def seen(at: Console, words: str, *, there: bool) -> None:
    """Until the words are on the screen, or not any more."""
    async with asyncio.timeout(20):
        while (words in text(at.app)) != there:
            await at.pilot.pause(0.01)


async def test_several_at_once_are_one_line(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """A bad morning does not fill the screen."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await at.rest()  # a look of its own between the two would tell them one by one
        await look(at)
        for told in (PRESSURE, "Leaking hydrant, corner of 3rd and Oak"):
            await colleague.work.escalate(numbers[told], "the school waits")
        await look(at)
        await seen(at, "or were", there=True)

        assert (
            "! 2 of your tickets have missed a deadline or were escalated"
            in text(at.app).splitlines()[0]
        )


async def test_what_one_escalates_oneself_is_no_news(
    console: OpenConsole, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is rung for their own work."""
    async with console(settings=LOUD) as at:
        rung = rings(at, monkeypatch)
        await go_to(at, PRESSURE)
        await at.press("e")
        await at.type("the school waits")
        await at.press("enter")
        await look(at)

        assert numbers[PRESSURE] in said(at)
        assert rung == []
        assert "was escalated" not in text(at.app).splitlines()[0]


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast", "ansi"])
async def test_the_line_stands_out_in_every_theme(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str], theme: str
) -> None:
    """By more than a colour."""
    colleague = await desk_of("tvd_manager")
    async with console(settings=UiSettings(theme=theme)) as at:
        await colleague.work.escalate(numbers[PRESSURE], "the school waits")
        await look(at)
        await seen(at, "was escalated", there=True)
        styles = [
            style for words, style, _ in strips(at.app)[0] if "was escalated" in words and style
        ]

        assert styles
        assert all(style.bold and (style.reverse or style.bgcolor) for style in styles)


async def test_how_a_breach_looks(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str]
) -> None:
    """Over the list, with something new announced below."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, BRIDGE)
        await colleague.work.escalate(numbers[PRESSURE], "the school waits")
        await look(at)
        await seen(at, "was escalated", there=True)
        compare(at.app, "live-breach-80x24")
