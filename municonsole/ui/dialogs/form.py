"""One form for everything that is filled in: it saves by itself, and closes when it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID, uuid4

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.ui import cells, changes, form
from municonsole.ui.actions import Matter, Where, bindings
from municonsole.ui.attempt import Attempt, Sent
from municonsole.ui.changes import Changes
from municonsole.ui.closing import Closing
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form_conflict import FormConflict
from municonsole.ui.dialogs.form_fields import FormLine, Offered
from municonsole.ui.dialogs.form_preview import FormPreview
from municonsole.ui.dialogs.form_says import FormSays, room
from municonsole.ui.dialogs.form_widgets import FormField, widget_of
from municonsole.ui.dialogs.give_field import FormGive
from municonsole.ui.form import Confirm, Form, Option, Saved, Subject
from municonsole.ui.here import Opening
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Connection, Gone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

_SAVE, _OPTIONS, _AGAIN = "save", "form:options:", "form:again"
_HINT_MOST = 3
"""Lines of the hint, where it has much to say in a narrow terminal."""


class FormDialog(
    Opening, Keyed, ModalScreen[Saved | None], Closing[Saved | None], inherit_bindings=False
):
    """Shows a Form about a ticket; returns what was saved, or None.

    What was typed stays until it is saved: an error is told in the hint, and where someone else was
    first it says what they did and offers to apply the same to that. Nothing is shown as done before
    the database has answered; when that answer is lost, the same key finds out, and nothing is doubled.
    """

    WHERE: ClassVar = Where.FORM
    BINDINGS: ClassVar = bindings(Where.FORM)
    AUTO_FOCUS: ClassVar = "FormChoice, FormGive, FormLine, FormWords"

    class Answered(Message):
        """It is saved."""

        def __init__(self, sent: Sent) -> None:
            super().__init__()
            self.sent = sent

    class OptionsArrived(Message):
        """The values of a field have been read."""

        def __init__(self, name: str, options: Sequence[Option]) -> None:
            super().__init__()
            self.name, self.options = name, options

    class Renewed(Message):
        """The ticket as it is now, and what is said about that."""

        def __init__(self, sentence: str, found: Changes) -> None:
            super().__init__()
            self.sentence, self.found = sentence, found

    def __init__(self, context: Context, asked: Form, subject: Subject | None = None) -> None:
        super().__init__()
        self.context = context
        self._form = asked
        self._subject = subject
        self._attempt = Attempt(asked.attempt or uuid4())
        self._saving = False
        self._complaint = ""
        self._answers: form.Answers = {}
        self._first_sent: form.Answers = {}
        self._accept_when_ready = self._options_lost = False
        self._leaving: tuple[object, ...] | None = None
        self._gone = False

    def compose(self) -> ComposeResult:
        """What is asked, one field below the other, how the one at hand is used, and the keys."""
        palette = self.context.palette
        with Widget(id="form-box"):
            if self._form.says:
                yield FormSays(palette, form.worded(self._form.says, self._subject))
            yield FormConflict(self.context)
            for spec in self._form.fields:
                with Horizontal(classes="form-line"):
                    label = Page(palette, widget_id=f"label-{spec.name}")
                    label.add_class("form-label")
                    label.show(partial(_label, form.label(spec, self._subject)))
                    yield label
                    yield widget_of(palette, spec)
            if self._form.preview is not None:
                yield FormPreview(self.context, self._form.preview)
            yield Page(palette, widget_id="form-hint")
            yield KeyLine(palette, widget_id="form-keys")

    def on_mount(self) -> None:
        """Title, explanation and keys; options that have to be read are asked for."""
        about = f"{self._form.title} {self._subject.number}" if self._subject else self._form.title
        self.query_one("#form-box", Widget).border_title = about
        self.query_one(KeyLine).show(self.here())
        self._ask_options()
        self._explain()

    def on_resize(self, _: events.Resize) -> None:
        """The explanation takes the lines it needs."""
        for says in self.query(FormSays):
            says.fit(self.size.width)

    @property
    def _fields(self) -> list[FormField]:
        return [field for field in self.query("*") if isinstance(field, FormField)]

    def _ask_options(self) -> None:
        self._options_lost = False
        for spec in self._form.fields:
            if isinstance(spec, form.Choice | form.Give) and callable(spec.options):
                self.context.lane.ask(
                    self,
                    f"{_OPTIONS}{spec.name}",
                    partial(spec.options, self._subject),
                    partial(self.OptionsArrived, spec.name),
                )

    def on_connection(self, message: Connection) -> None:
        """The database is back: what could not be read is asked for again."""
        if not message.sentence and self._options_lost:
            self._ask_options()

    def on_form_dialog_options_arrived(self, message: OptionsArrived) -> None:
        """Offer what was read."""
        self.query_one(f"#form-{message.name}", Offered).offer(message.options)

    async def on_offered_ready(self) -> None:
        """Whoever pressed Enter before the values were there meant it."""
        if self._accept_when_ready and not self._unready():
            self._accept_when_ready = False
            self.action_accept()

    def _unready(self) -> bool:
        return any(isinstance(field, Offered) and not field.ready for field in self._fields)

    # ------------------------------------------------------------------ what it says

    @property
    def _given(self) -> form.Answers:
        return {field.spec.name: field.answer for field in self._fields}

    def on_input_changed(self) -> None:
        """A letter more or less."""
        self._follow()

    def on_offered_picked(self) -> None:
        """Another value is chosen."""
        self._follow()

    def _follow(self) -> None:
        """Ask what goes with the answers so far, and tell what they would do."""
        given = self._given
        for field, asked in zip(self._fields, self._form.fields, strict=True):
            if isinstance(field, FormLine) and isinstance(asked, form.Line) and asked.asks:
                field.reword(asked.asks(given))
                label = self.query_one(f"#label-{asked.name}", Page)
                label.show(partial(_label, field.spec.label))
        for preview in self.query(FormPreview):
            preview.follow(given, self._subject)

    def _has_been_seen(self, given: form.Answers) -> bool:
        """Whether what these answers do is on the screen; otherwise it will be."""
        for preview in self.query(FormPreview):
            if not preview.shows(given):
                self._hint(f"Looking at what it does {cells.ELLIPSIS}")
                preview.look(given, self._subject)
                return False
        return True

    def on_form_preview_shown(self, message: FormPreview.Shown) -> None:
        """Whoever was faster than the preview sees it before it is saved."""
        message.stop()
        key = self.context.registry.by_id("form.save").shown_keys
        if message.good:
            self._hint(f"this is what it does; {key} saves it", Tone.SOON)
        else:
            self._explain()

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Each kind of field is used in its own way."""
        complaint, self._complaint = self._complaint, ""
        if complaint:
            self._hint(complaint, Tone.LATE)
        elif not self._saving:
            self._explain()

    def _explain(self) -> None:
        how = next((field.how for field in self._fields if field is self.focused), "")
        more = "Tab goes to the next line" if len(self._form.fields) > 1 else ""
        self._hint("; ".join(filter(None, (how, more))))

    def _hint(self, sentence: str, tone: Tone = Tone.MUTED) -> None:
        hint, told = self.query_one("#form-hint", Page), cells.line(sentence)
        lines = len(cells.wrap(told, room(self.size.width)))
        hint.styles.height = max(2, min(lines, _HINT_MOST))
        hint.show(lambda width: [[(text, tone)] for text in cells.wrap(told, width)])

    def refuse(self, sentence: str) -> None:
        """Say why nothing is done."""
        self._hint(sentence, Tone.SOON)

    # ------------------------------------------------------------------ actions

    def action_next(self) -> None:
        """To the next field."""
        self.focus_next()

    def action_previous(self) -> None:
        """To the field before."""
        self.focus_previous()

    def action_cancel(self) -> None:
        """Leave; text that would be lost is asked about first."""
        filled = tuple(field.answer for field in self._fields)
        if self._saving:
            self._hint("this is being saved; wait for the answer", Tone.SOON)
        elif filled == self._leaving:
            self.dismiss(None)
        elif self._attempt.unsure:
            self._leaving = filled
            self._hint(
                f"it may be saved, or not: {self._key} finds out; Esc again leaves it at that",
                Tone.SOON,
            )
        elif not any(field.typed for field in self._fields):
            self.dismiss(None)
        else:
            self._leaving = filled
            self._hint("Esc again throws away what you typed", Tone.SOON)

    def action_enter(self) -> None:
        """Enter saves."""
        self.action_accept()

    def action_accept(self) -> None:
        """Save, if everything that is needed is there."""
        if self._saving:
            return
        if self._unready():
            self._accept_when_ready = True
            if self._options_lost:
                self._ask_options()
            return
        for field in self._fields:
            if not self._fits(field):
                return
        answers = self._given
        if not self._has_been_seen(answers):
            return
        self._saving = True
        self._hint(f"Saving {cells.ELLIPSIS}")
        self._answers = answers
        if not self._attempt.unsure:
            self._first_sent = answers
        send = partial(self._send, answers, self._subject)
        self.context.lane.ask(self, _SAVE, send, self.Answered, Rank.SAVE)

    async def _send(self, answers: form.Answers, subject: Subject | None) -> Sent:
        asked = self._form
        if not asked.once:
            return Sent(await asked.save(answers, subject, self._attempt.number))
        return await self._attempt.send(
            self.context.desk.work.settle, partial(asked.save, answers, subject)
        )

    def _fits(self, field: FormField) -> bool:
        """Whether a field can be saved; otherwise the cursor goes there, and the hint says why."""
        spec = field.spec
        complaint = ""
        if isinstance(spec, Confirm):
            if field.answer:
                return True
            if field.has_focus:
                self.dismiss(None)
                return False
            complaint = f"y and then Enter: {spec.yes[:1].lower()}{spec.yes[1:]}; Esc leaves everything as it is"
        elif isinstance(field, FormGive):
            complaint = "nothing has that name" if field.missing else ""
        elif not isinstance(spec, form.Give) and spec.required and not field.answer:
            complaint = spec.required
        if complaint:
            self._hint(complaint, Tone.LATE)
            if not field.has_focus:
                self._complaint = complaint
                field.focus()
        return not complaint

    # ------------------------------------------------------------------ answers

    def on_form_dialog_answered(self, message: Answered) -> None:
        """Done, and only now."""
        earlier, gone = message.sent.earlier, self._form.gone
        if earlier and self._answers != self._first_sent and not gone and not self._gone:
            # What was sent first was saved; what was changed since is another thing to save.
            self._saving, self._attempt = False, Attempt()
            self._renew(f"as you first sent it, it was saved; {self._key} saves this too")
            return
        sentence = self._form.done(self._first_sent if earlier else self._answers)
        if earlier:
            sentence += ", as it was saved the first time"
        self.close(Saved(self._subject, sentence, gone, message.sent.answer))

    def opened(self) -> UUID | None:
        """The ticket it is about; of what an administrator opened nobody learns it here."""
        subject = self._subject
        return subject.id if subject and subject.matter is not Matter.OPENED else None

    def on_gone(self, message: Gone) -> None:
        """Of a ticket that may no longer be seen nothing stays, nor of what was being written about it."""
        if self._subject is not None and self._subject.id in message.ids:
            self._gone = True
            if not self._saving:
                self.close(None)
                return
            # It closes with the answer; until then nothing of the ticket is on it.
            self.query_one("#form-box", Widget).border_title = self._form.title
            self.query(FormSays).set(display=False)
            self.query_one(FormConflict).forget_it()

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; what was typed is still there."""
        message.stop()
        saving = message.key.startswith(_SAVE)
        self._saving = self._saving and not saving
        if self._gone:
            self.close(None)
            return
        if message.key.startswith(_OPTIONS):
            self._accept_when_ready, self._options_lost = False, True
        if message.unreachable:
            self.context.watch.lost()
        if message.refused:
            self.query_one(FormConflict).forget_it()
        if saving and message.stale and self._subject is not None:
            self._renew("")
        else:
            known = not saving or not self._form.once or not message.unreachable
            told = message.sentence
            self._hint(told if known else self._attempt.why(told, self._key), Tone.LATE)

    @property
    def _key(self) -> str:
        return self.context.registry.by_id("form.save").shown_keys

    def _renew(self, sentence: str) -> None:
        if self._subject is None:
            self._hint(sentence, Tone.SOON)
            return
        look = partial(changes.since, self.context, self._subject)
        self.context.lane.ask(self, _AGAIN, look, partial(self.Renewed, sentence))

    def on_form_dialog_renewed(self, message: Renewed) -> None:
        """From now on the form is about the new state, and tells what made it that."""
        message.stop()
        found = message.found
        self._subject = Subject.of(found.row, saps=self.context.saps)
        self._ask_options()
        for spec in self._form.fields:
            label = self.query_one(f"#label-{spec.name}", Page)
            label.show(partial(_label, form.label(spec, self._subject)))
        self._follow()
        for preview in self.query(FormPreview):
            preview.again(self._given, self._subject)
        self.query(FormSays).set(display=False)  # what happened takes its place
        self.query_one(FormConflict).tell(found, self._subject)
        self._hint(
            message.sentence or f"{self._key} saves yours on top of that, Esc leaves it", Tone.SOON
        )


def _label(text: str, _: int) -> list[Spans]:
    return [[(text, Tone.MUTED)]]
