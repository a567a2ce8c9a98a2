"""The line is lost while something is saved: nothing typed is lost, nothing is done twice."""

from __future__ import annotations

import re

import pytest
from handling import BRIDGE, NO_WATER, PRESSURE, go_to, notes_of, previewed, row_of, said
from live import look
from screen_text import text
from support.database import Database
from support.proxy import Network
from support.waiting import until
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.values import Status
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens.queue import QueueScreen

pytestmark = pytest.mark.usefixtures("tickets")

WORDS = "xyzzy"
MARK = WORDS.encode()
"""What is typed into every form, by which the network knows the save."""
UNKNOWN = (
    "the line was lost while saving; nobody knows yet whether it was saved; "
    "Ctrl+S sends it again, it will not be doubled"
)

FORMS = {
    "status": ("s", "r", "tab", *WORDS),
    "note": ("c", *WORDS),
    "contact": ("p", *WORDS),
    "escalate": ("e", *WORDS),
    "assign": ("a", *"water 2", "tab", *WORDS),
    "route": ("A", *WORDS),
    "deadline": ("d", "r", "tab", *"+9d", "tab", *WORDS),
    "reclassify": ("R", "o", "tab", *WORDS),
    "hand over": ("m", *WORDS, "tab", "y"),
}
"""Every form about a ticket, filled in."""


