"""The number of a report that has just been logged, to be read out to whoever called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.domain.records import TicketRow
from municonsole.ui import cells, words
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.form import Subject
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

_HANDED_OVER = (
    "SAPS has it now: a liaison sees it, and nobody in the municipality does, you included. "
    "Tell the caller this number; in danger they dial 10111."
)
_IN_THE_LIST = "It is in your list. Tell the caller this number; in danger they dial 10111."
_TELL = "Tell the caller this number."
_JOINED = "The caller is a further reporter of this ticket and is told what becomes of it."


@dataclass(frozen=True, slots=True)
class Logged:
    """What a call came to: a number, and the ticket as a list shows it to whoever may see it.

    `joined` is the ticket that the caller was added to in place of a new one. `changed`: it was sent
    twice, with changes in between that the first sending may have been without.
    """

    number: str
    sensitive: bool = False
    row: TicketRow | None = None
    joined: Subject | None = None
    changed: bool = False

    @property
    def sentence(self) -> str:
        """For the status line."""
        return f"{self.number}: the caller was added" if self.joined else f"{self.number} is logged"


class NumberDialog(Keyed, ModalScreen[bool], inherit_bindings=False):
    """Shows the number; True when the next call is to be taken at once."""

    WHERE: ClassVar = Where.NUMBER
    BINDINGS: ClassVar = bindings(Where.NUMBER)

    def __init__(self, context: Context, logged: Logged) -> None:
        super().__init__()
        self.context = context
        self._logged = logged

    def compose(self) -> ComposeResult:
        """The number, what becomes of it, the keys."""
        with Widget(id="number-box"):
            yield Page(self.context.palette, widget_id="number-page")
            yield KeyLine(self.context.palette, widget_id="number-keys")

    def on_mount(self) -> None:
        """Show it."""
        box = self.query_one("#number-box", Widget)
        box.border_title = "Added" if self._logged.joined else "Logged"
        page = self.query_one(Page)
        page.styles.height = len(self._lines(max(min(self.app.size.width, 64) - 4, 20)))
        page.show(self._lines)
        self.query_one(KeyLine).show(self.here())

    def _lines(self, width: int) -> list[Spans]:
        lines: list[Spans] = [(), [(f"  {self._logged.number}", Tone.STRONG)], ()]
        for sentence in self._told():
            lines += [[(text, Tone.PLAIN)] for text in cells.wrap(sentence, width)]
        if self._logged.changed:
            late = "It was sent twice: what you changed in between may not be in it."
            lines += [[(text, Tone.SOON)] for text in cells.wrap(late, width)]
        return [*lines, ()]

    def _told(self) -> list[str]:
        logged, row = self._logged, self._logged.row
        if logged.joined is not None:
            return [_JOINED]
        if logged.sensitive:
            return [_IN_THE_LIST if self.context.saps else _HANDED_OVER]
        if row is None:
            return [_TELL]
        about = f"{words.category(row.category)}, {words.severity(row.severity).words}"
        told = [f"{about}, with {cells.line(row.assigned_team) or 'no team yet'}."]
        deadline = row.sla_response_deadline
        if deadline is not None:
            at = self.context.moment()
            left = words.until(deadline, at.now)
            told.append(f"Answer {left}, by {words.moment(deadline, at.zone, at.now)}.")
        return [*told, "", _TELL]

    def action_close(self) -> None:
        """Back to the list."""
        self.dismiss(False)

    def action_new_report(self) -> None:
        """The next caller is waiting."""
        self.dismiss(True)
