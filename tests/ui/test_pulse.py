"""The status line says when the clocks were last looked after, and by whom; nobody at it turns visible."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import scenario
from handling import NO_WATER, go_to
from rich.cells import cell_len
from screen_text import text
from support.database import Database
from textual.app import App
from ui.conftest import Console, OpenConsole

from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.status_line import StatusLine

pytestmark = pytest.mark.usefixtures("tickets")


def swept(database: Database, by: str, ago: str) -> str:
    """Have it that the clocks were looked after by somebody, so long ago; the time on the wall."""
    with database.connect_owner() as owner:
        row = owner.execute(
            "insert into jobs (municipality_id, name, done_at, done_by)"
            " select id, 'sweep', clock_timestamp() - %s::interval, %s from municipalities"
            " where code = 'tvd' on conflict (municipality_id, name)"
            " do update set done_at = excluded.done_at, done_by = excluded.done_by"
            " returning done_at",
            (ago, by),
        ).fetchone()
    assert row is not None
    at: datetime = row[0]
    return f"{at.astimezone(ZoneInfo(scenario.ZONE)):%H:%M}"


async def beat(at: Console) -> str:
    """What the status line says once it has been asked for; the last line but one."""
    at.app.pulse.look()
    await at.settle()
    return text(at.app).splitlines()[-2]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("tvd_operator2", "TVD Operator 2"),
        ("worker", "the worker"),
        ("another console", "another console"),
    ],
)
async def test_when_and_by_whom_the_clocks_were_looked_after(
    console: OpenConsole, database: Database, by: str, told: str
) -> None:
    """A colleague by name, the worker, or somebody elsewhere."""
    clock = swept(database, by, "20 seconds")
    for username in ("tvd_operator", "tvd_saps"):
        async with console(username, (120, 40)) as at:
            assert "checked" not in text(at.app)
            assert f"clocks checked {clock} by {told}   connected" in await beat(at)


async def test_clocks_that_nobody_looks_after_turn_visible(
    console: OpenConsole, database: Database
) -> None:
    """With a sign and words, on every screen, and beside what is being said."""
    async with console("tvd_manager", (120, 40)) as at:
        never = await beat(at)
        clock = swept(database, "worker", "181 seconds")
        stale = await beat(at)
        await at.press("5", "enter")
        on_ticket = text(at.app).splitlines()[-2]
        await at.press("escape", "t")
        beside = text(at.app).splitlines()[-2]
        swept(database, "worker", "1 second")
        again = await beat(at)

        assert "! clocks never checked   connected" in never
        assert f"! clocks not checked since {clock}   connected" in stale
        assert f"! clocks not checked since {clock}" in on_ticket
        assert "is yours" in beside
        assert f"! clocks not checked since {clock}" in beside
        assert "not checked" not in again


async def test_it_turns_stale_while_nobody_presses_a_key(
    console: OpenConsole, database: Database
) -> None:
    """The line is told anew as time goes by, without a question."""
    swept(database, "worker", "170 seconds")
    async with console("tvd_manager", (120, 40)) as at:
        fresh = await beat(at)
        status = at.app.screen.query_one(StatusLine)
        later = datetime.now(UTC).timestamp() + 60
        status._now = lambda: datetime.fromtimestamp(later, UTC)
        at.app.screen._tell_time()  # type: ignore[attr-defined]
        await at.settle()

        assert "clocks checked" in fresh
        assert "! clocks not checked since" in text(at.app)


async def test_nothing_is_sent_while_the_minute_is_the_same(
    console: OpenConsole, database: Database
) -> None:
    """Asking costs a question to the database, and not one byte on the line."""
    swept(database, "worker", "20 seconds")
    async with console("tvd_manager", (120, 40)) as at:
        await beat(at)
        with patch.object(App, "_display") as display:
            await beat(at)
            await beat(at)

        assert not display.called


async def test_no_key_asks_for_it(console: OpenConsole, database: Database) -> None:
    """What every console asks all day long is asked seldom."""
    async with console("tvd_manager", (120, 40)) as at:
        with patch.object(type(at.desk), "heartbeat") as asked:
            await at.press("5", "j", "j", "enter", "escape", "question_mark", "escape")
            await go_to(at, NO_WATER)

        assert not asked.called


def told(line: Spans) -> str:
    return "".join(part for part, _ in line)


@pytest.mark.parametrize("message", ["", "one sentence that says what was done"])
async def test_the_line_fits_at_any_width_and_gives_way_in_order(
    console: OpenConsole, database: Database, message: str
) -> None:
    """What is said comes first, then the sweep, then where one works; never more than the line."""
    scenario.sweep(database)
    swept(database, "tvd_operator2", "20 seconds")
    async with console("tvd_manager", (200, 40)) as at:
        await beat(at)
        status = at.app.screen.query_one(StatusLine)
        status.say(message)
        lines = {width: status.spans(0, width) for width in range(60, 201)}

    assert all(cell_len(told(line)) == width for width, line in lines.items())
    if message:
        assert "checked" not in told(lines[200])
        assert "new alerts" in told(lines[80])
        assert "new alerts" not in told(lines[62])
        assert message in told(lines[62])
    else:
        assert "TVD Manager 1 · manager · Testville District" in told(lines[130])
        assert "clocks checked" in told(lines[130])
        assert "by TVD Operator 2" in told(lines[100])
        assert "checked" in told(lines[62])
        assert all("new alerts" in told(line) for line in lines.values())
