"""What the table of the console lists at the moment, apart from how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.records import TicketRow
from municonsole.domain.values import Sort
from municonsole.ui.narrowing import Narrowing
from municonsole.ui.widgets.view_bar import COUNT_CAP, count_words


@dataclass(slots=True)
class Listing:
    """One list: a view or a search, narrowed down, and how far it has been read.

    `serial` tells the answers of one list from those of the list before. `next` is the cursor of
    the page after the last one read; None when there is none, or nothing was read yet (`loaded`).
    """

    serial: int
    base: TicketFilter
    sort: Sort = Sort.NEWEST
    view: View | None = None
    search: str | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)
    next: str | None = None
    loaded: bool = False
    fetching: bool = False
    count: int | None = None

    def filter(self, zone: tzinfo) -> TicketFilter:
        """What to ask the services for."""
        return self.narrowing.on(self.base, zone)

    def position(self, cursor: int, rows: int) -> str:
        """Where the cursor stands: `12 of 340`, or `12 of 50+` while the total is not known."""
        if not self.loaded or not rows:
            return ""
        if self.next is None:
            total = str(rows)
        elif self.count is None or rows >= self.count:
            total = f"{rows}+"
        else:
            total = count_words(self.count) if rows <= COUNT_CAP else f"{rows}+"
        return f"{cursor + 1} of {total}"


@dataclass(frozen=True, slots=True)
class Parked:
    """A list that is come back to: what was on the screen, and where the cursor stood."""

    listing: Listing
    rows: Sequence[TicketRow]
    cursor: int
    top: int
