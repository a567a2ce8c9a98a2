"""What is found while a call is taken: the caller's tickets, and what may be about the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from textual import on
from textual.message import Message

from municonsole.domain.desk import Similar, Suburb
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.records import TicketRow
from municonsole.domain.values import UNFINISHED, Category
from municonsole.ui import cells, report, words
from municonsole.ui.context import Context
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.intake_drafts import IntakeDrafts
from municonsole.ui.watch import Anew, Connection, Gone, Seen, Showing
from municonsole.ui.widgets.call_pane import CallPane, Offer
from municonsole.ui.widgets.status_line import StatusLine

AFTER_PHONE, AFTER_WORDS = 0.15, 0.4
"""Seconds of rest before a number, and before words, are looked up."""
_AGAIN_AFTER = 5.0
"""Seconds after which what the database could not answer is asked again."""
_CALLER, _SIMILAR, _SUBURBS = "intake:caller", "intake:similar", "intake:suburbs"
_TELLS = frozenset({"category", "description", "suburb", "coordinates"})
"""The fields by which it is found that something is reported already."""


class CallerArrived(Message):
    """The tickets of a number."""

    def __init__(self, phone: str, rows: Sequence[TicketRow]) -> None:
        super().__init__()
        self.phone, self.rows = phone, rows


class SimilarArrived(Message):
    """What may be about the same as `asked`."""

    def __init__(self, asked: object, found: Sequence[Similar]) -> None:
        super().__init__()
        self.asked, self.found = asked, found


class SuburbsArrived(Message):
    """The municipality's suburbs."""

    def __init__(self, suburbs: Sequence[Suburb]) -> None:
        super().__init__()
        self.suburbs = tuple(suburbs)


