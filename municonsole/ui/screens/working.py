"""What can be done to the ticket at hand: mixed into the screens that have one."""

from __future__ import annotations

from functools import cached_property, partial
from typing import ClassVar
from uuid import UUID

from textual.message import Message
from textual.screen import Screen

from municonsole.domain import tracking
from municonsole.domain.records import TicketRow
from municonsole.domain.values import Role
from municonsole.ui import cells, changes, work
from municonsole.ui.actions import Action
from municonsole.ui.attempt import Attempt
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.number import Logged, NumberDialog
from municonsole.ui.form import Opened, Saved, Subject
from municonsole.ui.lane import Rank
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.screens.undoing import Undoing
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Gone, Showing
from municonsole.ui.widgets.status_line import StatusLine

_TAKE = "ticket.take"
SAVE = "save"
"""What the keys of requests that change something begin with."""


class Taken(Message):
    """The ticket is the operator's own now."""

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.saved = saved


class Working(Undoing, Showing, Keyed, Screen[None], inherit_bindings=False):
    """A screen with a ticket at hand, on which the actions of the registry work."""

    NO_TICKET: ClassVar = "no ticket under the cursor"

    def at_hand(self) -> TicketRow | None:
        """The ticket that is acted on."""
        raise NotImplementedError

    def after_saving(self, saved: Saved) -> None:
        """Show what was saved, from the database."""
        raise NotImplementedError

    def subject(self) -> Subject | None:
        """The ticket at hand, without what a citizen said."""
        row = self.at_hand()
        return None if row is None else Subject.of(row, saps=self.context.saps)

    def reason(self, action: Action) -> str:
        """Why this is not done to the ticket at hand."""
        if action.id == "report.open" and self.context.saps:
            return "for administrators"
        refused = super().reason(action)
        if refused:
            return refused
        if action.id == "ticket.copy_number" and self.at_hand() is None:
            return self.NO_TICKET
        return self._undone(action) if action.matters else ""

    def _undone(self, action: Action) -> str:
        subject = self.subject()
        if subject is None:
            return self.NO_TICKET
        if subject.matter not in action.matters:
            return "not for a GBV report"
        return self._not_taken(subject) if action.id == _TAKE else ""

    def _not_taken(self, subject: Subject) -> str:
        operator = self.context.operator
        anyones = operator.role in (Role.MANAGER, Role.ADMIN)
        if subject.taken:
            return "somebody has it already"
        own = subject.team_id is not None and subject.team_id == operator.team_id
        return "" if anyones or own else "it is not with your team"

    def on_screen_resume(self) -> None:
        """What was told meanwhile on another screen is told here too."""
        self.query_one(StatusLine).tell()

    def say(self, sentence: str, tone: Tone = Tone.PLAIN, about: UUID | None = None) -> None:
        """A sentence in the status line; it goes with the ticket that it is `about`."""
        self.query_one(StatusLine).say(sentence, tone, about)

    def on_gone(self, message: Gone) -> None:
        """What was said about a ticket goes with it."""
        self.query_one(StatusLine).forget_about(message.ids)

    async def action_work(self, action_id: str) -> None:
        """Ask what is needed for an action on the ticket at hand, and do it."""
        subject = self.subject()
        if subject is None or self.reason(self.context.registry.by_id(action_id)):
            return  # its key has said why
        if action_id == _TAKE:
            self._take(subject)
        else:
            form = work.FORMS[action_id](self.context, subject)
            await self.app.push_screen(FormDialog(self.context, form, subject), self._saved)

    @cached_property
    def _takes(self) -> dict[UUID, Attempt]:
        return {}

    @property
    def unsettled(self) -> bool:
        """Whether nobody knows if a ticket was taken: the sentence that says so is not talked over."""
        return any(attempt.unsure for attempt in self._takes.values())

    def _take(self, subject: Subject) -> None:
        attempt = self._takes.setdefault(subject.id, Attempt())
        take = partial(changes.take, self.context, subject, attempt)
        self.context.lane.ask(self, f"{SAVE}:take", take, Taken, Rank.SAVE)

    def on_taken(self, message: Taken) -> None:
        """Done, and only now."""
        message.stop()
        if message.saved.subject is not None:
            self._takes.pop(message.saved.subject.id, None)
        self._saved(message.saved)

    def _saved(self, saved: Saved | None) -> None:
        if saved is None:
            return
        about = None if saved.gone or saved.subject is None else saved.subject.id
        self.say(saved.sentence, Tone.GOOD, about)
        if saved.gone and saved.subject is not None:
            self.context.watch.wipe({saved.subject.id})
        self.after_saving(saved)

    def action_copy_number(self) -> None:
        """Put the number on the clipboard of the terminal, which may refuse without a word (OSC 52)."""
        row = self.at_hand()
        if row is None:
            return
        number = cells.line(row.tracking_number)
        # Nothing but a number goes there, so that its length is known and no text of anybody's is in it.
        if tracking.WHOLE.fullmatch(number):
            self.app.copy_to_clipboard(number)
        self.say(f"{number}, copied where the terminal allows it", Tone.GOOD, row.id)

    async def action_new_report(self) -> None:
        """Take a call."""
        # It shows tickets, which work as here: neither can be imported first.
        from municonsole.ui.screens.intake import IntakeScreen

        if any(isinstance(screen, IntakeScreen) for screen in self.app.screen_stack):
            back = self.context.registry.by_id("screen.back").shown_keys
            self.say(f"a report is being typed already; {back} goes back to it", Tone.SOON)
            return
        await self.app.push_screen(IntakeScreen(self.context), self._logged)

    async def _logged(self, logged: Logged | None) -> None:
        if logged is None:
            return
        self.after_saving(Saved(logged.joined, logged.sentence))
        self.say(logged.sentence, Tone.GOOD, logged.joined.id if logged.joined else None)
        await self.app.push_screen(NumberDialog(self.context, logged), self._next_call)

    async def _next_call(self, wanted: bool | None) -> None:
        if wanted:
            await self.action_new_report()

    async def action_open_report(self) -> None:
        """Ask an administrator which report to open, and why."""
        dialog = FormDialog(self.context, work.open_report(self.context))
        await self.app.push_screen(dialog, self._show_report)

    def _show_report(self, saved: Saved | None) -> None:
        if saved is not None and isinstance(saved.answer, Opened):
            self.show_report(saved.answer)

    def show_report(self, opened: Opened) -> None:
        """Show what an administrator has opened."""
        raise NotImplementedError
