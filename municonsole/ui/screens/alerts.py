"""One's alerts on the whole screen: what runs late, what is new of it, and the way to the ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen

from municonsole.domain.alerts import Alert
from municonsole.domain.records import TicketRow
from municonsole.ui import cells
from municonsole.ui.actions import Action, Where, bindings
from municonsole.ui.context import Context
from municonsole.ui.lane import Rank, RequestFailed
from municonsole.ui.screens.keyed import Keyed
from municonsole.ui.screens.ticket import TicketScreen
from municonsole.ui.theme import Tone
from municonsole.ui.watch import Anew, Connection, Gone, Seen, Showing
from municonsole.ui.widgets.alert_list import AlertList
from municonsole.ui.widgets.line_view import Page, Spans
from municonsole.ui.widgets.status_line import KeyLine, StatusLine

MOST = 200
"""Alerts that are shown at most: the newest."""
_LIST, _SAVE = "alerts:list", "save:alerts"


class AlertsScreen(Showing, Keyed, Screen[None], inherit_bindings=False):
    """Reads the alerts and shows them. None is shown as read before the database has said so."""

    WHERE: ClassVar = Where.ALERTS
    BINDINGS: ClassVar = bindings(Where.ALERTS)

    class Arrived(Message):
        """The alerts as they are now."""

        def __init__(self, alerts: Sequence[Alert]) -> None:
            super().__init__()
            self.alerts = alerts

    class Marked(Message):
        """These alerts are read, or all of them; `count` of them were new."""

        def __init__(self, ids: Collection[int] | None, saying: str, count: int) -> None:
            super().__init__()
            self.ids, self.saying, self.count = ids, saying, count

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self._loaded = False
        # Before the screen is composed: the watch asks every screen, a new one too, what it shows.
        self._list = AlertList(context.palette, zone=context.zone, now=context.now)
        self._status = StatusLine(context)

    def compose(self) -> ComposeResult:
        """A line that says what this is, the alerts, and the lines below."""
        context = self.context
        yield Page(context.palette, widget_id="alerts-head")
        yield self._list
        yield self._status
        yield KeyLine(context.palette)

    def on_mount(self) -> None:
        """The frame first; the alerts are asked for meanwhile."""
        self.query_one("#alerts-head", Page).show(self._head)
        self._list.show_notice("Reading alerts " + cells.ELLIPSIS)
        self._tell()
        self.call_after_refresh(self._ask)

    def _head(self, _: int) -> list[Spans]:
        rows, unread = self._list.row_total, self._list.unread
        newest = f"the newest {MOST}, " if rows >= MOST else ""
        told = f"{newest}{unread} of {rows} new" if rows else ""
        return [[(" Alerts", Tone.STRONG), (f"   {told}", Tone.MUTED)]]

    # ------------------------------------------------------------------ reading

    def _ask(self) -> None:
        alerts = self.context.desk.alerts
        self.context.lane.ask(self, _LIST, partial(alerts.list, limit=MOST), self.Arrived)

    def on_alerts_screen_arrived(self, message: Arrived) -> None:
        """Show what was read; what is new is counted anew as well."""
        message.stop()
        self._loaded = True
        self._list.show_notice(
            "There is no alert.", "What runs late, and is yours to know, is told here."
        )
        self._list.show(message.alerts)
        self._status.say("")
        self._tell()
        self.context.watch.look_at_new()
        self.context.pulse.look()

    def on_request_failed(self, message: RequestFailed) -> None:
        """Say why; what is on the screen stays."""
        message.stop()
        if message.unreachable:
            self.context.watch.lost()
        if not self._loaded:
            key = self.context.registry.by_id("console.refresh").shown_keys
            self._list.show_notice(message.sentence, f"{key} tries again")
        self._status.say(message.sentence, Tone.LATE)
        self._tell()

    # ------------------------------------------------------------------ what may still be seen

    def in_sight(self) -> frozenset[UUID]:
        """The tickets whose alerts are on the screen."""
        return self._list.in_sight()

    def is_news(self, row: TicketRow) -> bool:
        """Whether an alert shows this ticket in another state."""
        return self._list.differs(row)

    def on_screen_resume(self) -> None:
        """What was covered may have changed meanwhile."""
        self._status.tell()
        self.context.watch.look_at_new()

    def on_seen(self, message: Seen) -> None:
        """Alerts of tickets that have changed are drawn anew."""
        for row in message.rows.values():
            self._list.follow(row)

    def on_anew(self, _: Anew) -> None:
        """Something may have been missed."""
        self._ask()

    def on_gone(self, message: Gone) -> None:
        """Nothing of these tickets stays."""
        self._list.wipe_rows(message.ids)
        cells.forget()
        self._tell()

    def on_connection(self, _: Connection) -> None:
        """The database went away, or is back."""
        self._tell()

    # ------------------------------------------------------------------ around the list

    def _tell(self) -> None:
        alerts = self._list
        self.query_one("#alerts-head", Page).changed()
        self._status.connection(connected=self.context.desk.connected)
        self._status.place(f"{alerts.cursor + 1} of {alerts.row_total}" if alerts.row_total else "")
        self.query_one(KeyLine).show(self.here())

    def reason(self, action: Action) -> str:
        """What has nothing to act on."""
        current = self._list.current
        match action.id:
            case "alerts.open" | "alerts.read" if current is None:
                return "no alert under the cursor"
            case "alerts.read" if current is not None and current.read_at is not None:
                return "this alert is read already"
            case "alerts.read_all" if not self._list.unread:
                return "all alerts are read already"
            case _:
                return super().reason(action)

    # ------------------------------------------------------------------ actions

    def action_move(self, rows: int) -> None:
        """The cursor by single rows."""
        self._list.move(rows)
        self._moved()

    def action_page(self, screens: int) -> None:
        """The cursor by screens."""
        self._list.page(screens)
        self._moved()

    def action_first(self) -> None:
        """The cursor to the newest alert."""
        self._list.move_to(0)
        self._moved()

    def action_last(self) -> None:
        """The cursor to the oldest alert that was read."""
        self._list.move_to(self._list.row_total - 1)
        self._moved()

    def _moved(self) -> None:
        self._status.say("")
        self._tell()
        self.context.watch.look_at_new()

    async def action_open(self) -> None:
        """The ticket of the alert on the whole screen; the alert is read by that."""
        alert = self._list.current
        if alert is None:
            return
        if alert.read_at is None:
            self._mark((alert.id,), "")
        if alert.tracking_number is None:
            self._status.say(
                "a history does not fit what it was: municonsole audit verify says which", Tone.LATE
            )
            return
        screen = TicketScreen(self.context, alert.tracking_number)
        await self.app.push_screen(screen, self._come_back)

    def _come_back(self, _: None = None) -> None:
        """What was done meanwhile may be the end of an alert's cause."""
        self._ask()

    def action_mark_read(self) -> None:
        """The alert under the cursor is read."""
        alert = self._list.current
        if alert is not None:
            self._mark((alert.id,), "read")

    def action_mark_all_read(self) -> None:
        """Every alert is read, those that are not on the screen too."""
        self._mark(None, "all alerts are read")

    def _mark(self, ids: tuple[int, ...] | None, saying: str) -> None:
        alerts = self.context.desk.alerts
        self.context.lane.ask(
            self,
            _SAVE,
            partial(alerts.mark_read, ids),
            partial(self.Marked, ids, saying),
            Rank.SAVE,
        )

    def on_alerts_screen_marked(self, message: Marked) -> None:
        """Done, and only now."""
        message.stop()
        self._list.mark_read(message.ids, self.context.now())
        self.context.pulse.read(message.count)
        self._status.tell()
        if message.saying:
            self._status.say(message.saying, Tone.GOOD)
        self._tell()
        self.context.pulse.look()

    def action_refresh(self) -> None:
        """Read the alerts again."""
        self._ask()

    def action_back(self) -> None:
        """Back to where one came from."""
        self.dismiss(None)
