"""What the table of the console lists at the moment, apart from how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from uuid import UUID

from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.records import TicketRow
from municonsole.domain.values import Severity, Sort
from municonsole.ui.actions import Registry
from municonsole.ui.keys import key_name
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
    title: str = ""
    """What it is called where it is no view: a team's line of the board."""
    saying: str = ""
    """What is told once it is there."""
    fresh: set[UUID] = field(default_factory=set)
    """Tickets that belong to it since it was read, and are not on the screen."""

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
    below: Parked | None = None
    """The list that is come back to from that one."""

    def has(self, ticket: UUID) -> bool:
        """Whether the ticket is one of its rows."""
        return any(row is not None and row.id == ticket for row in self.rows)


def comes_before(row: TicketRow, other: TicketRow, sort: Sort) -> bool:
    """Whether `row` stands above `other` in a list of this order; the ticket's id decides a tie."""
    mine, theirs = (_place(one, sort) for one in (row, other))
    return mine < theirs if sort is Sort.DEADLINE else mine > theirs


def _place(row: TicketRow, sort: Sort) -> tuple[object, ...]:
    match sort:
        case Sort.NEWEST:
            return row.created_at, row.id
        case Sort.DEADLINE:
            return row.next_deadline is None, row.next_deadline or row.created_at, row.id
        case Sort.SEVERITY:
            return list(Severity).index(row.severity), row.created_at, row.id
        case Sort.CHANGED:
            return row.updated_at, row.id


def emptiness(listing: Listing, registry: Registry) -> tuple[str, ...]:
    """What an empty table says: the fact, then what could be done."""
    if listing.search:
        return ("Nothing was found.", "Other words, or fewer of them, may find more.")
    if listing.narrowing:
        key = registry.by_id("find.clear_filter").shown_keys
        return ("No ticket of this view fits the filter.", f"{key} takes the filter away.")
    return (
        "There is no ticket in this list." if listing.title else "There is no ticket in this view.",
    )


def news_words(listing: Listing, registry: Registry) -> tuple[str, ...]:
    """How many tickets are new in the list, and what shows them; nothing where none is."""
    if not listing.fresh:
        return ()
    key = key_name(registry.by_id("move.first").keys[0])
    return f"{len(listing.fresh)} new, {key} to see", f"{len(listing.fresh)} new"


def heading(
    listing: Listing, rows: int, parked: Listing | None, registry: Registry
) -> tuple[str, tuple[str, ...], str]:
    """The line above a list that is no view as it comes: title, chips, and how to leave it.

    All empty for a view that is whole. `parked` is the list that Esc brings back.
    """
    chips = tuple(chip.text for chip in listing.narrowing.chips())
    if listing.title:
        return listing.title, chips, f"{registry.by_id('screen.back').shown_keys} back to the board"
    if listing.search:
        found = "" if not listing.loaded else f": {rows} found"
        if rows >= SEARCH_MOST:
            found = f": the newest {rows}"
        back = (parked.title or (parked.view.title if parked.view else "")) if parked else ""
        back = back or "the views"
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
