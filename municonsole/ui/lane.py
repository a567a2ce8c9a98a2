"""One request to the services at a time, and every answer as a message.

The operator has one database connection, so requests wait in a lane: the most wanted first, and of
several for the same thing only the newest. A worker carries them out; it never touches a widget,
and nothing it meets ends the program.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from municonsole.domain.errors import MuniconsoleError, Refused, Stale, Unreachable

Answer = TypeVar("Answer")


class Rank(IntEnum):
    """How much a request is wanted."""

    SAVE = -1
    """Changes something: never dropped, never replaced by another."""
    NOW = 0
    """Someone waits for it."""
    AHEAD = 1
    """Will be wanted soon: the next page."""
    BESIDE = 2
    """Goes with what is on the screen: the pane beside the table."""
    LATER = 3
    """Counts."""


class RequestFailed(Message):
    """A request got no answer; `sentence` is fit to be shown, `cause` is the kind of failure."""

    def __init__(self, key: str, sentence: str, cause: type[Exception]) -> None:
        super().__init__()
        self.key = key
        self.sentence = sentence
        self.cause = cause

    @property
    def unreachable(self) -> bool:
        """The database is not there."""
        return issubclass(self.cause, Unreachable)

    @property
    def stale(self) -> bool:
        """Someone else changed the ticket first."""
        return issubclass(self.cause, Stale)

    @property
    def refused(self) -> bool:
        """Not permitted, or not there."""
        return issubclass(self.cause, Refused)


@dataclass(frozen=True, slots=True)
class _Request:
    rank: Rank
    order: int
    to: MessagePump
    carry_out: Callable[[], Awaitable[Message]]


class Lane:
    """The waiting requests. `start` runs a coroutine function as a worker of the application.

    A function rather than its coroutine: a worker that is cancelled before it began, since the
    console is left at once, would leave that one unawaited.
    """

    def __init__(
        self, start: Callable[[Callable[[], Coroutine[None, None, None]]], object]
    ) -> None:
        self._start = start
        self._waiting: dict[str, _Request] = {}
        self._order = 0
        self._running = False

    def ask(
        self,
        to: MessagePump,
        key: str,
        call: Callable[[], Awaitable[Answer]],
        made: Callable[[Answer], Message],
        rank: Rank = Rank.NOW,
    ) -> None:
        """Have `call` carried out and its answer posted to `to` as the message `made` makes of it.

        A request with the same key that has not begun is replaced, unless it is a SAVE. A failure is
        posted as RequestFailed. What was asked for someone who is gone meanwhile is dropped.
        """
        if rank is Rank.SAVE:
            key = f"{key}#{self._order}"

        async def carry_out() -> Message:
            return made(await call())

        self._order += 1
        self._waiting[key] = _Request(rank, self._order, to, carry_out)
        if not self._running:
            self._running = True
            self._start(self._work)

    def drop(self, prefix: str, of: MessagePump | None = None) -> None:
        """Forget the waiting requests whose key begins with `prefix`, `of` one or of all; saves are kept."""
        for key, request in tuple(self._waiting.items()):
            theirs = of is None or request.to is of
            if theirs and key.startswith(prefix) and request.rank is not Rank.SAVE:
                del self._waiting[key]

    async def _work(self) -> None:
        try:
            while self._waiting:
                key = min(self._waiting, key=self._place)
                request = self._waiting.pop(key)
                if request.to.is_running:
                    request.to.post_message(await _answer(key, request))
        finally:
            self._running = False

    def _place(self, key: str) -> tuple[Rank, int]:
        request = self._waiting[key]
        return request.rank, request.order


async def _answer(key: str, request: _Request) -> Message:
    try:
        return await request.carry_out()
    except MuniconsoleError as error:
        return RequestFailed(key, str(error), type(error))
    except Exception as error:  # noqa: BLE001 - a fault in one answer must not take the console down
        # Only the kind is told: the text of an unforeseen error may hold personal data.
        kind = type(error).__name__
        sentence = f"that failed inside municonsole ({kind}); try again, and report it if it stays"
        return RequestFailed(key, sentence, type(error))