@pytest.fixture(autouse=True)
def no_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody rests: the network knows the save by words that a draft has too."""
    monkeypatch.setattr("municonsole.ui.dialogs.note.KEPT_AFTER", 3600)


def screen(at: Console) -> str:
    """What the dialog says, or without one the screen."""
    inside = re.findall("│(.*)│", text(at.app))
    return " ".join(" ".join(inside or [text(at.app)]).split())


async def fill(at: Console, keys: tuple[str, ...]) -> None:
    await at.press(*(key if len(key) > 1 or key != " " else "space" for key in keys))
    if keys[0] == "d":
        await previewed(at)


@pytest.mark.parametrize("arrives", [True, False], ids=["saved", "not saved"])
@pytest.mark.parametrize("form", FORMS)
async def test_every_form_is_saved_once_however_the_line_was_lost(
    console: OpenConsole,
    database: Database,
    network: Network,
    numbers: dict[str, str],
    form: str,
    arrives: bool,
) -> None:
    """One sentence; what was typed stays; the same key finds out, or does it."""
    number = numbers[PRESSURE]
    async with console("tvd_manager", network=network) as at:
        await go_to(at, PRESSURE)
        await fill(at, FORMS[form])
        network.cut(MARK, arrives=arrives)
        await at.press("ctrl+s")
        lost = screen(at)
        if arrives:
            until(lambda: notes_of(database, number).count(WORDS) == 1)
        before = notes_of(database, number).count(WORDS)
        await at.press("ctrl+s")
        away = screen(at)
        network.mend()
        await at.press("ctrl+s")

        assert UNKNOWN in lost
        assert WORDS in lost
        assert UNKNOWN in away
        assert before == int(arrives)
        assert notes_of(database, number).count(WORDS) == 1
        assert isinstance(at.app.screen, QueueScreen)
        assert ("as it was saved the first time" in said(at)) is arrives
        assert number in said(at)


async def test_what_was_changed_since_it_was_sent_is_another_thing_to_save(
    console: OpenConsole, database: Database, network: Network, numbers: dict[str, str]
) -> None:
    """What was sent first was saved; the words of now are neither lost nor saved unasked."""
    number = numbers[BRIDGE]
    async with console(network=network) as at:
        await go_to(at, BRIDGE)
        await fill(at, FORMS["note"])
        network.cut(MARK, arrives=True)
        await at.press("ctrl+s")
        network.mend()
        await at.press(*" again")
        await at.press("ctrl+s")
        told = screen(at)
        between = notes_of(database, number)
        await at.press("ctrl+s")

        assert "as you first sent it, it was saved; Ctrl+S saves this too" in told
        assert f"note TVD Operator 1: {WORDS}" in told
        assert between[-1] == WORDS
        assert notes_of(database, number)[-2:] == [WORDS, f"{WORDS} again"]


async def test_what_was_changed_since_is_what_is_saved_where_nothing_was(
    console: OpenConsole, database: Database, network: Network, numbers: dict[str, str]
) -> None:
    """The first sending never arrived, and will not any more."""
    number = numbers[BRIDGE]
    async with console(network=network) as at:
        await go_to(at, BRIDGE)
        await fill(at, FORMS["note"])
        network.cut(MARK, arrives=False)
        await at.press("ctrl+s")
        network.mend()
        await at.press(*" again", "ctrl+s")

        assert notes_of(database, number)[-1] == f"{WORDS} again"
        assert WORDS not in notes_of(database, number)


async def test_ones_own_save_is_no_conflict_but_a_colleagues_is(
    console: OpenConsole,
    desk_of: OpenDesk,
    database: Database,
    network: Network,
    numbers: dict[str, str],
) -> None:
    """It was not saved, and a colleague was first meanwhile: that is told as ever."""
    colleague, number = await desk_of("tvd_admin"), numbers[PRESSURE]
    async with console(network=network) as at:
        await go_to(at, PRESSURE)
        await fill(at, FORMS["status"])
        network.cut(MARK, arrives=False)
        await at.press("ctrl+s")
        network.mend()
        await colleague.work.change_status(number, Status.ON_HOLD, "parts")
        await at.press("ctrl+s")
        told = screen(at)
        await at.press("ctrl+s")

        assert "changed meanwhile, now on hold" in told
        assert row_of(database, number)["status"] == "resolved"
        assert notes_of(database, number)[-2:] == ["parts", WORDS]


async def test_whoever_leaves_while_nobody_knows_is_asked(
    console: OpenConsole, network: Network, numbers: dict[str, str]
) -> None:
    """Also where nothing was typed."""
    async with console(network=network) as at:
        await go_to(at, PRESSURE)
        await at.press("s", "r")
        network.cut(b"resolved", arrives=True)
        await at.press("ctrl+s", "escape")
        told = screen(at)
        still = at.app.screen
        await at.press("escape")

        assert "it may be saved, or not: Ctrl+S finds out; Esc again leaves it at that" in told
        assert isinstance(still, FormDialog)
        assert isinstance(at.app.screen, QueueScreen)


async def test_where_nothing_was_sent_it_says_that_nothing_was_saved(
    console: OpenConsole, database: Database, network: Network, numbers: dict[str, str]
) -> None:
    """It was known that the database is away."""
    number = numbers[BRIDGE]
    async with console(network=network) as at:
        await go_to(at, BRIDGE)
        network.cut(b"transitions", arrives=False)
        await at.press("s")
        await at.press("escape")
        await fill(at, FORMS["note"])
        await at.press("ctrl+s")
        told = screen(at)
        network.mend()
        await at.press("ctrl+s")

        assert "cannot be reached" in told
        assert "nothing was saved, Ctrl+S tries again" in told
        assert notes_of(database, number)[-1] == WORDS


async def test_choices_that_could_not_be_read_are_there_once_the_line_is_back(
    console: OpenConsole, database: Database, network: Network, numbers: dict[str, str]
) -> None:
    """The form that was opened on a broken line is as good as any."""
    async with console(network=network) as at:
        await go_to(at, BRIDGE)
        network.cut(b"transitions", arrives=False)
        await at.press("s")
        told = screen(at)
        network.mend()
        await look(at)
        await at.press("i", "ctrl+s")

        assert "cannot be reached" in told or "lost" in told
        assert row_of(database, numbers[BRIDGE])["status"] == "in_progress"


@pytest.mark.parametrize("arrives", [True, False], ids=["saved", "not saved"])
async def test_a_ticket_is_taken_once(
    console: OpenConsole,
    database: Database,
    network: Network,
    numbers: dict[str, str],
    arrives: bool,
) -> None:
    """`t` asks nothing, so that its sentence stands in the status line."""
    number = numbers[NO_WATER]
    async with console("tvd_manager", (120, 40), network=network) as at:
        await go_to(at, NO_WATER)
        network.cut(number.encode(), arrives=arrives)
        await at.press("t")
        lost = said(at)
        network.mend()
        await at.press("t")

        assert f"nobody knows yet whether {number} is yours: t asks, it is taken once" in lost
        assert f"{number} is yours" in said(at)
        assert ("as it was saved already" in said(at)) is arrives
        assert row_of(database, number)["assigned_to"] == "tvd_manager"
        kinds = database.connect_owner().execute(
            "select count(*) from ticket_events as e join tickets as t on t.id = e.ticket_id"
            " where t.tracking_number = %s and e.assignee = 'tvd_manager'",
            (number,),
        )
        assert kinds.fetchone() == (1,)
