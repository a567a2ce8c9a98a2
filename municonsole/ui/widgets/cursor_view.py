"""Rows under a cursor that stays in sight; without rows, a notice that says why."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.style import Style
from textual import events

from municonsole.ui import cells
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans


class CursorView(LineView):
    """A LineView with one line a row.

    A subclass says how many rows there are (`row_total`) and what stands in one (`row_spans`), and
    calls `settle` after they changed. Without rows it shows its notice instead.
    """

    def __init__(self, palette: Palette, *, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._cursor = 0
        self._notice: tuple[str, ...] = ()

    @property
    def row_total(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row_spans(self, index: int, width: int) -> Spans:
        """What stands in row `index`."""
        raise NotImplementedError

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor; 0 where there is none."""
        return self._cursor

    @property
    def line_total(self) -> int:
        """One line a row; without rows, as many as it takes to centre the notice."""
        return self.row_total or self.size.height

    def spans(self, index: int, width: int) -> Spans:
        """One row, or one line of the notice."""
        return self.row_spans(index, width) if self.row_total else self._notice_line(index, width)

    def _notice_line(self, index: int, width: int) -> Spans:
        position = index - (self.size.height - len(self._notice)) // 3
        if not 0 <= position < len(self._notice):
            return ()
        text = cells.cut(self._notice[position], max(width - 4, 1))
        margin = " " * ((width - cell_len(text)) // 2)
        return [(margin, Tone.PLAIN), (text, Tone.PLAIN if position == 0 else Tone.MUTED)]

    def style_of(self, index: int) -> Callable[[Tone], Style]:
        """The row of the cursor stands out."""
        on_cursor = bool(self.row_total) and index == self._cursor
        return self.palette.under_cursor if on_cursor else self.palette.style

    def show_notice(self, *sentences: str) -> None:
        """What to say while there are no rows: first the message, then what explains it."""
        self._notice = sentences
        if not self.row_total:
            self.forget()
            self.repaint()

    # ------------------------------------------------------------------ moving

    def move_to(self, index: int) -> None:
        """The cursor to row `index`, or to the nearest one there is."""
        self._put_cursor(index)
        self.settle()

    def move(self, rows: int) -> None:
        """The cursor by so many rows."""
        self.move_to(self._cursor + rows)

    def page(self, screens: int) -> None:
        """The cursor and the rows by whole screens, with one row kept for the eye."""
        step = max(self.size.height - 1, 1) * screens
        self.top += step
        self.move(step)

    def _put_cursor(self, index: int) -> None:
        index = max(0, min(index, self.row_total - 1))
        if index != self._cursor:
            self.forget((self._cursor, index))
            self._cursor = index

    def settle(self) -> None:
        """Keep the cursor on a row and in sight, then send what changed."""
        self._put_cursor(self._cursor)
        height = max(self.size.height, 1)
        self.top = max(self._cursor - height + 1, min(self.top, self._cursor))
        self.top = max(0, min(self.top, self.bottom if self.row_total else 0))
        self.repaint()

    def on_resize(self, _: events.Resize) -> None:
        """The cursor stays in sight at any size."""
        self.forget()
        self.settle()

    def on_click(self, event: events.Click) -> None:
        """With the mouse switched on: the cursor goes where one clicks."""
        if self.top + event.y < self.row_total:
            self.move_to(self.top + event.y)

    def on_mouse_scroll_down(self, _: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        self.move(3)

    def on_mouse_scroll_up(self, _: events.MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        self.move(-3)
