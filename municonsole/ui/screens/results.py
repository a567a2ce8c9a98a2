"""What became of many tickets, on the whole screen: one line each, and the way to each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.screen import Screen

from municonsole.ui import cells
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.bulk import Outcome, many
from municonsole.ui.context import Context
from municonsole.ui.lane import RequestFailed
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.screens.undoing import Undoing
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Connection, Gone, Showing
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.result_list import ResultList
from municonsole.ui.widgets.status_line import KeyLine, StatusLine

_TOLD = 3
"""Lines for the whole sentence of the ticket under the cursor."""


class ResultsScreen(Undoing, Showing, Screen[None], inherit_bindings=False):
    """Shows outcomes; `what` says what was done, such as `assigned`."""

    WHERE: ClassVar = Where.RESULTS
    BINDINGS: ClassVar = bindings(Where.RESULTS)

    def __init__(self, context: Context, what: str, outcomes: Sequence[Outcome]) -> None:
        super().__init__()
        self.context = context
        self._what = what
        self._done = sum(one.done for one in outcomes)
        self._total = len(outcomes)
        self._list = ResultList(context.palette, outcomes)
        self._status = StatusLine(context)

    def compose(self) -> ComposeResult:
        """What was done, a line a ticket, the whole sentence of one, and the lines below."""
        yield Page(self.context.palette, widget_id="results-head")
        yield self._list
        yield Page(self.context.palette, widget_id="results-told")
        yield self._status
        yield KeyLine(self.context.palette)

    def on_mount(self) -> None:
        """All of it is known."""
        self.query_one("#results-head", Page).show(self._head)
        self._tell()

    def _head(self, _: int) -> list[Spans]:
        left = self._total - self._done
        if not left:
            return [[(f" {many(self._done)} {self._what}", Tone.GOOD)]]
        told = f" {self._done} of {self._total} {self._what}"
        return [[(told, Tone.STRONG), (f"   {left} left as they were", Tone.LATE)]]

    def _tell(self) -> None:
        one = self._list.current
        sentence = one.sentence if one is not None else ""
        self.query_one("#results-told", Page).show(partial(_told, sentence))
        self._status.connection(connected=self.context.desk.connected)
        self._status.place(f"{self._list.cursor + 1} of {self._total}")
        self.query_one(KeyLine).show(self.here())

    def reason(self, action: Action) -> str:
        """What there is nothing to do with."""
        one = self._list.current
        if action.id == "ticket.open" and (one is None or not one.number):
            return "it may no longer be seen"
        return super().reason(action)

    def say(self, sentence: str, tone: Tone = Tone.PLAIN) -> None:
        """A sentence in the status line."""
        self._status.say(sentence, tone)

    # ------------------------------------------------------------------ what may still be seen

    def in_sight(self) -> frozenset[UUID]:
        """All of them: a number that may no longer be seen goes, wherever its line is."""
        return self._list.tickets

    def on_gone(self, message: Gone) -> None:
        """Nothing of these tickets stays."""
        self._list.wipe_rows(message.ids)
        self.query_one("#results-told", Page).wipe()
        cells.forget()
        self._tell()

    def on_connection(self, message: Connection) -> None:
        """The database went away, or is back."""
        if message.sentence:
            self.say(message.sentence, Tone.LATE)
        self._tell()

    def on_request_failed(self, message: RequestFailed) -> None:
        """It could not be taken back."""
        message.stop()
        if message.unreachable:
            self.context.watch.lost()
        self.say(message.sentence, Tone.LATE)
        self._tell()

    def taken_back(self) -> None:
        """There is nothing more to take back."""
        self._tell()

    # ------------------------------------------------------------------ actions

    def action_move(self, rows: int) -> None:
        """The cursor by single rows."""
        self._list.move(rows)
        self._tell()

    def action_page(self, screens: int) -> None:
        """The cursor by screens."""
        self._list.page(screens)
        self._tell()

    def action_first(self) -> None:
        """The cursor to the first row."""
        self._list.move_to(0)
        self._tell()

    def action_last(self) -> None:
        """The cursor to the last row."""
        self._list.move_to(self._list.row_total - 1)
        self._tell()

    async def action_open(self) -> None:
        """The ticket of this line on the whole screen."""
        one = self._list.current
        if one is not None and one.number:
            await self.app.push_screen(TicketScreen(self.context, one.number))

    def action_back(self) -> None:
        """Back to the list."""
        self.dismiss(None)


def _told(sentence: str, width: int) -> list[Spans]:
    return [[(f" {text}", Tone.PLAIN)] for text in cells.wrap(sentence, width - 2)[:_TOLD]]
