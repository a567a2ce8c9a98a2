from __future__ import annotations

import pytest
from rich.color import Color

from municonsole.ui.settings import THEMES
from municonsole.ui.theme import PALETTES, Palette, Tone, palette_for

COLOURED = [palette for palette in PALETTES.values() if not palette.ansi]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [value / 255 for value in Color.parse(colour).get_truecolor()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_theme_of_the_configuration_exists() -> None:
    """What the configuration file may name is there."""
    assert set(THEMES) == set(PALETTES)


@pytest.mark.parametrize("palette", COLOURED, ids=lambda palette: palette.name)
@pytest.mark.parametrize("tone", [tone for tone in Tone if tone is not Tone.CHOSEN])
def test_every_tone_can_be_read_in_every_theme(palette: Palette, tone: Tone) -> None:
    """Text has the contrast that WCAG AA asks for, under the cursor and on panels too."""
    colour = palette.colours[tone]
    under_cursor = palette.cursor_text or colour

    assert contrast(colour, palette.background) >= 4.5
    assert contrast(colour, palette.panel) >= 4.5
    assert contrast(under_cursor, palette.cursor) >= 4.5


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "xterm-16color"},
        {"TERM": "linux"},
        {"TERM": "vt100"},
        {"TERM": "xterm-256color", "NO_COLOR": "1"},
        {"TERM": "xterm-256color", "NO_COLOR": ""},
    ],
    ids=lambda environment: " ".join(f"{k}={v}" for k, v in environment.items()),
)
def test_poor_terminals_get_the_sixteen_colours_they_have(environment: dict[str, str]) -> None:
    """No colours are sent that the terminal does not have or the operator does not want."""
    assert palette_for("light", environment).ansi


def test_able_terminals_get_the_theme_that_was_asked_for() -> None:
    """256 colours are enough for every theme."""
    assert palette_for("light", {"TERM": "xterm-256color"}).name == "light"
    assert palette_for("dark", {"TERM": "xterm", "COLORTERM": "truecolor"}).name == "dark"


def test_without_colours_cursor_and_choice_still_stand_out() -> None:
    """Reverse video is no colour."""
    ansi = PALETTES["ansi"]

    assert ansi.under_cursor(Tone.PLAIN).reverse
    assert ansi.style(Tone.CHOSEN).reverse