class IntakeLookups(Showing, IntakeDrafts, inherit_bindings=False):
    """Shows tickets beside the form, and none beside that of a GBV report."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._phone: str | None = None
        self._asked: object = None

    def on_mount(self) -> None:
        """The frame first; suburbs and a draft are asked for meanwhile."""
        self._show_caller(())
        self._show_similar(())
        self.look()
        self.tell_connection()
        self.find_draft()
        self._ask_suburbs()

    def _ask_suburbs(self) -> None:
        self.not_later(_SUBURBS)
        read = self.context.desk.intake.suburbs
        self.context.lane.ask(self, _SUBURBS, read, SuburbsArrived, Rank.BESIDE)

    @on(SuburbsArrived)
    def _offer_suburbs(self, message: SuburbsArrived) -> None:
        message.stop()
        self.offer_suburbs(message.suburbs)

    # ------------------------------------------------------------------ while one types

    def changed(self, name: str) -> None:
        """Look up what can be found by it; the form turns when GBV is chosen, or no longer is."""
        if name == "category":
            self._turn()
        super().changed(name)
        if self.confidential:
            return
        if name == "phone":
            self.later(_CALLER, AFTER_PHONE, self._look_up_caller)
        elif name in _TELLS:
            self.later(_SIMILAR, AFTER_WORDS, self._look_for_similar)

    def _turn(self) -> None:
        shown = self.query_one("#intake-panes").display
        if self.confidential and shown:
            self._phone = self._asked = None
            self.not_later(_CALLER, _SIMILAR)
            for key in (_CALLER, _SIMILAR):
                self.context.lane.drop(key)
            self._show_caller(())
            self._show_similar(())
            for pane in (self.caller, self.similar):
                pane.wipe()
            self.turn_confidential()
            cells.forget()
        elif not self.confidential and not shown:
            # What a GBV report is sent under never answers for an ordinary one, nor the other way round.
            self.begin_anew()
            self.later(_CALLER, AFTER_PHONE, self._look_up_caller)
        self.look()

    def _look_up_caller(self) -> None:
        phone = report.phone_of(self.typed())
        if phone == self._phone:
            return
        self._phone = phone
        if phone is None:
            self.context.lane.drop(_CALLER)
            self._show_caller(())
            return
        find = partial(self.context.desk.intake.caller, phone)
        self.context.lane.ask(self, _CALLER, find, partial(CallerArrived, phone))

    @on(CallerArrived)
    def _caller_arrived(self, message: CallerArrived) -> None:
        message.stop()
        self.tell_connection()
        if message.phone == self._phone and not self.confidential:
            self._show_caller(message.rows)

    def _show_caller(self, rows: Sequence[TicketRow]) -> None:
        notice = "a complete number shows the caller's tickets"
        if self._phone is not None:
            notice = "no ticket of this number: a first call"
        self._show(self.caller, [Offer(row, words.category(row.category)) for row in rows], notice)
        unfinished = sum(row.status in UNFINISHED for row in rows)
        counts = f"{unfinished} open, {len(rows) - unfinished} done; " if rows else ""
        self.caller.border_title = (
            f" Caller: {counts}{self.key('intake.caller')} " if rows else " Caller "
        )

    def _look_for_similar(self) -> None:
        typed = self.typed()
        try:
            at = report.coordinates(typed["coordinates"])
        except MuniconsoleError:
            at = None
        asked = (typed["category"], at, typed["suburb"], typed["description"])
        if asked == self._asked:
            return
        self._asked = asked
        if not typed["category"] or not any(asked[1:]):
            self.context.lane.drop(_SIMILAR)
            self._show_similar(())
            return
        find = partial(
            self.context.desk.intake.similar,
            Category(typed["category"]),
            latitude=at and at[0],
            longitude=at and at[1],
            suburb=typed["suburb"],
            words=typed["description"],
        )
        self.context.lane.ask(self, _SIMILAR, find, partial(SimilarArrived, asked), Rank.AHEAD)

    @on(SimilarArrived)
    def _similar_arrived(self, message: SimilarArrived) -> None:
        message.stop()
        self.tell_connection()
        if message.asked == self._asked and not self.confidential:
            self._show_similar(message.found)

    def _show_similar(self, found: Sequence[Similar]) -> None:
        suburb = self.typed()["suburb"]
        notice = (
            "nothing like it in the last 72 hours"
            if self._asked
            else "category, place and words find it"
        )
        self._show(self.similar, [Offer(one.ticket, _why(one, suburb)) for one in found], notice)
        key = f"{len(found)} likely; {self.key('intake.similar')} " if found else ""
        self.similar.border_title = f" Already reported? {key}"

    def _show(self, pane: CallPane, offers: Sequence[Offer], notice: str) -> None:
        if pane.has_focus and not offers:
            self.back_to_form()
        pane.show(offers, notice)
        self.tell_keys()
        self.context.watch.look_at_new()

    def key(self, action: str) -> str:
        """The keys of an action."""
        return self.context.registry.by_id(action).shown_keys

    # ------------------------------------------------------------------ what may still be seen

    def in_sight(self) -> frozenset[UUID]:
        """The tickets beside the form."""
        return self.caller.in_sight() | self.similar.in_sight()

    def is_news(self, row: TicketRow) -> bool:
        """Whether it is one of them, in another state."""
        return self.caller.differs(row) or self.similar.differs(row)

    def on_seen(self, message: Seen) -> None:
        """As they are now."""
        for pane in (self.caller, self.similar):
            pane.update(message.rows)

    def on_anew(self, _: Anew) -> None:
        """Something may have been missed."""
        self.look_again()
        if not self.confidential:
            self._asked = None
            self._look_for_similar()

    def on_gone(self, message: Gone) -> None:
        """Nothing of these tickets stays."""
        for pane in (self.caller, self.similar):
            if pane.has_focus:
                self.back_to_form()
            pane.drop(message.ids)
        cells.forget()
        self.tell_keys()

    def on_connection(self, message: Connection) -> None:
        """The database went away, or is back: then what waits for it is done."""
        self.tell_connection()
        if not message.sentence:
            self.keep()
            if not self.suburbs:
                self._ask_suburbs()

    def tell_connection(self) -> None:
        """Show whether the database is there."""
        self.query_one(StatusLine).connection(connected=self.context.desk.connected)

    def look_again(self) -> None:
        """The caller's tickets may have changed."""
        if not self.confidential:
            self._phone = None
            self._look_up_caller()

    def not_found(self, message: RequestFailed) -> bool:
        """Whether it was one of these requests that failed; then it is said, and asked again."""
        if message.key == _CALLER:
            self._phone = None
            self._show(self.caller, (), message.sentence)
            self.later(_CALLER, _AGAIN_AFTER, self._look_up_caller)
        elif message.key == _SIMILAR:
            self._asked = None
            self._show(self.similar, (), message.sentence)
            self.later(_SIMILAR, _AGAIN_AFTER, self._look_for_similar)
        elif message.key == _SUBURBS:
            self.later(_SUBURBS, _AGAIN_AFTER, self._ask_suburbs)
        else:
            return False
        return True


def _why(found: Similar, suburb: str) -> str:
    if found.metres is not None:
        return f"{found.metres:.0f} m away"
    if suburb and found.ticket.suburb == suburb:
        return "same suburb"
    return f"{found.likeness or 0:.0%} alike"
