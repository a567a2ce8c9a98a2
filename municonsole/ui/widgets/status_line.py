"""The lines below the table: who and where one is, what went wrong, and the keys that work."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from rich.cells import cell_len

from municonsole.ui import cells, words
from municonsole.ui.actions import Action
from municonsole.ui.context import Context
from municonsole.ui.keys import key_name
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans
from municonsole.ui.words import Said

_DOT = " \N{MIDDLE DOT} "
_GAP = 3
_SPACE = " " * _GAP


class StatusLine(LineView):
    """Left: the operator, or the last message. Right: sweep, what is new, connection and position."""

    def __init__(self, context: Context, *, widget_id: str | None = None) -> None:
        super().__init__(context.palette, widget_id=widget_id)
        operator = context.operator
        name = cells.line(operator.full_name) or cells.line(operator.username)
        parts = (name, words.role(operator.role), cells.line(operator.municipality.name))
        self._who = tuple(_DOT.join(parts[:count]) for count in (3, 2, 1))
        self._pulse = context.pulse
        self._now = context.now
        self._message = ""
        self._tone = Tone.PLAIN
        self._about: UUID | None = None
        self._connected = True
        self._position = ""
        self._news: tuple[str, ...] = ()
        self._marked: tuple[str, ...] = ()

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    @property
    def message(self) -> str:
        """What is said at the moment; empty when nothing is."""
        return self._message

    def say(self, sentence: str, tone: Tone = Tone.PLAIN, about: UUID | None = None) -> None:
        """Show a sentence in place of the operator; an empty one brings the operator back.

        `about`: the ticket that it names; it goes when that may no longer be seen.
        """
        self._about = about
        if (sentence, tone) != (self._message, self._tone):
            self._message, self._tone = sentence, tone
            self.tell()

    def forget_about(self, gone: Collection[UUID]) -> None:
        """Of these tickets nothing stays."""
        if self._about in gone:
            self.say("")
            self.wipe()

    def place(self, position: str) -> None:
        """Show where in the list the cursor stands, like `12 of 340+`."""
        if position != self._position:
            self._position = position
            self.tell()

    def news(self, *worded: str) -> None:
        """Announce what is new in the list, worded from the longest to the shortest; nothing: none is."""
        if worded != self._news:
            self._news = worded
            self.tell()

    def marked(self, *worded: str) -> None:
        """Say how many tickets are marked, worded from the longest to the shortest; nothing: none is."""
        if worded != self._marked:
            self._marked = worded
            self.tell()

    def connection(self, *, connected: bool) -> None:
        """Show whether the database is there."""
        if connected != self._connected:
            self._connected = connected
            self.tell()

    def tell(self) -> None:
        """The line as it is now; it is sent only if it reads differently."""
        self.forget()
        self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """Both sides; the left one has what is free."""
        right: list[tuple[str, Tone]] = [
            ("connected", Tone.GOOD) if self._connected else ("NOT CONNECTED", Tone.LATE),
            (f"{_SPACE}{self._position}" if self._position else "", Tone.PLAIN),
            (" ", Tone.PLAIN),
        ]
        free = width - sum(cell_len(text) for text, _ in right) - 1 - _GAP
        if self._marked:
            # What the next key acts on is said before anything else.
            fits = (m for m in self._marked if cell_len(m) + _GAP <= free - cell_len(self._message))
            told = next(fits, self._marked[-1])
            right.insert(0, (told + _SPACE, Tone.ACCENT))
            free -= cell_len(told) + _GAP
        alerts = self._pulse.alerts()
        new: list[tuple[str, Tone]] = []
        for ways in (
            [(worded, Tone.ACCENT) for worded in self._news],
            [(str(alerts), alerts.tone)] if alerts is not None else [],
        ):
            for text, tone in ways:
                if cell_len(text) + _GAP <= free - cell_len(self._message):
                    new.append((text + _SPACE, tone))
                    free -= cell_len(text) + _GAP
                    break
        free = max(free, 0)
        return [(" ", Tone.PLAIN), *self._left(free), (_SPACE, Tone.PLAIN), *new, *right]

    def _left(self, free: int) -> list[tuple[str, Tone]]:
        """The roomiest wording that fits; a message gives nothing of itself away."""
        now = self._now()
        sweep: tuple[Said, ...] = self._pulse.sweep(now)
        if self._message:
            told = [(self._message, self._tone)]
            sweep = sweep if self._pulse.is_stale(now) else ()
        else:
            told = [(who, Tone.MUTED) for who in self._who]
        # By whom is told before where one works; the shortest wording leaves it out.
        for worded in (sweep[:-1], sweep[-1:]):
            for text, tone in told:
                for said in worded:
                    gap = free - cell_len(text) - cell_len(str(said))
                    if gap >= _GAP:
                        return [(text, tone), (" " * gap, Tone.PLAIN), (str(said), said.tone)]
        if sweep and not self._message:
            # Too narrow for both: a name one knows gives way.
            return [(cells.fit(str(sweep[-1]), free), sweep[-1].tone)]
        text, tone = told[0]
        return [(cells.fit(text, free), tone)]


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
        """The actions that work here; those without a rank in the footer are left out.

        What one must always find, how to leave and where the other keys stand, is kept at the end.
        """
        ranked = tuple(sorted((a for a in actions if a.footer), key=lambda a: a.footer))
        if ranked != self._actions:
            self._actions = ranked
            self.forget()
            self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """Key and label of each action, the higher ranks first; what would be cut is left out."""
        kept = [action for action in self._actions if action.footer < 0]
        left = width - sum(map(_width, kept))
        shown = []
        for action in self._actions[len(kept) :]:
            left -= _width(action)
            if left < 0:
                break
            shown.append(action)
        return [part for action in (*shown, *kept) for part in _hint(action)]


def _hint(action: Action) -> Spans:
    return [
        (f" {key_name(action.keys[0])}", Tone.ACCENT),
        (f" {action.label.lower()} ", Tone.MUTED),
    ]


def _width(action: Action) -> int:
    return sum(cell_len(text) for text, _ in _hint(action))
