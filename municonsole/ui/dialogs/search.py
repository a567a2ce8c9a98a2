"""The search line: a few words or a number, three characters or more, looked for as one types."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widget import Widget

from municonsole.ui import cells
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.line_input import LineInput
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page
from municonsole.ui.widgets.status_line import KeyLine

LEAST, MOST = 3, 80
_PAUSE = 0.25
"""Seconds without a key until what was typed is looked for."""


class SearchDialog(Keyed, ModalScreen[str | None], inherit_bindings=False):
    """Asks what to search for; returns the text, or None.

    `look` is called with the text while one types, once the fingers rest: what it finds is shown
    above the line.
    """

    WHERE: ClassVar = Where.SEARCH
    BINDINGS: ClassVar = bindings(Where.SEARCH)
    AUTO_FOCUS: ClassVar = "#search-text"

    def __init__(
        self, context: Context, text: str = "", look: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__()
        self.context = context
        self._text = text
        self._look = look
        self._resting: Timer | None = None

    def compose(self) -> ComposeResult:
        """A line with the input above the keys that work in it."""
        with Widget(id="search-box"):
            with Horizontal(id="search-line"):
                yield Page(self.context.palette, widget_id="search-label")
                yield LineInput(
                    self._text,
                    placeholder=f"(words, place, phone or number: {LEAST} characters or more)",
                    most=MOST,
                    widget_id="search-text",
                )
            yield Page(self.context.palette, widget_id="search-hint")
            yield KeyLine(self.context.palette, widget_id="search-keys")

    def on_mount(self) -> None:
        """Label and keys."""
        self.query_one("#search-label", Page).show(lambda _: [[(" Search", Tone.STRONG)]])
        self.query_one(KeyLine).show(self.here())

    @property
    def _typed(self) -> str:
        return cells.line(self.query_one(LineInput).value)

    def on_input_changed(self) -> None:
        """Look once no key has come for a moment; every key begins that moment anew."""
        self._hint("")
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_PAUSE, self._look_now)

    def _look_now(self) -> None:
        if self.is_current and len(self._typed) >= LEAST:
            self._look(self._typed)

    def action_accept(self) -> None:
        """Return the text if it is long enough, else say so."""
        text = self._typed
        if len(text) < LEAST:
            self._hint(f"type at least {LEAST} characters")
        else:
            self.dismiss(text)

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)

    def _hint(self, sentence: str) -> None:
        self.query_one("#search-hint", Page).show(lambda _: [[(f" {sentence}", Tone.LATE)]])
