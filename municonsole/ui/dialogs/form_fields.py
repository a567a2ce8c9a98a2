"""The fields a form can have, each used by keyboard alone; what is typed is kept until it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.widgets import TextArea

from municonsole.domain.text import clean
from municonsole.ui import cells, form
from municonsole.ui.cells import steady
from municonsole.ui.dialogs.choices import Field
from municonsole.ui.dialogs.line_input import LineInput
from municonsole.ui.form import Option
from municonsole.ui.keys import key_name
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Spans

_TEXT_MOST = 10_000


class FormLine(LineInput):
    """A line of text."""

    def __init__(self, spec: form.Line) -> None:
        super().__init__(
            spec.value, placeholder=spec.hint, most=spec.most, widget_id=f"form-{spec.name}"
        )
        self.spec = spec

    def reword(self, spec: form.Line) -> None:
        """Ask for the same in other words; what was typed stays."""
        self.spec = spec
        self.placeholder = spec.hint

    @property
    def answer(self) -> str:
        """The text, without blanks around it."""
        return self.value.strip()

    @property
    def typed(self) -> bool:
        """Whether there is text that somebody typed."""
        return bool(self.value.strip()) and self.value != self.spec.value

    @property
    def how(self) -> str:
        """Nothing to explain beyond what stands in the empty line."""
        return ""


class FormWords(TextArea, inherit_bindings=False):
    """A text of several lines, without a blinking cursor; nothing of it reaches a clipboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding
        for binding in TextArea.BINDINGS
        if isinstance(binding, Binding) and binding.action not in ("copy", "cut", "paste")
    ]

    def __init__(self, spec: form.Words) -> None:
        super().__init__(
            id=f"form-{spec.name}",
            compact=True,
            highlight_cursor_line=False,
            placeholder=spec.hint,
            max_checkpoints=50,
        )
        self.spec = spec
        self.cursor_blink = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        pasted = _harmless(event.text)[: max(_TEXT_MOST - len(self.text), 0)]
        if result := self._replace_via_keyboard(pasted, *self.selection):
            self.move_cursor(result.end_location)

    async def _on_key(self, event: events.Key) -> None:
        letter = event.character if event.is_printable else None
        full = len(self.text) >= _TEXT_MOST and (letter is not None or event.key == "enter")
        if full or (letter is not None and steady(letter) != letter):
            event.prevent_default()
            event.stop()
        else:
            await super()._on_key(event)

    def fill(self, text: str) -> None:
        """Text that was kept somewhere, as if it had been typed."""
        self.text = _harmless(text)[:_TEXT_MOST]

    @property
    def answer(self) -> str:
        """The text, without blanks around it."""
        return self.text.strip()

    @property
    def typed(self) -> bool:
        """Whether there is text."""
        return bool(self.text.strip())

    @property
    def how(self) -> str:
        """Enter does not save here."""
        return "Enter begins a new line"


def _harmless(text: str) -> str:
    return steady(clean(text).replace("\t", "    "))


class Offered(Field):
    """A field whose values may still be on their way."""

    class Ready(Message):
        """The values are there."""

    class Picked(Message):
        """Another value is chosen."""

    options: tuple[Option, ...] = ()
    gone: tuple[Option, ...] = ()
    """What could be chosen before the ticket changed, and cannot any more."""
    ready = False

    def offer(self, options: Sequence[Option]) -> None:
        """The values to choose from; what was chosen stays chosen while it is among them."""
        raise NotImplementedError


class FormChoice(Offered):
    """A few values one below the other, each with its key; a key typed too early is remembered."""

    def __init__(self, palette: Palette, spec: form.Choice | form.Confirm) -> None:
        super().__init__(palette, widget_id=f"form-{spec.name}")
        self.spec = spec
        self._at: int | None = None
        self._early = ""
        if isinstance(spec, form.Confirm):
            self._at = 0
            self.offer((Option("Cancel", False, "c"), Option(spec.yes, True, "y")))
        elif not callable(spec.options):
            self._at = spec.picked
            self.offer(spec.options)

    @property
    def answer(self) -> object:
        """The value that is chosen, None for none."""
        return None if self._at is None else self.options[self._at].value

    @property
    def typed(self) -> bool:
        """A choice is quickly made again."""
        return False

    @property
    def how(self) -> str:
        """Letters choose."""
        return "a letter, or ↑ ↓, chooses"

    def offer(self, options: Sequence[Option]) -> None:
        """The values; one that was chosen and is gone is not chosen any more."""
        chosen = self.answer if self.options else None
        there = [option.value for option in options]
        self.gone = tuple(o for o in (*self.gone, *self.options) if o.value not in there)
        self.options = tuple(options)
        self.ready = True
        if chosen is not None:
            values = [option.value for option in self.options]
            self._at = values.index(chosen) if chosen in values else None
        if self._early:
            self._pick(self._early)
        self.refresh(layout=True)
        self.changed()
        if self.is_attached:
            self.post_message(self.Ready())

    def make_lines(self, width: int) -> list[Spans]:
        """Key and value, one a line."""
        if not self.ready:
            return [[(cells.ELLIPSIS, Tone.MUTED)]]
        lines: list[Spans] = []
        for index, option in enumerate(self.options):
            chosen = index == self._at
            tone = Tone.CHOSEN if chosen and self.has_focus else Tone.PLAIN
            mark = "\N{BULLET}" if chosen else " "
            lines.append(
                [
                    (f"{mark} ", Tone.STRONG),
                    (f"{key_name(option.key) or ' '} ", Tone.ACCENT),
                    (
                        cells.cut(option.label, width - 4),
                        Tone.STRONG if chosen and tone is Tone.PLAIN else tone,
                    ),
                ]
            )
        lines += [
            [
                ("    ", Tone.PLAIN),
                (cells.cut(f"{o.label}, not possible now", width - 4), Tone.MUTED),
            ]
            for o in self.gone
        ]
        return lines or [[("nothing to choose", Tone.MUTED)]]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """One line a value."""
        return max(len(self.options) + len(self.gone), 1)

    def on_key(self, event: events.Key) -> None:
        """Letters and arrows choose."""
        step = {"down": 1, "right": 1, "up": -1, "left": -1}.get(event.key)
        if step is not None and self.options:
            event.stop()
            at = -1 if self._at is None and step > 0 else (self._at or 0)
            self._choose(max(0, min(at + step, len(self.options) - 1)))
        elif event.is_printable and event.character:
            event.stop()
            if self.ready:
                self._pick(event.character)
            else:
                self._early = event.character

    def choose(self, value: object) -> None:
        """A value that was chosen before, if it is among them."""
        for index, option in enumerate(self.options):
            if option.value == value:
                self._choose(index)

    def _pick(self, key: str) -> None:
        for index, option in enumerate(self.options):
            if option.key == key.casefold():
                self._choose(index)

    def _choose(self, index: int) -> None:
        self._at = index
        self.changed()
        if self.is_attached:
            self.post_message(self.Picked())
