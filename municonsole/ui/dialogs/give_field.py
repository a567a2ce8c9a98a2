"""The field that asks whom a ticket is given to: typed letters narrow down teams and people with their loads."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.geometry import Size

from municonsole.ui import cells
from municonsole.ui.dialogs.form_fields import FormFind
from municonsole.ui.form import Option
from municonsole.ui.takers import Taker
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Spans

_ROOMY, _NARROW, _TALL = 8, 4, 24
"""Takers shown at once in a terminal of so many lines, and in a lower one."""
_OPEN, _LATE, _TODAY, _HERE = 6, 6, 7, 9
_LOAD = _OPEN + _LATE + _TODAY + _HERE


class FormGive(FormFind):
    """Without a letter typed, what the rules say is chosen, and stands first with its reason."""

    @property
    def answer(self) -> object:
        """Whom it is given to; None until they are known, and where nobody has that name."""
        found = self._found()
        return found[self._at].value if found else None

    @property
    def how(self) -> str:
        """Typing narrows down, and the first is chosen already."""
        return "type a part of a name; ↑ ↓ choose; Enter gives it to whoever is chosen"

    def _found(self) -> list[Option]:
        found = super()._found()
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

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """A line, and below it who fits while one chooses."""
        return self._room + 1 if self.has_focus else 1

    def on_key(self, event: events.Key) -> None:
        """Arrows choose from the first moment on."""
        step = {"down": 1, "up": -1}.get(event.key)
        if step is not None and not self._text:
            event.stop()
            event.prevent_default()
            self._at = max(0, min(self._at + step, len(self._found()) - 1))
            self.changed()
        self.call_next(self._tell)

    def on_paste(self, _: events.Paste) -> None:
        """Text that is pasted narrows down as well."""
        self.call_next(self._tell)

    def _tell(self) -> None:
        self.post_message(self.Picked())
