"""Tickets beside a form while a call is taken: the caller's, or those that may be about the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from rich.style import Style
from textual import events

from municonsole.domain.records import TicketRow
from municonsole.ui import cells, words
from municonsole.ui.columns import Moment
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.line_view import LineView, Spans

_ROOMY, _TALL = 70, 8
"""From this width on a ticket takes one line; below it two, where there is height for them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A ticket, and why it is offered: `120 m`, `same suburb`, its category."""

    row: TicketRow
    why: str


class CallPane(LineView, can_focus=True):
    """A few tickets under a cursor that shows while one chooses among them.

    It cannot be gone into while it is empty. Without tickets it shows its notice.
    """

    def __init__(self, palette: Palette, now: Callable[[], Moment], *, widget_id: str) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._now = now
        self._offers: list[Offer] = []
        self._cursor = 0
        self._notice = ""
        self.can_focus = False

    @property
    def offers(self) -> Sequence[Offer]:
        """What it shows."""
        return self._offers

    @property
    def current(self) -> TicketRow | None:
        """The ticket under the cursor."""
        return self._offers[self._cursor].row if self._offers else None

    def in_sight(self) -> frozenset[UUID]:
        """The tickets it shows."""
        return frozenset(offer.row.id for offer in self._offers) if self.display else frozenset()

    def differs(self, row: TicketRow) -> bool:
        """Whether it shows this ticket in another state."""
        return any(offer.row.id == row.id and offer.row != row for offer in self._offers)

    # ------------------------------------------------------------------ what it shows

    def show(self, offers: Iterable[Offer], notice: str = "") -> None:
        """Show these, or the notice where there are none; the cursor stays on its ticket."""
        current = self.current
        self._offers, self._notice = list(offers), notice
        ids = [offer.row.id for offer in self._offers]
        self._cursor = ids.index(current.id) if current and current.id in ids else 0
        self.can_focus = bool(self._offers)
        self.forget()
        self._settle()

    def update(self, rows: Mapping[UUID, TicketRow]) -> None:
        """Tickets as they are now."""
        self.show([replace(o, row=rows.get(o.row.id, o.row)) for o in self._offers], self._notice)

    def drop(self, ids: Collection[UUID]) -> None:
        """Nothing stays of tickets that may no longer be seen."""
        self.show([offer for offer in self._offers if offer.row.id not in ids], self._notice)
        self.wipe()

    # ------------------------------------------------------------------ drawing

    @property
    def _height(self) -> int:
        """Lines a ticket."""
        return 2 if self.size.width < _ROOMY and self.size.height >= _TALL else 1

    @property
    def line_total(self) -> int:
        """The lines of all tickets, or the one of the notice."""
        return len(self._offers) * self._height or 1

    def spans(self, index: int, width: int) -> Spans:
        """A ticket's number, status, age and reason in columns, then what was reported."""
        if not self._offers:
            return [(f" {self._notice}", Tone.MUTED)]
        offer = self._offers[index // self._height]
        row, at = offer.row, self._now()
        told = cells.line(
            " \N{MIDDLE DOT} ".join(filter(None, (row.description, row.address)))[:400]
        )
        if index % self._height:
            return [(f"   {cells.cut(told, width - 4)}", Tone.MUTED)]
        status = words.status(row.status)
        return [
            (
                cells.fit(f" {cells.line(row.tracking_number).removeprefix('TKT-20')}", 15),
                Tone.PLAIN,
            ),
            (cells.fit(status.words, 12), status.tone),
            (cells.fit(words.age(row.created_at, at.now), 7), Tone.MUTED),
            (cells.fit(offer.why, 12), Tone.SOON),
            (told if self._height == 1 else "", Tone.PLAIN),
        ]

    def style_of(self, index: int) -> Callable[[Tone], Style]:
        """The ticket under the cursor stands out while one chooses."""
        chosen = self.has_focus and self._offers and index // self._height == self._cursor
        return self.palette.under_cursor if chosen else self.palette.style

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor shows or hides."""
        super().watch_has_focus(has_focus)
        self.forget()
        self.repaint()

    def on_resize(self, _: events.Resize) -> None:
        """The cursor stays in sight."""
        self.forget()
        self._settle()

    def _settle(self) -> None:
        first, per = self._cursor * self._height, self._height
        height = max(self.size.height, per)
        self.top = max(first + per - height, min(self.top, first))
        self.top = max(0, min(self.top, self.bottom))
        self.repaint()

    # ------------------------------------------------------------------ choosing

    def on_key(self, event: events.Key) -> None:
        """Up and down choose."""
        step = {"down": 1, "j": 1, "up": -1, "k": -1}.get(event.key)
        if step is not None:
            event.stop()
            self._cursor = max(0, min(self._cursor + step, len(self._offers) - 1))
            self.forget()
            self._settle()
