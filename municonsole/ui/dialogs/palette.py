"""The command palette: an action found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.cells import fit
from municonsole.ui.context import Context
from municonsole.ui.dialogs.line_input import LineInput
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

_LABEL, _KEYS = 18, 12


class PaletteDialog(Keyed, ModalScreen[Action | None], inherit_bindings=False):
    """Offers the actions that work where it was called; returns the one that was chosen, or None."""

    WHERE: ClassVar = Where.PALETTE
    BINDINGS: ClassVar = bindings(Where.PALETTE)
    AUTO_FOCUS: ClassVar = "#palette-text"

    def __init__(self, context: Context, actions: Sequence[Action]) -> None:
        super().__init__()
        self.context = context
        self._offered = tuple(action for action in actions if action.palette)
        self._found = self._offered
        self._at = 0

    def compose(self) -> ComposeResult:
        """A line to type in, the actions that fit, the keys."""
        with Widget(id="palette-box"):
            yield LineInput(placeholder="what to do", most=40, widget_id="palette-text")
            yield Page(self.context.palette, widget_id="palette-list")
            yield KeyLine(self.context.palette, widget_id="palette-keys")

    def on_mount(self) -> None:
        """All actions, the first one chosen."""
        self.query_one("#palette-box", Widget).border_title = "Commands"
        self.query_one(KeyLine).show(self.here())
        self._list()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep what has every typed word in its name or explanation."""
        typed = event.value.casefold().split()
        self._found = tuple(
            action
            for action in self._offered
            if all(word in f"{action.label} {action.tooltip}".casefold() for word in typed)
        )
        self._at = 0
        self._list()

    def _list(self) -> None:
        page = self.query_one("#palette-list", Page)
        page.show(self._lines)
        page.scroll_lines(self._at - page.size.height + 1 - page.top if page.size else 0)

    def _lines(self, width: int) -> list[Spans]:
        if not self._found:
            return [[("no command of that name works here", Tone.MUTED)]]
        lines: list[Spans] = []
        for index, action in enumerate(self._found):
            tone = Tone.CHOSEN if index == self._at else Tone.PLAIN
            text = fit(action.label, _LABEL) + fit(action.shown_keys, _KEYS) + action.tooltip
            lines.append([(fit(text, width), tone)])
        return lines

    def action_next(self) -> None:
        """One action down."""
        self._at = min(self._at + 1, max(len(self._found) - 1, 0))
        self._list()

    def action_previous(self) -> None:
        """One action up."""
        self._at = max(self._at - 1, 0)
        self._list()

    def action_accept(self) -> None:
        """Return the chosen action."""
        if self._found:
            self.dismiss(self._found[self._at])

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)
