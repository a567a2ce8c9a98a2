"""Alerts in the console: what is new, the way to the ticket, and nothing of what may not be seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from unittest.mock import patch

import pytest
import scenario
from handling import hold_out, said
from screen_text import text
from support.database import Database, Server
from textual.app import App
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.values import Status
from municonsole.ui.screens.alerts import AlertsScreen
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.widgets.alert_list import AlertList

pytestmark = pytest.mark.usefixtures("tickets")

MAIN = "Burst main, the whole street is under water and it runs into two houses"
NO_WATER = "No water since this morning"
HYDRANT = "Leaking hydrant, corner of 3rd and Oak"


@pytest.fixture
def swept(database: Database) -> Callable[[], None]:
    """Has the clocks looked after, as a manager's console does."""
    return partial(scenario.sweep, database)


@pytest.fixture
def unmanaged(database: Database) -> None:
    """No team has a manager: then its people are told."""
    with database.connect_owner() as owner:
        owner.execute("update teams set manager = null")


def alerts(at: Console) -> list[str]:
    """The lines of the list as they are read, without blanks at their ends."""
    screen = at.app.screen
    assert isinstance(screen, AlertsScreen)
    found = screen.query_one(AlertList)
    return [
        "".join(part for part, _ in found.row_spans(index, 120)).rstrip()
        for index in range(found.row_total)
    ]


def of(lines: list[str], number: str) -> list[str]:
    return [line for line in lines if number in line]


async def test_what_runs_late_is_told_to_the_manager_with_a_sign_and_a_word(
    console: OpenConsole, swept: Callable[[], None], numbers: dict[str, str]
) -> None:
    """Newest first; which clock, of which ticket, how it stands; the status line counts what is new."""
    swept()
    async with console("tvd_manager", (120, 40)) as at:
        at.app.pulse.look()
        await at.settle()
        first = text(at.app)
        await at.press("i")
        lines = alerts(at)

        assert f"● {len(lines)} new alerts   connected" in first
        assert all(line.startswith(" ● new  ") for line in lines)
        assert "! answer missed  " in of(lines, numbers[NO_WATER])[0]
        assert of(lines, numbers[NO_WATER])[0].endswith("water        escalated")
        assert "■ resolution missed  " in of(lines, numbers[MAIN])[0]
        assert f"Alerts   {len(lines)} of {len(lines)} new" in text(at.app)
        assert f"1 of {len(lines)}" in text(at.app)


async def test_enter_opens_the_ticket_and_the_alert_is_read(
    console: OpenConsole, swept: Callable[[], None], database: Database
) -> None:
    """Looked into is known; the way back is Esc or i."""
    swept()
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("i")
        number = at.app.screen.query_one(AlertList).current.tracking_number  # type: ignore[union-attr]
        new = at.app.screen.query_one(AlertList).unread
        await at.press("enter")
        opened = text(at.app)
        assert isinstance(at.app.screen, TicketScreen)
        await at.press("i")

        assert f" {number}  " in opened
        assert "the clocks" in opened
        assert isinstance(at.app.screen, AlertsScreen)
        assert at.app.screen.query_one(AlertList).unread == new - 1
        assert not alerts(at)[0].startswith(" ● new")
        assert f"● {new - 1} new alerts" in text(at.app)
        await at.press("escape")
        assert isinstance(at.app.screen, QueueScreen)
    with database.connect_owner() as owner:
        assert owner.execute(
            "select count(*) from alerts where read_at is not null"
        ).fetchone() == (1,)


async def test_alerts_are_marked_one_by_one_or_all_at_once(
    console: OpenConsole, swept: Callable[[], None], database: Database
) -> None:
    """X this one, X every one; keys that have nothing to do are not offered."""
    swept()
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("i", "j", "x")
        one = alerts(at)
        offered = {action.id for action in at.app.screen.here()}  # type: ignore[attr-defined]
        await at.press("X")
        after = {action.id for action in at.app.screen.here()}  # type: ignore[attr-defined]

        assert [line.startswith(" ● new") for line in one[:3]] == [True, False, True]
        assert "alerts.read" not in offered
        assert "alerts.read_all" in offered
        assert not {"alerts.read", "alerts.read_all"} & after
        assert said(at) == "all alerts are read"
        assert not any("new" in line for line in alerts(at))
        assert "new alert" not in text(at.app)
    with database.connect_owner() as owner:
        assert owner.execute("select count(*) from alerts where read_at is null").fetchone() == (0,)


@pytest.mark.usefixtures("unmanaged")
async def test_everybody_has_their_own_alerts(
    console: OpenConsole, swept: Callable[[], None], numbers: dict[str, str]
) -> None:
    """Where a team has no manager its people are told; each marks their own."""
    swept()
    seen = {}
    for username in ("tvd_operator", "tvd_operator2"):
        async with console(username, (120, 40)) as at:
            await at.press("i")
            seen[username] = alerts(at)
            await at.press("X")

    assert of(seen["tvd_operator"], numbers[HYDRANT])
    assert not of(seen["tvd_operator2"], numbers[HYDRANT])
    assert all(line.startswith(" ● new") for line in seen["tvd_operator2"])


