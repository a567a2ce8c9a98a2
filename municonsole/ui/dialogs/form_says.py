"""What a form says before anything is asked."""

from __future__ import annotations

from municonsole.ui import cells
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Page, Spans

_WIDTH = 76
"""The form with its frame is no wider."""


def room(width: int) -> int:
    """Cells for words in a form, in a terminal of this width."""
    return max(min(width, _WIDTH) - 4, 10)


class FormSays(Page):
    """A few lines, as high as the words need at the width at hand."""

    def __init__(self, palette: Palette, words: str) -> None:
        super().__init__(palette, widget_id="form-says")
        self._words = words

    def on_mount(self) -> None:
        """The words."""
        self.show(self._wrapped)

    def fit(self, width: int) -> None:
        """As high as it takes in a terminal of this width."""
        self.styles.height = len(self._wrapped(room(width)))

    def _wrapped(self, width: int) -> list[Spans]:
        return [[(text, Tone.PLAIN)] for text in cells.wrap(self._words, width)]
