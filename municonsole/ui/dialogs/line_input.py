"""A one-line input that holds harmless text only, whatever is pasted into it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from municonsole.domain.text import clean
from municonsole.ui.cells import steady


class LineInput(Input, inherit_bindings=False):
    """Textual's input without a blinking cursor; control characters never become part of it.

    Enter is left to the dialog, whose action it is: as a message of the input it would come after
    the keys that were typed behind it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        binding
        for binding in Input.BINDINGS
        if isinstance(binding, Binding) and binding.key != "enter"
    ]

    def __init__(
        self, value: str = "", *, placeholder: str = "", most: int, widget_id: str | None = None
    ) -> None:
        super().__init__(
            value, placeholder=placeholder, max_length=most, id=widget_id, compact=True
        )
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """One line of steady text."""
        return steady(" ".join(clean(value).splitlines()).replace("\t", " "))
