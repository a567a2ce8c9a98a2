"""Taking a call: the caller's tickets at once, what is reported already, and a number at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID

from textual import on
from textual.message import Message

from municonsole.domain.desk import Suburb
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.records import NewTicket, TicketRow
from municonsole.domain.values import Language
from municonsole.services.desk import Desk
from municonsole.services.work import line
from municonsole.services.work import words as words_of
from municonsole.ui import cells, report, words
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.number import Logged
from municonsole.ui.form import Answers, Confirm, Form, Saved, Subject
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.intake_lookups import IntakeLookups
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.call_pane import CallPane

_SAVE = "save"
_WAIT = "this is being saved; wait for the answer"


class NumberGiven(Message):
    """It is logged."""

    def __init__(self, logged: Logged) -> None:
        super().__init__()
        self.logged = logged


class IntakeScreen(IntakeLookups, inherit_bindings=False):
    """Logs one report, or adds the caller to a ticket there is; returns what it came to, or None.

    What is sent has a number of its own (`attempt`), under which the law logs it once: when the
    connection is lost before the answer comes, it is simply sent again.
    """

    BINDINGS: ClassVar = bindings(Where.INTAKE)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._joining: dict[UUID, UUID] = {}

    # ------------------------------------------------------------------ actions

    def reason(self, action: Action) -> str:
        """One goes to tickets where there are some."""
        match action.id:
            case "intake.caller" if not self.caller.in_sight():
                return "no tickets of this number are in sight"
            case "intake.similar" if not self.similar.in_sight():
                return "nothing that is reported already is in sight"
            case _:
                return super().reason(action)

    def refuse(self, sentence: str) -> None:
        """Say why nothing is done, where the form says things."""
        self.alert(sentence, Tone.SOON)

    def action_caller(self) -> None:
        """To the caller's tickets."""
        self.set_focus(self.caller)

    def action_similar(self) -> None:
        """To what may be reported already."""
        self.set_focus(self.similar)

    async def action_enter(self) -> None:
        """To the next field; among tickets, open the caller's, or add the caller to another's."""
        pane = self.focused
        row = pane.current if isinstance(pane, CallPane) else None
        if row is None:
            self.focus_next()
        elif self.saving:
            self.alert(_WAIT, Tone.SOON)
        elif pane is self.caller:
            self.keep()
            await self.app.push_screen(
                TicketScreen(self.context, row.tracking_number), self._came_back
            )
        else:
            await self._join(row)

    def _came_back(self, _: None) -> None:
        self.look_again()

    async def action_leave(self) -> None:
        """Back to the form; from there back to the list, once it is clear what becomes of the words."""
        if isinstance(self.focused, CallPane):
            self.back_to_form()
        elif self.saving:
            self.alert(_WAIT, Tone.SOON)
        else:
            await self.ask_to_leave()

    # ------------------------------------------------------------------ logging

    def action_save(self) -> None:
        """Log it, if everything that is needed is there."""
        if self.saving:
            return
        typed = self.typed()
        missing = list(report.complaints(typed, self.suburbs))
        for name, sentence in missing:
            self.complain(name, sentence)
        if missing:
            self.set_focus(self.query_one(f"#form-{missing[0][0]}"))
            return
        self.saving = True
        self.hold()
        self.alert(f"Saving {cells.ELLIPSIS}", Tone.MUTED)
        changed = self.sent is not None and self.sent != typed
        self.sent = self.sent or typed
        log = partial(_log, self.context.desk, typed, self.suburbs, self.attempt, changed=changed)
        self.context.lane.ask(self, _SAVE, log, NumberGiven, Rank.SAVE)

    @on(NumberGiven)
    def _logged(self, message: NumberGiven) -> None:
        message.stop()
        self.finish()
        self.close(message.logged)

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; what was typed is still there."""
        message.stop()
        self.tell_connection()
        if message.unreachable:
            self.context.watch.lost()
        key = message.key
        if key.startswith(_SAVE):
            self.saving = False
            self.keep_later()
            sentence = message.sentence
            if message.unreachable:
                sentence = (
                    "the database cannot be reached, and nothing you typed is lost: "
                    f"{self.key('intake.save')} sends it again, and it is logged only once"
                )
            else:
                self.sent = None
            self.alert(sentence)
        elif not self.not_found(message):
            self.not_kept(key, message.sentence)

    # ------------------------------------------------------------------ joining

    async def _join(self, row: TicketRow) -> None:
        """Ask whether the caller reports the same; if so they are added, and nothing is logged."""
        typed = self.typed()
        if self.sent is not None:
            self.alert(
                "it may be logged already: the database did not answer; "
                f"{self.key('intake.save')} sends it again"
            )
            self.back_to_form()
            return
        if not typed["name"] and report.phone_of(typed) is None:
            self.complain(
                "phone", "to add the caller to a ticket, type their number, or their name below"
            )
            self.set_focus(self._fields["phone"])
            return
        number = cells.line(row.tracking_number)
        age = words.age(row.created_at, self.context.now())
        told = cells.cut(cells.line(row.description), 200)

        async def add(_: Answers, on: Subject | None, attempt: UUID) -> object:
            self._joining[row.id] = attempt
            await self.context.desk.work.add_reporter(
                number,
                typed["name"],
                report.phone_of(typed),
                Language(typed["language"]),
                may_message=typed["message"] == report.YES,
                attempt=attempt,
            )
            return on

        form = Form(
            "Reported already:",
            (Confirm("sure", "Do it?", "Add the caller to it, and log nothing new"),),
            add,
            lambda _: "",
            says=f"{words.status(row.status).words}, {age} old: {told}",
            once=True,
            attempt=self._joining.get(row.id),
        )
        subject = Subject.of(row, saps=False)
        await self.app.push_screen(FormDialog(self.context, form, subject), self._joined)

    def _joined(self, saved: Saved | None) -> None:
        if saved is None or saved.subject is None:
            self.back_to_form()
            return
        self.saving = True
        self.finish()
        self.give_up_later()
        logged = Logged(saved.subject.number, joined=saved.subject)

        async def end() -> Logged:
            with contextlib.suppress(MuniconsoleError):
                await self.give_up()
            return logged

        self.context.lane.ask(self, _SAVE, end, NumberGiven, Rank.SAVE)


async def _log(
    desk: Desk,
    typed: report.Typed,
    suburbs: Sequence[Suburb],
    attempt: UUID,
    *,
    changed: bool,
) -> Logged:
    """Log it; its draft goes in the same moment, and one that is stored late is refused."""
    ticket = report.new_ticket(typed, suburbs)
    number = await desk.work.create(ticket, attempt)
    row = None
    with contextlib.suppress(MuniconsoleError):
        if not ticket.category.is_sensitive:
            row = await desk.tickets.row(number)
            changed = _differs(row, ticket)
    return Logged(number, ticket.category.is_sensitive, row, changed=changed)


def _differs(row: TicketRow, ticket: NewTicket) -> bool:
    """Whether what was logged is not what was sent now, but what was sent before."""
    logged = (row.category, row.description, row.address, row.suburb)
    sent = (words_of(ticket.description), line(ticket.address), line(ticket.suburb))
    return logged != (ticket.category, *sent)
