"""What became of many tickets: one line each, those that were left first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from municonsole.ui import cells
from municonsole.ui.bulk import Outcome
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.cursor_view import CursorView
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.ticket_table import NO_LONGER

_WHAT, _NUMBER = 6, 19


class ResultList(CursorView):
    """Rows of outcomes under a cursor."""

    def __init__(
        self, palette: Palette, outcomes: Sequence[Outcome], *, widget_id: str | None = None
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._outcomes = sorted(outcomes, key=lambda one: one.done)

    @property
    def row_total(self) -> int:
        """One row a ticket."""
        return len(self._outcomes)

    @property
    def current(self) -> Outcome | None:
        """The one under the cursor."""
        return self._outcomes[self._cursor] if self._outcomes else None

    @property
    def tickets(self) -> frozenset[UUID]:
        """The tickets that may still be seen."""
        return frozenset(one.ticket for one in self._outcomes if one.number)

    def row_spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - cut where it is drawn
        """Done, or why not."""
        one = self._outcomes[index]
        if not one.number:
            return [(f" {NO_LONGER}", Tone.MUTED)]
        said, tone = ("done", Tone.GOOD) if one.done else ("! left", Tone.LATE)
        return [
            (f" {cells.fit(said, _WHAT)}", tone),
            ("  ", Tone.PLAIN),
            (cells.fit(cells.line(one.number), _NUMBER), Tone.PLAIN),
            ("  ", Tone.PLAIN),
            (cells.line(one.sentence), Tone.PLAIN),
        ]

    def wipe_rows(self, tickets: Collection[UUID]) -> None:
        """Tickets that may no longer be seen: their lines stay, and nothing of them."""
        kept = [
            replace(one, number="", sentence="", done=False)
            if one.number and one.ticket in tickets
            else one
            for one in self._outcomes
        ]
        if kept != self._outcomes:
            self._outcomes = kept
            self.wipe()
            self.settle()
