"""Finding: searched as one types, narrowed by chips, and lists kept as views of one's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial
from uuid import UUID

from textual.widget import AwaitMount

from municonsole.domain import tracking
from municonsole.domain.filters import TicketFilter, View
from municonsole.domain.records import TicketRow
from municonsole.ui import saving
from municonsole.ui.dialogs.chips import ChipDialog
from municonsole.ui.dialogs.filter import FilterDialog
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.search import SearchDialog
from municonsole.ui.dialogs.views import ViewsDialog
from municonsole.ui.form import Saved
from municonsole.ui.listing import Listing, Parked, emptiness
from municonsole.ui.narrowing import Narrowing
from municonsole.ui.screens.queue_lists import QueueLists
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.theme import Tone


class QueueFind(QueueLists, inherit_bindings=False):
    """Which list is on the screen, how one comes to it and back again."""

    _before: Parked | None = None
    """What the search line was opened over; Esc there brings it back."""
    _jumping = False
    """Whether the number that was searched for opens its ticket when it has been found."""

    # ------------------------------------------------------------------ views

    def open_view(self, view: View) -> None:
        """Open a view; a filter that is in force stays."""
        narrowing = (self._parked.listing if self._parked else self._listing).narrowing
        self._parked = None
        self._show_view(view, narrowing)

    def _show_view(self, view: View, narrowing: Narrowing) -> None:
        self._open(
            Listing(
                self._listing.serial + 1,
                self.context.desk.tickets.view(view),
                view.sort,
                view=view,
                narrowing=narrowing,
            )
        )

    def action_view(self, key: int) -> None:
        """The view on a key."""
        if (view := self.context.views.at(key)) is not None:
            self.open_view(view)

    def action_view_named(self, view_id: str) -> None:
        """A view that has no key."""
        if (view := self.context.views.named(view_id)) is not None:
            self.open_view(view)

    async def action_save_view(self) -> None:
        """Ask for a key and a name under which this list is kept."""
        listing = self._listing
        if listing.search or listing.view is None:
            # A name or a telephone number that somebody looked for is not to outlive the search.
            back = self.context.registry.by_id("screen.back").shown_keys
            what = "a team's line of the board" if listing.title else "a search"
            self.say(f"a view keeps a filter, not {what}; {back} goes back", Tone.SOON)
            return
        form = saving.save_view(self.context, listing.narrowing.on_view(listing.view))
        await self.app.push_screen(FormDialog(self.context, form), self._view_saved)

    def _view_saved(self, saved: Saved | None) -> None:
        if saved is None or not isinstance(saved.answer, saving.Kept):
            return
        self.put_views(saved.answer.views)
        if (view := self.context.views.at(saved.answer.place)) is not None:
            # What narrowed the list is part of the view now.
            self._show_view(view, Narrowing())
            self._listing.saying = saved.sentence

    async def action_manage_views(self) -> None:
        """The own views: to rename, move and delete."""
        dialog = ViewsDialog(self.context, self.put_views)
        await self.app.push_screen(dialog, self._open_chosen)

    def _open_chosen(self, view: View | None) -> None:
        if view is not None:
            self.open_view(view)

    # ------------------------------------------------------------------ search

    def _park(self) -> Parked:
        table = self._table
        return Parked(
            self._listing, tuple(table.lines), table.cursor, table.top, below=self._parked
        )

    async def action_search(self) -> None:
        """Ask what to search for, and show it as it is typed."""
        self._before = self._park()
        dialog = SearchDialog(self.context, self._listing.search or "", self._look_for)
        await self.app.push_screen(dialog, self._searched)

    def _look_for(self, text: str) -> None:
        if text == self._listing.search:
            return
        if not self._listing.search:
            self._parked = self._before or self._park()
        self._open(Listing(self._listing.serial + 1, TicketFilter(search=text), search=text))

    def _searched(self, text: str | None) -> None:
        before, self._before = self._before, None
        if text is not None:
            self._look_for(text)
            self._jumping = tracking.as_number(text) is not None
            self._jump()
        elif before is not None and before.listing.serial != self._listing.serial:
            self._parked = before.below
            self._bring_back(before)

    def _jump(self) -> None:
        """Open the ticket whose number was typed, once it is known that it is no other."""
        if not (self._jumping and self._listing.loaded and self.app.screen is self):
            return
        self._jumping = False
        found = [row for row in self._table.lines if row is not None]
        row = tracking.meant(self._listing.search or "", found)
        if row is not None:
            self.open_ticket(row)

    def open_ticket(self, row: TicketRow) -> AwaitMount:
        """The ticket on the whole screen."""
        # The call-back lives as long as the ticket screen: it holds on to nothing but the id.
        come_back = partial(self.come_back, row.id)
        return self.app.push_screen(TicketScreen(self.context, row.tracking_number), come_back)

    def come_back(self, ticket: UUID, _: None = None) -> None:
        """What was read meanwhile may be newer than the row of that ticket."""
        raise NotImplementedError

    async def action_back(self) -> None:
        """From a search back to the list one came from, as it was left."""
        if self._parked is not None:
            await self.go_back(self._parked)

    async def go_back(self, parked: Parked) -> None:
        """To this list."""
        self._parked = parked.below
        self._bring_back(parked)

    def _bring_back(self, parked: Parked) -> None:
        self._ask.forget_list()
        self._jumping = False
        self._listing = replace(parked.listing, serial=self._listing.serial + 1, fetching=False)
        self._table.show_notice(*emptiness(self._listing, self.context.registry))
        self._table.show(parked.rows, cursor=parked.cursor, top=parked.top)
        self._status.say("")
        self._tell()
        self.context.watch.look_at_new()
        if not self._listing.loaded:
            self._open(self._listing)

    def forget_parked(self, ids: Collection[UUID]) -> None:
        """Nothing of these tickets is brought back."""
        self._parked, self._before = (_less(kept, ids) for kept in (self._parked, self._before))

    # ------------------------------------------------------------------ filter

    async def action_filter(self) -> None:
        """Ask for a filter."""
        dialog = FilterDialog(self.context, self._listing.narrowing)
        await self.app.push_screen(dialog, self._narrow)

    def _narrow(self, narrowing: Narrowing | None) -> None:
        if narrowing is not None and narrowing != self._listing.narrowing:
            old = self._listing
            self._open(
                Listing(
                    old.serial + 1,
                    old.base,
                    old.sort,
                    view=old.view,
                    search=old.search,
                    narrowing=narrowing,
                    title=old.title,
                )
            )

    async def action_remove_chip(self) -> None:
        """Take one part of the filter away; where there are several, ask which."""
        chips = self._listing.narrowing.chips()
        if len(chips) == 1:
            self._remove(chips[0].field)
        elif chips:
            await self.app.push_screen(ChipDialog(self.context, chips), self._remove)

    def _remove(self, field: str | None) -> None:
        if field is not None:
            self._narrow(self._listing.narrowing.without(field))

    def action_clear_filter(self) -> None:
        """Show the whole list again."""
        self._narrow(Narrowing())


def _less(parked: Parked | None, ids: Collection[UUID]) -> Parked | None:
    if parked is None:
        return None
    rows = tuple(row if row and row.id not in ids else None for row in parked.rows)
    return replace(parked, rows=rows, below=_less(parked.below, ids))
