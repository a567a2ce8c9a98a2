"""The one place where things are wired: configuration → connection → services → console."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from municonsole.config import Config
from municonsole.credentials import Dsn, Terminal, account_of, log_in
from municonsole.domain.errors import InvalidInput
from municonsole.keyrings import Keyring

if TYPE_CHECKING:
    from municonsole.db.jobs import Connect
    from municonsole.domain.jobs import KeptUp, Swept
    from municonsole.jobs.scheduler import Scheduler
    from municonsole.services.desk import Desk

T = TypeVar("T")

_AFTER_PAINTING = 1.0
"""Seconds before what the jobs need is imported: the console is on the screen by then."""


async def open_desk(config: Config, dsn: str, password: str | None, *, known: bool = False) -> Desk:
    """The desk of whoever `dsn` logs in as; of a `known` password nobody is asked to prove anything.

    Raises PasswordNeeded, LoginFailed or Unreachable; SchemaMismatch; NotAnOperator.
    """
    from municonsole.db.connection import Login
    from municonsole.db.session import Session
    from municonsole.db.silence import Patience
    from municonsole.services.desk import Desk

    login = Login(
        dsn,
        connect_timeout=config.database.connect_timeout,
        statement_timeout=config.database.statement_timeout,
    )
    patience = Patience.beyond(config.database.statement_timeout)
    session = Session(partial(login.connect, password), patience)
    return await Desk.open(session, login, password if known else None)


def at_desk(config: Config, dsn: Dsn, work: Callable[[Desk], Awaitable[T]]) -> T:
    """What `work` returns, done at the desk of whoever logs in."""
    with open_desk_of(config, dsn) as (desk, run):
        return run(work(desk))


@contextmanager
def open_desk_of(
    config: Config, dsn: Dsn, password: str | None = None
) -> Iterator[tuple[Desk, Callable[[Awaitable[T]], T]]]:
    """The desk of whoever logs in, and what runs its calls to their end, one after the other.

    Between two calls no loop runs, so that a question can be asked which Ctrl-C ends. With a
    `password` that is known nobody is asked for one.
    """
    with asyncio.Runner() as runner:
        desk, _ = _log_in(runner, config, dsn, password)
        try:
            yield desk, lambda work: runner.run(_awaited(work))
        finally:
            runner.run(desk.close())


def run_console(config: Config, dsn: Dsn, password: str | None = None) -> int:
    """Open the console; the exit status, once it is left.

    The login is resolved and connected before the screen starts: libpq writes its warnings to file
    descriptor 2. With a `password` that is known (the demo's) nobody is asked for one.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidInput(
            "the console needs a terminal on standard input and output; for scripts there is "
            "municonsole tickets list --json"
        )
    for fixed in ("COLUMNS", "LINES"):
        # A shell that exports them means the size of its start; the console follows the window.
        os.environ.pop(fixed, None)
    if not sys.stderr.isatty():
        # Where Textual paints: `municonsole 2>complaints.log` means the complaints.
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]
    with asyncio.Runner() as runner:
        desk, password = _log_in(runner, config, dsn, password)
        try:
            return runner.run(_run_app(config, desk, job_connections(config, dsn, password)))
        finally:
            runner.run(desk.close())


async def _run_app(config: Config, desk: Desk, connect: Connect) -> int:
    from municonsole.ui.app import MuniconsoleApp
    from municonsole.ui.settings import UiSettings

    table = config.ui
    settings = UiSettings(
        theme=table.theme,
        mouse=table.mouse,
        bell=table.bell,
        idle_minutes=table.idle_minutes,
        keymap=table.keymap,
    )
    app = MuniconsoleApp(desk, settings)
    async with _jobs_beside(connect):
        await app.run_async(mouse=settings.mouse)
    return app.return_code or 0


@asynccontextmanager
async def _jobs_beside(connect: Connect) -> AsyncIterator[None]:
    """Let the jobs of the house run beside the console, and wait for what is under way at the end."""

    def prepare() -> Scheduler:
        from municonsole.jobs.chores import chores
        from municonsole.jobs.scheduler import Scheduler

        return Scheduler(chores(connect))

    async def begin() -> Scheduler:
        await asyncio.sleep(_AFTER_PAINTING)
        scheduler = await asyncio.to_thread(prepare)  # no key waits for an import
        scheduler.start()
        return scheduler

    beginning = asyncio.create_task(begin())
    try:
        yield
    finally:
        beginning.cancel()  # to no effect once it has begun
        await asyncio.wait([beginning])
        if not beginning.cancelled():
            await beginning.result().stop()


def job_connections(config: Config, dsn: Dsn, password: str | None) -> Connect:
    """What makes the short connections of the jobs of the house."""
    from municonsole.db import connection
    from municonsole.jobs.chores import STATEMENT_TIMEOUT

    return partial(
        connection.connect,
        dsn.text,
        password=password,
        connect_timeout=config.database.connect_timeout,
        statement_timeout=STATEMENT_TIMEOUT,
    )


def run_worker(config: Config, dsn: Dsn) -> None:
    """Do the jobs of the house until SIGTERM or SIGINT; log lines go to standard error."""
    from municonsole import logs
    from municonsole.jobs import worker

    connect = _worker_connections(config, dsn)
    logs.start_service(config.log)
    asyncio.run(worker.run(connect))


def work_once(config: Config, dsn: Dsn) -> tuple[list[Swept], list[KeptUp]]:
    """Do the jobs of the house once, now; what they did."""
    from municonsole.jobs.chores import once

    return asyncio.run(once(_worker_connections(config, dsn)))


def _worker_connections(config: Config, dsn: Dsn) -> Connect:
    """`job_connections` of the worker's login. Raises as `open_desk`, NotAnOperator for any other login."""
    from municonsole.db.jobs import require_worker

    def attempt(password: str | None) -> None:
        require_worker(dsn.text, password, config.database.connect_timeout)

    _, password = log_in(attempt, partial(account_of, dsn.text), Keyring(), Terminal())
    return job_connections(config, dsn, password)


def _log_in(
    runner: asyncio.Runner, config: Config, dsn: Dsn, password: str | None = None
) -> tuple[Desk, str | None]:
    """The desk and the password it took, after as many attempts as the login takes.

    Questions are asked between the attempts.

    Between, not within: while the loop runs, Ctrl-C cancels a task and would not end a question.
    """
    from municonsole import logs

    logs.start(config.log)

    def attempt(attempted: str | None) -> Desk:
        return runner.run(open_desk(config, dsn.text, attempted))

    if password is not None:
        return runner.run(open_desk(config, dsn.text, password, known=True)), password
    return log_in(attempt, partial(account_of, dsn.text), Keyring(), Terminal())


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def owner_password(dsn: Dsn, config: Config) -> str | None:
    """The password with which `dsn` logs in, None where libpq needs none from us.

    For the owner's work, which runs on connections of its own. Raises as `open_desk`.
    """
    from municonsole.db.connection import connect_sync

    def attempt(password: str | None) -> None:
        connect_sync(
            dsn.text, password=password, connect_timeout=config.database.connect_timeout
        ).close()

    _, password = log_in(attempt, partial(account_of, dsn.text), Keyring(), Terminal())
    return password
