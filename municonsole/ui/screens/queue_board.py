"""From the list to the board, from a number of the board to its tickets, and back."""

from __future__ import annotations

from municonsole.domain.filters import begin
from municonsole.ui.actions import Action
from municonsole.ui.board import Spot
from municonsole.ui.listing import Listing, Parked
from municonsole.ui.screens.board import BoardScreen
from municonsole.ui.screens.queue_marks import QueueMarks


class QueueBoard(QueueMarks, inherit_bindings=False):
    """Tickets that the board counts are a list like any other; Esc goes back to the board."""

    _spot: Spot | None = None
    """Where the cursor of the board stood."""

    async def action_board(self) -> None:
        """What each team has to do now."""
        await self.app.push_screen(BoardScreen(self.context, self._spot), self._drill)

    def _drill(self, spot: Spot | None) -> None:
        """Show the tickets of a cell; the list one came to the board from is come back to."""
        if spot is None:
            return
        self._spot = spot
        if not self._listing.title:
            self._parked = self._park()
        zone = self.context.zone
        today = self.context.now().astimezone(zone).date()
        self._open(
            Listing(
                self._listing.serial + 1,
                spot.filter(begin(today, zone, today)),
                spot.column.sort,
                title=spot.title,
            )
        )

    def reason(self, action: Action) -> str:
        """A list is looked at before the board is."""
        if action.id == "board.show" and not self._listing.serial:
            return "the first list is being read"
        return super().reason(action)

    async def go_back(self, parked: Parked) -> None:
        """From the tickets of the board back to the board, below which lies the list one came from."""
        from_board = bool(self._listing.title)
        await super().go_back(parked)
        if from_board:
            await self.action_board()
