"""One line above everything, for what cannot wait: it takes no key, and goes away by itself.

Not Textual's toasts, which are boxes of three lines: this sends its own line, and the one below it again.
"""

from __future__ import annotations

from collections.abc import Collection
from time import monotonic
from uuid import UUID

from rich.cells import cell_len
from textual.app import App
from textual.timer import Timer

from municonsole.domain.desk import Look
from municonsole.domain.values import EventKind, Status
from municonsole.ui import cells
from municonsole.ui.action import Where
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans

SECONDS = 8.0
_STEP = 0.5


def breaches(look: Look, me: str) -> tuple[str, frozenset[UUID]]:
    """What is said of breaches and escalations of one's own tickets that others brought, and of which.

    Empty for none.

    One's own are those that one has, and those that one had until then.
    """
    said: dict[UUID, str] = {}
    for event in look.news.events:
        missed = event.kind is EventKind.SLA_BREACHED
        row = look.rows.get(event.ticket_id)
        if row is None or event.actor == me or not (missed or event.to_status is Status.ESCALATED):
            continue
        if event.was_mine or row.assigned_to == me:
            what = "has missed a deadline" if missed else "was escalated"
            who = cells.line(row.assigned_to_name or row.assigned_to)
            passed_on = f"; {who} has it now" if who and row.assigned_to != me else ""
            said[row.id] = f"{cells.line(row.tracking_number)} {what}{passed_on}"
    if len(said) > 1:
        return f"{len(said)} of your tickets have missed a deadline or were escalated", frozenset()
    return next(iter(said.values()), ""), frozenset(said)


class ToastLine(LineView):
    """The line itself."""

    def __init__(self, palette: Palette, sentence: str) -> None:
        super().__init__(palette)
        self._sentence = f" ! {sentence} "
        self.styles.width = cell_len(self._sentence)

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """The sentence."""
        return [(cells.fit(self._sentence, width), Tone.CHOSEN)]


class Toasts:
    """Keeps the line on the screen in front, whichever that is; a locked console shows it once it is open."""

    def __init__(self, app: App[None], palette: Palette) -> None:
        self._app = app
        self._palette = palette
        self._sentence = ""
        self._about: frozenset[UUID] = frozenset()
        self._until = 0.0
        self._timer: Timer | None = None

    def say(self, sentence: str, about: frozenset[UUID]) -> None:
        """Show this, in place of what is shown; it names the tickets it is `about`."""
        self._take_away()
        self._sentence, self._until = sentence, monotonic() + SECONDS
        self._about = about
        self._follow()
        if self._timer is None:
            self._timer = self._app.set_interval(_STEP, self._follow)

    def about(self) -> frozenset[UUID]:
        """The tickets that it names, or will name once the console is unlocked."""
        return self._about if self._timer is not None else frozenset()

    def forget(self, gone: Collection[UUID]) -> None:
        """Of these tickets nothing stays."""
        if not self._about.isdisjoint(gone):
            self._sentence, self._about, self._until = "", frozenset(), 0.0
            self._follow()

    def _follow(self) -> None:
        front = self._app.screen
        if self._sentence and getattr(front, "WHERE", None) is Where.LOCK:
            self._until = monotonic() + SECONDS
        elif monotonic() >= self._until:
            self._take_away()
            if self._timer is not None:
                self._timer.stop()
                self._timer = None
        elif not front.query(ToastLine):
            self._take_away()
            front.mount(ToastLine(self._palette, self._sentence))

    def _take_away(self) -> None:
        for screen in self._app.screen_stack:
            screen.query(ToastLine).remove()
