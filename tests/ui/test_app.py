"""How the console begins and ends, whatever goes wrong."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from handling import hold_out
from screen_text import strips, text
from support.database import Server
from textual.events import Key
from textual.strip import Strip
from ui.conftest import OpenConsole

from municonsole.ui.app import MuniconsoleApp, crash_sentence
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.settings import UiSettings
from municonsole.ui.theme import PALETTES, Tone

pytestmark = pytest.mark.usefixtures("tickets")


async def test_a_fault_ends_in_one_sentence_without_any_data(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a citizen said must not end up in the terminal's scrollback because we made a mistake."""

    def fail(_: QueueScreen) -> None:
        phone = "+27115550101"
        raise ValueError(f"cannot call {phone}")

    monkeypatch.setattr(QueueScreen, "action_refresh", fail)
    with pytest.raises(ValueError, match="cannot call"):
        async with console() as at:
            await at.press("r")
    complaint = capsys.readouterr().err

    assert complaint.startswith("municonsole: the console stopped because of a fault of its own")
    assert complaint.count("\n") == 1
    assert "ValueError" in complaint
    assert "phone" not in complaint
    assert "5550101" not in complaint
    assert at.app.return_code == 1


def test_a_fault_is_told_with_our_line_and_never_with_a_value() -> None:
    """Whoever mends it finds the place; nobody finds the data."""
    try:
        QueueScreen(None)  # type: ignore[arg-type]
    except AttributeError as error:
        told = crash_sentence(error)

    assert "AttributeError at ui/screens/queue_requests.py:" in told
    assert "NoneType" not in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_console_like_q(console: OpenConsole, number: int) -> None:
    """A machine that shuts down and a terminal that is closed leave nothing behind."""
    async with console() as at:
        os.kill(os.getpid(), number)
        await console_ended(at.app)

        assert at.app.return_code == 0


async def console_ended(app: MuniconsoleApp) -> None:
    """Until the message loop of the application is over."""
    async with asyncio.timeout(10):
        while app.is_running:  # noqa: ASYNC110 - Textual has no event for it
            await asyncio.sleep(0)


async def test_colours_of_the_terminal_are_all_that_is_used_where_there_are_sixteen(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No colour is sent that a 16-colour terminal would have to guess."""
    monkeypatch.setenv("TERM", "xterm-16color")
    monkeypatch.delenv("COLORTERM")
    async with console(size=(120, 40)) as at:
        colours = {
            colour.number
            for strip in strips(at.app)
            for _, style, _ in strip
            if style
            for colour in (style.color, style.bgcolor)
            if colour is not None
        }

        assert colours <= {None, *range(16)}
        assert any(style.reverse for strip in strips(at.app) for _, style, _ in strip if style)


async def test_without_colour_nothing_is_lost(
    console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR: not one colour on the wire, and every state still readable as text."""
    async with console(size=(120, 40)) as at:
        await at.press("5")
        coloured = text(at.app)
    monkeypatch.setenv("NO_COLOR", "1")
    async with console(size=(120, 40)) as at:
        await at.press("5")
        drawn = [
            style
            for y in range(at.app.size.height)
            for _, style, _ in _filtered(at.app, y)
            if style is not None
        ]

        assert text(at.app) == coloured
        assert all(style.color is None or style.color.is_default for style in drawn)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in drawn)


def _filtered(app: MuniconsoleApp, y: int) -> Strip:
    """One line as it goes to the terminal, after the filters of Textual."""
    strip = strips(app)[y]
    for line_filter in app.get_line_filters():
        strip = strip.apply_filter(line_filter, app.screen.background_colors[1])
    return strip


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
async def test_late_is_told_in_its_colour_and_in_words(console: OpenConsole, theme: str) -> None:
    """In every theme the late ticket stands out, and says so."""
    async with console(settings=UiSettings(theme=theme)) as at:
        await at.press("4", "j")
        late = [
            style
            for strip in strips(at.app)
            for part, style, _ in strip
            if "late" in part and style
        ]
        plain = [
            style
            for strip in strips(at.app)
            for part, style, _ in strip
            if part.startswith("TKT-") and style
        ]

        assert late
        assert {style.color for style in late[2:]}.isdisjoint(style.color for style in plain[2:])


async def test_the_bell_rings_once_when_the_connection_is_lost(
    console: OpenConsole, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks elsewhere hears it, if they want to."""
    rung = []
    async with console(settings=UiSettings(bell=True)) as at:
        monkeypatch.setattr(at.app, "bell", lambda: rung.append("ding"))
        with hold_out(server, "tvd_operator"):
            await at.press("r", "r")

    assert rung == ["ding"]


async def test_one_value_of_the_filter_is_under_the_cursor(console: OpenConsole) -> None:
    """Wherever one goes in the dialog, it shows where one is, and only there."""
    chosen = PALETTES["dark"].style(Tone.CHOSEN)
    async with console(size=(100, 30)) as at:
        await at.press("f")
        for key, value in (
            ("space", "[x] open"),
            ("down", "[ ] water"),
            ("right", "[ ] roads"),
            ("down", "[ ] low"),
            ("up", "[ ] roads"),
        ):
            await at.press(key)
            under_cursor = [
                part
                for strip in strips(at.app)
                for part, style, _ in strip
                if style and style.bgcolor == chosen.bgcolor and part.startswith("[")
            ]

            assert under_cursor == [value]


async def test_a_key_that_got_lost_does_not_silence_the_keyboard(console: OpenConsole) -> None:
    """Whatever swallows a key, the next one works."""
    async with console() as at:
        at.app._handled = Key("x", "x")
        at.app._since = -10.0
        await at.press("question_mark")

        assert "Keys that work here" in text(at.app)
