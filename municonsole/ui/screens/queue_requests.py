"""What the queue asks the services for, and the messages in which it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from textual.message import Message
from textual.message_pump import MessagePump

from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.records import Page, TicketDetail, TicketRow
from municonsole.ui.context import Context
from municonsole.ui.lane import Rank
from municonsole.ui.listing import Listing
from municonsole.ui.watch import Gone
from municonsole.ui.widgets.view_bar import COUNT_CAP

PAGE = 50
"""Tickets read at a time: one screen of any usual height."""

FIRST, MORE, COUNT, BESIDE = "list:first", "list:more", "list:count", "beside"
VIEWS = "views"
LIST = "list:"
"""What the keys of all requests for the present list begin with."""


class PageArrived(Message):
    """The first page of list `serial`, or the one after what is there."""

    def __init__(self, serial: int, page: Page, *, first: bool) -> None:
        super().__init__()
        self.serial, self.page, self.first = serial, page, first


class CountArrived(Message):
    """How many tickets a view has (`view_id`), or the narrowed list `serial`."""

    def __init__(self, serial: int, view_id: str | None, count: int) -> None:
        super().__init__()
        self.serial, self.view_id, self.count = serial, view_id, count


class BesideArrived(Message):
    """The ticket under the cursor, without anything confidential."""

    def __init__(self, detail: TicketDetail) -> None:
        super().__init__()
        self.detail = detail


class RowArrived(Message):
    """A ticket of the list as it is now."""

    def __init__(self, row: TicketRow) -> None:
        super().__init__()
        self.row = row


class NamesArrived(Message):
    """The full names of colleagues by their logins."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names = names


class OwnViewsArrived(Message):
    """The views that the operator has saved."""

    def __init__(self, views: tuple[View, ...]) -> None:
        super().__init__()
        self.views = views


class QueueRequests:
    """Each method puts one request into the lane; its answer is posted to the queue."""

    def __init__(self, context: Context, queue: MessagePump) -> None:
        self._context = context
        self._lane = context.lane
        self._tickets = context.desk.tickets
        self._people = context.desk.people
        self._queue = queue

    def _filter(self, listing: Listing) -> TicketFilter:
        zone = self._context.zone
        return listing.filter(zone, self._context.now().astimezone(zone).date())

    def own_views(self) -> None:
        """What the operator has saved; the console opens with the view on the first key."""
        self._lane.ask(self._queue, VIEWS, self._context.desk.saved_views.list, OwnViewsArrived)

    def first(self, listing: Listing, limit: int) -> None:
        """The first `limit` tickets of a list."""
        wanted, tickets = self._filter(listing), self._tickets
        self._lane.ask(
            self._queue,
            FIRST,
            lambda: tickets.page(wanted, listing.sort, limit),
            lambda page: PageArrived(listing.serial, page, first=True),
        )

    def more(self, listing: Listing) -> None:
        """The page after what was read of a list."""
        wanted, after, tickets = self._filter(listing), listing.next, self._tickets
        self._lane.ask(
            self._queue,
            MORE,
            lambda: tickets.page(wanted, listing.sort, PAGE, after),
            lambda page: PageArrived(listing.serial, page, first=False),
            Rank.AHEAD,
        )

    def count(self, listing: Listing) -> None:
        """How many tickets a list has that is no view as it comes."""
        wanted, tickets = self._filter(listing), self._tickets
        self._lane.ask(
            self._queue,
            COUNT,
            lambda: tickets.count(wanted, COUNT_CAP),
            lambda count: CountArrived(listing.serial, None, count),
            Rank.BESIDE,
        )

    def count_view(self, view: View) -> None:
        """How many tickets a view has."""
        tickets = self._tickets
        self._lane.ask(
            self._queue,
            f"count:{view.id}",
            lambda: tickets.count(tickets.view(view), COUNT_CAP),
            lambda count: CountArrived(0, view.id, count),
            Rank.LATER,
        )

    def beside(self, number: str) -> None:
        """A ticket for the panes beside the table: nothing confidential is opened or kept."""
        tickets = self._tickets

        self._lane.ask(
            self._queue,
            BESIDE,
            lambda: tickets.detail(number),
            BesideArrived,
            Rank.BESIDE,
        )

    def row(self, ticket: UUID) -> None:
        """A ticket's present state; one that may no longer be seen is Gone."""
        tickets = self._tickets

        def made(rows: Mapping[UUID, TicketRow]) -> Message:
            return RowArrived(rows[ticket]) if ticket in rows else Gone({ticket})

        self._lane.ask(self._queue, "row", lambda: tickets.rows({ticket}), made, Rank.BESIDE)

    def names(self) -> None:
        """Who is behind the logins that a history names."""
        self._lane.ask(
            self._queue,
            "names",
            self._people.colleagues,
            lambda people: NamesArrived({person.username: person.full_name for person in people}),
            Rank.LATER,
        )

    def forget_beside(self) -> None:
        """Drop what was asked for the panes."""
        self._lane.drop(BESIDE)

    def forget_list(self) -> None:
        """Drop what was asked for the list that is left."""
        self._lane.drop(LIST)
