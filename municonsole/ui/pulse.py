"""What every status line tells: when the clocks were last looked after, by whom, and what alerts are new.

Asked for now and then, never with a key. What is told changes with the minute at most, so that a line
that is paid for stays silent in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from municonsole.domain.alerts import Heartbeat
from municonsole.ui import cells, words
from municonsole.ui.lane import Lane, Rank
from municonsole.ui.theme import Tone
from municonsole.ui.words import Said

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

EVERY = 15.0
"""Seconds between two questions."""
FIRST = 0.25
"""The first one comes after this part of them: a console has swept by itself by then."""
STALE = timedelta(minutes=3)
"""Every console and worker sweeps once a minute: after this, none of them gets through."""
KEY = "pulse"
_WHO = {"worker": "the worker"}


class Beat(Message):
    """What was answered; for the application."""

    def __init__(self, heartbeat: Heartbeat | None, unread: int) -> None:
        super().__init__()
        self.heartbeat, self.unread = heartbeat, unread


class Pulse:
    """What is known at the moment; `names` are full names by login."""

    def __init__(
        self,
        app: App[None],
        desk: Desk,
        lane: Lane,
        *,
        names: Mapping[str, str],
        zone: tzinfo,
        every: float = EVERY,
    ) -> None:
        self._app = app
        self._desk = desk
        self._lane = lane
        self._names = names
        self._zone = zone
        self._every = every
        self._known = False
        self._heartbeat: Heartbeat | None = None
        self._unread = 0

    def begin(self) -> None:
        """Ask again and again, from now on."""
        self._app.set_timer(self._every * FIRST, self.look)
        self._app.set_interval(self._every, self.look)

    def look(self) -> None:
        """Ask now, behind everything that is more wanted."""

        async def read() -> tuple[Heartbeat | None, int]:
            return await self._desk.heartbeat(), await self._desk.alerts.unread()

        self._lane.ask(self._app, KEY, read, lambda read: Beat(*read), Rank.LATER)

    def answered(self, message: Beat) -> None:
        """From now on this is known."""
        self._known = True
        self._heartbeat, self._unread = message.heartbeat, message.unread

    def read(self, alerts: int) -> None:
        """So many alerts are not new any more."""
        self._unread = max(self._unread - alerts, 0)

    def alerts(self) -> Said | None:
        """How many alerts are new; None where all are read."""
        if not self._unread:
            return None
        noun = "alert" if self._unread == 1 else "alerts"
        return Said(f"{self._unread} new {noun}", Tone.SOON, words.UNREAD)

    def sweep(self, now: datetime) -> tuple[Said, ...]:
        """When and by whom, from the longest wording to the shortest; nothing before it is known."""
        if not self._known:
            return ()
        last = self._heartbeat
        if last is None:
            return (Said("clocks never checked", Tone.LATE, "!"),)
        at = last.done_at.astimezone(self._zone)
        clock = (
            f"{at:%H:%M}" if now - last.done_at < timedelta(days=1) else f"{at.day} {at:%b %H:%M}"
        )
        if self.is_stale(now):
            return (
                Said(f"clocks not checked since {clock}", Tone.LATE, "!"),
                Said(f"not checked since {clock}", Tone.LATE, "!"),
            )
        who = _WHO.get(last.done_by) or cells.line(self._names.get(last.done_by, last.done_by))
        return (
            Said(f"clocks checked {clock} by {who}", Tone.MUTED),
            Said(f"checked {clock} by {who}", Tone.MUTED),
            Said(f"checked {clock}", Tone.MUTED),
        )

    def is_stale(self, now: datetime) -> bool:
        """Whether nobody looks after the clocks any more."""
        last = self._heartbeat
        return self._known and (last is None or now - last.done_at > STALE)
