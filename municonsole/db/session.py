"""One operator's connection: held open, one statement at a time, made anew after it was lost."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

import psycopg
from sqlalchemy import Executable, Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from municonsole.db.errors import LOST, translate
from municonsole.domain.errors import Full, LoginFailed, Unanswered, Unreachable

Parameters: TypeAlias = Mapping[str, object]
Driver: TypeAlias = psycopg.AsyncConnection[Any]
T = TypeVar("T")

SILENT: Final = 5.0
"""Seconds without an answer after which the server is asked whether it is still at it."""
_CLOSE_SECONDS: Final = 2.0
_AT_LAST: Final = 1.0
"""Seconds for an answer that was under way when the server was asked what it does."""
_STATE = "select state from pg_catalog.pg_stat_activity where pid = %s"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds an answer may take, whatever the operating system finds out about the line.

    After `silent` the server is asked over another connection whether it is still at it; when it cannot
    be reached, or is not, the line is given up. After `longest` it is given up in any case: that is more
    than the server allows a statement.
    """

    silent: float = SILENT
    longest: float = 7 * SILENT

    @classmethod
    def beyond(cls, statement_timeout: float) -> Patience:
        """For a server that stops a statement after so many seconds."""
        return cls(SILENT, statement_timeout + SILENT)


class Session:
    """A held AUTOCOMMIT connection on which one statement runs at a time.

    A caller that is cancelled never interrupts its statement: a write is done or not done, and the
    connection stays usable. A read on a connection that turns out to be dead is tried once more on a
    new one; a write is not, since nobody knows whether it was done.
    """

    def __init__(
        self, connect: Callable[[], Awaitable[Driver]], patience: Patience | None = None
    ) -> None:
        """`connect` makes a logged-in AUTOCOMMIT connection; it is called again after a loss."""
        self._connect = connect
        self._patience = patience or Patience()
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=connect,
            poolclass=NullPool,
            use_native_hstore=False,
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
        )
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()
        self._looking: set[asyncio.Task[None]] = set()
        self._is_away = False
        self._closed = False

    @property
    def connected(self) -> bool:
        """Whether the last statement found a working connection."""
        return self._connection is not None

    async def read(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Sequence[Row[Any]]:
        """All rows of a statement that changes nothing. Raises Unreachable."""
        return await self._shielded(self._run(statement, parameters or {}, retry=True))

    async def write(
        self, statement: Executable, parameters: Parameters | None = None
    ) -> Sequence[Row[Any]]:
        """All rows of a statement that calls a writing function of the law; it commits by itself.

        Raises Unanswered where it may have been done, Unreachable where it was not sent.
        """
        return await self._shielded(self._run(statement, parameters or {}, retry=False))

    async def verifier(self, username: str, password: str) -> str:
        """The SCRAM verifier of a password, made by libpq: what the server keeps, and all it is sent."""
        return await self._shielded(self._verifier(username, password))

    async def _verifier(self, username: str, password: str) -> str:
        async with self._turn:
            driver = await _driver(await self._connected())
            made = driver.pgconn.encrypt_password(
                password.encode(), username.encode(), b"scram-sha-256"
            )
            return made.decode()

    async def close(self) -> None:
        """End the connection; after two seconds without an answer it is dropped."""
        self._closed = True
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._running:
                    await asyncio.wait(self._running)
                if self._connection is not None:
                    await self._connection.close()
                await self._engine.dispose()
        except (TimeoutError, DBAPIError, psycopg.Error):
            # Leaving all the same: the server notices a vanished client by itself.
            if self._connection is not None:
                _hang_up(await _driver(self._connection))
        self._connection = None

    async def _shielded(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: a cancelled caller leaves nobody else to do so

    # ------------------------------------------------------------------ statements

    async def _run(
        self, statement: Executable, parameters: Parameters, *, retry: bool
    ) -> Sequence[Row[Any]]:
        async with self._turn:
            fresh = self._connection is None
            connection = await self._connected()
            try:
                return await self._answer(connection, statement, parameters)
            except Unreachable:
                if not retry:
                    raise Unanswered(
                        f"{LOST} while saving; look at the ticket before you do it again"
                    ) from None
                if fresh or self._is_away:
                    raise
            return await self._answer(await self._connected(), statement, parameters)

    async def _answer(
        self, connection: AsyncConnection, statement: Executable, parameters: Parameters
    ) -> Sequence[Row[Any]]:
        """The rows. Raises Unreachable when the connection was lost, which is dropped then."""
        with self._listening(await _driver(connection)):
            try:
                return (await connection.execute(statement, parameters)).all()
            except DBAPIError as error:
                meaning = (
                    translate(error.orig)
                    if isinstance(error.orig, psycopg.Error)
                    else Unreachable(LOST)
                )
                lost = error.connection_invalidated or isinstance(meaning, Unreachable)
        if not lost:
            raise meaning
        await self._drop(connection)
        raise Unreachable(LOST)

    async def _connected(self) -> AsyncConnection:
        if self._closed:
            raise Unreachable("the console is closing")
        if self._connection is None:
            self._is_away = False
            try:
                async with asyncio.timeout(self._patience.longest):
                    connection = await self._engine.connect()
            except TimeoutError:
                raise Unreachable(LOST) from None
            # Only now: preparing costs a trip more, wasted on what SQLAlchemy asks once.
            (await _driver(connection)).prepare_threshold = 0
            self._connection = connection
        return self._connection

    async def _drop(self, connection: AsyncConnection) -> None:
        self._connection = None
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await connection.invalidate()
                await connection.close()
        except (TimeoutError, DBAPIError, psycopg.Error):
            pass  # it is dead already

    # ------------------------------------------------------------------ a line that says nothing

    @contextmanager
    def _listening(self, driver: Driver) -> Iterator[None]:
        """While an answer is waited for: a line that is lost without a word is given up in time."""
        begun: list[asyncio.Task[None]] = []

        def begin() -> None:
            task = asyncio.create_task(self._give_up_in_time(driver))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)
            begun.append(task)

        timer = asyncio.get_running_loop().call_later(self._patience.silent, begin)
        try:
            yield
        finally:
            timer.cancel()
            for task in begun:
                task.cancel()

    async def _give_up_in_time(self, driver: Driver) -> None:
        patience, pid = self._patience, driver.info.backend_pid
        try:
            async with asyncio.timeout(patience.longest - patience.silent):
                while await self._is_at_it(pid):  # noqa: ASYNC110 - nothing tells by itself
                    await asyncio.sleep(patience.silent)
                await asyncio.sleep(_AT_LAST)
        except TimeoutError:
            pass
        _hang_up(driver)

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
            self._is_away = True
            return False
        return row is None or row[0] != "idle"


async def _driver(connection: AsyncConnection) -> Driver:
    raw = await connection.get_raw_connection()
    return raw.driver_connection  # type: ignore[return-value]  # it is psycopg's


def _hang_up(driver: Driver) -> None:
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
