"""A full screen that is read: pages of lines that the moving keys scroll."""

from __future__ import annotations

from textual.screen import Screen

from municonsole.ui.context import Context
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.watch import Connection
from municonsole.ui.widgets.line_view import Page
from municonsole.ui.widgets.status_line import KeyLine, StatusLine


class ReadingScreen(Keyed, Screen[None], inherit_bindings=False):
    """One or more Pages above a StatusLine and a KeyLine.

    All pages move together; each stops at its own end.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def on_mount(self) -> None:
        """The keys of this place."""
        self.query_one(KeyLine).show(self.here())
        self.tell_connection()

    def tell_connection(self) -> None:
        """Show whether the database is there."""
        self.query_one(StatusLine).connection(connected=self.context.desk.connected)

    def on_connection(self, _: Connection) -> None:
        """The database went away, or is back."""
        self.tell_connection()

    def on_page_resized(self) -> None:
        """At another size, other lines are in sight."""
        self.tell_position()

    def tell_position(self) -> None:
        """Say which lines are in sight, of the page with the most."""
        pages = [page for page in self.query(Page) if page.display]
        longest = max(pages, key=lambda page: page.line_total)
        self.query_one(StatusLine).place(longest.position())

    def _scroll(self, lines: int) -> None:
        for page in self.query(Page):
            page.scroll_lines(lines)
        self.tell_position()

    def action_move(self, lines: int) -> None:
        """By single lines."""
        self._scroll(lines)

    def action_page(self, screens: int) -> None:
        """By a screen, with one line kept for the eye."""
        self._scroll(screens * max(self.query(Page).first().size.height - 1, 1))

    def action_first(self) -> None:
        """To the first line."""
        self._scroll(-max(page.line_total for page in self.query(Page)))

    def action_last(self) -> None:
        """To the last line."""
        self._scroll(max(page.line_total for page in self.query(Page)))

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)
