"""What an operator can choose about the console: the `[ui]` table of the configuration file.

Imports no Textual, so that the configuration can be read and checked without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from municonsole.domain.errors import ConfigError

THEMES = ("dark", "light", "high-contrast", "ansi")
"""`ansi` uses the terminal's own 16 colours; it stands in for the others where NO_COLOR is set or
the terminal has no more than 16."""


@dataclass(frozen=True, slots=True)
class UiSettings:
    """How the console looks and which keys it obeys.

    `mouse`: a mouse report costs bytes on every move and stays on when SSH drops, so it is off
    unless asked for. `bell`: ring when an own ticket runs late and when the connection is lost.
    `idle_minutes`: the screen is locked after so many without a key; 0 for never. `keymap` maps the
    id of an action (`?` shows them) to its keys, separated by commas; the ids are checked by the
    console.

    Raises ConfigError for an unknown theme.
    """

    theme: str = "dark"
    mouse: bool = False
    bell: bool = True
    idle_minutes: int = 10
    keymap: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            raise ConfigError(f"ui.theme is {self.theme!r}; it must be one of {', '.join(THEMES)}")
