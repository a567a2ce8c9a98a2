"""Tells colleagues which ticket is open on this console, and that it no longer is."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING
from uuid import UUID

from textual.app import App
from textual.message import Message

from municonsole.ui.action import Where
from municonsole.ui.lane import Lane, Rank, RequestFailed

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

AGAIN = 45.0
"""Seconds after which it is told again: the database forgets it after two minutes."""
KEY = "here"


class Opening:
    """Mixed into a screen or dialog that is about one ticket."""

    def opened(self) -> UUID | None:
        """That ticket; None while there is none, or where nobody is to know."""
        return None


class Told(Message):
    """It is known; for the application, which has nothing to do about it."""


class Here:
    """What this console has said of itself."""

    def __init__(self, app: App[None], desk: Desk, lane: Lane) -> None:
        self._app = app
        self._presence = desk.presence
        self._lane = lane
        self._told: UUID | None = None
        self._at = 0.0

    def open(self) -> UUID | None:
        """The ticket of the topmost screen that is about one; none while nobody is at the console."""
        for screen in reversed(self._app.screen_stack):
            if getattr(screen, "WHERE", None) is Where.LOCK:
                break
            if isinstance(screen, Opening) and (ticket := screen.opened()) is not None:
                return ticket
        return None

    def tell(self) -> None:
        """Say so where it is news, or long ago: behind everything that somebody waits for."""
        ticket = self.open()
        if ticket == self._told and (ticket is None or monotonic() - self._at < AGAIN):
            return
        self._told, self._at = ticket, monotonic()
        self._lane.ask(
            self._app, KEY, partial(self._presence.here, ticket), lambda _: Told(), Rank.LATER
        )

    def failed(self, message: RequestFailed) -> None:
        """It is a courtesy: said again once the database is back, and no word about it."""
        if message.unreachable:
            self._at = 0.0
