"""The operator's desk: what can be done in the list of tickets, and what may still be seen of it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from municonsole.domain.records import TicketRow
from municonsole.ui import cells
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.form import Opened, Saved
from municonsole.ui.listing import SEARCH_MOST
from municonsole.ui.screens import queue_requests as asked
from municonsole.ui.screens.queue_find import QueueFind
from municonsole.ui.screens.queue_lists import MOST
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Connection, Gone, Seen
from municonsole.ui.widgets.line_view import LineView
from municonsole.ui.widgets.ticket_table import NO_LONGER_SENTENCE


class QueueScreen(QueueFind, inherit_bindings=False):
    """The first screen. It asks the services by way of the lane and shows what is answered."""

    WHERE: ClassVar = Where.QUEUE
    BINDINGS: ClassVar = bindings(Where.QUEUE)

    # ------------------------------------------------------------------ what may still be seen

    def in_sight(self) -> frozenset[UUID]:
        """The tickets whose lines are on the screen."""
        return self._table.in_sight()

    def is_news(self, row: TicketRow) -> bool:
        """Whether the table has it in another state."""
        return self._table.differs(row)

    def on_screen_resume(self) -> None:
        """What was covered may have changed meanwhile."""
        self.context.watch.look_at_new()

    def on_seen(self, message: Seen) -> None:
        """Rows that have changed are drawn anew, and no others."""
        for row in message.rows.values():
            if self._table.update_row(row) and row == self._table.current and self._has_panes:
                self._follow()

    def on_gone(self, message: Gone) -> None:
        """Nothing of these tickets stays: not in the table, the panes, or a list that is parked."""
        self.forget_parked(message.ids)
        current = self._table.current
        self._table.wipe_rows(message.ids)
        if current is not None and current.id in message.ids:
            self._ask.forget_beside()
            self._beside_number = None
            self._show_beside(None, NO_LONGER_SENTENCE)
        for pane in self.query("#detail, #timeline").results(LineView):
            pane.wipe()
        cells.forget()
        self._tell()

    def on_connection(self, message: Connection) -> None:
        """The database went away, or is back: then its absence is no news any more."""
        if message.sentence:
            self._lost = message.sentence
            self._status.say(message.sentence, Tone.LATE)
        elif self._status.message == self._lost:
            self._status.say("")
        self._tell()

    # ------------------------------------------------------------------ actions

    def applies(self, action: Action) -> bool:
        """What has something to act on."""
        match action.id:
            case "ticket.open":
                return self.at_hand() is not None
            case "screen.back":
                return self._parked is not None
            case "find.clear_filter" | "find.remove_chip":
                return bool(self._listing.narrowing)
            case _:
                return super().applies(action)

    def at_hand(self) -> TicketRow | None:
        """The ticket under the cursor; none while another list is on its way.

        Until that arrives the rows of the list that was left are still on the screen: a key typed
        ahead must not act on one of them.
        """
        return self._table.current if self._listing.loaded else None

    def after_saving(self, saved: Saved) -> None:
        """The row, the panes and the counts as they are now; the cursor stays."""
        if saved.subject is not None and not saved.gone:
            self._renew(saved.subject.id)
        self._count()

    def _renew(self, ticket: UUID) -> None:
        self._ask.row(ticket)
        if self._has_panes:
            self._follow()

    def show_report(self, opened: Opened) -> None:
        """What an administrator has opened, on the whole screen."""
        self.app.push_screen(
            TicketScreen(self.context, opened.number, opened.detail, opened.reason)
        )

    def action_move(self, rows: int) -> None:
        """The cursor by single rows."""
        self._table.move(rows)

    def action_page(self, screens: int) -> None:
        """The cursor by screens."""
        self._table.page(screens)

    def action_first(self) -> None:
        """The cursor to the first row."""
        self._table.move_to(0)

    def action_last(self) -> None:
        """The cursor to the last row that was read."""
        self._table.move_to(len(self._table.rows) - 1)

    async def action_open(self) -> None:
        """The ticket under the cursor on the whole screen."""
        if (row := self.at_hand()) is not None:
            await self.open_ticket(row)

    def come_back(self, ticket: UUID, _: None = None) -> None:
        """What was read meanwhile may be newer than the row, and one's own visit is history now."""
        self._tell()
        self._renew(ticket)
        self._count()

    def action_refresh(self) -> None:
        """Read again what is on the screen; after a lost connection this connects anew."""
        rows = len(self._table.lines)
        self._status.say("")
        self._ask.own_views()
        if not self._listing.serial:
            return
        self._read_first(min(max(rows, asked.PAGE), SEARCH_MOST if self._listing.search else MOST))
