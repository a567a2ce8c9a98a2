"""A widget that is a list of lines: it draws each once, scrolls itself, repaints what changed.

Every other widget of the console is one of these. Textual's own scrolling is not used: it repaints
the whole widget and brings a scroll bar, which costs more bytes than the line that moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from municonsole.ui import cells
from municonsole.ui.theme import Palette, Tone

_KEPT = 1000
"""Drawn lines that are kept: many screens of any size, and a bound on memory in an endless list."""

Spans = Sequence[tuple[str, Tone]]
"""One line: pieces of steady text, each with its tone."""


class LineView(Widget, can_focus=False):
    """Lines of spans, from `top` on.

    A subclass says how many lines there are (`line_total`) and what stands in one (`spans`), and
    calls `repaint` after anything changed; only lines that look different are sent.
    """

    def __init__(self, palette: Palette, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.palette = palette
        self.top = 0
        self._drawn: dict[int, Strip] = {}
        self._painted: dict[int, Strip] = {}
        self._drawn_width = 0

    @property
    def line_total(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def spans(self, index: int, width: int) -> Spans:
        """What stands in line `index`; it is cut or filled up to `width` cells."""
        raise NotImplementedError

    def style_of(self, index: int) -> Callable[[Tone], Style]:  # noqa: ARG002 - for subclasses
        """How the tones of line `index` are drawn."""
        return self.palette.style

    # ------------------------------------------------------------------ drawing

    def draw(self, index: int) -> Strip:
        """Line `index` as a strip, drawn once and kept until `forget`."""
        width = self.size.width
        if width != self._drawn_width:
            self._drawn.clear()
            self._drawn_width = width
        strip = self._drawn.get(index)
        if strip is None:
            strip = to_strip(self.spans(index, width), width, self.rich_style, self.style_of(index))
            if len(self._drawn) >= _KEPT:
                self._drawn.clear()
            self._drawn[index] = strip
        return strip

    def forget(self, indexes: Iterable[int] | None = None) -> None:
        """Drop what was drawn of these lines, or of all."""
        if indexes is None:
            self._drawn.clear()
            return
        for index in indexes:
            self._drawn.pop(index, None)

    def _line_at(self, y: int) -> Strip:
        index = self.top + y
        if 0 <= index < self.line_total:
            return self.draw(index)
        return Strip.blank(self.size.width, self.rich_style)

    def render_line(self, y: int) -> Strip:
        """Textual's line API: the line `y` cells below the widget's upper edge."""
        strip = self._painted[y] = self._line_at(y)
        return strip

    def repaint(self) -> None:
        """Send the lines that look different from what is on the screen, and no others."""
        if not self.is_attached or not self.size:
            return
        width, height = self.size
        for y in range(height):
            if self._painted.get(y) != self._line_at(y):
                self.refresh(Region(0, y, width, 1))

    def wipe(self) -> None:
        """Drop everything that was drawn, as something may no longer be seen, and draw anew."""
        self._drawn.clear()
        self._painted.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Textual's word that colours may have changed."""
        super().notify_style_update()
        self.forget()

    # ------------------------------------------------------------------ scrolling

    @property
    def bottom(self) -> int:
        """The largest useful `top`."""
        return max(0, self.line_total - self.size.height)

    def scroll_lines(self, lines: int) -> None:
        """Move by so many lines, never past either end."""
        self.top = max(0, min(self.top + lines, self.bottom))
        self.repaint()


class StaticLines(LineView):
    """Lines that are made all at once for the size at hand, none of them under a cursor."""

    def __init__(self, palette: Palette, *, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._made: list[Spans] = []
        self._made_size = Size(-1, -1)

    def make_lines(self, width: int) -> list[Spans]:
        """The lines at this width."""
        raise NotImplementedError

    def _lines(self) -> list[Spans]:
        if self.size != self._made_size:
            self._made = self.make_lines(self.size.width)
            self._made_size = self.size
            self.forget()
        return self._made

    @property
    def line_total(self) -> int:
        """How many lines there are at the present size."""
        return len(self._lines())

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - made for the width already
        """Line `index` as `make_lines` made it."""
        return self._lines()[index]

    def wipe(self) -> None:
        """Drop the lines as well."""
        self._made = []
        self._made_size = Size(-1, -1)
        super().wipe()

    def changed(self) -> None:
        """Make the lines anew and send those that differ."""
        self._made_size = Size(-1, -1)
        self.top = max(0, min(self.top, self.bottom))
        self.repaint()


def to_strip(spans: Spans, width: int, base: Style, style_of: Callable[[Tone], Style]) -> Strip:
    """Spans as a strip of exactly `width` cells: cut with an ellipsis or filled with blanks."""
    segments: list[Segment] = []
    left = width
    for text, tone in spans:
        if left <= 0:
            break
        shown = cells.cut(text, left)
        segments.append(Segment(shown, base + style_of(tone)))
        left -= cell_len(shown)
    if left > 0:
        segments.append(Segment(" " * left, base + style_of(Tone.PLAIN)))
    return Strip(segments, width)


class Page(StaticLines):
    """Lines made by a function that is handed over: the body of a full screen."""

    class Resized(Message):
        """Other lines are in sight than before."""

    def __init__(self, palette: Palette, *, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._make: Callable[[int], list[Spans]] = lambda _: []

    def show(self, make: Callable[[int], list[Spans]]) -> None:
        """Show what `make` gives for a width, from now on and at every new size."""
        self._make = make
        self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """The lines of the function at hand."""
        return self._make(width)

    def position(self) -> str:
        """Which lines are in sight, `lines 1 to 20 of 48`; empty when all are."""
        height = self.size.height
        if not height or self.line_total <= height:
            return ""
        return f"lines {self.top + 1} to {self.top + height} of {self.line_total}"

    def on_resize(self, _: events.Resize) -> None:
        """Never show emptiness below the last line while lines above are out of sight."""
        self.scroll_lines(0)
        self.post_message(self.Resized())
