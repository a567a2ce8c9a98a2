"""Which part of a filter is taken away: one key each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.narrowing import Chip
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine


class ChipDialog(Keyed, ModalScreen[str | None], inherit_bindings=False):
    """Offers the chips by number; returns the field of the one that was chosen, or None."""

    WHERE: ClassVar = Where.CHIPS
    BINDINGS: ClassVar = bindings(Where.CHIPS)

    def __init__(self, context: Context, chips: Sequence[Chip]) -> None:
        super().__init__()
        self.context = context
        self._chips = tuple(chips)

    def compose(self) -> ComposeResult:
        """The chips below each other, and the keys."""
        with Widget(id="chips-box"):
            yield Page(self.context.palette, widget_id="chips-list")
            yield KeyLine(self.context.palette, widget_id="chips-keys")

    def on_mount(self) -> None:
        """Each with its number."""
        self.query_one("#chips-box", Widget).border_title = "Take away: type its number"
        page = self.query_one(Page)
        page.styles.height = len(self._chips)
        page.show(self._lines)
        self.query_one(KeyLine).show(self.here())

    def _lines(self, _: int) -> list[Spans]:
        return [
            [(f"{number} ", Tone.ACCENT), (chip.text, Tone.PLAIN)]
            for number, chip in enumerate(self._chips, start=1)
        ]

    def on_key(self, event: events.Key) -> None:
        """A number takes its chip away."""
        number = int(event.key) if event.key.isdecimal() and event.key.isascii() else 0
        if 1 <= number <= len(self._chips):
            event.stop()
            self.dismiss(self._chips[number - 1].field)

    def action_cancel(self) -> None:
        """Leave the filter as it is."""
        self.dismiss(None)
