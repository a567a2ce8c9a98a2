"""Nothing typed is lost: an ordinary report is kept as it is typed, and of a GBV report nothing is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from uuid import UUID, uuid4

from textual import on
from textual.message import Message

from municonsole.domain.desk import Draft
from municonsole.domain.errors import InvalidInput, MuniconsoleError
from municonsole.domain.permissions import Permission
from municonsole.ui import cells, report, words
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.number import Logged
from municonsole.ui.form import Option, Saved, question
from municonsole.ui.lane import Rank
from municonsole.ui.resting import (
    AGAIN_AFTER,
    AT_LAST,
    GO_ON,
    KEEP_IT,
    KEPT_AFTER,
    THROW_IT_AWAY,
    Resting,
    kept_at,
)
from municonsole.ui.screens.intake_fields import IntakeFields
from municonsole.ui.theme import Tone

_DRAFT = "intake:draft:"
FIND, KEEP, FORGET = f"{_DRAFT}find", f"{_DRAFT}keep", f"{_DRAFT}forget"


class DraftFound(Message):
    """What was kept of a report that was not logged; None for nothing."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__()
        self.draft = draft


class DraftKept(Message):
    """What is kept now; None where nothing is to be, since it was sent or given up."""

    def __init__(self, content: Mapping[str, str] | None) -> None:
        super().__init__()
        self.content = content


