"""A deadline set by hand: what it would do is seen before it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from handling import NO_WATER, PRESSURE, go_to, hold_out, notes_of, previewed, row_of, said
from scenario import ZONE
from screen_text import text
from support.database import Database, Server
from ui.conftest import Console, OpenConsole, OpenDesk

from municonsole.domain.values import Status
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.form_preview import FormPreview
from municonsole.ui.screens.queue import QueueScreen

pytestmark = pytest.mark.usefixtures("tickets")

TEN = datetime(2099, 9, 21, 10, tzinfo=ZoneInfo(ZONE))
"""Ten o'clock in the municipality."""


def form(at: Console) -> str:
    """The lines of the form, each with single blanks."""
    lines = (line.partition("│")[2].rpartition("│")[0] for line in text(at.app).splitlines())
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


async def test_a_deadline_is_seen_before_it_is_set_in_the_municipalitys_time(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Promised for ten: ten in the municipality, with what was, the warning, and how the ticket stands then."""
    async with console("tvd_manager") as at:
        await go_to(at, NO_WATER)
        await at.press("d", "r", "tab")
        await at.type("2099-09-21 10:00")
        await previewed(at)
        seen = form(at)
        before = row_of(database, numbers[NO_WATER])
        await at.press("tab")
        await at.type("promised")
        await at.press("enter")
        after = row_of(database, numbers[NO_WATER])

        assert "\nWas " in seen
        assert "\nBecomes Mon 21 Sep 2099 10:00, due " in seen
        assert "\nWorking time left 6" in seen
        assert "\nWarns " in seen
        assert "\nThen it is ! late" in seen or "\nThen it is ! answer late" in seen
        assert before["sla_resolution_deadline"] < datetime.now(UTC).replace(year=2090)
        assert after["sla_resolution_deadline"] == TEN
        assert after["resolution_overridden"]
        assert notes_of(database, numbers[NO_WATER]) == ["promised"]
        assert said(at) == f"the deadline of {numbers[NO_WATER]} is set"


async def test_nothing_is_saved_whose_outcome_was_not_on_the_screen(
    console: OpenConsole, database: Database, numbers: dict[str, str]
) -> None:
    """Whoever is faster than the preview is shown it first, and asked once more."""
    async with console("tvd_manager") as at:
        await go_to(at, PRESSURE)
        await at.press("d", "r", "tab", "tab")
        await at.type("promised")
        await at.press("shift+tab")
        await at.type("2099-09-21 10:00")
        at.app.screen.query_one(FormPreview)._resting.stop()  # type: ignore[union-attr]
        await at.press("ctrl+s")
        first = form(at)
        between = row_of(database, numbers[PRESSURE])["sla_resolution_deadline"]
        await at.press("ctrl+s")

        assert "this is what it does; Ctrl+S saves it" in first
        assert "Becomes Mon 21 Sep 2099 10:00" in first
        assert between != TEN
        assert row_of(database, numbers[PRESSURE])["sla_resolution_deadline"] == TEN


async def test_without_a_time_the_deadline_goes_back_to_the_policy(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """What was set by hand is the rule's again, and the preview says when that is."""
    manager = await desk_of("tvd_manager")
    rule = row_of(database, numbers[PRESSURE])["sla_response_deadline"]
    await manager.work.override_deadline(numbers[PRESSURE], "response", TEN, "promised")
    async with console("tvd_manager", (200, 50)) as at:
        await go_to(at, PRESSURE)
        await at.rest()
        by_hand = text(at.app)
        await at.press("d", "a")
        await previewed(at)
        seen = form(at)
        await at.press("tab", "tab")
        await at.type("a mistake")
        await at.press("enter")
        await at.rest()
        row = row_of(database, numbers[PRESSURE])

        assert "by Mon 21 Sep 2099 10:00, set by hand" in by_hand
        assert "\nWas Mon 21 Sep 2099 10:00, due " in seen
        assert "\nBecomes " in seen
        assert row["sla_response_deadline"] == rule
        assert not row["response_overridden"]
        assert said(at) == f"the deadline of {numbers[PRESSURE]} is the policy's again"
        assert "deadline back to the policy: answer" in text(at.app)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("soon", "'soon' is not a time; type one like 16:30, tomorrow 10:00"),
        ("2001-01-01 08:00", "a deadline lies after the ticket was logged"),
    ],
)
async def test_a_wrong_time_is_named_as_it_is_typed_and_saves_nothing(
    console: OpenConsole,
    database: Database,
    numbers: dict[str, str],
    typed: str,
    sentence: str,
) -> None:
    """One clear sentence; the form stays, with what was typed."""
    async with console("tvd_manager") as at:
        await go_to(at, PRESSURE)
        before = row_of(database, numbers[PRESSURE])
        await at.press("d", "a", "tab")
        await at.type(typed)
        await previewed(at)
        live = form(at)
        await at.press("tab")
        await at.type("promised")
        await at.press("enter")

        assert sentence in " ".join(live.split())
        assert sentence in " ".join(form(at).split())
        assert "promised" in form(at)
        assert isinstance(at.app.screen, FormDialog)
        assert row_of(database, numbers[PRESSURE]) == before


async def test_what_was_typed_survives_a_lost_connection_before_and_while_saving(
    console: OpenConsole, server: Server, database: Database, numbers: dict[str, str]
) -> None:
    """The preview says that there is none; time and reason are saved when the line is back."""
    async with console("tvd_manager") as at:
        await go_to(at, PRESSURE)
        await at.press("d", "r", "tab")
        with hold_out(server, "tvd_manager"):
            await at.type("2099-09-21 10:00")
            await previewed(at)
            away = form(at)
            await at.press("tab")
            await at.type("promised")
            await at.press("ctrl+s")
            still = form(at)
        await at.press("ctrl+s", "ctrl+s")

        assert "the login is switched off" in " ".join(away.split())
        assert "2099-09-21 10:00" in still
        assert "promised" in still
        assert row_of(database, numbers[PRESSURE])["sla_resolution_deadline"] == TEN
        assert isinstance(at.app.screen, QueueScreen)


async def test_what_a_colleague_did_meanwhile_is_previewed_anew(
    console: OpenConsole, desk_of: OpenDesk, database: Database, numbers: dict[str, str]
) -> None:
    """After a conflict the old outcome does not hold any more: it is looked at again before saving."""
    colleague = await desk_of("tvd_operator")
    async with console("tvd_manager") as at:
        await go_to(at, PRESSURE)
        await at.press("d", "r", "tab")
        await at.type("2099-09-21 10:00")
        await previewed(at)
        await at.press("tab")
        await at.type("promised")
        await colleague.work.change_status(numbers[PRESSURE], Status.ON_HOLD, "parts")
        await at.press("enter")
        await previewed(at)
        conflict = " ".join(form(at).split())
        await at.press("ctrl+s")

        assert "changed meanwhile, now on hold" in conflict
        assert "Then it is = on hold" in conflict
        assert row_of(database, numbers[PRESSURE])["sla_resolution_deadline"] == TEN
