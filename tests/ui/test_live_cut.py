"""A line that was cut: what happened meanwhile is read anew, and one goes on where one was."""

from __future__ import annotations

import pytest
from handling import BRIDGE, PRESSURE, go_to, said, table, under_cursor
from live import look
from screen_text import text
from support.database import Server
from support.proxy import Network
from ui.conftest import OpenConsole, OpenDesk

from municonsole.domain.records import NewTicket
from municonsole.domain.values import Category, Status
from municonsole.ui.widgets.status_line import StatusLine

pytestmark = pytest.mark.usefixtures("tickets")


async def test_after_a_cut_everything_is_as_it_has_become(
    console: OpenConsole, desk_of: OpenDesk, network: Network, numbers: dict[str, str]
) -> None:
    """New tickets, a change, one that is gone; list, counts and detail, and the cursor on its ticket."""
    colleague = await desk_of("tvd_manager")
    async with console(size=(120, 40), network=network) as at:
        await go_to(at, PRESSURE)
        await at.rest()
        await look(at)
        network.lose(b"SELECT")
        await look(at)
        cut = text(at.app)
        for number in range(3):
            await colleague.work.create(NewTicket(Category.ROADS, description=f"Pothole {number}"))
        await colleague.work.add_note(numbers[PRESSURE], "A plumber is on the way")
        await colleague.work.mark_sensitive(numbers[BRIDGE], "as she told")
        network.mend()
        await look(at)
        await at.rest()
        after = text(at.app)

        assert "NOT CONNECTED" in cut
        assert " connected " in after
        assert said(at) == ""
        assert under_cursor(at) == PRESSURE
        assert [row.description for row in table(at).rows][:3] == [
            f"Pothole {n}" for n in (2, 1, 0)
        ]
        assert BRIDGE[:12] not in after
        assert "A plumber is on the way" in after
        assert "All open 15" in after.splitlines()[0]


async def test_a_cut_that_nobody_noticed_is_made_good_as_well(
    console: OpenConsole, desk_of: OpenDesk, server: Server, numbers: dict[str, str]
) -> None:
    """The server was started anew between two looks: the next one finds another connection."""
    colleague = await desk_of("tvd_manager")
    async with console() as at:
        await go_to(at, PRESSURE)
        await at.press("enter")
        await look(at)
        server.admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tvd_operator'"
        )
        await colleague.work.create(NewTicket(Category.ROADS, description="A pothole"))
        await colleague.work.change_status(numbers[PRESSURE], Status.ESCALATED)
        await look(at)
        ticket = text(at.app)
        await at.press("escape")

        assert "escalated" in ticket
        assert table(at).rows[0].description == "A pothole"
        assert at.app.screen.query_one(StatusLine)._news == ()
        assert under_cursor(at) == PRESSURE