class DraftForgotten(Message):
    """Nothing is kept any more; `number`, where it had been logged."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number


class IntakeDrafts(IntakeFields, Resting, inherit_bindings=False):
    """Keeps the draft of an ordinary report: after two seconds of rest, when one leaves, at the end.

    `attempt` is the number under which it is sent; `sent` is what was, while it is not known whether it
    arrived. Once GBV was chosen in this form nothing of it is kept any more, whatever is chosen later, and
    what was stored is forgotten. What cannot be done since the database is away is done once it is back.
    There is one draft: while an older one waits, nothing takes its place.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.attempt: UUID = uuid4()
        self.sent: report.Typed | None = None
        # Until it is known what was kept before, nothing takes its place.
        self._asked_about_old = not context.operator.may(Permission.SAVE_DRAFT)
        self._old: Draft | None = None
        self._kept: Mapping[str, str] | None = None
        self.saving = False
        self._to_forget: dict[UUID | None, bool] = {}
        """The attempts that are given up, and whether anything of them may be stored."""
        self._leaving = False
        self._over = False
        self._content: dict[str, str] = {}

    @property
    def _keeps(self) -> bool:
        may = self.context.operator.may(Permission.SAVE_DRAFT)
        return may and not self.was_confidential and not self._over

    # ------------------------------------------------------------------ what was kept before

    def find_draft(self) -> None:
        """Ask whether a report was begun and not logged."""
        if not self._asked_about_old and self._old is None and not self._over:
            self.context.lane.ask(self, FIND, self.context.desk.drafts.report, DraftFound)

    @on(DraftFound)
    async def _offer_draft(self, message: DraftFound) -> None:
        message.stop()
        if self._asked_about_old or self._old is not None or self._over:
            return
        if self.was_confidential:
            self._asked_about_old, self._old = message.draft is None, message.draft
            self._ask_whose_it_is()
            return
        leaving = self._leaving
        if message.draft is None:
            self._asked_about_old = True
            if leaving:
                self.keep()
            else:
                self.keep_later()
            return
        self._old, self._leaving = message.draft, False
        if leaving:
            self.alert("an older draft is kept, and only one can be, so the form stays", Tone.SOON)
        if self.in_front and not report.has_words(self.typed()):
            await self._ask_about_old(message.draft)
        else:
            self._tell_of_old()

    async def _ask_about_old(self, old: Draft) -> None:
        # No letter throws it away: whoever types is faster than the question.
        options = (
            Option("go on with it", "on", "g"),
            Option("not now: keep it, and no draft of another", "later", "n"),
            Option("throw it away, and begin anew", "anew"),
        )
        form = question("A report was begun", options, self._about(old))
        await self.app.push_screen(FormDialog(self.context, form), self._go_on)

    def _about(self, old: Draft) -> str:
        at = self.context.moment()
        when = words.moment(old.saved_at, at.zone, at.now)
        return (
            f"{when}, not logged: {cells.cut(cells.line(_gist(old.content)), 60) or 'no words yet'}"
        )

    def _ask_whose_it_is(self) -> None:
        """Nothing of a GBV report stays, and the older draft may be of this very call."""
        if self._old is None:
            return
        # No letter throws it away, here neither.
        options = (
            Option("it is of this call: throw it away", "away"),
            Option("it is of another call: keep it", "later", "k"),
        )
        form = question("An older draft is kept", options, self._about(self._old), picked=None)
        self.app.push_screen(FormDialog(self.context, form), self._forget_old)

    def _forget_old(self, saved: Saved | None) -> None:
        if self._old is not None and saved is not None and saved.answer == "away":
            self._to_forget[_attempt_of(self._old)] = True
            self._asked_about_old, self._old = True, None
            self._ask_to_forget()

    def _tell_of_old(self) -> None:
        key = self.context.registry.by_id("ticket.new").shown_keys
        self.say_of_draft(f"not kept while an older draft waits; {key} offers it", Tone.SOON)

    def _go_on(self, saved: Saved | None) -> None:
        old = self._old
        if old is None:
            return
        if saved is None or saved.answer == "later":
            self._tell_of_old()
            return
        attempt = _attempt_of(old)
        self._asked_about_old, self._old = True, None
        if saved.answer == "on":
            self._kept = old.content
            self.attempt = attempt or self.attempt
            self.fill(old.content)
        else:
            self._to_forget[attempt] = True
            self._ask_to_forget()

    # ------------------------------------------------------------------ keeping

    def changed(self, name: str) -> None:  # noqa: ARG002 - any field is a part of it
        """Keep it, once the fingers rest."""
        if self._keeps:
            self._content = {**self.typed(), report.ATTEMPT: str(self.attempt)}
            self.keep_later()

    def keep_later(self) -> None:
        """Keep it after two seconds of rest."""
        if self._keeps:
            self.later(KEEP, KEPT_AFTER, self.keep)

    def before_blank(self) -> None:
        """Keep it before the screen is blanked."""
        self.keep()

    def hold(self) -> None:
        """It is saved or thrown away now: what waits to be kept is not."""
        self.not_later(KEEP)
        self.context.lane.drop(KEEP)

    def keep(self) -> None:
        """Keep what is typed, if it is not kept already."""
        if self.saving or self._to_forget:
            return
        if not self._keeps or not self._asked_about_old:
            self.find_draft()
        elif not report.has_words(self._content):
            if self._kept is not None:
                self._forget()
            elif self._leaving:
                self._leave()
        elif self._content == self._kept:
            if self._leaving:
                self._leave()
        else:
            self.context.lane.ask(self, KEEP, self._store, DraftKept, Rank.BESIDE)

    async def _store(self) -> Mapping[str, str] | None:
        """Keep what is typed by the time it is this request's turn, if it is still to be kept then."""
        content = dict(self._content)
        if self.saving or self._to_forget or not self._keeps or not report.has_words(content):
            return self._kept or {}
        try:
            await self.context.desk.drafts.keep_report(content)
        except InvalidInput:
            return None
        return content

    @on(DraftKept)
    def _show_kept(self, message: DraftKept) -> None:
        message.stop()
        if not self._keeps:
            return
        if message.content is None:
            self.say_of_draft("no draft of it is kept any more", Tone.SOON)
            if self._leaving:
                self._leaving = False
                self.alert(
                    "no draft is kept of what was sent, so the form stays: "
                    f"{self.context.registry.by_id('intake.save').shown_keys} finds out its number"
                )
            return
        self._kept = message.content or None
        if self._leaving:
            self.keep()
        if self._leaving or not message.content:
            return
        self.say_of_draft(kept_at(self.context.moment()))

    def not_kept(self, key: str, sentence: str) -> None:
        """It could not be done: say so, and try again."""
        leaving, self._leaving = self._leaving, False
        if key.startswith(FIND):
            self.later(FIND, AGAIN_AFTER, self.find_draft)
            if leaving:
                self.alert(f"the draft could not be kept, so the form stays: {sentence}")
        elif key.startswith(KEEP):
            self.say_of_draft("the draft is NOT kept at the moment", Tone.LATE)
            self.later(KEEP, AGAIN_AFTER, self.keep)
            if leaving:
                self.alert(f"the draft could not be kept, so the form stays: {sentence}")
        elif leaving or self._over:
            self._leave()  # it is tried once more at the end, and else offered the next time
        else:
            self.alert(f"the stored draft could not be deleted yet, it is tried again: {sentence}")
            self.later(FORGET, AGAIN_AFTER, self._ask_to_forget)

    def begin_anew(self) -> None:
        """It is another report from now on: what was sent before is not it."""
        self.attempt, self.sent = uuid4(), None

    # ------------------------------------------------------------------ forgetting

    def turn_confidential(self) -> None:
        """From now on nothing of this report is kept, and nothing stays of what was.

        What was sent without an answer is settled: an ordinary ticket of it is told, or will never be.
        """
        self.was_confidential = True
        self._leaving = False
        self.not_later(KEEP)
        self.context.lane.drop(KEEP)
        self._content, self._kept = {}, None
        self._forget()
        self._ask_whose_it_is()

    def _forget(self) -> None:
        """Give up what was typed until now; what is typed from now on is another report."""
        self.give_up_later()
        if self._content:
            self._content = {**self._content, report.ATTEMPT: str(self.attempt)}
        self._ask_to_forget()

    def give_up_later(self) -> None:
        """Nothing of what was typed until now is kept, or sent, any more."""
        self.hold()
        self._to_forget[self.attempt] = self._asked_about_old
        self.begin_anew()

    def _ask_to_forget(self) -> None:
        self.context.lane.ask(self, FORGET, self.give_up, DraftForgotten, Rank.SAVE)

    async def give_up(self) -> str:
        """See to it that nothing is stored or sent any more of what is given up; its number if it was."""
        for attempt, stored in tuple(self._to_forget.items()):
            if attempt is not None:
                number = await self.context.desk.work.outcome(attempt)
                self.logged_before = number or self.logged_before
            if stored:
                await self.context.desk.drafts.forget_report(attempt)
            self._to_forget.pop(attempt, None)
        return self.logged_before

    @on(DraftForgotten)
    def _show_forgotten(self, message: DraftForgotten) -> None:
        message.stop()
        self._kept = None
        self.say_of_draft("")
        if self._over:
            self._leave()
        elif self._leaving:
            self.keep()
        else:
            self.keep_later()
            if message.number:
                self.look()

    # ------------------------------------------------------------------ leaving

    async def ask_to_leave(self) -> None:
        """Ask what becomes of what was typed; without a word there is nothing to ask."""
        if not report.has_words(self.typed()):
            self._leaving = True
            if self._keeps and self._asked_about_old:
                self.keep()
            else:
                self._leave()
            return
        keep: tuple[Option, ...] = ()
        told = "" if self._keeps else "No draft is kept of this report."
        if self._keeps and self._old is None:
            keep = (KEEP_IT,)
        elif self._keeps:
            keep = (Option("keep it, and throw the older draft away", "instead"),)
            told = "An older draft is kept, and only one can be."
        options = (*keep, THROW_IT_AWAY, GO_ON)
        form = question("Leave the report", options, told, picked=len(keep) + 1 if told else 0)
        await self.app.push_screen(FormDialog(self.context, form), self._part)

    def _part(self, saved: Saved | None) -> None:
        way = saved.answer if saved is not None else "on"
        if way == "on":
            return
        self._leaving = True
        if way == "instead":
            self._asked_about_old, self._old = True, None
        if way != "away":
            self.keep()
        elif self._keeps:
            self.finish()
            self._forget()
        else:
            self._leave()

    def _leave(self) -> None:
        self.finish()
        self.close(Logged(self.logged_before) if self.logged_before else None)

    def finish(self) -> None:
        """Nothing is to be kept any more."""
        self._over = True
        self._content = {}
        self.not_later()
        self.context.lane.drop(_DRAFT)

    async def on_unmount(self) -> None:
        """The terminal has gone away, or it was left: the last words are kept, or wiped."""
        drafts, content = self.context.desk.drafts, self._content
        with contextlib.suppress(MuniconsoleError, TimeoutError):
            async with asyncio.timeout(AT_LAST):
                await self.give_up()
                if self._keeps and report.has_words(content) and content != self._kept:
                    if not self._asked_about_old and self._old is None:
                        self._asked_about_old = await drafts.report() is None
                    if self._asked_about_old:
                        await drafts.keep_report(content)
        self._content = {}
        cells.forget()


def _attempt_of(draft: Draft) -> UUID | None:
    try:
        return UUID(draft.content.get(report.ATTEMPT, ""))
    except ValueError:
        return None


def _gist(content: Mapping[str, str]) -> str:
    parts = (content.get(name, "") for name in ("category", "description", "address", "name"))
    return ", ".join(part for part in parts if part)
