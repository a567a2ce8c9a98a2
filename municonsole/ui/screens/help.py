"""The keys that work where help was asked for, from the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult

from municonsole.ui import cells
from municonsole.ui.actions import Action, Group, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.screens.reading import ReadingScreen
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine, StatusLine

_KEYS, _ID = 14, 22
_ROOMY = 78


class HelpScreen(ReadingScreen, inherit_bindings=False):
    """Every action of a place: keys, what it does, and the id by which a keymap names it.

    What does not work there says why, in grey.
    """

    WHERE: ClassVar = Where.HELP
    BINDINGS: ClassVar = bindings(Where.HELP)

    def __init__(self, context: Context, listed: Sequence[tuple[Action, str]]) -> None:
        super().__init__(context)
        self._listed = tuple(listed)

    def compose(self) -> ComposeResult:
        """The list, and the lines below it."""
        yield Page(self.context.palette, widget_id="help-page")
        yield StatusLine(self.context)
        yield KeyLine(self.context.palette)

    def on_mount(self) -> None:
        """Write the list."""
        self.query_one("#help-page", Page).show(self._lines)
        super().on_mount()

    def _lines(self, width: int) -> list[Spans]:
        lines: list[Spans] = [[(" Keys that work here", Tone.STRONG)]]
        for group in Group:
            members = [(action, why) for action, why in self._listed if action.group is group]
            if members:
                lines += [(), [(f" {group.value}", Tone.ACCENT)]]
                lines += [_line(action, why, width) for action, why in members]
        if width >= _ROOMY:
            note = "The name on the right is for the keymap in the configuration file."
            lines += [(), [(f" {note}", Tone.MUTED)]]
        return lines


def _line(action: Action, why: str, width: int) -> Spans:
    tone, stands_out = (Tone.MUTED, Tone.MUTED) if why else (Tone.PLAIN, Tone.STRONG)
    told = f"{action.label}: {why}" if why else action.tooltip
    spans: list[tuple[str, Tone]] = [(f"   {cells.fit(action.shown_keys, _KEYS)}", stands_out)]
    room = width - _KEYS - _ID - 5
    if width < _ROOMY or (why and cell_len(told) > room):
        return [*spans, (told, tone)]  # a reason is told whole
    return [*spans, (f"{cells.fit(told, room)}  ", tone), (action.id, Tone.MUTED)]
