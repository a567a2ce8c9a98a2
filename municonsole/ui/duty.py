"""Says that its operator is at work, as long as they are: supervisors see it beside the loads of people."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from municonsole.ui.lane import Lane, Rank, RequestFailed

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

AGAIN = 60.0
"""Seconds after which it is said again: the database forgets it after three minutes."""
AWAY = 5 * 60.0
"""Seconds without a key after which nobody is at work, although the console is not locked yet."""
KEY = "duty"


class Said(Message):
    """It is known; for the application, which has nothing to do about it."""


class OnDuty:
    """What this console has said of its operator; `at_work` says whether somebody is at its keyboard."""

    def __init__(self, app: App[None], desk: Desk, lane: Lane, at_work: Callable[[], bool]) -> None:
        self._app = app
        self._duty = desk.duty
        self._lane = lane
        self._at_work = at_work
        self._told = False
        self._at = 0.0

    def tell(self) -> None:
        """Say so where it is news, or long ago: behind everything that somebody waits for."""
        at_work = self._at_work()
        if at_work == self._told and (not at_work or monotonic() - self._at < AGAIN):
            return
        self._told, self._at = at_work, monotonic()
        say = self._duty.here if at_work else self._duty.leave
        self._lane.ask(self._app, KEY, say, lambda _: Said(), Rank.LATER)

    def failed(self, message: RequestFailed) -> None:
        """It is a courtesy: said again once the database is back, and no word about it."""
        if message.unreachable:
            self._at = 0.0
