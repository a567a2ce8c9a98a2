"""What a console offers each role, and what a key says that is not for it."""

from __future__ import annotations

import pytest
from handling import BRIDGE, NO_WATER, go_to, offered, row_of, said, under_cursor
from screen_text import text
from support.database import Database
from ui.conftest import OpenConsole, OpenDesk

from municonsole.domain.permissions import FOR, Permission
from municonsole.ui.dialogs.form import FormDialog

pytestmark = pytest.mark.usefixtures("tickets")


@pytest.mark.parametrize(
    ("username", "may"),
    [
        ("tvd_operator", {"status", "note", "contact", "escalate", "mark_sensitive"}),
        (
            "tvd_manager",
            {
                *("status", "note", "contact", "escalate", "mark_sensitive", "assign", "route"),
                *("deadline", "reclassify", "take"),
            },
        ),
        (
            "tvd_admin",
            {
                *("status", "note", "contact", "escalate", "mark_sensitive", "assign", "route"),
                *("deadline", "reclassify", "take"),
            },
        ),
        ("tvd_saps", {"status", "note", "contact", "escalate", "assign", "route", "take"}),
    ],
)
async def test_a_console_offers_what_its_role_may_do_and_no_more(
    console: OpenConsole, username: str, may: set[str]
) -> None:
    """The footer shows what works for this person and this ticket, help says of the rest why not."""
    async with console(username, (120, 60)) as at:
        if username == "tvd_saps":
            await at.press("1")
        else:
            await go_to(at, "Street lights out along the taxi rank")
        here = offered(at)
        await at.press("question_mark")
        help_text = text(at.app)
        await at.press("escape", "enter")
        opened = offered(at)

        assert here == opened == may
        assert "ticket.deadline" in help_text
        assert ("Deadline: " in help_text) == ("deadline" not in may)


async def test_a_key_that_is_not_for_an_operator_says_for_whom_it_is(console: OpenConsole) -> None:
    """Nobody wonders whether the key is broken."""
    keys = {
        "a": Permission.ASSIGN_TICKET,
        "A": Permission.ASSIGN_TICKET,
        "d": Permission.OVERRIDE_DEADLINE,
        "R": Permission.RECLASSIFY,
        "o": Permission.OPEN_CONFIDENTIAL_REPORT,
    }
    async with console() as at:
        for opening in ((), ("enter",)):
            await at.press(*opening)
            for key, permission in keys.items():
                await at.press(key)

                assert said(at).endswith(f": {FOR[permission]}")
                assert not isinstance(at.app.screen, FormDialog)


async def test_a_liaison_is_told_who_marks_tickets_sensitive(console: OpenConsole) -> None:
    """What SAPS has is sensitive already."""
    async with console("tvd_saps") as at:
        await at.press("m")

        assert said(at) == f"Mark sensitive: {FOR[Permission.MARK_SENSITIVE]}"


async def test_a_ticket_of_ones_own_team_that_nobody_has_can_be_taken(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """One key, and the row shows whose it is."""
    manager = await desk_of("tvd_manager")
    await manager.assignments.assign(numbers[NO_WATER], "Water 1")
    async with console(size=(120, 40)) as at:
        await go_to(at, NO_WATER)
        can_take = "take" in offered(at)
        await at.press("t")
        await at.rest()

        assert can_take
        assert said(at) == f"{numbers[NO_WATER]} is yours"
        assert "take" not in offered(at)
        assert row_of(database, numbers[NO_WATER])["assigned_to"] == "tvd_operator"
        assert "Water 1, TVD Operator 1" in text(at.app)
        assert text(at.app).startswith(" 1 My tickets 4")
        assert under_cursor(at) == NO_WATER


async def test_taking_what_somebody_has_is_refused_in_words(console: OpenConsole) -> None:
    """Its row says so, and nothing looks taken."""
    async with console() as at:
        await go_to(at, BRIDGE)
        await at.press("t")

        assert said(at) == "Take: somebody has it already"


async def test_a_command_that_does_not_apply_says_the_same_as_its_key(console: OpenConsole) -> None:
    """It is found by its name, grey; chosen all the same, it does nothing."""
    async with console() as at:
        await at.press("d")
        by_key = said(at)
        await at.press("ctrl+p")
        await at.type("deadline")
        found = text(at.app)
        await at.press("enter")

        assert by_key == said(at) == "Deadline: for managers and administrators"
        assert "Deadline          for managers and administrators" in found
        await at.press("9")
        assert said(at) == "no view is kept under this key"
        await at.press("F")
        assert said(at) == "No filter: the list is not filtered"
