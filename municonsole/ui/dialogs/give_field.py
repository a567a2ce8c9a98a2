"""The field that asks whom a ticket is given to: typed letters narrow down teams and people with their loads."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Size

from municonsole.ui import cells, form
from municonsole.ui.cells import steady
from municonsole.ui.dialogs.form_fields import Offered
from municonsole.ui.form import Option
from municonsole.ui.takers import Taker
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Spans

_ROOMY, _NARROW, _TALL = 8, 4, 24
"""Takers shown at once in a terminal of so many lines, and in a lower one."""
_OPEN, _LATE, _TODAY, _HERE = 6, 6, 7, 9
_LOAD = _OPEN + _LATE + _TODAY + _HERE
_MOST = 60
"""Letters of a name that is looked for."""


class FormGive(Offered):
    """Typed letters narrow down, up and down choose among what is left.

    Without a letter typed, what the rules say is chosen, and stands first with its reason.
    """

    def __init__(self, palette: Palette, spec: form.Give) -> None:
        super().__init__(palette, widget_id=f"form-{spec.name}")
        self.spec = spec
        self._text = ""
        self._at = 0

    @property
    def answer(self) -> object:
        """Whom it is given to; None until they are known, and where nobody has that name."""
        found = self._found()
        return found[self._at].value if found else None

    @property
    def typed(self) -> bool:
        """Whether letters were typed."""
        return bool(self._text)

    @property
    def missing(self) -> bool:
        """Whether what was typed fits nothing."""
        return bool(self._text) and not self._found()

    @property
    def how(self) -> str:
        """Typing narrows down, and the first is chosen already."""
        return "type a part of a name; ↑ ↓ choose; Enter gives it to whoever is chosen"

    def offer(self, options: Sequence[Option]) -> None:
        """Those to choose from."""
        self.options = tuple(options)
        self.ready = True
        self.changed()
        self.post_message(self.Ready())

    def _found(self) -> list[Option]:
        parts = self._text.casefold().split()
        found = [o for o in self.options if all(part in o.label.casefold() for part in parts)]
        if not self._text:
            return found
        # Whoever types a name means a team or a person, of which each stands there once.
        return [one for one in found if not (isinstance(one, Taker) and one.proposed)]

    @property
    def _room(self) -> int:
        return _ROOMY if self.app.size.height >= _TALL else _NARROW

    def make_lines(self, width: int) -> list[Spans]:
        """What was typed beside the headings, and below it who fits."""
        found = self._found()
        if not self.has_focus:
            return [[(cells.cut(found[self._at].label if found else "", width), Tone.STRONG)]]
        if not self.ready:
            return [[(" ", Tone.CHOSEN)], [(cells.ELLIPSIS, Tone.MUTED)]]
        lines: list[Spans] = [self._head(width)]
        if not found:
            lines.append([("nothing of that name", Tone.MUTED)])
        first = max(0, min(self._at - self._room + 1, len(found) - self._room))
        for index, one in enumerate(found[first : first + self._room], start=first):
            lines.append(self._line(one, width, chosen=index == self._at))
        return lines

    def _head(self, width: int) -> Spans:
        typed = cells.cut(self._text, max(width - _LOAD - 1, 1))
        names = cells.fit("", width - _LOAD - cell_len(typed) - 1)
        heads = f"{'open':>{_OPEN}}{'late':>{_LATE}}{'today':>{_TODAY}}{'here':>{_HERE}}"
        told = heads if any(isinstance(o, Taker) and o.load for o in self.options) else ""
        return [
            (typed, Tone.PLAIN),
            (" ", Tone.CHOSEN),
            (names, Tone.PLAIN),
            (told, Tone.MUTED),
        ]

    def _line(self, one: Option, width: int, *, chosen: bool) -> Spans:
        tone = Tone.CHOSEN if chosen else Tone.PLAIN
        load = one.load if isinstance(one, Taker) else None
        if load is None:
            return [(cells.cut(one.label, width), tone if chosen else Tone.ACCENT)]
        late = tone if chosen or not load.breached else Tone.LATE
        here = one.here if isinstance(one, Taker) else ""
        return [
            (cells.fit(one.label, width - _LOAD), tone),
            (f"{load.open:>{_OPEN}}", tone),
            (f"{load.breached:>{_LATE}}", late),
            (f"{load.due_today:>{_TODAY}}", tone),
            (cells.fit(f"{here:>{_HERE}}", _HERE), tone),
        ]

    def watch_has_focus(self, has_focus: bool) -> None:
        """The list of who fits is there while one chooses."""
        super().watch_has_focus(has_focus)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """A line, and below it who fits while one chooses."""
        return self._room + 1 if self.has_focus else 1

    def on_key(self, event: events.Key) -> None:
        """Letters narrow down, backspace widens, arrows choose."""
        step = {"down": 1, "up": -1}.get(event.key)
        if step is not None:
            event.stop()
            self._at = max(0, min(self._at + step, len(self._found()) - 1))
        elif event.key == "backspace":
            event.stop()
            self._text, self._at = self._text[:-1], 0
        elif event.key == "ctrl+u":
            event.stop()
            self._text, self._at = "", 0
        elif event.is_printable and event.character:
            event.stop()
            self._text, self._at = (self._text + steady(event.character))[:_MOST], 0
        self._turned()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is one harmless line."""
        event.stop()
        self._text, self._at = (self._text + cells.line(event.text))[:_MOST], 0
        self._turned()

    def _turned(self) -> None:
        self.changed()
        self.post_message(self.Picked())
