"""The list of alerts: which are new, when, what, and about which ticket."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from uuid import UUID

from municonsole.domain.alerts import Alert
from municonsole.domain.records import TicketRow
from municonsole.ui import cells, words
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.cursor_view import CursorView
from municonsole.ui.widgets.line_view import Spans
from municonsole.ui.widgets.ticket_table import NO_LONGER

_NEW, _WHEN, _WHAT, _NUMBER, _CATEGORY, _STATUS = 5, 12, 24, 19, 11, 11
_GAP = ("  ", Tone.PLAIN)


class AlertList(CursorView):
    """Rows of alerts under a cursor, newest first.

    Of a ticket that may no longer be seen a line stays that says so (a None among the `lines`), and
    nothing else.
    """

    def __init__(
        self,
        palette: Palette,
        *,
        zone: tzinfo,
        now: Callable[[], datetime],
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._zone = zone
        self._now = now
        self._alerts: list[Alert | None] = []

    @property
    def lines(self) -> Sequence[Alert | None]:
        """What stands in each line: an alert, or that its ticket is gone."""
        return self._alerts

    @property
    def row_total(self) -> int:
        """One row an alert."""
        return len(self._alerts)

    @property
    def current(self) -> Alert | None:
        """The alert under the cursor."""
        return self._alerts[self._cursor] if self._alerts else None

    @property
    def unread(self) -> int:
        """How many are new."""
        return sum(alert is not None and alert.read_at is None for alert in self._alerts)

    def in_sight(self) -> frozenset[UUID]:
        """The tickets whose lines are on the screen."""
        lines = self._alerts[self.top : self.top + self.size.height]
        return frozenset(alert.ticket_id for alert in lines if alert and alert.ticket_id)

    def row_spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - cut where it is drawn
        """One alert: what is new stands out by its sign and its word."""
        alert = self._alerts[index]
        if alert is None:
            return [(f" {NO_LONGER}", Tone.MUTED)]
        new = alert.read_at is None
        said = words.alert(alert)
        usual = Tone.PLAIN if new else Tone.MUTED
        mark = f"{words.UNREAD} new" if new else ""
        stamp = words.stamp(alert.at, self._zone, self._now())
        status = words.status(alert.status) if alert.status else None
        return [
            (f" {cells.fit(mark, _NEW)}", Tone.STRONG),
            _GAP,
            (cells.fit(stamp, _WHEN), usual),
            _GAP,
            (cells.fit(str(said), _WHAT), said.tone if new else Tone.MUTED),
            _GAP,
            (cells.fit(cells.line(alert.tracking_number), _NUMBER), usual),
            _GAP,
            (cells.fit(words.category(alert.category) if alert.category else "", _CATEGORY), usual),
            _GAP,
            (
                cells.fit(status.words if status else "", _STATUS),
                status.tone if status and new else usual,
            ),
        ]

    # ------------------------------------------------------------------ changing what it shows

    def show(self, alerts: Iterable[Alert]) -> None:
        """Replace all rows; the cursor stays on its alert where that is still there."""
        on = self.current
        self._alerts = list(alerts)
        self.forget()
        if on is not None:
            ids = [alert.id if alert else None for alert in self._alerts]
            self._cursor = ids.index(on.id) if on.id in ids else self._cursor
        self.settle()

    def mark_read(self, ids: Collection[int] | None, at: datetime) -> None:
        """These alerts, or all of them, have been read."""
        self._change(
            lambda alert: (
                replace(alert, read_at=at)
                if alert.read_at is None and (ids is None or alert.id in ids)
                else alert
            )
        )

    def follow(self, row: TicketRow) -> None:
        """Show a ticket's present state in the alerts about it."""
        self._change(
            lambda alert: (
                replace(alert, status=row.status, category=row.category)
                if alert.ticket_id == row.id
                else alert
            )
        )

    def differs(self, row: TicketRow) -> bool:
        """Whether an alert shows this ticket in another state."""
        return any(
            alert is not None
            and alert.ticket_id == row.id
            and (alert.status, alert.category) != (row.status, row.category)
            for alert in self._alerts
        )

    def _change(self, made: Callable[[Alert], Alert]) -> None:
        self._alerts = [alert and made(alert) for alert in self._alerts]
        self.forget()
        self.repaint()

    def wipe_rows(self, tickets: Collection[UUID]) -> None:
        """Tickets that may no longer be seen: their lines stay, and nothing of them."""
        kept = [
            alert if alert and alert.ticket_id not in tickets else None for alert in self._alerts
        ]
        if kept != self._alerts:
            self._alerts = kept
            self.wipe()
            self.settle()
