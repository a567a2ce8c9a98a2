"""Every screen and dialog as text, at the two sizes most terminals have, as each role sees it."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
import scenario
from calls import fill
from finding import fingers_rest
from handling import BRIDGE, NO_WATER, PRESSURE, go_to, previewed
from screen_text import SHOWS, SNAPSHOTS, compare, picture
from support.database import Database
from textual.screen import ModalScreen, Screen
from ui.conftest import OpenConsole, OpenDesk

import municonsole.ui
from municonsole.domain.values import Status
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.screens.board import BoardScreen

pytestmark = pytest.mark.usefixtures("tickets")

PICTURES = Path(__file__).parents[2] / "docs/images"
SMALL, LARGE = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])


def named(screen: str, size: tuple[int, int]) -> str:
    return f"{screen}-{size[0]}x{size[1]}"


@SIZES
@pytest.mark.parametrize(
    ("username", "view"),
    [("tvd_operator", "1"), ("tvd_manager", "5"), ("tvd_admin", "4"), ("tvd_saps", "2")],
)
async def test_the_queue_of_each_role(
    console: OpenConsole, username: str, view: str, size: tuple[int, int]
) -> None:
    """What an operator, a manager, an admin and a SAPS liaison work with."""
    async with console(username, size) as at:
        await at.press(view)
        await at.rest()

        compare(at.app, named(f"queue-{username.removeprefix('tvd_')}", size))


@pytest.mark.parametrize("size", [(60, 20), (200, 50)], ids=["60x20", "200x50"])
async def test_the_queue_in_a_narrow_and_a_wide_terminal(
    console: OpenConsole, size: tuple[int, int]
) -> None:
    """Nothing in the frame is cut where it is narrow, and nothing is lost where it is wide."""
    async with console("tvd_manager", size) as at:
        await at.press("5")
        await at.rest()

        compare(at.app, named("queue-manager", size))


@SIZES
async def test_one_ticket(console: OpenConsole, size: tuple[int, int]) -> None:
    """A ticket with its whole history."""
    async with console(size=size) as at:
        await at.press("j", "enter")

        compare(at.app, named("ticket", size))


@SIZES
async def test_one_report(console: OpenConsole, size: tuple[int, int]) -> None:
    """A GBV report as the liaison who opened it sees it."""
    async with console("tvd_saps", size) as at:
        await at.press("enter")

        compare(at.app, named("ticket-saps", size))


@SIZES
async def test_search(console: OpenConsole, size: tuple[int, int]) -> None:
    """What was found, and the line in which one asks for it."""
    async with console(size=size) as at:
        await at.press("slash")
        await at.type("the")
        await fingers_rest(at)
        compare(at.app, named("search-line", size))
        await at.press("enter")

        compare(at.app, named("search", size))


@SIZES
@pytest.mark.parametrize("username", ["tvd_operator", "tvd_saps"])
async def test_the_filter(console: OpenConsole, username: str, size: tuple[int, int]) -> None:
    """What one can filter by, and the chips afterwards."""
    role = username.removeprefix("tvd_")
    async with console(username, size) as at:
        await at.press("f", "space", "down", "right", "space")
        compare(at.app, named(f"filter-{role}", size))
        await at.press("enter")

        compare(at.app, named(f"filtered-{role}", size))


@SIZES
@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_admin"])
async def test_the_alerts_of_each_role(
    console: OpenConsole, database: Database, username: str, size: tuple[int, int]
) -> None:
    """What runs late, as whoever is told of it sees it; the manager has read some."""
    if username == "tvd_operator":
        with database.connect_owner() as owner:
            owner.execute("update teams set manager = null")
    scenario.sweep(database)
    async with console(username, size) as at:
        await at.press("i")
        if username == "tvd_manager":
            await at.press("x", "j", "j", "x", "G")
        at.app.pulse.look()
        await at.settle()

        compare(at.app, named(f"alerts-{username.removeprefix('tvd_')}", size))


@SIZES
async def test_the_queue_after_a_sweep(
    console: OpenConsole, database: Database, size: tuple[int, int]
) -> None:
    """Late tickets are escalated and with the manager; the status line says when and by whom."""
    scenario.sweep(database)
    async with console("tvd_manager", size) as at:
        at.app.pulse.look()
        await at.press("4")
        await at.rest()
        compare(at.app, named("queue-swept", size))
        await at.press("j", "enter")

        compare(at.app, named("ticket-swept", size))


@SIZES
async def test_a_deadline_and_what_it_would_do(console: OpenConsole, size: tuple[int, int]) -> None:
    """The form of a deadline with its preview."""
    async with console("tvd_manager", size) as at:
        await go_to(at, PRESSURE)
        await at.press("d", "r", "tab")
        await at.type("+30h")
        await previewed(at)

        compare(at.app, named("form-deadline-filled", size))


@SIZES
async def test_help_and_commands(console: OpenConsole, size: tuple[int, int]) -> None:
    """The keys that work here, and the commands by name."""
    async with console(size=size) as at:
        await at.press("question_mark")
        compare(at.app, named("help", size))
        await at.press("escape", "ctrl+p", "down")

        compare(at.app, named("commands", size))


@SIZES
@pytest.mark.parametrize("username", ["tvd_manager", "tvd_saps"])
async def test_the_board_of_each_side(
    console: OpenConsole, desk_of: OpenDesk, username: str, size: tuple[int, int]
) -> None:
    """The teams, and the people of the one under the cursor, one of whom is at work."""
    saps = username == "tvd_saps"
    await (await desk_of("tvd_saps2" if saps else "tvd_operator")).duty.here()
    async with console(username, size) as at:
        await at.press("b", *(["j"] if saps else ["j"] * 6), "right")
        screen = at.app.screen
        assert isinstance(screen, BoardScreen)
        assert screen._resting is not None
        assert screen._resting._task is not None
        await screen._resting._task
        await at.settle()

        compare(at.app, named(f"board-{username.removeprefix('tvd_')}", size))


@SIZES
async def test_many_tickets_at_once(
    console: OpenConsole, desk_of: OpenDesk, numbers: dict[str, str], size: tuple[int, int]
) -> None:
    """Marked, given to a team, and what became of each: a colleague was first at two."""
    colleague = await desk_of("tvd_admin")
    async with console("tvd_manager", size) as at:
        await at.press("5", "asterisk")
        compare(at.app, named("queue-marked", size))
        await at.press("a")
        await previewed(at)
        compare(at.app, named("bulk-assign", size))
        await colleague.assignments.assign(numbers[BRIDGE], "Roads 2")
        await colleague.work.change_status(numbers[NO_WATER], Status.RESOLVED)
        await at.type("water 2")
        await previewed(at)
        compare(at.app, named("bulk-assign-typed", size))
        await at.press("enter")
        compare(at.app, named("bulk-result", size))
        await at.press("u", "escape", "s", "h")
        await previewed(at)
        compare(at.app, named("bulk-status", size))


FORMS = {
    "s": "status",
    "c": "note",
    "p": "contact",
    "e": "escalate",
    "a": "assign",
    "A": "route",
    "d": "deadline",
    "R": "reclassify",
    "m": "mark-sensitive",
    "o": "open-report",
}


@SIZES
@pytest.mark.parametrize(
    ("username", "keys"),
    [
        ("tvd_operator", "scpem"),
        ("tvd_manager", "saAdR"),
        ("tvd_admin", "saAdRmo"),
        ("tvd_saps", "scpeaA"),
    ],
)
async def test_the_forms_of_each_role(
    console: OpenConsole, username: str, keys: str, size: tuple[int, int]
) -> None:
    """What is asked for each action, of each role that may do it."""
    role = username.removeprefix("tvd_")
    async with console(username, size) as at:
        await at.press("1" if role == "saps" else "5")
        await at.rest()
        for key in keys:
            await at.press(key)
            compare(at.app, named(f"form-{FORMS[key]}-{role}", size))
            await at.press("escape")


@SIZES
async def test_what_an_administrator_has_opened(
    console: OpenConsole, tickets: dict[str, str], size: tuple[int, int]
) -> None:
    """A report as an administrator sees it, on record."""
    number = next(n for n, told in tickets.items() if told.startswith("Fictitious report one"))
    async with console("tvd_admin", size) as at:
        await at.press("o")
        await at.type(number)
        await at.press("tab")
        await at.type("court order 12/26")
        await at.press("enter")

        compare(at.app, named("ticket-opened-admin", size))


@SIZES
async def test_a_ticket_that_is_gone(
    console: OpenConsole, tickets: dict[str, str], size: tuple[int, int]
) -> None:
    """What is left of a ticket that may no longer be seen: that it is not there."""
    async with console(size=size) as at:
        await at.press("5", "j", "j")
        await at.rest()
        await at.press("m", "x", "tab", "y")
        compare(at.app, named("form-mark-sensitive-filled", size))
        await at.press("enter")
        await at.rest()

        compare(at.app, named("queue-gone", size))


@SIZES
async def test_the_lock(console: OpenConsole, database: Database, size: tuple[int, int]) -> None:
    """Blank; with a password that is not the one; and how one leaves from there."""
    async with console(size=size) as at:
        await at.press("f9")
        compare(at.app, named("lock", size))
        await at.type("guess")
        compare(at.app, named("lock-typed", size))
        await at.press("enter")
        compare(at.app, named("lock-wrong", size))
        await at.press("ctrl+q")

        compare(at.app, named("lock-leaving", size))


async def test_a_window_that_is_too_small(console: OpenConsole) -> None:
    """It asks for room, in as much as there is."""
    async with console() as at:
        for size in ((59, 24), (24, 6)):
            await at.pilot.resize_terminal(*size)
            await at.settle()

            compare(at.app, named("small", size))


@SIZES
@pytest.mark.parametrize("username", ["tvd_operator", "tvd_saps"])
async def test_what_does_not_apply_says_why(
    console: OpenConsole, username: str, size: tuple[int, int]
) -> None:
    """Grey, with the reason in words: in the commands, in help, and when the key is pressed."""
    role = username.removeprefix("tvd_")
    async with console(username, size) as at:
        await at.press("2" if role == "saps" else "5", "ctrl+p")
        await at.type("e")
        await at.press(*["up"], *["down"] * 24)
        compare(at.app, named(f"commands-grey-{role}", size))
        await at.press("escape", "question_mark", "pagedown")
        compare(at.app, named(f"help-grey-{role}", size))
        await at.press("escape", "d")

        compare(at.app, named(f"refused-{role}", size))


def screens() -> set[str]:
    """Every kind of screen and dialog the console has, by name."""
    for module in pkgutil.walk_packages(municonsole.ui.__path__, "municonsole.ui."):
        importlib.import_module(module.name)
    kinds, waiting = set(), [Screen]
    while waiting:
        kind = waiting.pop()
        below = [
            k
            for k in kind.__subclasses__()
            if k.__module__.startswith("municonsole.") or k is ModalScreen
        ]
        waiting += below
        # A form about many tickets is a form: both are opened.
        if kind.__module__.startswith("municonsole.") and (not below or kind is FormDialog):
            kinds.add(kind.__name__)
    return kinds


def test_every_screen_and_dialog_has_its_snapshot() -> None:
    """None is added without a look at it at both sizes."""
    assert set(SHOWS.values()) == screens()
    for name, kind in SHOWS.items():
        sizes = ("59x24", "24x6") if kind == "SmallScreen" else ("80x24", "120x40")
        for size in sizes:
            assert (SNAPSHOTS / f"{name}-{size}.txt").is_file()


async def test_the_pictures_of_the_pages_are_what_the_console_shows(
    console: OpenConsole, database: Database
) -> None:
    """Queue, ticket, a call and the lock, in their colours."""
    scenario.sweep(database)
    async with console("tvd_manager", (110, 34)) as at:
        at.app.pulse.look()
        await at.press("4")
        await at.rest()
        picture(at.app, PICTURES / "queue.svg")
        await at.press("j", "enter")
        picture(at.app, PICTURES / "ticket.svg")
        await at.press("escape", "n")
        await fill(
            at, phone="0115550101", category="w", description="the whole street is under water"
        )
        picture(at.app, PICTURES / "call.svg")
        await at.press("f9")

        picture(at.app, PICTURES / "lock.svg")
