"""Keeps what is on the screen as the database has it, and takes away what may no longer be seen.

About once a second, as nearly at random as it takes for many consoles not to ask in step, one request
asks what happened and how the tickets in sight are. What changed is drawn anew; what is missing,
whatever the cause, is wiped from every screen, covered ones too. A look that brings nothing draws
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from functools import partial
from random import SystemRandom
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from textual.app import App
from textual.message import Message
from textual.screen import ModalScreen

from municonsole.domain.desk import Look
from municonsole.domain.filters import TicketFilter
from municonsole.domain.records import TicketRow
from municonsole.ui.here import Here
from municonsole.ui.lane import Lane, Rank, RequestFailed

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

EVERY = 1.0
"""Seconds between two looks."""
_JITTER = 0.2
_SLOWEST = 5
"""While the database is away, it is looked for up to so many times more seldom."""
_OVERDUE = 10.0
"""Seconds after which a look that has not been answered is asked for again: it may have been dropped."""
KEY = "watch"


class Awaited(NamedTuple):
    """The list whose news are announced: what it asks for, and the set that collects what is new in it."""

    filter: TicketFilter
    fresh: set[UUID]


class Seen(Message):
    """What the last look brought, for a screen that it concerns; `fresh` is that of the list it asked about."""

    def __init__(self, look: Look, fresh: set[UUID] | None = None) -> None:
        super().__init__()
        self.look, self.fresh = look, fresh

    @property
    def rows(self) -> dict[UUID, TicketRow]:
        """Tickets as they are now."""
        return dict(self.look.rows)


class Gone(Message):
    """Tickets that may no longer be seen: nothing of them stays."""

    def __init__(self, ids: Collection[UUID]) -> None:
        super().__init__()
        self.ids = frozenset(ids)


class Anew(Message):
    """Something may have been missed: what is shown is to be read anew, the cursor staying where it is."""


class Connection(Message):
    """Whether the database answered; `sentence` says why not."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Looked(Message):
    """What a look brought; for the application."""

    def __init__(self, fresh: set[UUID] | None, look: Look) -> None:
        super().__init__()
        self.fresh, self.look = fresh, look


class Showing:
    """Mixed into a screen that shows tickets."""

    def in_sight(self) -> AbstractSet[UUID]:
        """The tickets on the screen."""
        return frozenset()

    def is_news(self, row: TicketRow) -> bool:  # noqa: ARG002 - for screens to say
        """Whether it shows this ticket, and in another state."""
        return False

    def concerns(self, look: Look) -> bool:
        """Whether anything of this is to be told here."""
        return any(self.is_news(row) for row in look.rows.values())

    def awaited(self) -> Awaited | None:
        """The list of which it announces new tickets."""
        return None

    def happened(self) -> None:
        """Something happened somewhere: what is counted may have another number."""


class Watch:
    """The look-out of one console; `app` hands it the answers."""

    def __init__(self, app: App[None], desk: Desk, lane: Lane, every: float = EVERY) -> None:
        self._app = app
        self._feed = desk.feed
        self._lane = lane
        self._every = every
        self._random = SystemRandom()
        self._failures = 0
        self._looked: frozenset[UUID] = frozenset()
        self._asked: float | None = None
        self._begun = False
        self.also: Callable[[], AbstractSet[UUID]] = frozenset
        """Tickets that are named elsewhere than on a screen."""
        self.tick: Callable[[], None] = lambda: None
        """What is done beside each look."""
        self.here = Here(app, desk, lane)

    def begin(self) -> None:
        """Look again and again, from now on; the feed begins before the first list is read."""
        self._ask(frozenset(), None)
        self._wait()

    def _wait(self) -> None:
        wait = self._every * (1 + self._random.uniform(-_JITTER, _JITTER))
        self._app.set_timer(wait * min(self._failures + 1, _SLOWEST), self._tick)

    def _tick(self) -> None:
        if self._asked is None or monotonic() - self._asked > _OVERDUE:
            self.look()
        self.here.tell()
        self.tick()
        self._wait()

    def in_sight(self) -> frozenset[UUID]:
        """The tickets of the screen that is in front, dialogs not counting."""
        for screen in reversed(self._app.screen_stack):
            if isinstance(screen, Showing):
                return frozenset(screen.in_sight())
            if not isinstance(screen, ModalScreen):
                break
        return frozenset()

    def _awaited(self) -> Awaited | None:
        shown = (
            screen.awaited() for screen in self._app.screen_stack if isinstance(screen, Showing)
        )
        return next((awaited for awaited in shown if awaited is not None), None)

    def look(self) -> None:
        """Ask what happened, and how what is in sight is."""
        self._ask(self.in_sight() | self.also(), self._awaited())

    def _ask(self, ids: frozenset[UUID], awaited: Awaited | None) -> None:
        self._looked = ids
        self._asked = monotonic()
        self._lane.ask(
            self._app,
            KEY,
            partial(self._feed.look, ids, awaited.filter if awaited else None),
            partial(Looked, awaited.fresh if awaited else None),
            Rank.BESIDE,
        )

    def look_at_new(self) -> None:
        """Ask at once when something has come into sight that was not looked at before."""
        if not self.in_sight() <= self._looked:
            self.look()

    def answered(self, message: Looked) -> None:
        """Tell every screen, in the order in which things were read."""
        look = message.look
        recovered, self._failures = self._failures > 0, 0
        missed = self._begun and not look.news.complete
        self._begun, self._asked = True, None
        if look.gone:
            self.wipe(look.gone)
        for screen in self._app.screen_stack:
            if recovered:
                screen.post_message(Connection(""))
            if not isinstance(screen, Showing):
                continue
            if missed:
                screen.post_message(Anew())
            elif look.news.events:
                screen.happened()
            # Not one message without need.
            if screen.concerns(look):
                screen.post_message(Seen(look, message.fresh))

    def failed(self, message: RequestFailed) -> None:
        """Tell every screen that the database does not answer."""
        self._asked = None
        if message.unreachable:
            self._failures += 1
            for screen in self._app.screen_stack:
                screen.post_message(Connection(message.sentence))

    def lost(self) -> None:
        """Somebody else found the database away: its return is news."""
        self._failures = max(self._failures, 1)
        self._asked = None

    def wipe(self, ids: Collection[UUID]) -> None:
        """Wipe these tickets from every screen, and from what is told above them."""
        self._app.post_message(Gone(ids))
        for screen in self._app.screen_stack:
            screen.post_message(Gone(ids))
