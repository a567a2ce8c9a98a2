"""One ticket on the whole screen: what it says and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from municonsole.domain.records import TicketDetail, TicketRow
from municonsole.ui import cells, words
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.lane import RequestFailed
from municonsole.ui.screens.reading import ReadingScreen
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.detail import describe
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine, StatusLine
from municonsole.ui.widgets.timeline import tell

WIDE = 100
"""From this width on the history stands beside the ticket instead of below it."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What one opening of the ticket brought; kept by this screen alone, and gone with it."""

    detail: TicketDetail
    at: datetime


class TicketScreen(ReadingScreen, inherit_bindings=False):
    """Opens a ticket and shows it.

    For a SAPS liaison the opening of a GBV report is recorded by the service before it is read.
    What was read lives in this screen only: leaving it with Esc forgets it.
    """

    WHERE: ClassVar = Where.TICKET
    BINDINGS: ClassVar = bindings(Where.TICKET)

    class Arrived(Message):
        """The ticket was opened and read."""

        def __init__(self, detail: TicketDetail) -> None:
            super().__init__()
            self.detail = detail

    def __init__(self, context: Context, row: TicketRow) -> None:
        super().__init__(context)
        self._row = row
        self._opened: _Opened | None = None

    def compose(self) -> ComposeResult:
        """The ticket, its history beside it, and the lines below."""
        palette = self.context.palette
        with Horizontal(id="ticket-body"):
            yield Page(palette, widget_id="ticket-detail")
            yield Page(palette, widget_id="ticket-history")
        yield StatusLine(palette, self.context.operator)
        yield KeyLine(palette)

    def on_mount(self) -> None:
        """The frame first; the ticket is asked for meanwhile."""
        super().on_mount()
        number = cells.line(self._row.tracking_number)
        self._detail.show(lambda _: [[(f" Opening {number} {cells.ELLIPSIS}", Tone.MUTED)]])
        self.call_after_refresh(self._ask)

    def on_unmount(self) -> None:
        """Nothing of what was read outlives the screen."""
        self._opened = None

    @property
    def _detail(self) -> Page:
        return self.query_one("#ticket-detail", Page)

    @property
    def _history(self) -> Page:
        return self.query_one("#ticket-history", Page)

    # ------------------------------------------------------------------ reading

    def _ask(self) -> None:
        number, tickets = self._row.tracking_number, self.context.desk.tickets

        self.context.lane.ask(self, "open", lambda: tickets.show(number), self.Arrived)

    def on_ticket_screen_arrived(self, message: Arrived) -> None:
        """Show what was read."""
        message.stop()
        self._opened = _Opened(message.detail, self.context.now())
        self.query_one(StatusLine).connection(connected=self.context.desk.connected)
        self.query_one(StatusLine).say("")
        self._show_opened()

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why, in place of what could not be read."""
        message.stop()
        status = self.query_one(StatusLine)
        status.connection(connected=self.context.desk.connected)
        if self._opened is not None:
            status.say(message.sentence, Tone.LATE)
            return
        sentence = message.sentence
        self._detail.show(
            lambda width: [[(f" {line}", Tone.LATE)] for line in cells.wrap(sentence, width - 2)]
        )

    # ------------------------------------------------------------------ drawing

    def on_resize(self, _: events.Resize) -> None:
        """Side by side or one below the other, as the width allows."""
        self._history.display = self.size.width >= WIDE
        if self._opened is not None:
            self._show_opened()

    def _show_opened(self) -> None:
        wide = self._history.display
        self._detail.show(self._detail_lines if wide else self._all_lines)
        if wide:
            self._history.show(self._history_lines)
        self.tell_position()

    def _detail_lines(self, width: int) -> list[Spans]:
        opened = self._opened
        if opened is None:
            return []
        recorded = None
        if opened.detail.confidential is not None:
            when = words.moment(opened.at, self.context.zone, self.context.now())
            who = cells.line(self.context.operator.full_name)
            recorded = f"{who}, {when}"
        return describe(opened.detail, width, self.context.moment(), opened=recorded)

    def _history_lines(self, width: int) -> list[Spans]:
        entries = self._opened.detail.history if self._opened else ()
        return [
            [(" History", Tone.STRONG)],
            (),
            *tell(entries, width, self.context.moment(), self.context.names),
        ]

    def _all_lines(self, width: int) -> list[Spans]:
        return [*self._detail_lines(width), (), *self._history_lines(width)]

    # ------------------------------------------------------------------ actions

    def action_refresh(self) -> None:
        """Read the ticket again."""
        self._ask()
