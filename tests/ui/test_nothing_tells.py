"""No screen tells that a GBV report exists."""

from __future__ import annotations

import pytest
from handling import REPORT
from screen_text import text
from ui.conftest import Console, OpenConsole

from municonsole.domain.errors import REFUSAL

pytestmark = pytest.mark.usefixtures("tickets")


def never_issued(number: str) -> str:
    """A number of the same day that nobody was given."""
    return number[:-6] + ("000000" if number[-6:] != "000000" else "000001")


async def _searched(at: Console, number: str) -> str:
    seen = ""
    await at.press("slash")
    await at.type(number)
    for keys in ((), ("enter",), ("enter", "s", "m", "t", "a"), ("slash",), ("escape", "f")):
        await at.press(*keys)
        await at.rest()
        seen += text(at.app)
    for keys in (("enter",), ("question_mark",), ("escape", "escape")):
        await at.press(*keys)
        await at.rest()
        seen += text(at.app)
    return seen


async def _opened(at: Console, number: str) -> str:
    await at.press("o")
    await at.type(number)
    await at.press("tab")
    await at.type("a reason that is long enough")
    await at.press("enter")
    answer = text(at.app)
    await at.press("escape", "escape")
    return answer + text(at.app)


@pytest.mark.parametrize(
    ("username", "size"),
    [
        ("tvd_operator", (80, 24)),
        ("tvd_operator", (120, 40)),
        ("tvd_manager", (120, 40)),
        ("tvd_admin", (120, 40)),
    ],
)
async def test_a_hidden_number_and_one_never_issued_give_identical_screens(
    console: OpenConsole, numbers: dict[str, str], username: str, size: tuple[int, int]
) -> None:
    """Search, filter, open: no screen tells which of the two it was."""
    hidden, missing = numbers[REPORT], never_issued(numbers[REPORT])
    shown = {}
    for number in (hidden, missing):
        async with console(username, size) as at:
            await at.press("5")
            seen = await _searched(at, number)
            if username != "tvd_admin":
                await at.press("o")
                seen += text(at.app)
            shown[number] = seen.replace(number, "N" * len(number)).replace(
                number.removeprefix("TKT-20"), "N" * 13
            )

    assert shown[hidden] == shown[missing]
    assert "Nothing was found." in shown[hidden]


async def test_another_municipalitys_report_is_as_unknown_to_an_administrator_as_none(
    console: OpenConsole, numbers: dict[str, str]
) -> None:
    """The one sentence, and what was typed stays."""
    shown = {}
    for number in (numbers[REPORT], never_issued(numbers[REPORT])):
        async with console("ksb_admin", (120, 40)) as at:
            shown[number] = (await _opened(at, number)).replace(number, "N" * len(number))

    first, second = shown.values()
    assert first == second
    assert REFUSAL in first
