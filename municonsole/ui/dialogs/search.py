"""The search line: a few words or a number, three characters or more."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.line_input import LineInput
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page
from municonsole.ui.widgets.status_line import KeyLine

LEAST, MOST = 3, 80


class SearchDialog(Keyed, ModalScreen[str | None], inherit_bindings=False):
    """Asks what to search for; returns the text, or None."""

    WHERE: ClassVar = Where.SEARCH
    BINDINGS: ClassVar = bindings(Where.SEARCH)
    AUTO_FOCUS: ClassVar = "#search-text"

    def __init__(self, context: Context, text: str = "") -> None:
        super().__init__()
        self.context = context
        self._text = text

    def compose(self) -> ComposeResult:
        """A line with the input above the keys that work in it."""
        with Widget(id="search-box"):
            with Horizontal(id="search-line"):
                yield Page(self.context.palette, widget_id="search-label")
                yield LineInput(
                    self._text,
                    placeholder=f"(words, place or number: {LEAST} characters or more)",
                    most=MOST,
                    widget_id="search-text",
                )
            yield Page(self.context.palette, widget_id="search-hint")
            yield KeyLine(self.context.palette, widget_id="search-keys")

    def on_mount(self) -> None:
        """Label and keys."""
        self.query_one("#search-label", Page).show(lambda _: [[(" Search", Tone.STRONG)]])
        self.query_one(KeyLine).show(self.here())

    def action_accept(self) -> None:
        """Return the text if it is long enough, else say so."""
        text = " ".join(self.query_one(LineInput).value.split())
        if len(text) < LEAST:
            self._hint(f"type at least {LEAST} characters")
        else:
            self.dismiss(text)

    def action_cancel(self) -> None:
        """Return nothing."""
        self.dismiss(None)

    def _hint(self, sentence: str) -> None:
        self.query_one("#search-hint", Page).show(lambda _: [[(f" {sentence}", Tone.LATE)]])
