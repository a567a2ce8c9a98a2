"""The line between views and table, there only when needed: the filter in force, or the search."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from municonsole.ui import cells
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans


class ChipLine(LineView):
    """A title, one chip a narrowing, and a word on how to get rid of it."""

    def __init__(self, palette: Palette, *, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._title = ""
        self._chips: tuple[str, ...] = ()
        self._hint = ""
        self.display = False

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def show(self, title: str, chips: Sequence[str] = (), hint: str = "") -> None:
        """Show this line; without title and chips it takes no place on the screen."""
        self._title, self._chips, self._hint = title, tuple(chips), hint
        self.display = bool(title or chips)
        self.forget()
        self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """Chips that do not fit are counted, so that none is in force unseen."""
        hint = f"  {self._hint} " if self._hint else ""
        left = width - cell_len(hint)
        spans: list[tuple[str, Tone]] = [
            (f" {cells.cut(self._title, max(left - 1, 0))}", Tone.STRONG)
        ]
        left -= cell_len(spans[0][0])
        for position, chip in enumerate(self._chips):
            rest = len(self._chips) - position
            reserve = len(f"  and {rest - 1} more") if rest > 1 else 0
            if cell_len(chip) + 4 > left - reserve:
                spans.append((f"  and {rest} more", Tone.PLAIN))
                left -= len(f"  and {rest} more")
                break
            spans += [("  ", Tone.PLAIN), (f"[{chip}]", Tone.ACCENT)]
            left -= cell_len(chip) + 4
        return [*spans, (" " * max(left, 0), Tone.PLAIN), (hint, Tone.MUTED)]
