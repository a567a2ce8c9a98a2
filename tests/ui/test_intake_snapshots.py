"""The form of a call as text, at the two sizes most terminals have."""

from __future__ import annotations

import pytest
from calls import fill
from screen_text import compare
from ui.conftest import OpenConsole

pytestmark = pytest.mark.usefixtures("tickets", "suburbs", "at_once")
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
CALLER = "0115550101"


def named(screen: str, size: tuple[int, int]) -> str:
    return f"intake-{screen}-{size[0]}x{size[1]}"


@SIZES
async def test_a_call(console: OpenConsole, size: tuple[int, int]) -> None:
    """Empty, with a caller who is known, with a duplicate, what a refusal looks like, and the number."""
    async with console(size=size) as at:
        await at.press("n")
        compare(at.app, named("empty", size))
        await fill(at, phone=CALLER, category="w", suburb="hill")
        compare(at.app, named("caller", size))
        await fill(at, description="the whole street is under water")
        await at.press("ctrl+r")
        compare(at.app, named("similar", size))
        await at.press("enter")
        compare(at.app, named("join", size))
        await at.press("escape")
        await fill(at, coordinates="28 S", name="Resident 9")
        compare(at.app, named("refused", size))
        form = at.app.screen.query_one("#form-coordinates")
        form.clear()  # type: ignore[attr-defined]
        await at.press("escape")
        compare(at.app, named("leave", size))
        await at.press("enter", "n")
        compare(at.app, named("draft", size))
        await at.press("enter", "ctrl+s")

        compare(at.app, named("logged", size))


@SIZES
@pytest.mark.parametrize("username", ["tvd_operator", "tvd_saps"])
async def test_a_gbv_report(console: OpenConsole, username: str, size: tuple[int, int]) -> None:
    """The confidential form, and where the report has gone."""
    role = username.removeprefix("tvd_")
    async with console(username, size) as at:
        await at.press("n")
        await fill(at, phone=CALLER, category="g", description="Fictitious words, for tests only")
        compare(at.app, named(f"gbv-{role}", size))
        await fill(at, safe="n", how="mornings only")
        await at.press("ctrl+s")

        compare(at.app, named(f"gbv-logged-{role}", size))


async def test_a_call_in_a_narrow_terminal(console: OpenConsole) -> None:
    """Everything is there in 60 columns and 20 lines."""
    async with console(size=(60, 20)) as at:
        await at.press("n")
        await fill(at, phone=CALLER, category="w", description="the whole street is under water")
        compare(at.app, named("caller", (60, 20)))
        await fill(at, category="g")

        compare(at.app, named("gbv", (60, 20)))
