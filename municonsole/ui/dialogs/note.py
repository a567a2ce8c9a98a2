"""The note on a ticket: kept as it is typed, and gone on with the next time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from textual.message import Message
from textual.widget import Widget

from municonsole.domain.desk import Draft
from municonsole.domain.errors import InvalidInput, MuniconsoleError
from municonsole.ui import cells, words
from municonsole.ui.actions import Where, bindings
from municonsole.ui.attempt import Attempt
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form import FormDialog
from municonsole.ui.dialogs.form_fields import FormChoice, FormWords
from municonsole.ui.form import Form, Saved, Subject, question
from municonsole.ui.lane import Rank, RequestFailed
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
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Gone

_DRAFT = "note:draft:"
_FIND, _KEEP = f"{_DRAFT}find", f"{_DRAFT}keep"
_NOTE, _PUBLIC, _ATTEMPT, _SENT, _YES = "note", "public", "attempt", "sent", "yes"


class NoteDialog(FormDialog, Resting, inherit_bindings=False):
    """The form of a note on a municipal ticket, whose words outlive it: Esc, the line, the terminal.

    There is one draft an operator and ticket. The law forgets it with the note that is saved under its
    attempt, and when the ticket becomes a GBV report.
    """

    BINDINGS: ClassVar = bindings(Where.FORM)

    class Found(Message):
        """What was kept of a note on this ticket; None for nothing."""

        def __init__(self, draft: Draft | None) -> None:
            super().__init__()
            self.draft = draft

    class Kept(Message):
        """What is kept now."""

        def __init__(self, content: Mapping[str, str]) -> None:
            super().__init__()
            self.content = content

    def __init__(self, context: Context, asked: Form, subject: Subject) -> None:
        super().__init__(context, asked, subject)
        self._ticket = subject.id
        # Until it is known what was kept before, nothing takes its place.
        self._looked = False
        self._content: Mapping[str, str] = {}
        self._kept: Mapping[str, str] = {}
        self._parting = self._over = False

    # ------------------------------------------------------------------ what was kept before

    def on_mount(self) -> None:
        """Ask whether a note was begun and not saved."""
        self._find()

    def _find(self) -> None:
        drafts = self.context.desk.drafts
        self.context.lane.ask(self, _FIND, lambda: drafts.note(self._ticket), self.Found)

    def on_note_dialog_found(self, message: Found) -> None:
        """Go on with it; what was typed before it came stands below."""
        message.stop()
        draft = message.draft
        if self._looked or self._over:
            return
        self._looked = True
        if draft is not None:
            self._kept = draft.content
            if draft.content.get(_SENT):
                with contextlib.suppress(ValueError):
                    # Nobody knows whether it arrived: that is asked before anything is sent.
                    self._attempt = Attempt(UUID(draft.content.get(_ATTEMPT, "")), unsure=True)
            field = self.query_one(FormWords)
            field.fill("\n".join(filter(None, (draft.content.get(_NOTE, ""), field.text))))
            field.move_cursor(field.document.end)
            if draft.content.get(_PUBLIC):
                self.query_one(f"#form-{_PUBLIC}", FormChoice).choose(True)
            at = self.context.moment()
            self._tell(f"begun {words.moment(draft.saved_at, at.zone, at.now)}")
        self._heed()

    def _tell(self, sentence: str, *, late: bool = False) -> None:
        box = self.query_one("#form-box", Widget)
        box.set_class(late, "form-late")
        box.border_subtitle = sentence

    # ------------------------------------------------------------------ keeping

    def on_text_area_changed(self) -> None:
        """A letter more or less."""
        self._heed()

    def on_offered_picked(self) -> None:
        """For somebody else."""
        self._heed()

    def before_blank(self) -> None:
        """Keep it before the screen is blanked."""
        self._keep()

    def _heed(self) -> None:
        """Keep what is typed, once the fingers rest."""
        given, note = self._given, self.query_one(FormWords).text
        self._content = {}
        if note.strip():
            self._content = {_NOTE: note, **({_PUBLIC: _YES} if given.get(_PUBLIC) else {})}
        self.later(_KEEP, KEPT_AFTER, self._keep)

    def _to_keep(self) -> Mapping[str, str]:
        if not self._content:
            return {}
        sent = {_SENT: _YES} if self._attempt.unsure else {}
        return {**self._content, _ATTEMPT: str(self._attempt.number), **sent}

    def _keep(self) -> None:
        if self._over or self._saving:
            return
        if not self._looked:
            self._find()
        elif not _same(self._to_keep(), self._kept) or self._parting:
            self.context.lane.ask(self, _KEEP, self._store, self.Kept, Rank.BESIDE)

    async def _store(self) -> Mapping[str, str]:
        """Keep what is typed by the time it is this request's turn, if it is still to be kept then."""
        content = self._to_keep()
        if self._over or self._saving or _same(content, self._kept):
            return self._kept
        if not content:
            await self.context.desk.drafts.forget_note(self._ticket)
        else:
            with contextlib.suppress(InvalidInput):  # saved meanwhile, which has forgotten it
                await self.context.desk.drafts.keep_note(self._ticket, content)
        return content

    def on_note_dialog_kept(self, message: Kept) -> None:
        """Say so, or leave."""
        message.stop()
        self._kept = message.content
        if self._parting:
            self._leave()
            return
        self._tell(kept_at(self.context.moment()) if message.content else "")

    def on_request_failed(self, message: RequestFailed) -> None:
        """Of a draft: it is tried again; what was typed is still there."""
        if not message.key.startswith(_DRAFT):
            return
        message.stop()
        message.prevent_default()
        if message.unreachable:
            self.context.watch.lost()
        if not message.refused:
            self._tell("the draft is NOT kept at the moment", late=True)
            self.later(_KEEP, AGAIN_AFTER, self._keep)
        if self._parting:
            self._parting = False
            self._hint(f"it could not be done, so the form stays: {message.sentence}", Tone.SOON)

    # ------------------------------------------------------------------ leaving

    def action_cancel(self) -> None:
        """Leave; what becomes of the words is asked."""
        if self._saving or self._attempt.unsure or not self._looked or not self._content:
            super().action_cancel()
        else:
            dialog = FormDialog(
                self.context, question("Leave the note", (KEEP_IT, THROW_IT_AWAY, GO_ON))
            )
            self.app.push_screen(dialog, self._part)

    def _part(self, saved: Saved | None) -> None:
        if saved is None or saved.answer == "on":
            return
        if saved.answer == "away":
            self._content = {}
        self._parting = True
        self._hint(f"One moment {cells.ELLIPSIS}")
        self._keep()

    def _leave(self) -> None:
        self._over = True
        self.close(None)

    def on_gone(self, message: Gone) -> None:
        """Nothing of it stays."""
        if self._ticket in message.ids:
            self._over = True
            self._content = {}

    async def on_unmount(self) -> None:
        """The terminal has gone away, or nobody knows whether it arrived: the last words are kept."""
        content = self._to_keep()
        saved = isinstance(self._to_give, tuple) and self._to_give[0] is not None
        if self._looked and not self._over and not saved and not _same(content, self._kept):
            drafts = self.context.desk.drafts
            with contextlib.suppress(MuniconsoleError, TimeoutError):
                async with asyncio.timeout(AT_LAST):
                    if content:
                        await drafts.keep_note(self._ticket, content)
                    else:
                        await drafts.forget_note(self._ticket)


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether the same is kept, under whatever attempt it will be sent."""

    def told(content: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in content.items() if key != _ATTEMPT}

    return told(one) == told(other)
