"""What the queue is made of and what it reads: views with counts, the table, the ticket beside it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer

from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.records import TicketDetail, TicketRow
from municonsole.ui import cells
from municonsole.ui.context import Context
from municonsole.ui.lane import RequestFailed
from municonsole.ui.listing import SEARCH_MOST, Listing, Parked, emptiness, heading, news_words
from municonsole.ui.screens import queue_requests as asked
from municonsole.ui.screens.working import SAVE, Working
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.chip_line import ChipLine
from municonsole.ui.widgets.detail import DetailPane
from municonsole.ui.widgets.status_line import KeyLine, StatusLine
from municonsole.ui.widgets.ticket_table import NO_LONGER_SENTENCE, ColumnHeads, TicketTable
from municonsole.ui.widgets.timeline import TimelinePane
from municonsole.ui.widgets.view_bar import ViewBar

PANES_WIDTH, PANES_HEIGHT = 100, 30
"""From this size on, detail and history stand below the table."""

MOST = 500
"""Tickets that are read again at once, at most."""
_SETTLED = 0.12
"""Seconds the cursor rests before the panes follow it."""
_PATIENCE = 0.2
"""Seconds until an old list gives way to the word that the new one is being read."""
_TICK = 60.0
"""Seconds after which ages and deadlines are told anew; only lines that read differently are sent."""


class QueueLists(Working, inherit_bindings=False):
    """The widgets of the queue, filled with what the services answer by way of the lane."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._ask = asked.QueueRequests(context, self)
        self._listing = Listing(0, TicketFilter())
        self._parked: Parked | None = None
        self._counts: dict[str, int] = {}
        self._resting: Timer | None = None
        self._beside_number: str | None = None
        self._going: frozenset[UUID] = frozenset()
        self._quietly = False
        self._connected = True
        self._lost = ""

    # ------------------------------------------------------------------ frame

    def compose(self) -> ComposeResult:
        """The frame, which is painted before anything is asked for."""
        context, palette = self.context, self.context.palette
        at = self.context.moment()
        yield ViewBar(palette, context.views)
        yield ChipLine(palette)
        yield ColumnHeads(palette, saps=context.saps)
        yield TicketTable(palette, zone=context.zone, now=context.now, saps=context.saps)
        with Horizontal(id="panes"):
            yield DetailPane(palette, at, context.names, widget_id="detail")
            yield TimelinePane(palette, at, context.names, widget_id="timeline")
        yield StatusLine(context)
        yield KeyLine(palette)

    def on_mount(self) -> None:
        """Open the first view once the frame is on the screen."""
        self.query_one("#detail").border_title = " Ticket "
        self.query_one("#timeline").border_title = " History "
        self._table.show_notice("Reading tickets " + cells.ELLIPSIS)
        self.set_interval(_TICK, self._tell_time)
        self.call_after_refresh(self._begin)

    @property
    def _table(self) -> TicketTable:
        return self.query_one(TicketTable)

    @property
    def _status(self) -> StatusLine:
        return self.query_one(StatusLine)

    @property
    def _has_panes(self) -> bool:
        return self.size.width >= PANES_WIDTH and self.size.height >= PANES_HEIGHT

    def _begin(self) -> None:
        """Own views first: one of them may stand on the first key."""
        self._ask.own_views()

    @on(asked.OwnViewsArrived)
    def _put_views(self, message: asked.OwnViewsArrived) -> None:
        self.put_views(message.views)
        self._open_first()

    def _open_first(self) -> None:
        # Whoever types faster than the first frame is painted has chosen a view already.
        if not self._listing.serial:
            self.open_view(self.context.views.first)

    def put_views(self, own: Sequence[View]) -> None:
        """From now on these are the operator's own views."""
        if own == self.context.views.own:
            return
        for old in self.context.views.own:
            self._counts.pop(old.id, None)
        self.context.views.put(own)
        self.context.registry.offer_views(self.context.views.standings)
        if (view := self._listing.view) is not None and view.place is not None:
            # It goes by its key, which may be another's now: by its name it is known again.
            named = (one for one in self.context.views.own if one.title == view.title)
            self._listing.view = next(named, None)
        self._tell()
        if self._listing.serial:
            self._count()

    def _tell_time(self) -> None:
        self._status.tell()
        self._table.tell_time()
        self.query_one("#detail", DetailPane).tell_time(self.context.moment())

    def on_resize(self, _: events.Resize) -> None:
        """Panes that have just appeared want to be filled."""
        self.set_class(self._has_panes, "-panes")
        if self._has_panes and self._table.current is not None:
            self._follow()

    # ------------------------------------------------------------------ lists

    def _open(self, listing: Listing) -> None:
        """Begin another list: what was asked for the old one is forgotten."""
        self._ask.forget_list()
        self._listing = listing
        self._tell()
        self._read_first(SEARCH_MOST if listing.search else asked.PAGE)
        serial = listing.serial
        self.set_timer(_PATIENCE, lambda: self._lose_patience(serial))

    def _lose_patience(self, serial: int) -> None:
        if serial == self._listing.serial and not self._listing.loaded:
            self._table.show(())
            self._table.show_notice("Reading tickets " + cells.ELLIPSIS)

    def _read_first(self, limit: int) -> None:
        self._listing.fetching = True
        self._ask.first(self._listing, limit)

    def on_ticket_table_near_end(self) -> None:
        """Read on before the end is reached."""
        listing = self._listing
        if listing.next is not None and not listing.fetching and not listing.search:
            listing.fetching = True
            self._ask.more(listing)

    @on(asked.PageArrived)
    def _show_page(self, message: asked.PageArrived) -> None:
        """Show a page, unless another list was opened meanwhile."""
        listing, table = self._listing, self._table
        if message.serial != listing.serial:
            return
        listing.fetching = False
        listing.next = message.page.next
        if message.first:
            again, listing.loaded = listing.loaded, True
            table.show_notice(*emptiness(self._listing, self.context.registry))
            self._show_first(message.page.tickets, again=again)
            if not self._quietly:
                self._status.say(listing.saying, Tone.GOOD if listing.saying else Tone.PLAIN)
            listing.saying, self._quietly = "", False
            listing.fresh.clear()
            # Searched as one types: what the views have can wait until one is back.
            if not listing.search:
                self._count()
            self._follow()
        else:
            table.extend(message.page.tickets)
        self._tell()
        self.page_shown(first=message.first)
        self._jump()

    def page_shown(self, *, first: bool) -> None:
        """A page is on the screen; for whoever waited for it."""

    def _show_first(self, tickets: Sequence[TicketRow], *, again: bool) -> None:
        """Put the cursor on the first of the new ones, else leave it on its ticket."""
        table, going, self._going = self._table, self._going, frozenset()
        new = next((place for place, row in enumerate(tickets) if row.id in going), 0)
        if going or not again:
            table.show(tickets, cursor=new, top=0)
        else:
            current = table.current
            table.show(tickets, on=current.id if current else None, cursor=table.cursor)

    def _read_again(self, least: int = asked.PAGE) -> None:
        """Read what is on the screen as it is now, `least` tickets or more."""
        if self._listing.serial:
            most = SEARCH_MOST if self._listing.search else MOST
            self._read_first(min(max(len(self._table.lines), least), most))

    # ------------------------------------------------------------------ counts

    def _count(self) -> None:
        """Count what is shown, then every view, behind everything that is more wanted."""
        listing = self._listing
        if listing.next is not None and (listing.narrowing or listing.view is None):
            self._ask.count(listing)
        for view in self.context.views:
            self._ask.count_view(view)
        self._ask.names()

    @on(asked.NamesArrived)
    def _learn_names(self, message: asked.NamesArrived) -> None:
        """From now on histories name people instead of logins."""
        if message.names != self.context.names:
            self.context.names.update(message.names)
            self.query_one("#timeline", TimelinePane).changed()
            self.query_one("#detail", DetailPane).changed()
            self._status.tell()

    @on(asked.CountArrived)
    def _show_count(self, message: asked.CountArrived) -> None:
        """Show a count in the view bar, or in the position."""
        if message.view_id is not None:
            self._counts[message.view_id] = message.count
        elif message.serial == self._listing.serial:
            self._listing.count = message.count
        self._tell()

    # ------------------------------------------------------------------ the ticket beside

    def on_ticket_table_cursor_moved(self, _: TicketTable.CursorMoved) -> None:
        """The panes follow once the cursor rests."""
        self._tell()
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(_SETTLED, self._rest)

    def _rest(self) -> None:
        self.context.watch.look_at_new()
        self._follow()

    def _follow(self) -> None:
        """Read the ticket under the cursor for the panes, opening nothing confidential."""
        row = self._table.current
        if not self._has_panes:
            return
        self._beside_number = row.tracking_number if row else None
        if row is None:
            self._show_beside(None, NO_LONGER_SENTENCE if self._table.lines else "")
            return
        self._ask.beside(row.tracking_number)

    @on(asked.BesideArrived)
    def _show_ticket(self, message: asked.BesideArrived) -> None:
        """Show it, if the cursor has not moved on."""
        if message.detail.ticket.tracking_number == self._beside_number:
            self._table.update_row(message.detail.ticket)
            self._show_beside(message.detail)
            self._tell()

    def _show_beside(
        self,
        detail: TicketDetail | None,
        note: str = "",
    ) -> None:
        at = self.context.moment()
        note = note or "No ticket is chosen."
        others = self._table.others(detail.ticket.id) if detail else ()
        self.query_one("#detail", DetailPane).show(detail, at, note, others)
        self.query_one("#timeline", TimelinePane).show(detail.history if detail else None, at)

    @on(asked.RowArrived)
    def _show_row(self, message: asked.RowArrived) -> None:
        """Show a ticket's present state in its row."""
        self._table.update_row(message.row)

    # ------------------------------------------------------------------ around the table

    def _tell(self) -> None:
        """Bring the lines around the table up to date."""
        listing, table = self._listing, self._table
        view = listing.view
        if view is not None and not listing.narrowing:
            listing.count = self._counts.get(view.id)
        self.query_one(ViewBar).show(view.id if view else None, self._counts)
        self._tell_connection()
        self._status.news(*news_words(listing, self.context.registry))
        self._status.place(listing.position(table.cursor, len(table.lines)))
        parked = self._parked.listing if self._parked else None
        self.query_one(ChipLine).show(
            *heading(listing, len(table.lines), parked, self.context.registry)
        )
        self.query_one(KeyLine).show(self.here())

    def _tell_connection(self) -> None:
        connected = self.context.desk.connected
        if self._connected and not connected and self.context.bell:
            self.app.bell()
        self._connected = connected
        self._status.connection(connected=connected)

    def on_request_failed(self, message: RequestFailed) -> None:
        """One sentence in the status line; an empty table says it too."""
        message.stop()
        listing = self._listing
        if message.unreachable:
            # Whatever waits would fail the same way, one time limit after the other.
            self.context.lane.drop("", of=self)
            self.context.watch.lost()
            if not message.key.startswith(SAVE):
                self._lost = message.sentence
        if message.unreachable or message.key.startswith(asked.LIST):
            listing.fetching = False
        if message.key == asked.BESIDE:
            self._show_beside(None, message.sentence)
            if message.refused:
                # It was in the list a moment ago: look whether it may still be seen.
                self.context.watch.look()
                return
        if message.key == asked.VIEWS and not message.unreachable:
            # The delivered ones are there all the same.
            self._open_first()
        if not listing.loaded and (message.unreachable or message.key == asked.FIRST):
            key = self.context.registry.by_id("console.refresh").shown_keys
            self._table.show(())
            self._table.show_notice(message.sentence, f"{key} tries again")
        if message.key.startswith(SAVE) or not (message.unreachable and self.unsettled):
            self._status.say(message.sentence, Tone.LATE)
        self._tell()

    def open_view(self, view: View) -> None:
        """Open a view."""
        raise NotImplementedError

    def _jump(self) -> None:
        """Open the one ticket that was looked for, if it is that."""
        raise NotImplementedError