async def test_a_liaison_is_offered_no_alerts(
    console: OpenConsole, swept: Callable[[], None]
) -> None:
    """There are none about GBV reports: the key does nothing, and the command says whose it is."""
    swept()
    async with console("tvd_saps", (120, 40)) as at:
        at.app.pulse.look()
        await at.press("i")
        assert isinstance(at.app.screen, QueueScreen)
        assert "alert" not in text(at.app)
        await at.press("ctrl+p")
        told = [line for line in text(at.app).splitlines() if "lert" in line]

        assert [line.split("  ")[0].strip() for line in told] == ["Alerts: not for SAPS"]


async def test_no_alert_at_all_says_so(console: OpenConsole) -> None:
    """An empty screen is not a broken one."""
    async with console("tvd_operator") as at:
        await at.press("i")
        empty = text(at.app)
        await at.press("enter", "x", "X", "j", "g", "G", "pagedown")

        assert "There is no alert." in empty
        assert isinstance(at.app.screen, AlertsScreen)


@pytest.mark.parametrize("opened", [False, True], ids=["list", "ticket open above"])
async def test_an_alert_of_a_ticket_that_another_marks_sensitive_is_wiped(
    console: OpenConsole,
    desk_of: OpenDesk,
    swept: Callable[[], None],
    numbers: dict[str, str],
    opened: bool,
) -> None:
    """Within the look that every screen takes; what is read again has not even its line."""
    swept()
    colleague = await desk_of("tvd_operator2")
    number = numbers[NO_WATER]
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("i")
        before = alerts(at)
        place = before.index(of(before, number)[0])
        await at.press(*("j" for _ in range(place)), *(("enter",) if opened else ()))
        assert number in text(at.app)
        await colleague.work.mark_sensitive(number, "the caller told more")
        at.app.watch_out.look()
        await at.settle()
        above = text(at.app)
        wiped = next(s for s in at.app.screen_stack if isinstance(s, AlertsScreen))
        lines = wiped.query_one(AlertList).lines
        await at.press("escape" if opened else "r")

        assert number not in above
        assert "no longer in this list" in above.lower()
        assert lines[place] is None
        assert len(lines) == len(before)
        assert not of(alerts(at), number)
        assert len(alerts(at)) < len(before)


async def test_what_a_colleague_did_shows_in_the_alerts_and_only_there(
    console: OpenConsole, desk_of: OpenDesk, swept: Callable[[], None], numbers: dict[str, str]
) -> None:
    """The ticket's status follows; where nothing changed not one byte is sent."""
    swept()
    colleague = await desk_of("tvd_operator2")
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("i")
        # The first look after the screen opened tells its status line what it did not know yet.
        at.app.watch_out.look()
        at.app.pulse.look()
        await at.settle()
        with patch.object(App, "_display") as display:
            at.app.watch_out.look()
            at.app.pulse.look()
            await at.settle()
        await colleague.work.record_contact(numbers[NO_WATER], "told them")
        await colleague.work.change_status(numbers[NO_WATER], Status.IN_PROGRESS)
        at.app.watch_out.look()
        await at.settle()

        assert not display.called
        assert of(alerts(at), numbers[NO_WATER])[0].endswith("in progress")


async def test_a_lost_connection_keeps_what_was_read(
    console: OpenConsole, server: Server, swept: Callable[[], None]
) -> None:
    """One sentence, nothing marked that was not; r reads again."""
    swept()
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("i")
        lines = alerts(at)
        with hold_out(server, "tvd_manager"):
            await at.press("X")
            away = text(at.app)
        await at.press("r")

        assert "NOT CONNECTED" in away
        assert f"{len(lines)} of {len(lines)} new" in away
        assert alerts(at) == lines
        assert " connected " in text(at.app)


async def test_a_history_that_does_not_fit_names_the_way_to_find_it(
    console: OpenConsole, database: Database
) -> None:
    """It names no ticket: whose history it is may not be everybody's to know."""
    with database.connect_owner() as owner:
        owner.execute(
            "insert into alerts (municipality_id, recipient, kind, level, at)"
            " select municipality_id, username, 'history', 2, clock_timestamp()"
            " from operators where username = 'tvd_admin'"
        )
    async with console("tvd_admin", (120, 40)) as at:
        await at.press("i")
        lines = alerts(at)
        await at.press("enter")

        assert "! history does not fit" in lines[0]
        assert "municonsole audit verify says which" in text(at.app)
        assert isinstance(at.app.screen, AlertsScreen)


async def test_what_is_new_comes_by_itself_and_the_cursor_stays(
    console: OpenConsole, swept: Callable[[], None], database: Database, numbers: dict[str, str]
) -> None:
    """R brings what has come meanwhile above what one stands on."""
    swept()
    async with console("tvd_manager", (120, 40)) as at:
        await at.press("i", "j", "x")
        on = at.app.screen.query_one(AlertList).current
        with database.connect_owner() as owner:
            owner.execute(
                "insert into alerts (municipality_id, recipient, ticket_id, kind, clock, level, at)"
                " select t.municipality_id, 'tvd_manager', t.id, 'warning', 'response', 0,"
                " clock_timestamp() from tickets as t where t.tracking_number = %s",
                (numbers["Faded zebra crossing"],),
            )
        await at.press("r")
        now = at.app.screen.query_one(AlertList)

        assert on is not None
        assert now.current is not None
        assert now.current.id == on.id
        assert now.cursor == 2
        assert "▲ answer due soon" in alerts(at)[0]
