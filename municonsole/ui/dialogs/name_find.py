"""A line of a dialog in which one of many names is found by typing a part of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events

from municonsole.ui import cells
from municonsole.ui.cells import steady
from municonsole.ui.dialogs.choices import Field
from municonsole.ui.form import Option
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Spans

_MOST = 100


class NameFind(Field):
    """Any value, or the one whose name fits what was typed best; up and down choose among what fits.

    The value it begins with is always offered, the others once they have been read. With `free`, what
    is typed is taken as it is where it turns out that there are no others.
    """

    def __init__(
        self,
        palette: Palette,
        first: Option | None = None,
        *,
        free: bool = False,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._first = first
        self._options: tuple[Option, ...] = (first,) if first else ()
        self._text = first.label if first else ""
        self._at = 0
        self._free = free
        self._taken = False

    @property
    def chosen(self) -> Option | None:
        """The value; None while nothing was typed, or what was typed fits nothing."""
        found = self._found()
        return found[self._at] if found else None

    @property
    def missing(self) -> bool:
        """Whether what was typed fits nothing."""
        return bool(self._text.strip()) and not self._found()

    def offer(self, options: Sequence[Option]) -> None:
        """The values to choose from; what is chosen stays chosen."""
        chosen = self.chosen
        kept = self._first is not None and self._first.value not in [o.value for o in options]
        self._options = (self._first, *options) if kept and self._first else tuple(options)
        self._taken = self._free and not options
        found = [option.value for option in self._found()]
        self._at = found.index(chosen.value) if chosen and chosen.value in found else 0
        self.changed()

    def clear(self) -> None:
        """Any value."""
        self._type("")

    def _found(self) -> list[Option]:
        typed = " ".join(self._text.casefold().split())
        if not typed:
            return []
        if self._taken:
            return [Option(self._text.strip(), self._text.strip())]
        parts = typed.split()
        found = [o for o in self._options if all(part in o.label.casefold() for part in parts)]
        return sorted(
            found,
            key=lambda o: (o.label.casefold() != typed, not o.label.casefold().startswith(typed)),
        )

    def make_lines(self, width: int) -> list[Spans]:
        """The name; while one types what was typed, and behind it what fits."""
        chosen = self.chosen
        if not self.has_focus:
            label = chosen.label if chosen else self._text.strip()
            return [[(cells.cut(label or "any", width), Tone.STRONG if label else Tone.MUTED)]]
        line = [(cells.cut(self._text, width - 1), Tone.PLAIN), (" ", Tone.CHOSEN)]
        if self.missing:
            line.append(("  nothing of that name", Tone.LATE))
        used = sum(cell_len(text) for text, _ in line)
        found = self._found()
        for index in range(self._at, len(found)):
            name = found[index].label
            if used + cell_len(name) + 2 > width and index > self._at:
                line.append((f" {cells.ELLIPSIS}", Tone.MUTED))
                break
            line += [("  ", Tone.PLAIN), (name, Tone.CHOSEN if index == self._at else Tone.MUTED)]
            used += cell_len(name) + 2
        return [line]

    def _type(self, text: str) -> None:
        self._text, self._at = text[:_MOST], 0
        self.changed()

    def on_key(self, event: events.Key) -> None:
        """Letters narrow down, backspace widens, arrows choose among what fits."""
        step = {"down": 1, "up": -1}.get(event.key)
        last = len(self._found()) - 1
        if step is not None and 0 <= self._at + step <= last:
            # At either end the arrow goes on to another line.
            event.stop()
            self._at += step
            self.changed()
        elif event.key == "backspace":
            event.stop()
            self._type(self._text[:-1])
        elif event.key == "ctrl+u":
            event.stop()
            self._type("")
        elif event.is_printable and event.character:
            event.stop()
            self._type(self._text + steady(event.character))

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is one harmless line."""
        event.stop()
        self._type(self._text + cells.line(event.text))
