"""The one place where things are wired: configuration → connection → services → console."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from municonsole.config import Config
from municonsole.credentials import Dsn, Terminal, account_of, log_in
from municonsole.domain.errors import InvalidInput
from municonsole.keyrings import Keyring

if TYPE_CHECKING:
    from municonsole.services.desk import Desk

T = TypeVar("T")


async def open_desk(config: Config, dsn: str, password: str | None) -> Desk:
    """The desk of whoever `dsn` logs in as.

    Raises PasswordNeeded, LoginFailed or Unreachable; SchemaMismatch; NotAnOperator.
    """
    from municonsole.db import connection
    from municonsole.db.session import Session
    from municonsole.services.desk import Desk

    connect = partial(
        connection.connect,
        dsn,
        password=password,
        connect_timeout=config.database.connect_timeout,
        statement_timeout=config.database.statement_timeout,
    )
    return await Desk.open(Session(connect))


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
        desk = _log_in(runner, config, dsn, password)
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
    with asyncio.Runner() as runner:
        desk = _log_in(runner, config, dsn, password)
        try:
            return runner.run(_run_app(config, desk))
        finally:
            runner.run(desk.close())


async def _run_app(config: Config, desk: Desk) -> int:
    from municonsole.ui.app import MuniconsoleApp
    from municonsole.ui.settings import UiSettings

    table = config.ui
    settings = UiSettings(
        theme=table.theme, mouse=table.mouse, bell=table.bell, keymap=table.keymap
    )
    app = MuniconsoleApp(desk, settings)
    await app.run_async(mouse=settings.mouse)
    return app.return_code or 0


def _log_in(runner: asyncio.Runner, config: Config, dsn: Dsn, password: str | None = None) -> Desk:
    """The desk, after as many attempts as the login takes; questions are asked between them.

    Between, not within: while the loop runs, Ctrl-C cancels a task and would not end a question.
    """
    from municonsole import logs

    logs.start(config.log)

    def attempt(attempted: str | None) -> Desk:
        return runner.run(open_desk(config, dsn.text, attempted))

    if password is not None:
        return attempt(password)
    desk, _ = log_in(attempt, partial(account_of, dsn.text), Keyring(), Terminal())
    return desk


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
