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
    """Offers the actions of the place where it was called; returns the one that was chosen, or None.

    What does not work there is in grey, says why, and stands behind what does.
    """

    WHERE: ClassVar = Where.PALETTE
    BINDINGS: ClassVar = bindings(Where.PALETTE)
    AUTO_FOCUS: ClassVar = "#palette-text"

    def __init__(self, context: Context, listed: Sequence[tuple[Action, str]]) -> None:
        super().__init__()
        self.context = context
        offered = [(action, why) for action, why in listed if action.palette]
        self._offered = tuple(sorted(offered, key=lambda one: bool(one[1])))
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
            (action, why)
            for action, why in self._offered
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
        for index, (action, why) in enumerate(self._found):
            tone = Tone.CHOSEN if index == self._at else Tone.MUTED if why else Tone.PLAIN
            told = why or fit(action.shown_keys, _KEYS) + action.tooltip
            text = fit(action.label, _LABEL) + told
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
        """Return the chosen action; of one that does not work the screen says why."""
        if self._found:
            self.dismiss(self._found[self._at][0])

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)
