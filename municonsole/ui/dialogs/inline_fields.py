"""Fields that take one line of a full form: a few values with their letters, and a name found by typing."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Size
from textual.message import Message

from municonsole.domain.desk import Suburb
from municonsole.ui import cells, form
from municonsole.ui.cells import steady
from municonsole.ui.dialogs.choices import Field
from municonsole.ui.form import Option
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import Spans

_MOST = 100
_MARK = "\N{BULLET}"


class Changed(Message):
    """Another value than before stands in the field `name`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class InlineChoice(Field):
    """A few values side by side, each with its letter; on as many lines as they need."""

    def __init__(self, palette: Palette, spec: form.Choice) -> None:
        super().__init__(palette, widget_id=f"form-{spec.name}")
        self.spec = spec
        self._options: tuple[Option, ...] = () if callable(spec.options) else tuple(spec.options)
        self._at = spec.picked

    @property
    def answer(self) -> str:
        """The value that is chosen, empty for none."""
        return "" if self._at is None else str(self._options[self._at].value)

    @property
    def how(self) -> str:
        """Letters choose."""
        hint = f"{self.spec.hint} " if self.spec.hint else ""
        return f"{hint}a letter, or \N{LEFTWARDS ARROW} \N{RIGHTWARDS ARROW}, chooses"

    def fill(self, value: str) -> None:
        """Choose a value; one that is not offered leaves the choice as it is."""
        values = [option.value for option in self._options]
        if value in values:
            self._choose(values.index(value))

    def clear(self) -> None:
        """As it was at first."""
        self._at = self.spec.picked
        self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """Mark, letter and value of each."""
        lines: list[Spans] = []
        line: list[tuple[str, Tone]] = []
        used = 0
        for index, option in enumerate(self._options):
            chosen = index == self._at
            size = cell_len(option.label) + 4
            if line and used + size - 1 > width:
                lines.append(line)
                line, used = [], 0
            tone = Tone.PLAIN
            if chosen:
                tone = Tone.CHOSEN if self.has_focus else Tone.STRONG
            line += [
                (_MARK if chosen else " ", Tone.STRONG),
                (f"{option.key} ", Tone.ACCENT),
                (option.label, tone),
                (" ", Tone.PLAIN),
            ]
            used += size
        return [*lines, line]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as the values need."""
        return len(self.make_lines(width))

    def on_key(self, event: events.Key) -> None:
        """Letters and arrows choose; neither goes round, so that no value is passed unseen."""
        step = {"left": -1, "right": 1}.get(event.key)
        if step is not None:
            event.stop()
            at = -1 if self._at is None else self._at
            self._choose(max(0, min(at + step, len(self._options) - 1)))
        elif event.is_printable and event.character:
            event.stop()
            for index, option in enumerate(self._options):
                if option.key == event.character.casefold():
                    self._choose(index)

    def _choose(self, index: int) -> None:
        if index != self._at:
            self._at = index
            self.changed()
            self.post_message(Changed(self.spec.name))


class SuburbFind(Field):
    """A suburb by a part of its name: what fits stands behind what was typed, the likeliest first.

    Where the municipality has named no suburbs, or they have not been read, what is typed is taken.
    """

    NAME = "suburb"

    def __init__(self, palette: Palette) -> None:
        super().__init__(palette, widget_id=f"form-{self.NAME}")
        self._suburbs: tuple[Suburb, ...] = ()
        self._text = ""
        self._at = 0

    @property
    def how(self) -> str:
        """Typing finds."""
        return (
            "type a part of its name; \N{UPWARDS ARROW} \N{DOWNWARDS ARROW} choose among what fits"
        )

    @property
    def suburbs(self) -> Sequence[Suburb]:
        """Those there are."""
        return self._suburbs

    @property
    def answer(self) -> str:
        """The name of the suburb; what was typed where nothing has that name."""
        found = self._found()
        return found[self._at].name if found else self._text.strip()

    @property
    def chosen(self) -> Suburb | None:
        """The suburb, None for none."""
        found = self._found()
        return found[self._at] if found else None

    def offer(self, suburbs: Sequence[Suburb]) -> None:
        """The suburbs to choose from."""
        before = self.answer
        self._suburbs, self._at = tuple(suburbs), 0
        self.changed()
        if self.answer != before:
            self._tell()

    def fill(self, text: str) -> None:
        """As if it had been typed."""
        self._text, self._at = cells.line(text)[:_MOST], 0
        self._tell()

    def clear(self) -> None:
        """Nowhere."""
        self.fill("")

    def _found(self) -> list[Suburb]:
        typed = self._text.casefold().split()
        if not typed:
            return []
        found = [s for s in self._suburbs if all(part in s.name.casefold() for part in typed)]
        whole = " ".join(typed)
        return sorted(
            found,
            key=lambda s: (s.name.casefold() != whole, not s.name.casefold().startswith(whole)),
        )

    def make_lines(self, width: int) -> list[Spans]:
        """The name; while one types what was typed, and what fits."""
        if not self.has_focus:
            tone = Tone.PLAIN if self._text else Tone.MUTED
            return [
                [(cells.cut(cells.line(self.answer) or "where in the municipality", width), tone)]
            ]
        line = [(cells.cut(self._text, width - 1), Tone.PLAIN), (" ", Tone.CHOSEN)]
        found = self._found()
        if self._text.strip() and self._suburbs and not found:
            line.append(("  no suburb has that name", Tone.LATE))
        used = sum(cell_len(text) for text, _ in line)
        for index in range(self._at, len(found)):
            name = cells.line(found[index].name)
            if used + cell_len(name) + 2 > width and index > self._at:
                line.append((f" {cells.ELLIPSIS}", Tone.MUTED))
                break
            tone = Tone.CHOSEN if index == self._at else Tone.MUTED
            line += [("  ", Tone.PLAIN), (name, tone)]
            used += cell_len(name) + 2
        return [line]

    def on_key(self, event: events.Key) -> None:
        """Letters narrow down, backspace widens, arrows choose among what fits."""
        step = {"down": 1, "up": -1}.get(event.key)
        if step is not None and self._found():
            event.stop()
            self._at = max(0, min(self._at + step, len(self._found()) - 1))
        elif event.key == "backspace":
            event.stop()
            self._text, self._at = self._text[:-1], 0
        elif event.key == "ctrl+u":
            event.stop()
            self._text, self._at = "", 0
        elif event.is_printable and event.character:
            event.stop()
            self._text, self._at = (self._text + steady(event.character))[:_MOST], 0
        else:
            return
        self._tell()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is one harmless line."""
        event.stop()
        self._text, self._at = (self._text + cells.line(event.text))[:_MOST], 0
        self._tell()

    def _tell(self) -> None:
        self.changed()
        if self.is_attached:
            self.post_message(Changed(self.NAME))
