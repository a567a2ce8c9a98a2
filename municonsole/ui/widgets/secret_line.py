"""Where a password is typed: it is held here until it is taken, and shown as dots."""

from __future__ import annotations

from collections.abc import Collection

from textual import events
from textual.message import Message

from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans

_DOT = "\N{BULLET}"
_MOST = 1000


class SecretLine(LineView, can_focus=True):
    """One line of dots. Whatever is typed or pasted stays as it is: a password is no text to be cleaned.

    Where `asks` is false nothing is typed: any key is Pressed, but those in `spared`.
    """

    class Changed(Message):
        """A letter more or less."""

    class Pressed(Message):
        """A key, where any is as good as another."""

    def __init__(
        self, palette: Palette, spared: Collection[str], *, widget_id: str | None = None
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._spared = spared
        self._typed = ""
        self.asks = True

    def take(self) -> str:
        """What was typed; it is not kept."""
        typed, self._typed = self._typed, ""
        self._tell()
        return typed

    def _add(self, letters: str) -> None:
        self._typed = (self._typed + letters)[:_MOST]
        self._tell()

    def _tell(self) -> None:
        self.forget()
        self.repaint()

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """A dot for each letter, as far as there is room, and the cursor."""
        if not self.asks:
            return ()
        dots = _DOT * min(len(self._typed), max(width - 1, 0))
        return [(dots, Tone.PLAIN), (" ", Tone.CHOSEN)]

    async def _on_key(self, event: events.Key) -> None:
        """Letters are added, Backspace takes one away; what is no letter is somebody else's."""
        if not self.asks and event.key not in self._spared:
            self.post_message(self.Pressed())
        elif event.is_printable and event.character is not None:
            self._add(event.character)
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
            self._tell()
        else:
            return
        event.stop()
        event.prevent_default()
        if self.asks:
            self.post_message(self.Changed())

    def _on_paste(self, event: events.Paste) -> None:
        """A password manager pastes; its line end is no part of the password."""
        event.stop()
        event.prevent_default()
        if self.asks:
            self._add("".join(c for c in event.text if c.isprintable()))
            self.post_message(self.Changed())
