"""Taking a call: the caller's tickets at once, what is reported already, and a number at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from textual import on
from textual.message import Message

from municonsole.domain.desk import Similar, Suburb
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.records import TicketRow
from municonsole.domain.values import UNFINISHED, Category, Language
from municonsole.services.desk import Desk
from municonsole.ui import cells, report, words
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.number import Logged
from municonsole.ui.form import Answers, Confirm, Form, Saved, Subject
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.intake_drafts import AGAIN_AFTER, IntakeDrafts
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Connection, Gone, Seen, Showing
from municonsole.ui.widgets.call_pane import CallPane, Offer
from municonsole.ui.widgets.status_line import StatusLine

_CALLER, _SIMILAR, _SUBURBS, _SAVE = "intake:caller", "intake:similar", "intake:suburbs", "save"
_AFTER_PHONE, _AFTER_WORDS = 0.15, 0.4
"""Seconds of rest before a number, and before words, are looked up."""
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


class NumberGiven(Message):
    """It is logged."""

    def __init__(self, logged: Logged) -> None:
        super().__init__()
        self.logged = logged


class IntakeScreen(Showing, IntakeDrafts, inherit_bindings=False):
    """Logs one report, or adds the caller to a ticket there is; returns what it came to, or None.

    What is sent has a number of its own (`attempt`), under which the law logs it once: when the
    connection is lost before the answer comes, it is simply sent again.
    """

    BINDINGS: ClassVar = bindings(Where.INTAKE)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._saving = False
        self._sent: report.Typed | None = None
        self._phone: str | None = None
        self._asked: object = None
        self._joining: dict[UUID, UUID] = {}

    def on_mount(self) -> None:
        """The frame first; suburbs and a draft are asked for meanwhile."""
        self.caller.border_title = " Caller "
        self.similar.border_title = " Already reported? "
        self._show_caller(())
        self._show_similar(())
        self.look()
        self._tell_connection()
        self.find_draft()
        self._ask_suburbs()

    def _ask_suburbs(self) -> None:
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
            self.later(_CALLER, _AFTER_PHONE, self._look_up_caller)
        elif name in _TELLS:
            self.later(_SIMILAR, _AFTER_WORDS, self._look_for_similar)

    def _turn(self) -> None:
        if self.confidential and self.query_one("#intake-panes").display:
            self._phone = self._asked = None
            for pane in (self.caller, self.similar):
                pane.show(())
                pane.wipe()
            self.turn_confidential()
            cells.forget()
        elif not self.confidential and not self.query_one("#intake-panes").display:
            self.later(_CALLER, _AFTER_PHONE, self._look_up_caller)
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
        self._tell_connection()
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
            f" Caller: {counts}{self._key('intake.caller')} " if rows else " Caller "
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
        self._tell_connection()
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
        key = f"{len(found)} likely; {self._key('intake.similar')} " if found else ""
        self.similar.border_title = f" Already reported? {key}"

    def _show(self, pane: CallPane, offers: Sequence[Offer], notice: str) -> None:
        if pane.has_focus and not offers:
            self.back_to_form()
        pane.show(offers, notice)
        self.tell_keys()
        self.context.watch.look_at_new()

    def _key(self, action: str) -> str:
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
        self._tell_connection()
        if not message.sentence:
            self.keep()

    def _tell_connection(self) -> None:
        self.query_one(StatusLine).connection(connected=self.context.desk.connected)

    # ------------------------------------------------------------------ actions

    def applies(self, action: Action) -> bool:
        """One goes to tickets where there are some."""
        match action.id:
            case "intake.caller":
                return bool(self.caller.in_sight())
            case "intake.similar":
                return bool(self.similar.in_sight())
            case _:
                return True

    def action_caller(self) -> None:
        """To the caller's tickets."""
        self.caller.focus()

    def action_similar(self) -> None:
        """To what may be reported already."""
        self.similar.focus()

    async def action_enter(self) -> None:
        """To the next field; among tickets, open the caller's, or add the caller to another's."""
        pane = self.focused
        row = pane.current if isinstance(pane, CallPane) else None
        if row is None:
            self.focus_next()
        elif pane is self.caller:
            self.keep()
            await self.app.push_screen(
                TicketScreen(self.context, row.tracking_number), self._came_back
            )
        else:
            await self._join(row)

    def _came_back(self, _: None) -> None:
        self._phone = None
        self._look_up_caller()

    async def action_leave(self) -> None:
        """Back to the form; from there back to the list, once it is clear what becomes of the words."""
        if isinstance(self.focused, CallPane):
            self.back_to_form()
        elif self._saving:
            self.alert("this is being saved; wait for the answer", Tone.SOON)
        else:
            await self.ask_to_leave()

    # ------------------------------------------------------------------ logging

    def action_save(self) -> None:
        """Log it, if everything that is needed is there."""
        if self._saving:
            return
        typed = self.typed()
        missing = list(report.complaints(typed, self.suburbs))
        for name, sentence in missing:
            self.complain(name, sentence)
        if missing:
            self.query_one(f"#form-{missing[0][0]}").focus()
            return
        self._saving = True
        self.alert(f"Saving {cells.ELLIPSIS}", Tone.MUTED)
        changed = self._sent is not None and self._sent != typed
        self._sent = self._sent or typed
        log = partial(_log, self.context.desk, typed, self.suburbs, self.attempt, changed=changed)
        self.context.lane.ask(self, _SAVE, log, NumberGiven, Rank.SAVE)

    @on(NumberGiven)
    def _logged(self, message: NumberGiven) -> None:
        message.stop()
        self.finish()
        self.dismiss(message.logged)

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; what was typed is still there."""
        message.stop()
        self._tell_connection()
        if message.unreachable:
            self.context.watch.lost()
        key = message.key
        if key.startswith(_SAVE):
            self._saving = False
            sentence = message.sentence
            if message.unreachable:
                sentence = (
                    "the database cannot be reached, and nothing you typed is lost: "
                    f"{self._key('intake.save')} sends it again, and it is logged only once"
                )
            else:
                self._sent = None
            self.alert(sentence)
        elif key == _CALLER:
            self._phone = None
            self._show(self.caller, (), message.sentence)
            self.later(_CALLER, AGAIN_AFTER, self._look_up_caller)
        elif key == _SIMILAR:
            self._asked = None
            self._show(self.similar, (), message.sentence)
            self.later(_SIMILAR, AGAIN_AFTER, self._look_for_similar)
        elif key == _SUBURBS:
            self.later(_SUBURBS, AGAIN_AFTER, self._ask_suburbs)
        else:
            self.not_kept(key, message.sentence)

    # ------------------------------------------------------------------ joining

    async def _join(self, row: TicketRow) -> None:
        """Ask whether the caller reports the same; if so they are added, and nothing is logged."""
        typed = self.typed()
        if not typed["name"] and report.phone_of(typed) is None:
            self.complain(
                "phone", "to add the caller to a ticket, type their number, or their name below"
            )
            self._fields["phone"].focus()
            return
        number = cells.line(row.tracking_number)
        age = words.age(row.created_at, self.context.now())
        told = cells.cut(cells.line(row.description), 200)

        async def add(_: Answers, on: Subject | None) -> object:
            await self.context.desk.work.add_reporter(
                number,
                typed["name"],
                report.phone_of(typed),
                Language(typed["language"]),
                may_message=typed["message"] == report.YES,
                attempt=self._joining.setdefault(row.id, uuid4()),
            )
            return on

        form = Form(
            "Reported already:",
            (Confirm("sure", "Do it?", "Add the caller to it, and log nothing new"),),
            add,
            lambda _: "",
            says=f"{words.status(row.status).words}, {age} old: {told}",
        )
        subject = Subject.of(row, saps=False)
        await self.app.push_screen(FormDialog(self.context, form, subject), self._joined)

    def _joined(self, saved: Saved | None) -> None:
        if saved is None or saved.subject is None:
            self.back_to_form()
            return
        self.finish()
        forget = self.context.desk.drafts.forget_report
        logged = Logged(saved.subject.number, joined=saved.subject)

        async def end() -> Logged:
            with contextlib.suppress(MuniconsoleError):
                await forget()
            return logged

        self.context.lane.ask(self, _SAVE, end, NumberGiven, Rank.SAVE)


def _why(found: Similar, suburb: str) -> str:
    if found.metres is not None:
        return f"{found.metres:.0f} m away"
    if suburb and found.ticket.suburb == suburb:
        return "same suburb"
    return f"{found.likeness or 0:.0%} alike"


async def _log(
    desk: Desk,
    typed: report.Typed,
    suburbs: Sequence[Suburb],
    attempt: UUID,
    *,
    changed: bool,
) -> Logged:
    """Log it and forget its draft; a draft that stays behind has the attempt's number in it."""
    ticket = report.new_ticket(typed, suburbs)
    number = await desk.work.create(ticket, attempt)
    row = None
    with contextlib.suppress(MuniconsoleError):
        await desk.drafts.forget_report()
        if not ticket.category.is_sensitive:
            row = await desk.tickets.row(number)
    return Logged(number, ticket.category.is_sensitive, row, changed=changed)
