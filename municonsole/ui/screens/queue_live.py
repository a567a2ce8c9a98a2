"""The list as it changes under one's eyes: rows that follow, rows that leave, new ones announced, counts."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import islice
from time import monotonic
from uuid import UUID

from textual.timer import Timer

from municonsole.domain.desk import Look
from municonsole.domain.records import TicketRow
from municonsole.domain.values import EventKind, Sort
from municonsole.ui import cells
from municonsole.ui.context import Context
from municonsole.ui.listing import Listing, comes_before
from municonsole.ui.screens.queue_find import QueueFind
from municonsole.ui.screens.queue_lists import MOST
from municonsole.ui.screens.queue_requests import PAGE
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Anew, Awaited, Connection, Gone, Seen
from municonsole.ui.widgets.detail import DetailPane
from municonsole.ui.widgets.line_view import LineView
from municonsole.ui.widgets.ticket_table import NO_LONGER_SENTENCE, TicketTable

COUNT_AFTER, COUNT_EVERY = 3.0, 15.0
"""Seconds after an event until views are counted, and from one such count to the next at least."""
_WATCHED = 50
"""New tickets that are looked after like those in sight, at most."""
_BEGINNINGS = frozenset({EventKind.CREATED, EventKind.IMPORTED})


class QueueLive(QueueFind, inherit_bindings=False):
    """What the watch tells is shown in place: cursor, marks and scroll stay as they are."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._counted = -COUNT_EVERY
        self._counting: Timer | None = None
        self._uncounted = False

    # ------------------------------------------------------------------ what the watch asks

    def in_sight(self) -> AbstractSet[UUID]:
        """The tickets whose lines are on the screen, and those that are announced."""
        if not self._listing.serial:
            return frozenset()  # asked before there is a table
        return self._table.in_sight() | frozenset(islice(self._listing.fresh, _WATCHED))

    def is_news(self, row: TicketRow) -> bool:
        """Whether the table has it in another state."""
        return self._table.differs(row)

    def awaited(self) -> Awaited | None:
        """The list that is on the screen, or that is come back to: what was searched for stays as found."""
        listing = self._announced
        if listing is None or not listing.loaded:
            return None
        zone = self.context.zone
        return Awaited(
            listing.filter(zone, self.context.now().astimezone(zone).date()), listing.fresh
        )

    @property
    def _announced(self) -> Listing | None:
        """The list that new tickets are announced of."""
        if not self._listing.search:
            return self._listing
        kept = self._parked or self._before
        return kept.listing if kept is not None else None

    def concerns(self, look: Look) -> bool:
        """Whether a line or a pane would be another, or there is something to announce."""
        if not self._listing.serial:
            return False
        current = self._table.current
        return (
            bool(look.belonging)
            or any(self._table.has(key) for key in look.rows)
            or not self._table.knows(look.others)
            or bool(self._listing.fresh & look.gone)
            or (current is not None and current.id in look.rows)
        )

    # ------------------------------------------------------------------ what it tells

    def on_seen(self, message: Seen) -> None:
        """Rows that have changed are drawn anew, and no others."""
        look, table = message.look, self._table
        current = table.current
        known = message.fresh is self._listing.fresh
        for row in look.rows.values():
            table.update_row(row, belongs=row.id in look.belonging if known else None)
        table.show_others(look.others)
        if current is not None and self._has_panes:
            if current.id in look.rows:
                self._follow()
            self.query_one("#detail", DetailPane).show_others(table.others(current.id))
        if message.fresh is not None:
            self._announce(look, message.fresh)

    def _announce(self, look: Look, fresh: set[UUID]) -> None:
        """Count what belongs to the list now and is not in it."""
        listing = self._announced
        if listing is None or listing.fresh is not fresh:
            return
        begun = {event.ticket_id for event in look.news.events if event.kind in _BEGINNINGS}
        here = self._table if listing is self._listing else (self._parked or self._before)
        last = self._last(here)
        for key, row in look.rows.items():
            if key not in look.belonging or here is None or here.has(key):
                fresh.discard(key)
            elif (
                key in begun
                # A part of the list is read: what stands further down was there before.
                or listing.next is None
                or last is None
                or comes_before(row, last, listing.sort)
            ):
                fresh.add(key)
        self._tell()

    @staticmethod
    def _last(here: object) -> TicketRow | None:
        rows = here.lines if isinstance(here, TicketTable) else getattr(here, "rows", ())
        return next((row for row in reversed(rows) if row is not None), None)

    def on_gone(self, message: Gone) -> None:
        """Nothing of these tickets stays: not in the table, the panes, or a list that is parked."""
        self.forget_parked(message.ids)
        self._listing.fresh.difference_update(message.ids)
        current = self._table.current
        self._table.wipe_rows(message.ids)
        if current is not None and current.id in message.ids:
            self._ask.forget_beside()
            self._beside_number = None
            self._show_beside(None, NO_LONGER_SENTENCE)
            if self.app.screen is not self:
                # Somebody was working on it: what they find now is said at the place where they look.
                self._status.say(NO_LONGER_SENTENCE, Tone.SOON)
        for pane in self.query("#detail, #timeline").results(LineView):
            pane.wipe()
        cells.forget()
        self._tell()

    def on_anew(self, _: Anew) -> None:
        """Something may have been missed: list, panes and counts as they are now, the cursor where it is."""
        self._quietly = True
        self._read_again()

    def on_connection(self, message: Connection) -> None:
        """The database went away, or is back: then its absence is no news any more."""
        if message.sentence:
            self._lost = message.sentence
            if not self.unsettled:
                self._status.say(message.sentence, Tone.LATE)
        elif self._status.message == self._lost:
            self._status.say("")
        self._tell()

    # ------------------------------------------------------------------ counts

    def happened(self) -> None:
        """Views are counted a little later, once for everything that happens until then."""
        if self._counting is None:
            wait = max(COUNT_AFTER, self._counted + COUNT_EVERY - monotonic())
            self._counting = self.set_timer(wait, self._count_late)

    def _count_late(self) -> None:
        self._counting = None
        if self.app.screen is self:
            self._count()
        else:
            # Below a dialog each answer would be drawn for nothing.
            self._uncounted = True

    def _count(self) -> None:
        self._counted, self._uncounted = monotonic(), False
        super()._count()

    def on_screen_resume(self) -> None:
        """What was covered may have changed meanwhile."""
        super().on_screen_resume()
        self.context.watch.look_at_new()
        self.context.watch.here.tell()
        if self._uncounted:
            self._count()

    # ------------------------------------------------------------------ what is new

    def action_first(self) -> None:
        """The cursor to the first row; where there are new tickets, read the list anew and go to them."""
        if not self._listing.fresh:
            self._table.move_to(0)
            return
        self._going = frozenset(self._listing.fresh)
        # In every other order than by age they may stand far below what was read.
        far = self._listing.next is not None and self._listing.sort is not Sort.NEWEST
        self._read_again(MOST if far else PAGE)
