"""Nothing typed is lost: an ordinary report is kept as it is typed, and of a GBV report nothing is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID, uuid4

from textual import on
from textual.message import Message
from textual.timer import Timer

from municonsole.domain.desk import Draft
from municonsole.domain.errors import MuniconsoleError
from municonsole.domain.permissions import Permission
from municonsole.ui import cells, report, words
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.form import Answers, Choice, Form, Option, Saved, Subject
from municonsole.ui.lane import Rank
from municonsole.ui.screens.intake_fields import IntakeFields
from municonsole.ui.theme import Tone

KEPT_AFTER = 2.0
"""Seconds of rest after which what was typed is kept."""
AGAIN_AFTER = 5.0
"""Seconds after which what could not be done is tried again."""
AT_LAST = 1.5
"""Seconds that a console which is told to end takes to keep a draft."""
FIND, KEEP, FORGET = "intake:draft:find", "intake:draft:keep", "intake:draft:forget"


class DraftFound(Message):
    """What was kept of a report that was not logged; None for nothing."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__()
        self.draft = draft


class DraftKept(Message):
    """What is kept now."""

    def __init__(self, content: Mapping[str, str]) -> None:
        super().__init__()
        self.content = content


class DraftForgotten(Message):
    """Nothing is kept any more."""


