"""The form on which a call is taken: its fields, what they say, and its two looks."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, TypeAlias

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, TextArea

from municonsole.domain.desk import Suburb
from municonsole.ui import cells, report
from municonsole.ui.actions import Where
from municonsole.ui.closing import Closing
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form_fields import FormLine, FormWords
from municonsole.ui.dialogs.inline_fields import Changed, InlineChoice, SuburbFind
from municonsole.ui.dialogs.number import Logged
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.call_pane import CallPane
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine, StatusLine

CallField: TypeAlias = FormLine | FormWords | InlineChoice | SuburbFind
WIDE, SHORT = 100, 22
"""From this width on the tickets stand beside the form; below this height its text takes two lines."""
FORM_WIDTH = 64
"""Cells of the form beside the tickets, as in console.tcss."""
_CONFIDENTIAL = (
    "It goes to SAPS alone: once it is logged you do not see it any more. No draft of it is kept: "
    "until then it is in this form and nowhere else, and lost with it."
)
_SAPS_ALONE = "Until it is logged it is in this form and nowhere else, and lost with it."
_LOGGED_BEFORE = (
    "It was logged before as an ordinary ticket, which colleagues see: {number}. {key} on that ticket "
    "marks it as sensitive."
)
_ONCE_CONFIDENTIAL = "no draft is kept of it, since GBV was chosen"
_MUNICIPAL_FIELDS = ("message",)
_CONFIDENTIAL_FIELDS = ("safe", "how")


class IntakeFields(Keyed, Closing[Logged | None], inherit_bindings=False):
    """The fields and the lines around them; a GBV report asks for other things, beside no ticket.

    `caller` are the tickets of whoever calls, `similar` those that may be about the same.
    """

    WHERE: ClassVar = Where.INTAKE
    AUTO_FOCUS: ClassVar = "#form-phone"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        saps = context.saps
        palette = context.palette
        self._fields: dict[str, CallField] = {
            "phone": FormLine(report.PHONE),
            "category": InlineChoice(palette, report.category(saps=saps)),
            "severity": InlineChoice(palette, report.SEVERITY),
            "description": FormWords(report.REPORT),
            "address": FormLine(report.ADDRESS),
            "suburb": SuburbFind(palette),
            "coordinates": FormLine(report.COORDINATES),
            "language": InlineChoice(palette, report.LANGUAGE),
            "message": InlineChoice(palette, report.MESSAGE),
            "name": FormLine(report.NAME),
            "safe": InlineChoice(palette, report.SAFE),
            "how": FormLine(report.HOW),
        }
        self.caller = CallPane(palette, context.moment, widget_id="caller")
        self.similar = CallPane(palette, context.moment, widget_id="similar")
        self._last: Widget = self._fields["phone"]
        self._alert: tuple[str, Tone] = ("", Tone.MUTED)
        self._draft_says: tuple[str, Tone] = ("", Tone.MUTED)
        self.was_confidential = saps
        self.logged_before = ""
        """The number of what was sent, and then given up, before its answer came."""

    # ------------------------------------------------------------------ layout

    def compose(self) -> ComposeResult:
        """The form, the tickets beside or below it, and the lines below."""
        palette = self.context.palette
        with Widget(id="intake"):
            with Vertical(id="intake-form"):
                yield Page(palette, widget_id="intake-head")
                for name, field in self._fields.items():
                    with Vertical(classes="intake-row", id=f"row-{name}"):
                        with Horizontal(classes="form-line"):
                            label = Page(palette)
                            label.add_class("intake-label")
                            label.show(partial(_label, _LABELS.get(name, "")))
                            yield label
                            yield field
                        complaint = Page(palette, widget_id=f"complaint-{name}")
                        complaint.display = False
                        yield complaint
            with Vertical(id="intake-panes"):
                yield self.caller
                yield self.similar
        yield Page(palette, widget_id="intake-hint")
        yield StatusLine(self.context)
        yield KeyLine(palette)

    def on_resize(self, _: events.Resize) -> None:
        """Beside each other or one below the other, as the width allows."""
        self.set_class(self.size.width >= WIDE, "-wide")
        self.set_class(self.size.height < SHORT, "-short")
        self.look()

    @property
    def _form_width(self) -> int:
        return FORM_WIDTH if self.size.width >= WIDE else max(self.size.width, 20)

    @property
    def confidential(self) -> bool:
        """Whether it is the form of a GBV report now."""
        return report.is_confidential(self.typed())

    def look(self) -> None:
        """Bring everything into the look of an ordinary report, or of a GBV report."""
        confidential = self.confidential
        for name in _MUNICIPAL_FIELDS:
            self.query_one(f"#row-{name}").display = not confidential
        for name in _CONFIDENTIAL_FIELDS:
            self.query_one(f"#row-{name}").display = confidential
        self.query_one("#intake-panes").display = not confidential
        head = self.query_one("#intake-head", Page)
        head.styles.height = len(self._head(self._form_width))
        head.show(self._head)
        self.tell_keys()

    def _head(self, width: int) -> list[Spans]:
        if not self.confidential:
            says, tone = self._draft_says
            if self.was_confidential:
                says, tone = _ONCE_CONFIDENTIAL, Tone.SOON
            return [[(" New report", Tone.STRONG), (f"   {says}", tone)]]
        told = _SAPS_ALONE if self.context.saps else _CONFIDENTIAL
        lines = [(text, Tone.SOON) for text in cells.wrap(told, max(width - 1, 10))]
        if self.logged_before:
            key = self.context.registry.by_id("ticket.mark_sensitive").shown_keys
            late = _LOGGED_BEFORE.format(number=self.logged_before, key=key)
            lines += [(text, Tone.LATE) for text in cells.wrap(late, max(width - 1, 10))]
        return [[(" Confidential report", Tone.LATE)], *([(f" {t}", tone)] for t, tone in lines)]

    def say_of_draft(self, sentence: str, tone: Tone = Tone.MUTED) -> None:
        """What has become of the draft, behind the title."""
        if (sentence, tone) != self._draft_says:
            self._draft_says = (sentence, tone)
            self.query_one("#intake-head", Page).show(self._head)

    def tell_keys(self) -> None:
        """The keys that work now."""
        self.query_one(KeyLine).show(self.here())

    # ------------------------------------------------------------------ what is typed

    def typed(self) -> dict[str, str]:
        """The texts of all fields by their names."""
        return {name: field.answer for name, field in self._fields.items()}

    def fill(self, typed: report.Typed) -> None:
        """Texts into the fields that are still as they were at first."""
        for name, field in self._fields.items():
            text = typed.get(name, "")
            if isinstance(field, InlineChoice):
                if field.answer in ("", _FIRST.get(name, "")):
                    field.fill(text)
            elif not field.answer and text:
                if isinstance(field, FormLine):
                    field.value = text
                else:
                    field.fill(text)

    @property
    def suburbs(self) -> tuple[Suburb, ...]:
        """The municipality's suburbs, as far as they have been read."""
        field = self._fields["suburb"]
        return tuple(field.suburbs) if isinstance(field, SuburbFind) else ()

    def offer_suburbs(self, suburbs: tuple[Suburb, ...]) -> None:
        """The suburbs have been read."""
        field = self._fields["suburb"]
        if isinstance(field, SuburbFind):
            field.offer(suburbs)

    def on_input_changed(self, message: Input.Changed) -> None:
        """A line was typed in."""
        message.stop()
        self._heed(message.input)

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        """So was the text."""
        message.stop()
        self._heed(message.text_area)

    @on(Changed)
    def _heed_choice(self, message: Changed) -> None:
        message.stop()
        self._heed(self._fields[message.name])

    def _heed(self, field: Widget) -> None:
        name = _name(field)
        self.complain(name, "")
        if name == "suburb":
            self._show_middle()
        if self._alert[0]:
            self.explain()
        self.changed(name)

    def changed(self, name: str) -> None:
        """Something else stands in a field."""
        raise NotImplementedError

    def _show_middle(self) -> None:
        """The middle of the suburb stands for coordinates while none are typed."""
        suburb, line = self._fields["suburb"], self._fields["coordinates"]
        if isinstance(suburb, SuburbFind) and isinstance(line, FormLine):
            at = suburb.chosen
            line.placeholder = (
                report.COORDINATES.hint
                if at is None
                else f"{at.latitude:.5f}, {at.longitude:.5f}: the middle of {cells.line(at.name)}"
            )

    # ------------------------------------------------------------------ what it says

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        """Each kind of field is used in its own way."""
        if self.focused in self._fields.values():
            self._last = self.focused or self._last
        if not self._alert[0]:
            self.explain()
        self.tell_keys()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """What is wrong in a field is said when one leaves it."""
        name = _name(event.widget)
        if name in self._fields:
            sentence = report.complaint(name, self.typed(), self.suburbs)
            if sentence:
                self.complain(name, sentence)

    def complain(self, name: str, sentence: str) -> None:
        """Say below a field what is wrong with it; an empty sentence takes that away."""
        for page in self.query(f"#complaint-{name}").results(Page):
            if not sentence and not page.display:
                return
            page.display = bool(sentence)
            page.styles.height = len(_below(sentence, self._form_width))
            page.show(partial(_below, sentence))

    def alert(self, sentence: str, tone: Tone = Tone.LATE) -> None:
        """Say something about the whole report, until something is typed."""
        self._alert = (sentence, tone)
        self._hint(sentence, tone)

    def explain(self) -> None:
        """How the field at hand is used."""
        self._alert = ("", Tone.MUTED)
        focused = self.focused
        if isinstance(focused, CallPane):
            verb = "opens it" if focused.id == "caller" else "adds the caller to it"
            told = f"\N{UPWARDS ARROW} \N{DOWNWARDS ARROW} choose, Enter {verb}, Esc goes back to the form"
        elif isinstance(focused, FormLine | FormWords | InlineChoice | SuburbFind):
            told = "; ".join(filter(None, (focused.how, "Tab goes on")))
        else:
            told = ""
        self._hint(told, Tone.MUTED)

    def _hint(self, sentence: str, tone: Tone) -> None:
        page = self.query_one("#intake-hint", Page)
        lines = cells.wrap(cells.line(sentence), max(self.size.width - 2, 20))
        page.styles.height = max(len(lines), 1)
        page.show(
            lambda width: [[(f" {t}", tone)] for t in cells.wrap(cells.line(sentence), width - 2)]
        )

    # ------------------------------------------------------------------ moving

    def back_to_form(self) -> None:
        """To the field one was in."""
        self.set_focus(self._last)  # at once: the next key may be on its way

    def action_next(self) -> None:
        """To the next field."""
        self.focus_next()

    def action_previous(self) -> None:
        """To the field before."""
        self.focus_previous()


def _name(field: Widget) -> str:
    return (field.id or "").removeprefix("form-")


def _label(text: str, _: int) -> list[Spans]:
    return [[(f" {text}", Tone.MUTED)]]


def _below(sentence: str, width: int) -> list[Spans]:
    margin = " " * LABEL
    return [
        [(f"{margin}{text}", Tone.LATE)]
        for text in cells.wrap(sentence, max(width - LABEL - 1, 10))
    ]


LABEL = 10
"""Cells before a field: its label, and the mark of a choice."""
_FIRST = {"severity": "medium", "language": "en", "message": report.NO}
_LABELS = {
    "suburb": "Suburb",
    **{
        spec.name: spec.label
        for spec in (
            *(report.PHONE, report.SEVERITY, report.REPORT, report.ADDRESS, report.COORDINATES),
            *(report.LANGUAGE, report.MESSAGE, report.NAME, report.SAFE, report.HOW),
            report.category(saps=False),
        )
    },
}
