"""Consoles of people of the test world, on a real database with tickets in every state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import calls
import pytest
import scenario
from psycopg.conninfo import make_conninfo
from support.database import Database, Server
from support.proxy import Network
from textual.events import Key
from textual.pilot import Pilot

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.services.desk import Desk
from municonsole.ui.app import MuniconsoleApp
from municonsole.ui.screens import intake_drafts, intake_lookups
from municonsole.ui.screens.queue import QueueScreen
from municonsole.ui.settings import UiSettings

OpenConsole = Callable[..., AbstractAsyncContextManager["Console"]]
OpenDesk = Callable[..., Awaitable[Desk]]


_LETTERS = {"slash": "/", "question_mark": "?", "space": " "}
_KEYS = {letter: key for key, letter in _LETTERS.items()}
"""Signs whose keys have names; others are their own."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The scenario, written once: in which database, its tickets, and when by the monotonic clock."""

    dbname: str
    tickets: dict[str, str]
    made: float


class Console:
    """A running console and the hands at its keyboard."""

    def __init__(self, app: MuniconsoleApp, pilot: Pilot[None], desk: Desk) -> None:
        self.app = app
        self.pilot = pilot
        self.desk = desk

    async def settle(self) -> None:
        """Until every request has been answered and every answer is on the screen."""
        await self.pilot.pause()
        while self.app.workers or self._being_laid_out:
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    @property
    def _being_laid_out(self) -> bool:
        """Whether the screen in front has yet to get its lines, or to do what it does once it has."""
        stack = self.app.screen_stack if self.app.is_running else []
        return bool(stack) and bool(
            not stack[-1]._compositor.size
            or stack[-1]._layout_required
            or stack[-1]._callbacks
            or stack[-1]._next_callbacks
        )

    async def rest(self) -> None:
        """Until the panes have followed the cursor, which they do when it rests."""
        queue = self.app.screen_stack[0]
        assert isinstance(queue, QueueScreen)
        if queue._resting is not None and queue._resting._task is not None:
            await queue._resting._task
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Keys one after the other, each after the one before has had its effect."""
        for key in keys:
            self._send(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Text, without waiting in between."""
        for letter in text:
            self._send(_KEYS.get(letter, letter), letter)
        await self.settle()

    def _send(self, key: str, letter: str | None = None) -> None:
        character = letter or _LETTERS.get(key) or (key if len(key) == 1 else None)
        self.app.post_message(Key(key, character))


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same terminal whoever runs the tests."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture
async def desk_of(database: Database) -> AsyncIterator[OpenDesk]:
    """The desk of a login of the test world, over a network if need be; closed at the end of the test."""
    desks: list[Desk] = []

    async def desk_of(username: str, network: Network | None = None) -> Desk:
        dsn = database.dsn(username)
        if network is not None:
            dsn = make_conninfo(dsn, host="127.0.0.1", port=network.port)
        desk = await open_desk(Config(), dsn, database.password(username))
        desks.append(desk)
        return desk

    yield desk_of
    for desk in desks:
        await desk.close()


@pytest.fixture(scope="session")
def filled(server: Server) -> Filled:
    """A database with the scenario's tickets, made once: each test gets a copy of it."""
    database = server.fresh()
    tickets = scenario.fill(database)
    database.close()  # it is only copied from now on
    return Filled(database.dbname, tickets, monotonic())


@pytest.fixture
def database(server: Server, filled: Filled) -> Iterator[Database]:
    """A database with the scenario's tickets as old as they are meant to be, for this test alone."""
    database = server.fresh(filled.dbname)
    try:
        scenario.rejuvenate(database, monotonic() - filled.made)
        yield database
    finally:
        server.drop(database)


@pytest.fixture
def tickets(filled: Filled) -> dict[str, str]:
    """The scenario's tickets: what was reported, by tracking number."""
    return filled.tickets


@pytest.fixture
def numbers(filled: Filled) -> dict[str, str]:
    """The scenario's numbers by what was reported."""
    return {told: number for number, told in filled.tickets.items()}


@pytest.fixture
def console(desk_of: OpenDesk) -> OpenConsole:
    """Opens the console of a login, at a size, with its first list on the screen.

    It does not look by itself at what it shows, unless told so: the tests say when.
    """

    @asynccontextmanager
    async def open_console(
        username: str = "tvd_operator",
        size: tuple[int, int] = (80, 24),
        settings: UiSettings | None = None,
        watch_every: float = 3600,
        network: Network | None = None,
    ) -> AsyncIterator[Console]:
        desk = await desk_of(username, network)
        app = MuniconsoleApp(
            desk, settings or UiSettings(), watch_every=watch_every, pulse_every=3600
        )
        async with app.run_test(size=size) as pilot:
            opened = Console(app, pilot, desk)
            await opened.settle()
            yield opened

    return open_console


@pytest.fixture
def network(database: Database) -> Iterator[Network]:
    """What lies between a console and the server."""
    made = Network(database.host, database.port)
    yield made
    made.close()


@pytest.fixture
def suburbs(database: Database) -> None:
    """Three suburbs of the municipality."""
    with database.connect_owner() as owner:
        for name, latitude, longitude in (
            ("Hilltop", *calls.HILL),
            ("Hillview", -26.16, 28.06),
            ("Old Siding", -26.3, 28.1),
        ):
            owner.execute(
                "insert into suburbs select id, %s, %s, %s from municipalities where code = 'tvd'",
                (name, latitude, longitude),
            )


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fingers that rest a moment have rested long enough."""
    monkeypatch.setattr(intake_drafts, "KEPT_AFTER", 0.01)
    monkeypatch.setattr(intake_lookups, "AFTER_PHONE", 0.01)
    monkeypatch.setattr(intake_lookups, "AFTER_WORDS", 0.01)
