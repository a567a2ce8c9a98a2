"""A page that is read while it changes: the lines in sight stay where they are."""

from __future__ import annotations

from collections.abc import Callable

from municonsole.ui.theme import Tone
from municonsole.ui.widgets.line_view import Page, Spans

_ANCHOR = 4
"""So many lines together are found again, or fewer where they have changed as well."""


class SteadyPage(Page):
    """The body of a ticket that others work on."""

    def renew(self, make: Callable[[int], list[Spans]]) -> None:
        """Show what `make` gives from now on; whoever has scrolled goes on reading the same lines."""
        if not self.top or not self.size:
            self.show(make)
            return
        before = [list(line) for line in self._lines()[self.top : self.top + _ANCHOR]]
        after = [list(line) for line in make(self.size.width)]
        self.top = _place_of(before, after, self.top)
        self.show(make)


def _place_of(
    lines: list[list[tuple[str, Tone]]], among: list[list[tuple[str, Tone]]], near: int
) -> int:
    """Where `lines` begin `among` others, as near as can be to where they were."""
    for count in range(len(lines), 0, -1):
        places = [
            place for place in range(len(among)) if among[place : place + count] == lines[:count]
        ]
        if places:
            return min(places, key=lambda place: abs(place - near))
    return near
