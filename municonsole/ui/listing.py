"""What the table of the console lists at the moment, apart from how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.records import TicketRow
from municonsole.domain.values import Sort
from municonsole.ui.actions import Registry
from municonsole.ui.narrowing import Narrowing
from municonsole.ui.widgets.view_bar import COUNT_CAP, count_words

SEARCH_MOST = 200
"""Tickets a search shows at most: the newest."""


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
    saying: str = ""
    """What is told once it is there."""

    def filter(self, zone: tzinfo, today: date) -> TicketFilter:
        """What to ask the services for."""
        return self.narrowing.on(self.base, zone, today)

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
    rows: Sequence[TicketRow | None]
    cursor: int
    top: int


def emptiness(listing: Listing, registry: Registry) -> tuple[str, ...]:
    """What an empty table says: the fact, then what could be done."""
    if listing.search:
        return ("Nothing was found.", "Other words, or fewer of them, may find more.")
    if listing.narrowing:
        key = registry.by_id("find.clear_filter").shown_keys
        return ("No ticket of this view fits the filter.", f"{key} takes the filter away.")
    return ("There is no ticket in this view.",)


def heading(
    listing: Listing, rows: int, parked: Listing | None, registry: Registry
) -> tuple[str, tuple[str, ...], str]:
    """The line above a list that is no view as it comes: title, chips, and how to leave it.

    All empty for a view that is whole. `parked` is the list that Esc brings back.
    """
    chips = tuple(chip.text for chip in listing.narrowing.chips())
    if listing.search:
        found = "" if not listing.loaded else f": {rows} found"
        if rows >= SEARCH_MOST:
            found = f": the newest {rows}"
        back = parked.view.title if parked and parked.view else "the views"
        hint = f"{registry.by_id('screen.back').shown_keys} back to {back}"
        return (
            f"Search \N{LEFT DOUBLE QUOTATION MARK}{listing.search}\N{RIGHT DOUBLE QUOTATION MARK}{found}",
            chips,
            hint,
        )
    lost = listing.view.lost if listing.view else ()
    # A view that shows more than it was saved for says so as long as it is open.
    title = f"{listing.view.title}: {', '.join(lost)}" if listing.view and lost else ""
    if chips:
        every = registry.by_id("find.clear_filter").shown_keys
        one = registry.by_id("find.remove_chip").shown_keys
        less = f"{one} one, {every} all" if len(chips) > 1 else f"{every} takes it away"
        return title or "Filter", chips, less
    return title, (), ""
