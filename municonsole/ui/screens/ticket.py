"""One ticket on the whole screen: what it says and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import ClassVar
from uuid import UUID

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer

from municonsole.domain.desk import Look
from municonsole.domain.records import TicketDetail, TicketRow
from municonsole.ui import cells, words
from municonsole.ui.actions import Matter, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.form import Opened, Saved
from municonsole.ui.here import Opening
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.reading import ReadingScreen
from municonsole.ui.screens.working import Working
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Anew, Gone, Seen
from municonsole.ui.widgets.detail import describe
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.status_line import KeyLine, StatusLine
from municonsole.ui.widgets.steady_page import SteadyPage
from municonsole.ui.widgets.ticket_table import NO_LONGER_SENTENCE
from municonsole.ui.widgets.timeline import tell

WIDE = 100
"""From this width on the history stands beside the ticket instead of below it."""
OPEN_SECONDS = 14 * 60.0
"""How long an administrator's opening is shown: a minute less than the law's fifteen."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What one opening of the ticket brought; kept by this screen alone, and gone with it."""

    detail: TicketDetail
    at: datetime


class TicketScreen(Opening, Working, ReadingScreen, inherit_bindings=False):
    """Opens a ticket and shows it.

    For a SAPS liaison the opening of a GBV report is recorded by the service before it is read; an
    administrator has opened it already and hands over the `opened` report with its `reason`. What was
    read lives in this screen only: leaving it with Esc forgets it, and it is wiped once it may no
    longer be seen, or when an administrator's opening ends.
    """

    WHERE: ClassVar = Where.TICKET
    BINDINGS: ClassVar = bindings(Where.TICKET)

    class Arrived(Message):
        """The ticket was opened and read; `saying` is what it was read again for, None to say nothing."""

        def __init__(self, saying: str | None, detail: TicketDetail) -> None:
            super().__init__()
            self.saying, self.detail = saying, detail

    def __init__(
        self,
        context: Context,
        number: str,
        opened: TicketDetail | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(context)
        self._number = number
        self._reason = reason
        self._opened = _Opened(opened, context.now()) if opened is not None else None
        self._ending: Timer | None = None
        self._others: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The ticket, its history beside it, and the lines below."""
        palette = self.context.palette
        with Horizontal(id="ticket-body"):
            yield SteadyPage(palette, widget_id="ticket-detail")
            yield SteadyPage(palette, widget_id="ticket-history")
        yield StatusLine(self.context)
        yield KeyLine(palette)

    def on_mount(self) -> None:
        """The frame first; the ticket is asked for meanwhile."""
        super().on_mount()
        if self._opened is not None:
            self._show_opened()
            self._end_in_time()
            return
        number = cells.line(self._number)
        self._detail.show(lambda _: [[(f" Opening {number} {cells.ELLIPSIS}", Tone.MUTED)]])
        self.call_after_refresh(self._ask)

    def on_unmount(self) -> None:
        """Nothing of what was read outlives the screen."""
        self._opened = None
        cells.forget()

    @property
    def _detail(self) -> SteadyPage:
        return self.query_one("#ticket-detail", SteadyPage)

    @property
    def _history(self) -> SteadyPage:
        return self.query_one("#ticket-history", SteadyPage)

    # ------------------------------------------------------------------ reading

    def _ask(self, saying: str | None = "", rank: Rank = Rank.NOW) -> None:
        number, reason, tickets = self._number, self._reason, self.context.desk.tickets
        self.context.lane.ask(
            self, "open", lambda: tickets.show(number, reason), partial(self.Arrived, saying), rank
        )

    def _follow(self) -> None:
        """Read a municipal ticket again because of others; nobody has asked for it, so nothing is said."""
        row = self.at_hand()
        if row is not None and not row.is_sensitive:
            self._ask(None, Rank.BESIDE)

    def on_ticket_screen_arrived(self, message: Arrived) -> None:
        """Show what was read."""
        message.stop()
        self._opened = _Opened(message.detail, self.context.now())
        self.tell_connection()
        if message.saying is not None:
            self.say(message.saying, Tone.GOOD, message.detail.ticket.id)
        self._show_opened()
        self.context.watch.here.tell()
        self._end_in_time()

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why, in place of what could not be read."""
        message.stop()
        self.tell_connection()
        if message.unreachable:
            self.context.watch.lost()
        if self._opened is not None:
            self.say(message.sentence, Tone.LATE)
            return
        sentence = message.sentence
        self._detail.show(
            lambda width: [[(f" {line}", Tone.LATE)] for line in cells.wrap(sentence, width - 2)]
        )

    # ------------------------------------------------------------------ what may still be seen

    def _end_in_time(self) -> None:
        """An administrator's opening is good for a while; nobody tells when it ends but the clock."""
        if self._ending is not None:
            self._ending.stop()
            self._ending = None
        subject = self.subject()
        if subject is not None and subject.matter is Matter.OPENED:
            self._ending = self.set_timer(OPEN_SECONDS, self.end)

    def end(self) -> None:
        """The opening is over: what it showed goes."""
        self._wipe("This opening has ended; open the report again if you still have to read it.")

    def in_sight(self) -> frozenset[UUID]:
        """The open ticket. What an administrator opened is in no list to be looked up in."""
        subject = self.subject()
        return frozenset({subject.id} if subject and subject.matter is not Matter.OPENED else ())

    def opened(self) -> UUID | None:
        """The open ticket; of what an administrator opened nobody learns it here."""
        return next(iter(self.in_sight()), None)

    def is_news(self, row: TicketRow) -> bool:
        """Whether it is the open ticket, in another state."""
        mine = self.at_hand()
        return mine is not None and mine.id == row.id and mine != row

    def concerns(self, look: Look) -> bool:
        """Whether something happened to the open ticket, or others came to it or left."""
        mine = self.opened()
        return mine is not None and (mine in look.rows or look.others.get(mine, ()) != self._others)

    def on_anew(self, _: Anew) -> None:
        """Something may have been missed."""
        self._follow()

    def on_gone(self, message: Gone) -> None:
        """Nothing of the ticket stays when it may no longer be seen."""
        row = self.at_hand()
        if row is not None and row.id in message.ids:
            self._wipe(NO_LONGER_SENTENCE)

    def _wipe(self, sentence: str) -> None:
        self._opened = None
        self._others = ()
        for page in (self._detail, self._history):
            page.show(lambda _: [])
            page.wipe()
        self._detail.show(
            lambda width: [[(f" {line}", Tone.PLAIN)] for line in cells.wrap(sentence, width - 2)]
        )
        cells.forget()
        self.say("")
        self.tell_position()
        self.query_one(KeyLine).show(self.here())

    def on_seen(self, message: Seen) -> None:
        """A municipal ticket that has changed is read again; a report is read by its reader only."""
        row = self.at_hand()
        if row is None or self._opened is None:
            return
        others = message.look.others.get(row.id, ())
        if others != self._others:
            self._others = others
            self._show_opened()
        now = message.look.rows.get(row.id)
        if now is None:
            return
        if not row.is_sensitive:
            self._follow()
            return
        detail = replace(self._opened.detail, ticket=now)
        self._opened = replace(self._opened, detail=detail)
        self._show_opened()
        me = self.context.operator.username
        if any(e.ticket_id == row.id and e.actor != me for e in message.look.news.events):
            key = self.context.registry.by_id("console.refresh").shown_keys
            self.say(f"somebody has worked on it; {key} reads it again", Tone.SOON)

    # ------------------------------------------------------------------ acting

    def at_hand(self) -> TicketRow | None:
        """The ticket that is open."""
        return self._opened.detail.ticket if self._opened is not None else None

    def after_saving(self, saved: Saved) -> None:
        """Read it again: what was saved is shown from the database."""
        if not saved.gone:
            self._ask(saved.sentence)

    def show_report(self, opened: Opened) -> None:
        """What an administrator has opened, on the whole screen."""
        self.app.push_screen(
            TicketScreen(self.context, opened.number, opened.detail, opened.reason)
        )

    # ------------------------------------------------------------------ drawing

    def on_resize(self, _: events.Resize) -> None:
        """Side by side or one below the other, as the width allows."""
        self._history.display = self.size.width >= WIDE
        if self._opened is not None:
            self._show_opened()

    def _show_opened(self) -> None:
        wide = self._history.display
        self._detail.renew(self._detail_lines if wide else self._all_lines)
        if wide:
            self._history.renew(self._history_lines)
        self.query_one(KeyLine).show(self.here())
        self.tell_position()

    def _detail_lines(self, width: int) -> list[Spans]:
        opened = self._opened
        if opened is None:
            return []
        recorded = None
        if opened.detail.confidential is not None:
            when = words.moment(opened.at, self.context.zone, self.context.now())
            who = cells.line(self.context.operator.full_name)
            recorded = f"{who}, {when}"
        return describe(
            opened.detail,
            width,
            self.context.moment(),
            opened=recorded,
            others=self._others,
            names=self.context.names,
        )

    def _history_lines(self, width: int) -> list[Spans]:
        entries = self._opened.detail.history if self._opened else ()
        return [
            [(" History", Tone.STRONG)],
            (),
            *tell(entries, width, self.context.moment(), self.context.names),
        ]

    def _all_lines(self, width: int) -> list[Spans]:
        return [*self._detail_lines(width), (), *self._history_lines(width)]

    # ------------------------------------------------------------------ actions

    def action_refresh(self) -> None:
        """Read the ticket again."""
        self._ask()
