"""The list of tickets: a cursor that stays on its ticket, and rows that are drawn once.

Not a DataTable: that repaints itself for one changed cell, blocks the loop while it is filled, and
reads citizen text as markup (measured).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, tzinfo
from uuid import UUID

from textual.message import Message

from municonsole.domain.records import TicketRow
from municonsole.ui.columns import Moment, layout
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.cursor_view import CursorView
from municonsole.ui.widgets.line_view import LineView, Spans

NO_LONGER = "no longer in this list"
"""What is said of a ticket that may no longer be seen, whatever the cause."""
NO_LONGER_SENTENCE = f"{NO_LONGER.capitalize()}."


class ColumnHeads(LineView):
    """The line above the table with the names of its columns."""

    def __init__(self, palette: Palette, *, saps: bool, widget_id: str | None = None) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._saps = saps

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """The headings at this width."""
        return [(layout(width, saps=self._saps).headings(), Tone.MUTED)]


class TicketTable(CursorView):
    """Rows of tickets under a cursor.

    `now` and `zone` are what ages and deadlines are told from. Posts `CursorMoved` when the cursor
    comes to stand on another ticket and `NearEnd` when less than two screens of rows are left below
    it. Without rows it shows its notice instead. A ticket that may no longer be seen leaves an empty
    line that says so (a None among the `lines`), so that the cursor stays where it is; one that does
    not belong to the list any more says so in its line until the list is read anew.
    """

    class CursorMoved(Message):
        """The cursor stands on another ticket, or on none."""

        def __init__(self, row: TicketRow | None) -> None:
            super().__init__()
            self.row = row

    class NearEnd(Message):
        """The next page will be wanted soon."""

    def __init__(
        self,
        palette: Palette,
        *,
        zone: tzinfo,
        now: Callable[[], datetime],
        saps: bool,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._saps = saps
        self._zone = zone
        self._now = now
        self._at = Moment(now(), zone)
        self._rows: list[TicketRow | None] = []
        self._index: dict[UUID, int] = {}
        self._left: set[UUID] = set()
        self._others: dict[UUID, tuple[str, ...]] = {}
        self._marked: frozenset[UUID] = frozenset()
        self._announced: UUID | None = None
        self._layout = layout(80, saps=saps)

    # ------------------------------------------------------------------ what it shows

    @property
    def lines(self) -> Sequence[TicketRow | None]:
        """What stands in each line, in the order of the list: a ticket, or that one is gone."""
        return self._rows

    @property
    def rows(self) -> Sequence[TicketRow]:
        """The tickets, in the order of the list."""
        return [row for row in self._rows if row is not None]

    def in_sight(self) -> frozenset[UUID]:
        """The tickets whose lines are on the screen."""
        lines = self._rows[self.top : self.top + self.size.height]
        return frozenset(row.id for row in lines if row is not None)

    @property
    def current(self) -> TicketRow | None:
        """The ticket under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    def has(self, ticket: UUID) -> bool:
        """Whether the ticket is in the list."""
        return ticket in self._index

    def others(self, ticket: UUID) -> tuple[str, ...]:
        """The names of colleagues who have it open."""
        return self._others.get(ticket, ())

    @property
    def row_total(self) -> int:
        """One row a ticket, one that is gone counting."""
        return len(self._rows)

    def row_spans(self, index: int, width: int) -> Spans:
        """One ticket, or that it is gone."""
        if self._layout.width != width:
            self._layout = layout(width, saps=self._saps)
        row = self._rows[index]
        if row is None:
            return [(f" {NO_LONGER}", Tone.MUTED)]
        marked = row.id in self._marked
        if row.id in self._left:
            return self._layout.left(row, NO_LONGER, marked=marked)
        return self._layout.spans(row, self._at, self._others.get(row.id, ()), marked=marked)

    # ------------------------------------------------------------------ changing what it shows

    def show(
        self,
        rows: Iterable[TicketRow | None],
        *,
        on: UUID | None = None,
        cursor: int = 0,
        top: int | None = None,
    ) -> None:
        """Replace all rows. The cursor goes to ticket `on` if it is there, else to index `cursor`.

        The row of the cursor keeps its height on the screen, or gets the one that `top` gives it.
        """
        above = self._cursor - self.top
        self._rows = list(rows)
        self._left.clear()
        self._index = {row.id: index for index, row in enumerate(self._rows) if row}
        self._at = Moment(self._now(), self._zone)
        self.forget()
        self._cursor = self._index.get(on, cursor) if on is not None else cursor
        self.top = self._cursor - above if top is None else top
        self.settle()

    def extend(self, rows: Iterable[TicketRow]) -> None:
        """Add the next page; a ticket that moved meanwhile and is there is not added twice."""
        was_empty = not self._rows
        for row in rows:
            if row.id not in self._index:
                self._index[row.id] = len(self._rows)
                self._rows.append(row)
        if was_empty:
            self.forget()
        self.settle()

    def update_row(self, row: TicketRow, *, belongs: bool | None = None) -> bool:
        """Show a newer state of a ticket that is in the list; whether it looks different.

        `belongs` says whether it still does to the list; None where that is not known.
        """
        moved = belongs is not None and self.misplaces(row.id, belongs=belongs)
        if not (moved or self.differs(row)):
            return False
        if moved:
            self._left ^= {row.id}
        index = self._index[row.id]
        self._rows[index] = row
        self.forget((index,))
        self.repaint()
        return True

    def differs(self, row: TicketRow) -> bool:
        """Whether the ticket is in the list, in another state."""
        index = self._index.get(row.id)
        return index is not None and self._rows[index] != row

    def misplaces(self, ticket: UUID, *, belongs: bool) -> bool:
        """Whether the ticket is in the list and its line does not say that it belongs there, or no longer."""
        return ticket in self._index and (ticket in self._left) == belongs

    def knows(self, others: Mapping[UUID, tuple[str, ...]]) -> bool:
        """Whether of the tickets in sight these, and no others, are marked as open elsewhere."""
        return all(self._others.get(key, ()) == others.get(key, ()) for key in self.in_sight())

    def show_others(self, others: Mapping[UUID, tuple[str, ...]]) -> None:
        """Mark the tickets in sight that colleagues have open; draws no line that stays as it is."""
        changed = [key for key in self.in_sight() if self._others.get(key) != others.get(key)]
        self._others = dict(others)
        self.forget(self._index[key] for key in changed)
        if changed:
            self.repaint()

    def show_marks(self, marked: AbstractSet[UUID]) -> None:
        """From now on these are marked, whatever rows come; draws no line that stays as it is."""
        changed = self._marked ^ marked
        self._marked = frozenset(marked)
        self.forget(self._index[key] for key in changed if key in self._index)
        if changed:
            self.repaint()

    def wipe_rows(self, ids: Collection[UUID]) -> None:
        """Tickets that may no longer be seen: their lines stay, and nothing of them."""
        gone = [index for key in ids if (index := self._index.pop(key, None)) is not None]
        for index in gone:
            self._rows[index] = None
        for key in ids:
            self._others.pop(key, None)
        self._left.difference_update(ids)
        self._marked = self._marked.difference(ids)
        if gone:
            self.wipe()
            self.settle()

    def tell_time(self) -> None:
        """Ages and deadlines as they are now; rows that read the same are not sent."""
        self._at = Moment(self._now(), self._zone)
        self.forget()
        self.repaint()

    def settle(self) -> None:
        """Besides what every list does, tell who listens."""
        super().settle()
        current = self.current
        if (current.id if current else None) != self._announced:
            self._announced = current.id if current else None
            self.post_message(self.CursorMoved(current))
        if self._rows and len(self._rows) - self._cursor <= 2 * max(self.size.height, 1):
            self.post_message(self.NearEnd())
