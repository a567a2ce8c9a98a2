"""The colours of the console: four themes, and what each tone looks like in them.

A tone is a meaning (late, soon, muted), never a colour, and never the only carrier of a state:
words.py puts a sign and a word beside it. `ansi` uses the terminal's own sixteen colours and stands
in for the others where NO_COLOR is set or where sixteen are all there are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rich.console import Console
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme


class Tone(StrEnum):
    """What a piece of text means to the reader."""

    PLAIN = "plain"
    MUTED = "muted"
    STRONG = "strong"
    ACCENT = "accent"
    LATE = "late"
    SOON = "soon"
    HOLD = "hold"
    GOOD = "good"
    CHOSEN = "chosen"
    """The view one is in, a value that is chosen: stands out from its line without colour too."""


@dataclass(frozen=True, slots=True)
class Palette:
    """A theme's colours as hexadecimal strings, or as names of the terminal's sixteen."""

    name: str
    dark: bool
    background: str
    panel: str
    rule: str
    colours: Mapping[Tone, str]
    cursor: str
    cursor_text: str | None = None
    """The one colour of all text under the cursor; None leaves each tone its own."""
    ansi: bool = False

    def style(self, tone: Tone) -> Style:
        """How text of `tone` is drawn; the background is the widget's."""
        bold = tone in (Tone.STRONG, Tone.LATE, Tone.CHOSEN)
        if self.ansi:
            if tone is Tone.CHOSEN:
                return Style(bold=True, reverse=True)
            if tone is Tone.MUTED:
                return Style(dim=True)
            return Style(color=self.colours[tone], bold=bold)
        if tone is Tone.CHOSEN:
            return Style(color=self.background, bgcolor=self.colours[Tone.ACCENT], bold=True)
        return Style(color=self.colours[tone], bold=bold)

    def under_cursor(self, tone: Tone) -> Style:
        """How text of `tone` is drawn in the row of the cursor."""
        if self.ansi:
            return Style(reverse=True, bold=tone in (Tone.STRONG, Tone.LATE))
        style = self.style(tone)
        return Style(
            color=self.cursor_text or style.color, bgcolor=self.cursor, bold=style.bold or False
        )

    def theme(self) -> Theme:
        """The same colours as a theme of Textual, for what the stylesheet draws."""
        inherited = BUILTIN_THEMES["ansi-dark"].variables if self.ansi else {}
        return Theme(
            name=self.name,
            primary=_css(self.colours[Tone.ACCENT]),
            warning=_css(self.colours[Tone.SOON]),
            error=_css(self.colours[Tone.LATE]),
            success=_css(self.colours[Tone.GOOD]),
            accent=_css(self.colours[Tone.ACCENT]),
            foreground=_css(self.colours[Tone.PLAIN]),
            background=_css(self.background),
            surface=_css(self.background),
            panel=_css(self.panel),
            dark=self.dark,
            ansi=self.ansi,
            variables={**inherited, "rule": _css(self.rule)},
        )


def _css(colour: str) -> str:
    return colour if colour.startswith("#") else f"ansi_{colour}"


PALETTES = {
    palette.name: palette
    for palette in (
        Palette(
            name="dark",
            dark=True,
            background="#11161c",
            panel="#1a222c",
            rule="#34414f",
            cursor="#26405c",
            colours={
                Tone.PLAIN: "#d3dbe4",
                Tone.MUTED: "#a0aebd",
                Tone.STRONG: "#f4f7fa",
                Tone.ACCENT: "#74b9f0",
                Tone.LATE: "#ff8a85",
                Tone.SOON: "#f2c062",
                Tone.HOLD: "#a9b8ff",
                Tone.GOOD: "#86cf98",
                Tone.CHOSEN: "#74b9f0",
            },
        ),
        Palette(
            name="light",
            dark=False,
            background="#fafafa",
            panel="#eeeeee",
            rule="#bcbcbc",
            cursor="#cfe2f5",
            colours={
                Tone.PLAIN: "#262626",
                Tone.MUTED: "#4e4e4e",
                Tone.STRONG: "#000000",
                Tone.ACCENT: "#0a508f",
                Tone.LATE: "#a3001f",
                Tone.SOON: "#714800",
                Tone.HOLD: "#3a3fa8",
                Tone.GOOD: "#17592c",
                Tone.CHOSEN: "#0a508f",
            },
        ),
        Palette(
            name="high-contrast",
            dark=True,
            background="#000000",
            panel="#000000",
            rule="#ffffff",
            cursor="#ffffff",
            cursor_text="#000000",
            colours={
                Tone.PLAIN: "#ffffff",
                Tone.MUTED: "#d9d9d9",
                Tone.STRONG: "#ffffff",
                Tone.ACCENT: "#5fd7ff",
                Tone.LATE: "#ff8787",
                Tone.SOON: "#ffff5f",
                Tone.HOLD: "#c0c8ff",
                Tone.GOOD: "#87ff87",
                Tone.CHOSEN: "#5fd7ff",
            },
        ),
        Palette(
            name="ansi",
            dark=True,
            ansi=True,
            background="default",
            panel="default",
            rule="default",
            cursor="default",
            colours={
                Tone.PLAIN: "default",
                Tone.MUTED: "default",
                Tone.STRONG: "default",
                Tone.ACCENT: "cyan",
                Tone.LATE: "red",
                Tone.SOON: "yellow",
                Tone.HOLD: "cyan",
                Tone.GOOD: "green",
                Tone.CHOSEN: "default",
            },
        ),
    )
}


def palette_for(name: str, environment: Mapping[str, str] | None = None) -> Palette:
    """The palette of theme `name`, or `ansi` where the terminal cannot show its colours."""
    environment = os.environ if environment is None else environment
    if "NO_COLOR" in environment:
        return PALETTES["ansi"]
    colours = Console(force_terminal=True, _environ=environment).color_system
    return PALETTES[name] if colours in ("256", "truecolor") else PALETTES["ansi"]