class IntakeDrafts(IntakeFields, inherit_bindings=False):
    """Keeps the draft of an ordinary report: after two seconds of rest, when one leaves, at the end.

    `attempt` is the number under which it is sent; `sent` is what was, while it is not known whether it
    arrived. Once GBV was chosen in this form nothing of it is kept any more, whatever is chosen later, and
    what was stored is forgotten. What cannot be done since the database is away is done once it is back.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.attempt: UUID = uuid4()
        self.sent: report.Typed | None = None
        self._resting: dict[str, Timer] = {}
        # Until it is known what was kept before, nothing takes its place.
        self._asked_about_old = not context.operator.may(Permission.SAVE_DRAFT)
        self._old: Draft | None = None
        self._kept: Mapping[str, str] | None = None
        self._to_forget = False
        self._leaving = False
        self._over = False
        self._content: dict[str, str] = {}

    @property
    def _keeps(self) -> bool:
        may = self.context.operator.may(Permission.SAVE_DRAFT)
        return may and not self.was_confidential and not self._over

    def later(self, key: str, seconds: float, then: Callable[[], None]) -> None:
        """Do something after so much rest; what was to be done under the same key is not done."""
        if key in self._resting:
            self._resting[key].stop()
        self._resting[key] = self.set_timer(seconds, then)

    def not_later(self) -> None:
        """Do nothing of that."""
        for timer in self._resting.values():
            timer.stop()
        self._resting.clear()

    # ------------------------------------------------------------------ what was kept before

    def find_draft(self) -> None:
        """Ask whether a report was begun and not logged."""
        if not self._asked_about_old and self._old is None and self._keeps:
            self.context.lane.ask(self, FIND, self.context.desk.drafts.report, DraftFound)

    @on(DraftFound)
    async def _offer_draft(self, message: DraftFound) -> None:
        message.stop()
        if self._asked_about_old or self._old is not None or not self._keeps:
            return
        if message.draft is None:
            self._asked_about_old = True
            self._keep_later()
            return
        self._old = message.draft
        at = self.context.moment()
        when = words.moment(message.draft.saved_at, at.zone, at.now)
        told = cells.cut(cells.line(_gist(message.draft.content)), 60)
        form = Form(
            "A report was begun",
            (
                Choice(
                    "way",
                    "Now",
                    (
                        Option("go on with it", "on", "g"),
                        Option("begin anew, and throw it away", "anew", "b"),
                    ),
                    picked=0,
                ),
            ),
            _answer("way"),
            lambda _: "",
            says=f"{when}, not logged: {told or 'no words yet'}",
        )
        await self.app.push_screen(FormDialog(self.context, form), self._go_on)

    def _go_on(self, saved: Saved | None) -> None:
        if saved is None or self._old is None:
            self._leave()
            return
        self._kept = self._old.content
        self._asked_about_old = True
        if saved.answer == "on":
            with contextlib.suppress(ValueError):
                self.attempt = UUID(self._kept.get(report.ATTEMPT, ""))
            self.fill(self._kept)
        else:
            self._forget()

    # ------------------------------------------------------------------ keeping

    def changed(self, name: str) -> None:  # noqa: ARG002 - any field is a part of it
        """Keep it, once the fingers rest."""
        if self._keeps:
            self._content = {**self.typed(), report.ATTEMPT: str(self.attempt)}
            self._keep_later()

    def _keep_later(self) -> None:
        if self._keeps:
            self.later(KEEP, KEPT_AFTER, self.keep)

    def before_blank(self) -> None:
        """Keep it before the screen is blanked."""
        self.keep()

    def keep(self) -> None:
        """Keep what is typed, if it is not kept already."""
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
            content = dict(self._content)
            self.context.lane.ask(
                self,
                KEEP,
                partial(self.context.desk.drafts.keep_report, content),
                lambda _: DraftKept(content),
                Rank.BESIDE,
            )

    @on(DraftKept)
    def _show_kept(self, message: DraftKept) -> None:
        message.stop()
        self._kept = message.content
        if self._leaving:
            self.keep()
            return
        local = self.context.now().astimezone(self.context.zone)
        self.say_of_draft(f"draft kept {local:%H:%M}")

    def not_kept(self, key: str, sentence: str) -> None:
        """It could not be done: say so, and try again."""
        leaving, self._leaving = self._leaving, False
        if key.startswith(FIND):
            self.later(FIND, AGAIN_AFTER, self.find_draft)
        elif key.startswith(KEEP):
            self.say_of_draft("the draft is NOT kept at the moment", Tone.LATE)
            self.later(KEEP, AGAIN_AFTER, self.keep)
            if leaving:
                self.alert(f"the draft could not be kept, so the form stays: {sentence}")
        elif leaving:
            self._leave()  # it is tried once more at the end, and else offered the next time
        else:
            self.alert(f"the stored draft could not be deleted yet, it is tried again: {sentence}")
            self.later(FORGET, AGAIN_AFTER, self._forget)

    def begin_anew(self) -> None:
        """It is another report from now on: what was sent before is not it."""
        self.attempt, self.sent = uuid4(), None

    # ------------------------------------------------------------------ forgetting

    def turn_confidential(self) -> None:
        """From now on nothing of this report is kept, and nothing stays of what was."""
        self.was_confidential = True
        self.not_later()
        self.context.lane.drop("intake:")
        self._content, self._kept = {}, None
        self._forget()

    def _forget(self) -> None:
        if not self.context.operator.may(Permission.SAVE_DRAFT):
            return
        self._to_forget = True
        forget = self.context.desk.drafts.forget_report
        self.context.lane.ask(self, FORGET, forget, lambda _: DraftForgotten(), Rank.SAVE)

    @on(DraftForgotten)
    def _show_forgotten(self, message: DraftForgotten) -> None:
        message.stop()
        self._to_forget, self._kept = False, None
        self.say_of_draft("")
        if self._leaving:
            self._leave()

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
        keep = (Option("keep it as a draft", "keep", "k"),) if self._keeps else ()
        options = (
            *keep,
            Option("throw it away", "away", "t"),
            Option("go on typing", "on", "g"),
        )
        choice = Choice("way", "Now", options, picked=0 if keep else 1)
        told = "" if keep else "No draft is kept of this report."
        form = Form("Leave the report", (choice,), _answer("way"), lambda _: "", says=told)
        await self.app.push_screen(FormDialog(self.context, form), self._part)

    def _part(self, saved: Saved | None) -> None:
        way = saved.answer if saved is not None else "on"
        if way == "on":
            return
        self._leaving = True
        if way == "keep":
            self.keep()
        elif self._keeps:
            self._forget()
        else:
            self._leave()

    def _leave(self) -> None:
        self.finish()
        self.dismiss(None)

    def finish(self) -> None:
        """Nothing is to be kept any more."""
        self._over = True
        self._content = {}
        self.not_later()

    async def on_unmount(self) -> None:
        """The terminal has gone away, or it was left: the last words are kept, or wiped."""
        drafts, content = self.context.desk.drafts, self._content
        with contextlib.suppress(MuniconsoleError, TimeoutError):
            async with asyncio.timeout(AT_LAST):
                if self._to_forget:
                    await drafts.forget_report()
                elif (
                    self._keeps
                    and self._asked_about_old
                    and report.has_words(content)
                    and content != self._kept
                ):
                    await drafts.keep_report(content)
        self._content = {}
        cells.forget()


def _answer(name: str) -> Callable[[Answers, Subject | None, UUID], Awaitable[object]]:
    async def give(given: Answers, _: Subject | None, __: UUID) -> object:
        return given[name]

    return give


def _gist(content: Mapping[str, str]) -> str:
    parts = (content.get(name, "") for name in ("category", "description", "address", "name"))
    return ", ".join(part for part in parts if part)
