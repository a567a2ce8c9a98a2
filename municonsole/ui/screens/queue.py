"""The operator's desk: what can be done in the list of tickets, and what may still be seen of it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from municonsole.domain.records import TicketRow
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.form import Opened, Saved
from municonsole.ui.screens.queue_board import QueueBoard
from municonsole.ui.screens.ticket import TicketScreen


class QueueScreen(QueueBoard, inherit_bindings=False):
    """The first screen. It asks the services by way of the lane and shows what is answered."""

    WHERE: ClassVar = Where.QUEUE
    BINDINGS: ClassVar = bindings(Where.QUEUE)

    # ------------------------------------------------------------------ actions

    def reason(self, action: Action) -> str:
        """What has nothing to act on."""
        match action.id:
            case "ticket.open" if self.at_hand() is None:
                return self.NO_TICKET
            case "screen.back" if self._parked is None and not self.marks:
                return "there is no list to go back to"
            case "find.clear_filter" | "find.remove_chip" if not self._listing.narrowing:
                return "the list is not filtered"
            case _:
                return super().reason(action)

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
        self._status.say("")
        self._ask.own_views()
        self._read_again()
