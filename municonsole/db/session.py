"""One operator's connection: held open, one statement at a time, made anew after it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar

import psycopg
from sqlalchemy import Executable, Row
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from municonsole.db.errors import LOST, translate
from municonsole.db.silence import Driver, Listener, Patience, hang_up
from municonsole.domain.errors import Unanswered, Unreachable

Parameters: TypeAlias = Mapping[str, object]
T = TypeVar("T")

_CLOSE_SECONDS: Final = 2.0


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
        self._listener = Listener(connect, patience or Patience())
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
                hang_up(await _driver(self._connection))
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
                if fresh or self._listener.is_away:
                    raise
            return await self._answer(await self._connected(), statement, parameters)

    async def _answer(
        self, connection: AsyncConnection, statement: Executable, parameters: Parameters
    ) -> Sequence[Row[Any]]:
        """The rows. Raises Unreachable when the connection was lost, which is dropped then."""
        with self._listener.listening(await _driver(connection)):
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
            self._listener.is_away = False
            try:
                async with asyncio.timeout(self._listener.patience.longest):
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


async def _driver(connection: AsyncConnection) -> Driver:
    raw = await connection.get_raw_connection()
    return raw.driver_connection  # type: ignore[return-value]  # it is psycopg's
