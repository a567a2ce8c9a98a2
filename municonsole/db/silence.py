"""A line on which nothing comes back: found out and given up in time, whatever the operating system knows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import psycopg

from municonsole.domain.errors import Full, LoginFailed, Unreachable

Driver: TypeAlias = psycopg.AsyncConnection[Any]

SILENT: Final = 3.0
"""Seconds without an answer after which the server is asked whether it is still at it."""
_MORE: Final = 5.0
"""Seconds that an answer may be under way."""
_AT_LAST: Final = 1.0
"""Seconds for an answer that was under way when the server was asked what it does."""
_STATE: Final = "select state from pg_catalog.pg_stat_activity where pid = %s"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds an answer may take.

    After `silent` the server is asked over another connection whether it is still at it; when it cannot
    be reached, or is not, the line is given up. After `longest` it is given up in any case: that is more
    than the server allows a statement.
    """

    silent: float = SILENT
    longest: float = 35.0

    @classmethod
    def beyond(cls, statement_timeout: float) -> Patience:
        """For a server that stops a statement after so many seconds."""
        return cls(SILENT, statement_timeout + _MORE)


class Listener:
    """Listens on lines that `connect` made; `is_away`: the server could not be reached when it was asked."""

    def __init__(self, connect: Callable[[], Awaitable[Driver]], patience: Patience) -> None:
        self.patience = patience
        self.is_away = False
        self._connect = connect
        self._looking: set[asyncio.Task[None]] = set()

    @contextmanager
    def listening(self, driver: Driver) -> Iterator[None]:
        """While an answer is waited for: whoever waits on a line that is lost finds it closed, in time."""
        begun: list[asyncio.Task[None]] = []

        def begin() -> None:
            task = asyncio.create_task(self._give_up_in_time(driver))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)
            begun.append(task)

        timer = asyncio.get_running_loop().call_later(self.patience.silent, begin)
        try:
            yield
        finally:
            timer.cancel()
            for task in begun:
                task.cancel()

    async def _give_up_in_time(self, driver: Driver) -> None:
        patience, pid = self.patience, driver.info.backend_pid
        self.is_away = False
        try:
            async with asyncio.timeout(patience.longest - patience.silent):
                while await self._is_at_it(pid):  # noqa: ASYNC110 - nothing tells by itself
                    await asyncio.sleep(patience.silent)
                if not self.is_away:
                    await asyncio.sleep(_AT_LAST)
        except TimeoutError:
            pass
        hang_up(driver)

    async def _is_at_it(self, pid: int) -> bool:
        """Whether the server still works on what it was sent, as far as can be known."""
        try:
            other = await self._connect()
            try:
                row = await (await other.execute(_STATE, (pid,))).fetchone()
            finally:
                await other.close()
        except (LoginFailed, Full):
            return True  # it answers, to say that it lets nobody in at the moment
        except (Unreachable, psycopg.Error):
            self.is_away = True
            return False
        return row is None or row[0] != "idle"


def hang_up(driver: Driver) -> None:
    """End a line from this side: who waits for an answer finds it closed.

    Not by cancelling the wait: psycopg would ask the server to cancel, over the line that is silent.
    """
    if driver.closed:
        return
    line = socket.socket(fileno=driver.pgconn.socket)
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # closed from the other side at this moment
    finally:
        line.detach()
