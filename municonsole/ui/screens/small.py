"""What is shown in a terminal that is too small for anything else."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from municonsole.ui import cells
from municonsole.ui.actions import Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.cover import Cover
from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine

COLUMNS, LINES = 60, 20
"""The smallest terminal the console is laid out for."""


class SmallScreen(Cover, inherit_bindings=False):
    """Asks for more room. What lies below is as it was once there is."""

    WHERE: ClassVar = Where.SMALL
    BINDINGS: ClassVar = bindings(Where.SMALL)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def compose(self) -> ComposeResult:
        """A sentence and the keys."""
        yield Page(self.context.palette, widget_id="small-page")
        yield KeyLine(self.context.palette)

    def on_mount(self) -> None:
        """Say it."""
        self.query_one("#small-page", Page).show(_lines)
        self.query_one(KeyLine).show(self.here())


def _lines(width: int) -> list[Spans]:
    told = (
        f"The console needs {COLUMNS} columns and {LINES} lines. Make the window larger: "
        "everything is as you left it."
    )
    return [[(text, Tone.PLAIN)] for text in cells.wrap(told, width)]
