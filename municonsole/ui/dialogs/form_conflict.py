"""What someone else did to the ticket while a form about it was filled in."""

from __future__ import annotations

from textual import events

from municonsole.ui import changes
from municonsole.ui.changes import Changes
from municonsole.ui.context import Context
from municonsole.ui.dialogs.form_says import room
from municonsole.ui.form import Subject
from municonsole.ui.widgets.line_view import Page, Spans

_ROOM = 24
"""Rows of a terminal that has room for more than the least."""
_MOST, _LEAST = 5, 2
"""Lines of what happened."""


class FormConflict(Page):
    """How the ticket stands now and what happened, in a few lines; nothing until there is something."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.palette, widget_id="form-conflict")
        self._at = context
        self._told: tuple[Changes, Subject] | None = None
        self.display = False

    def tell(self, found: Changes, subject: Subject) -> None:
        """Show what happened; `subject` is the ticket as it is now."""
        self._told = (found, subject)
        self.display = True
        self._fit()
        self.show(self._tell)

    def forget_it(self) -> None:
        """It may not be seen any more: nothing of it stays."""
        self._told = None
        self.display = False
        self.show(lambda _: [])
        self.wipe()

    def _tell(self, width: int) -> list[Spans]:
        if self._told is None:
            return []
        most = _MOST if self.app.size.height >= _ROOM else _LEAST
        context = self._at
        return changes.lines(*self._told, width, most, context.moment(), context.names)

    def _fit(self) -> None:
        self.styles.height = max(len(self._tell(room(self.app.size.width))), 1)

    def on_resize(self, event: events.Resize) -> None:
        """At another width it takes other lines."""
        super().on_resize(event)
        if self._told is not None:
            self._fit()
