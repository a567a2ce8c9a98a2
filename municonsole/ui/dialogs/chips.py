"""Which part of a filter is taken away: one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.choices import Numbered
from municonsole.ui.narrowing import Chip
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.status_line import KeyLine


class ChipDialog(Keyed, ModalScreen[str | None], inherit_bindings=False):
    """Offers the chips by number; returns the field of the one that was chosen, or None."""

    WHERE: ClassVar = Where.CHIPS
    BINDINGS: ClassVar = bindings(Where.CHIPS)
    AUTO_FOCUS: ClassVar = "#chips-list"

    def __init__(self, context: Context, chips: Sequence[Chip]) -> None:
        super().__init__()
        self.context = context
        self._chips = tuple(chips)

    def compose(self) -> ComposeResult:
        """The chips below each other, and the keys."""
        with Widget(id="chips-box"):
            yield Numbered(self.context.palette, self._lines, self._take, widget_id="chips-list")
            yield KeyLine(self.context.palette, widget_id="chips-keys")

    def on_mount(self) -> None:
        """Each with its number."""
        self.query_one("#chips-box", Widget).border_title = "Take away: type its number"
        self.query_one(KeyLine).show(self.here())

    def _lines(self, _: int) -> list[Spans]:
        return [
            [(f"{number} ", Tone.ACCENT), (chip.text, Tone.PLAIN)]
            for number, chip in enumerate(self._chips, start=1)
        ]

    def _take(self, number: int) -> None:
        """A number takes its chip away."""
        if number <= len(self._chips):
            self.dismiss(self._chips[number - 1].field)

    def action_cancel(self) -> None:
        """Leave the filter as it is."""
        self.dismiss(None)
