"""Marking tickets in the list: one by one, a range, what is on the screen, all that the list has."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from uuid import UUID

from municonsole.domain.desk import Look
from municonsole.ui import cells
from municonsole.ui.actions import Action
from municonsole.ui.bulk import BULK, Batch, Outcome, form_for
from municonsole.ui.context import Context
from municonsole.ui.dialogs.bulk import BulkDialog
from municonsole.ui.form import Saved
from municonsole.ui.keys import key_name
from municonsole.ui.marks import MOST, Marks
from municonsole.ui.screens.queue_live import QueueLive
from municonsole.ui.screens.results import ResultsScreen
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Gone, Seen
from municonsole.ui.widgets.view_bar import count_words

_MARKING = frozenset({"mark.toggle", "mark.down", "mark.up", "mark.all"})


@dataclass(frozen=True, slots=True)
class _Range:
    """Where a range begins, and what was marked before."""

    anchor: UUID
    before: frozenset[UUID]


class QueueMarks(QueueLive, inherit_bindings=False):
    """Marks stay on their tickets whatever becomes of the list; they go with a ticket that is gone."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.marks = Marks(saps=context.saps)
        self._range: _Range | None = None
        self._marking_all: int | None = None

    def reason(self, action: Action) -> str:
        """Whether there is anything to mark."""
        refused = super().reason(action)
        if (
            not refused
            and action.id in _MARKING
            and not (self._listing.loaded and self._table.rows)
        ):
            return "there is no ticket to mark"
        return refused

    # ------------------------------------------------------------------ keys

    def action_mark(self) -> None:
        """Mark the ticket under the cursor, or unmark it."""
        self._range = None
        row = self._table.current
        if row is None:
            return
        if row.id in self.marks:
            self.marks.discard({row.id})
            self._mark_within(True)
        else:
            self._mark_within(self.marks.add([row]))

    def action_extend(self, rows: int) -> None:
        """Move the cursor and mark from where this began to where it is now."""
        table = self._table
        lines = table.lines
        ids = [row.id if row else None for row in lines]
        current = table.current
        if self._range is None or self._range.anchor not in ids:
            if current is None:
                return
            self._range = _Range(current.id, self.marks.ids)
        table.move(rows)
        begin, end = sorted((ids.index(self._range.anchor), table.cursor))
        within = [row for row in lines[begin : end + 1] if row is not None]
        self.marks.keep(self._range.before | {row.id for row in within})
        self._mark_within(self.marks.add(within))

    def action_mark_all(self) -> None:
        """All on the screen; where they are, all that the list has; where those are, none."""
        self._range = None
        table, listing = self._table, self._listing
        sight = table.in_sight()
        if not sight <= self.marks.ids:
            self._mark_within(self.marks.add(row for row in table.rows if row.id in sight))
        elif not self._is_whole:
            self._marking_all = listing.serial
            self._status.say(f"Reading all tickets of this list {cells.ELLIPSIS}")
            self._ask.count(listing)
            self._read_again(MOST)
        elif {row.id for row in table.rows} <= self.marks.ids or len(self.marks) >= MOST:
            self.clear_marks()
        else:
            self._mark_within(self.marks.add(table.rows))
            if len(self.marks) < MOST:
                self._say_total()

    @property
    def _is_whole(self) -> bool:
        """Whether as much of the list is there as can be marked."""
        listing = self._listing
        return listing.next is None or bool(listing.search) or len(self._table.lines) >= MOST

    def action_move(self, rows: int) -> None:
        """The cursor by single rows; a range ends where it moves on without one."""
        self._range = None
        self._table.move(rows)

    def action_page(self, screens: int) -> None:
        """The cursor by screens."""
        self._range = None
        self._table.page(screens)

    async def action_back(self) -> None:
        """Unmark first, then go back."""
        if self.marks:
            self.clear_marks()
        else:
            await super().action_back()

    def clear_marks(self) -> None:
        """Unmark all."""
        self._range = None
        self.marks.clear()
        self._mark_within(True)

    # ------------------------------------------------------------------ work on what is marked

    def _undone(self, action: Action) -> str:
        """What is marked is acted on wherever the cursor is."""
        return "" if self.marks and action.id in BULK else super()._undone(action)

    async def action_work(self, action_id: str) -> None:
        """On what is marked, where that can be done to many; else on the ticket under the cursor."""
        if not (self.marks and action_id in BULK):
            await super().action_work(action_id)
        elif not self.reason(self.context.registry.by_id(action_id)):
            self.marks.follow(self._table.rows)
            batch = Batch(self.context, list(self.marks))
            dialog = BulkDialog(self.context, form_for(action_id, batch), batch)
            await self.app.push_screen(dialog, self._worked)

    async def _worked(self, saved: Saved | None) -> None:
        if saved is None or not isinstance(saved.answer, tuple):
            return
        outcomes: tuple[Outcome, ...] = saved.answer
        self.marks.discard({one.ticket for one in outcomes if one.done})
        if gone := {one.ticket for one in outcomes if not one.number}:
            self.context.watch.wipe(gone)
        self.show_marks()
        self._count()
        screen = ResultsScreen(self.context, saved.sentence, outcomes)
        await self.app.push_screen(screen, self._results_read)
        self.context.watch.look()

    def _results_read(self, _: None) -> None:
        """Whoever has read why something was left may act on it as it is now."""
        self.marks.acknowledge()

    # ------------------------------------------------------------------ what is shown

    def show_marks(self) -> None:
        """The lines and the status line as they are now."""
        self._table.show_marks(self.marks.ids)
        self._tell()

    def _mark_within(self, fits: bool) -> None:
        self._status.say(
            "" if fits else f"{MOST} tickets are marked: as many as are worked on together",
            Tone.SOON,
        )
        self.show_marks()

    def _tell(self) -> None:
        """Besides what every list tells, how many are marked."""
        super()._tell()
        self._status.marked(*self._marked_words())

    def _marked_words(self) -> tuple[str, ...]:
        count = len(self.marks)
        if not count:
            return ()
        short = f"{count} marked"
        elsewhere = sum(not self._table.has(mark.now.id) for mark in self.marks)
        if elsewhere:
            return f"{short}, {elsewhere} not in this list", short
        more = not self._is_whole or any(row.id not in self.marks for row in self._table.rows)
        if more and count < MOST and self._table.in_sight() <= self.marks.ids:
            key = key_name(self.context.registry.by_id("mark.all").keys[0])
            return f"{short}, {key} marks all", short
        return (short,)

    def page_shown(self, *, first: bool) -> None:
        """All of the list is there, or as much of it as goes at once."""
        wanted = self._marking_all
        if wanted is not None and first:
            self._marking_all = None
            if wanted == self._listing.serial:
                self.marks.add(self._table.rows)
                self._say_total()
                self.show_marks()

    def _say_total(self) -> None:
        listing, rows = self._listing, len(self._table.rows)
        if listing.next is None:
            self._status.say(f"all {rows} of this list are marked")
            return
        known = listing.count is not None and not listing.search
        total = f" of {count_words(listing.count)}" if known and listing.count is not None else ""
        self._status.say(f"the first {rows}{total} are marked, no more go at once", Tone.SOON)

    # ------------------------------------------------------------------ what the watch tells

    def in_sight(self) -> AbstractSet[UUID]:
        """What is marked is looked after as well."""
        return super().in_sight() | self.marks.ids if self._listing.serial else frozenset()

    def concerns(self, look: Look) -> bool:
        """A marked ticket may stand in another list."""
        return super().concerns(look) or any(key in self.marks for key in look.rows)

    def on_seen(self, message: Seen) -> None:
        """A mark stays on a ticket that has changed."""
        super().on_seen(message)
        self.marks.follow(message.look.rows.values())

    def on_gone(self, message: Gone) -> None:
        """What may no longer be seen is not marked either."""
        if self.marks.discard(message.ids):
            self._table.show_marks(self.marks.ids)
        super().on_gone(message)
