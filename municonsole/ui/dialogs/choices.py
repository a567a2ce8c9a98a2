"""Lines of a dialog in which values are marked, or one is picked, without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Size

from municonsole.ui import cells
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Spans, StaticLines

_NOWHERE = -1


class Field(StaticLines, can_focus=True):
    """A line of a dialog that shows where the cursor is."""

    def clear(self) -> None:
        """Choose nothing."""
        raise NotImplementedError

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor shows or hides."""
        super().watch_has_focus(has_focus)
        self.changed()


class Marks(Field):
    """Any number of values out of a few: left and right move, space marks."""

    def __init__(
        self,
        palette: Palette,
        labels: Sequence[str],
        marked: Sequence[bool],
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._labels = tuple(labels)
        self._marked = list(marked)
        self._at = 0

    @property
    def marked(self) -> tuple[bool, ...]:
        """Which values are marked, in their order."""
        return tuple(self._marked)

    def clear(self) -> None:
        """Mark nothing."""
        self._marked = [False] * len(self._labels)
        self.changed()

    def toggle(self) -> None:
        """Mark the value under the cursor, or unmark it."""
        self._marked[self._at] = not self._marked[self._at]
        self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """The values side by side, on as many lines as they need."""
        lines: list[Spans] = []
        line: list[tuple[str, Tone]] = []
        used = 0
        for index, (label, marked) in enumerate(zip(self._labels, self._marked, strict=True)):
            text = f"[{'x' if marked else ' '}] {label}"
            size = cell_len(text) + 2
            if line and used + size - 2 > width:
                lines.append(line)
                line, used = [], 0
            under = self.has_focus and index == self._at
            tone = Tone.CHOSEN if under else (Tone.STRONG if marked else Tone.PLAIN)
            line += [(text, tone), ("  ", Tone.PLAIN)]
            used += size
        return [*lines, line]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as the values need."""
        return len(self.make_lines(width))

    def on_key(self, event: events.Key) -> None:
        """Left and right move among the values."""
        step = {"left": -1, "right": 1}.get(event.key)
        if step is not None:
            event.stop()
            self._at = (self._at + step) % len(self._labels)
            self.changed()


class Numbered(Field):
    """Lines that a digit acts on: `act` is called with it, once, while the key is at hand."""

    def __init__(
        self,
        palette: Palette,
        lines: Callable[[int], list[Spans]],
        act: Callable[[int], None],
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._make = lines
        self._act = act

    def clear(self) -> None:
        """Nothing is chosen here that could be cleared."""

    def make_lines(self, width: int) -> list[Spans]:
        """The lines as they are now."""
        return self._make(width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as there are."""
        return len(self.make_lines(width))

    def on_key(self, event: events.Key) -> None:
        """1 to 9; everything else is the dialog's."""
        if len(event.key) == 1 and event.key in "123456789":
            event.stop()
            self._act(int(event.key))


class Pick(Field):
    """One value out of many, or any: left and right change it, a letter goes to the next that fits."""

    def __init__(
        self,
        palette: Palette,
        labels: Sequence[str],
        picked: int | None,
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._labels = tuple(labels)
        self._at = _NOWHERE if picked is None else picked

    @property
    def picked(self) -> int | None:
        """The index of the value; None stands for any."""
        return None if self._at == _NOWHERE else self._at

    def clear(self) -> None:
        """Any value."""
        self._at = _NOWHERE
        self.changed()

    def offer(self, labels: Sequence[str], picked: int | None) -> None:
        """Other values to pick from."""
        self._labels = tuple(labels)
        self._at = _NOWHERE if picked is None else picked
        self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """The value between arrows."""
        label = "any" if self._at == _NOWHERE else self._labels[self._at]
        tone = Tone.CHOSEN if self.has_focus else Tone.PLAIN
        return [
            [
                ("\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK} ", Tone.MUTED),
                (cells.cut(label, width - 4), tone),
                (" \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}", Tone.MUTED),
            ]
        ]

    def on_key(self, event: events.Key) -> None:
        """Left, right, and the first letter of a value."""
        step = {"left": -1, "right": 1}.get(event.key)
        if step is not None:
            event.stop()
            self._at = (self._at + 1 + step) % (len(self._labels) + 1) - 1
            self.changed()
        elif event.is_printable and event.character and event.character.isalnum():
            event.stop()
            self._go_to(event.character.casefold())

    def _go_to(self, letter: str) -> None:
        count = len(self._labels)
        for distance in range(1, count + 1):
            index = (self._at + distance) % count
            if self._labels[index].casefold().startswith(letter):
                self._at = index
                self.changed()
                return
