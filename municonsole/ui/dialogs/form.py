"""One form for everything that is filled in: it saves by itself, and closes when it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget

from municonsole.domain.records import TicketRow
from municonsole.ui import cells, form
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form_fields import (
    FormChoice,
    FormFind,
    FormLine,
    FormWords,
    Offered,
    widget_of,
)
from municonsole.ui.dialogs.form_preview import FormPreview
from municonsole.ui.form import Confirm, Form, Option, Saved, Subject
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

_SAVE, _OPTIONS, _AGAIN = "save", "form:options:", "form:again"


class FormDialog(Keyed, ModalScreen[Saved | None], inherit_bindings=False):
    """Shows a Form about a ticket; returns what was saved, or None.

    What was typed stays until it is saved: an error is told in the hint, and where someone else was
    first it says how the ticket stands now and offers to apply the same to that. Nothing is shown as
    done before the database has answered.
    """

    WHERE: ClassVar = Where.FORM
    BINDINGS: ClassVar = bindings(Where.FORM)
    AUTO_FOCUS: ClassVar = "FormChoice, FormFind, FormLine, FormWords"

    class Answered(Message):
        """It is saved."""

        def __init__(self, answer: object) -> None:
            super().__init__()
            self.answer = answer

    class OptionsArrived(Message):
        """The values of a field have been read."""

        def __init__(self, name: str, options: Sequence[Option]) -> None:
            super().__init__()
            self.name, self.options = name, options

    class Renewed(Message):
        """The ticket as someone else has left it."""

        def __init__(self, row: TicketRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, context: Context, asked: Form, subject: Subject | None = None) -> None:
        super().__init__()
        self.context = context
        self._form = asked
        self._subject = subject
        self._saving = False
        self._complaint = ""
        self._answers: form.Answers = {}
        self._accept_when_ready = False
        self._leaving: tuple[object, ...] | None = None

    def compose(self) -> ComposeResult:
        """What is asked, one field below the other, how the one at hand is used, and the keys."""
        palette = self.context.palette
        with Widget(id="form-box"):
            if self._form.says:
                yield Page(palette, widget_id="form-says")
            for spec in self._form.fields:
                with Horizontal(classes="form-line"):
                    label = Page(palette, widget_id=f"label-{spec.name}")
                    label.add_class("form-label")
                    label.show(partial(_label, spec.label))
                    yield label
                    yield widget_of(palette, spec)
            if self._form.preview is not None:
                yield FormPreview(self.context, self._form.preview)
            yield Page(palette, widget_id="form-hint")
            yield KeyLine(palette, widget_id="form-keys")

    def on_mount(self) -> None:
        """Title, explanation and keys; options that have to be read are asked for."""
        box = self.query_one("#form-box", Widget)
        about = f"{self._form.title} {self._subject.number}" if self._subject else self._form.title
        box.border_title = about
        for says in self.query("#form-says").results(Page):
            says.show(self._says)
        self.query_one(KeyLine).show(self.here())
        self._ask_options()
        self._explain()

    def on_resize(self, _: events.Resize) -> None:
        """The explanation takes the lines it needs."""
        for says in self.query("#form-says").results(Page):
            says.styles.height = len(self._says(max(min(self.size.width, 76) - 4, 10)))

    def _says(self, width: int) -> list[Spans]:
        return [[(text, Tone.PLAIN)] for text in cells.wrap(self._form.says, width)]

    @property
    def _fields(self) -> list[FormLine | FormWords | FormChoice | FormFind]:
        kinds = (FormLine, FormWords, FormChoice, FormFind)
        return [field for field in self.query("*") if isinstance(field, kinds)]

    def _ask_options(self) -> None:
        for spec in self._form.fields:
            if isinstance(spec, form.Choice | form.Find) and callable(spec.options):
                self.context.lane.ask(
                    self,
                    f"{_OPTIONS}{spec.name}",
                    partial(spec.options, self._subject),
                    partial(self.OptionsArrived, spec.name),
                )

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
        focused = self.focused
        how = (
            focused.how if isinstance(focused, FormLine | FormWords | FormChoice | FormFind) else ""
        )
        more = "Tab goes to the next line" if len(self._form.fields) > 1 else ""
        self._hint("; ".join(filter(None, (how, more))))

    def _hint(self, sentence: str, tone: Tone = Tone.MUTED) -> None:
        self.query_one("#form-hint", Page).show(
            lambda width: [[(text, tone)] for text in cells.wrap(cells.line(sentence), width)]
        )

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
        elif filled == self._leaving or not any(field.typed for field in self._fields):
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
            return
        for field in self._fields:
            if not self._fits(field):
                return
        answers = self._given
        if not self._has_been_seen(answers):
            return
        self._saving = True
        self._hint(f"Saving {cells.ELLIPSIS}")
        self.context.lane.ask(
            self,
            _SAVE,
            lambda: self._form.save(answers, self._subject),
            self.Answered,
            Rank.SAVE,
        )
        self._answers = answers

    def _fits(self, field: FormLine | FormWords | FormChoice | FormFind) -> bool:
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
        elif isinstance(field, FormFind):
            complaint = "nothing has that name" if field.missing else ""
        elif not isinstance(spec, form.Find) and spec.required and not field.answer:
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
        sentence = self._form.done(self._answers)
        self.dismiss(Saved(self._subject, sentence, self._form.gone, message.answer))

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; what was typed is still there."""
        message.stop()
        self._saving = False
        if message.stale and self._subject is not None:
            number, tickets = self._subject.number, self.context.desk.tickets
            self.context.lane.ask(self, _AGAIN, lambda: tickets.row(number), self.Renewed)
        else:
            self._hint(message.sentence, Tone.LATE)

    def on_form_dialog_renewed(self, message: Renewed) -> None:
        """From now on the form is about the new state."""
        self._subject = Subject.of(message.row, saps=self.context.saps)
        key = self.context.registry.by_id("form.save").shown_keys
        self._ask_options()
        for preview in self.query(FormPreview):
            preview.again(self._given, self._subject)
        self._hint(
            f"someone else changed it meanwhile, it is now {self._subject.state}; "
            f"{key} saves yours on top of that, Esc leaves it",
            Tone.SOON,
        )


def _label(text: str, _: int) -> list[Spans]:
    return [[(text, Tone.MUTED)]]
