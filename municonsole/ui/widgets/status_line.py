"""The lines below the table: who and where one is, what went wrong, and the keys that work."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from municonsole.domain.records import OperatorContext
from municonsole.ui import cells, words
from municonsole.ui.actions import Action
from municonsole.ui.keys import key_name
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans


class StatusLine(LineView):
    """Left: the operator, or the last message. Right: the connection and the position."""

    def __init__(
        self, palette: Palette, operator: OperatorContext, *, widget_id: str | None = None
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._who = " \N{MIDDLE DOT} ".join(
            (
                cells.line(operator.full_name) or cells.line(operator.username),
                words.role(operator.role),
                cells.line(operator.municipality.name),
            )
        )
        self._message = ""
        self._tone = Tone.PLAIN
        self._connected = True
        self._position = ""

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    @property
    def message(self) -> str:
        """What is said at the moment; empty when nothing is."""
        return self._message

    def say(self, sentence: str, tone: Tone = Tone.PLAIN) -> None:
        """Show a sentence in place of the operator; an empty one brings the operator back."""
        if (sentence, tone) != (self._message, self._tone):
            self._message, self._tone = sentence, tone
            self._redraw()

    def place(self, position: str) -> None:
        """Show where in the list the cursor stands, like `12 of 340+`."""
        if position != self._position:
            self._position = position
            self._redraw()

    def connection(self, *, connected: bool) -> None:
        """Show whether the database is there."""
        if connected != self._connected:
            self._connected = connected
            self._redraw()

    def _redraw(self) -> None:
        self.forget()
        self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """Both sides, the left one cut to what is free."""
        connection = ("connected", Tone.GOOD) if self._connected else ("NOT CONNECTED", Tone.LATE)
        right: list[tuple[str, Tone]] = [connection]
        if self._position:
            right.append((f"   {self._position}", Tone.PLAIN))
        right.append((" ", Tone.PLAIN))
        free = width - sum(cell_len(text) for text, _ in right) - 3
        text, tone = (self._message, self._tone) if self._message else (self._who, Tone.MUTED)
        return [
            (" ", Tone.PLAIN),
            (cells.fit(text, max(free, 0)), tone),
            ("  ", Tone.PLAIN),
            *right,
        ]


class KeyLine(LineView):
    """The last line: the keys that work here, as many as fit whole."""

    def __init__(self, palette: Palette, *, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._actions: tuple[Action, ...] = ()

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def show(self, actions: Iterable[Action]) -> None:
        """The actions that work here; those without a rank in the footer are left out."""
        ranked = tuple(sorted((a for a in actions if a.footer), key=lambda a: a.footer))
        if ranked != self._actions:
            self._actions = ranked
            self.forget()
            self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """Key and label of each action, the higher ranks first."""
        spans: list[tuple[str, Tone]] = []
        left = width
        for action in self._actions:
            key, label = f" {key_name(action.keys[0])}", f" {action.label.lower()} "
            left -= cell_len(key) + cell_len(label)
            if left < 0:
                break
            spans += [(key, Tone.ACCENT), (label, Tone.MUTED)]
        return spans
