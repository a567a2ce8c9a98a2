"""Re-reads what is on the screen, so that nothing stays there that its reader may no longer see.

Every three seconds, as nearly at random as it takes for many consoles not to ask in step, the ids in
sight are asked for. What changed is drawn anew; what is missing, whatever the cause, is wiped from
every screen, covered ones too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID

from textual.app import App
from textual.message import Message
from textual.screen import ModalScreen

from municonsole.domain.records import TicketRow
from municonsole.ui.lane import Lane, Rank, RequestFailed

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

EVERY = 3.0
"""Seconds between two looks."""
_JITTER = 0.2
_SLOWEST = 5
"""While the database is away, it is looked for up to so many times more seldom."""
KEY = "watch"


class Seen(Message):
    """Tickets in sight as they are now."""

    def __init__(self, rows: Mapping[UUID, TicketRow]) -> None:
        super().__init__()
        self.rows = rows


class Gone(Message):
    """Tickets that may no longer be seen: nothing of them stays."""

    def __init__(self, ids: Collection[UUID]) -> None:
        super().__init__()
        self.ids = frozenset(ids)


class Connection(Message):
    """Whether the database answered; `sentence` says why not."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Looked(Message):
    """Of the tickets `ids` these rows are still there; for the application."""

    def __init__(self, ids: Collection[UUID], rows: Mapping[UUID, TicketRow]) -> None:
        super().__init__()
        self.ids, self.rows = ids, rows


class Showing:
    """Mixed into a screen that shows tickets."""

    def in_sight(self) -> AbstractSet[UUID]:
        """The tickets on the screen."""
        return frozenset()

    def is_news(self, row: TicketRow) -> bool:  # noqa: ARG002 - for screens to say
        """Whether it shows this ticket, and in another state."""
        return False


class Watch:
    """The look-out of one console; `app` hands it the answers."""

    def __init__(self, app: App[None], desk: Desk, lane: Lane, every: float = EVERY) -> None:
        self._app = app
        self._tickets = desk.tickets
        self._lane = lane
        self._every = every
        self._random = SystemRandom()
        self._failures = 0
        self._looked: frozenset[UUID] = frozenset()

    def begin(self) -> None:
        """Look again and again, from now on."""
        wait = self._every * (1 + self._random.uniform(-_JITTER, _JITTER))
        self._app.set_timer(wait * min(self._failures + 1, _SLOWEST), self._tick)

    def _tick(self) -> None:
        self.look()
        self.begin()

    def in_sight(self) -> frozenset[UUID]:
        """The tickets of the screen that is in front, dialogs not counting."""
        for screen in reversed(self._app.screen_stack):
            if isinstance(screen, Showing):
                return frozenset(screen.in_sight())
            if not isinstance(screen, ModalScreen):
                break
        return frozenset()

    def look(self) -> None:
        """Ask for what is in sight; nothing is asked when nothing is."""
        ids = self._looked = self.in_sight()
        if ids:
            self._lane.ask(
                self._app,
                KEY,
                lambda: self._tickets.rows(ids),
                lambda rows: Looked(ids, rows),
                Rank.BESIDE,
            )

    def look_at_new(self) -> None:
        """Ask at once when something has come into sight that was not looked at before."""
        if not self.in_sight() <= self._looked:
            self.look()

    def answered(self, message: Looked) -> None:
        """Tell every screen, in the order in which things were read."""
        recovered, self._failures = self._failures > 0, 0
        gone = frozenset(message.ids) - message.rows.keys()
        for screen in self._app.screen_stack:
            if recovered:
                screen.post_message(Connection(""))
            if gone:
                screen.post_message(Gone(gone))
            # Not one message without need: a screen below a dialog answers each by sending itself anew.
            news = {
                key: row
                for key, row in message.rows.items()
                if isinstance(screen, Showing) and screen.is_news(row)
            }
            if news:
                screen.post_message(Seen(news))

    def failed(self, message: RequestFailed) -> None:
        """Tell every screen that the database does not answer."""
        if message.unreachable:
            self._failures += 1
            for screen in self._app.screen_stack:
                screen.post_message(Connection(message.sentence))

    def lost(self) -> None:
        """Somebody else found the database away: its return is news."""
        self._failures = max(self._failures, 1)

    def wipe(self, ids: Collection[UUID]) -> None:
        """Wipe these tickets from every screen."""
        for screen in self._app.screen_stack:
            screen.post_message(Gone(ids))
