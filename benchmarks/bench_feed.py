"""From a key in one console to the line on another's screen, beside a bare poll; and what a look costs."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from harness import Pair, demo
from textual.events import Key

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.demo.server import Demo
from municonsole.domain.values import Status
from municonsole.services.desk import Desk
from municonsole.ui.app import MuniconsoleApp
from municonsole.ui.settings import UiSettings
from municonsole.ui.watch import EVERY
from municonsole.ui.widgets.ticket_table import TicketTable

CHANGES = int(os.environ.get("BENCH_CHANGES", "120"))
LOOKS = 1000
AT_MOST = 1.5
"""Seconds at the median."""
_KEYS = {"open": "o", "in progress": "i"}
_READ = b"select t.version from muni.tickets as t where t.id = %s"


@dataclass
class Seen:
    """When a version of the ticket was seen, by the clock of this process; waited for by `until`."""

    at: dict[int, float] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, version: int) -> None:
        """It is there now."""
        if version not in self.at:
            self.at[version] = time.perf_counter()
            self._news.set()

    async def until(self, version: int) -> float:
        """When it was seen."""
        while version not in self.at:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 30)
        return self.at[version]


async def main(up: Demo) -> bool:
    """Both measurements; whether every budget is held."""
    held = await _changes(up, "nobody else writes", writing=False)
    held &= await _changes(up, "a write transaction is open all the while", writing=True)
    return await _cost(up) and held


# ---------------------------------------------------------------- from key to screen


async def _changes(up: Demo, name: str, *, writing: bool) -> bool:
    one, two = [await _desk(up, who) for who in ("operator", "manager")]
    async with _raw(up, "manager") as raw, _raw(up, "operator") as other:
        if writing:
            await other.execute("begin")
            await other.execute(
                "select muni.log_ticket('roads', 'low', 'an open transaction', null)"
            )
        try:
            took, floor = await _measure(one, two, raw)
        finally:
            await other.rollback()
    for desk in (one, two):
        await desk.close()
    pair = Pair(
        f"a change on the other's screen, median of {len(took)}, {name}",
        "a bare poll as often",
        statistics.median(took) * 1000,
        statistics.median(floor) * 1000,
        1.6,
    )
    print(f"  p95 {_p95(took) * 1000:.0f} ms, of the bare poll {_p95(floor) * 1000:.0f} ms")
    return pair.report() and statistics.median(took) <= AT_MOST


async def _measure(
    one: Desk, two: Desk, raw: psycopg.AsyncConnection[Any]
) -> tuple[list[float], list[float]]:
    took: list[float] = []
    floor: list[float] = []
    async with _console(one) as writing, _console(two) as reading:
        await _until(lambda: any(row.status is Status.OPEN for row in _table(reading).rows))
        ticket = next(r.id for r in _table(reading).rows if r.status is Status.OPEN)
        seen, polled = Seen(), Seen()
        _watch_screen(reading, ticket, seen)
        polling = asyncio.create_task(_poll(raw, ticket, polled))
        table = _table(writing)
        row = next(row for row in table.rows if row.id == ticket)
        table.move_to([r.id for r in table.rows].index(ticket))
        status = "in progress"
        version = row.version
        for _ in range(CHANGES):
            await asyncio.sleep(random.random())
            for key in ("s", _KEYS[status]):
                writing.post_message(Key(key, key))
            await _until(lambda: len(writing.screen_stack) > 1)
            begun = time.perf_counter()
            writing.post_message(Key("enter", None))
            version += 1
            took.append(await seen.until(version) - begun)
            floor.append(await polled.until(version) - begun)
            await _until(lambda: len(writing.screen_stack) == 1)
            status = "open" if status == "in progress" else "in progress"
        polling.cancel()
    return took, floor


async def _poll(raw: psycopg.AsyncConnection[Any], ticket: UUID, polled: Seen) -> None:
    """What asking as often would see at best: one look-up by key, drawn by nobody."""
    while True:
        row = await (await raw.execute(_READ, (ticket,))).fetchone()
        polled.note(row[0] if row else 0)
        await asyncio.sleep(EVERY * random.uniform(0.8, 1.2))


def _watch_screen(app: MuniconsoleApp, ticket: UUID, seen: Seen) -> None:
    """Note each version when what the terminal is sent has it."""
    display = app._display  # noqa: SLF001 - where the bytes go out

    def watched(*arguments: Any) -> None:  # noqa: ANN401 - Textual's
        display(*arguments)
        for row in _table(app).rows:
            if row.id == ticket:
                seen.note(row.version)

    app._display = watched  # type: ignore[method-assign, assignment] # noqa: SLF001


async def _until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110 - Textual has no event for it
            await asyncio.sleep(0.002)


@asynccontextmanager
async def _console(desk: Desk) -> AsyncIterator[MuniconsoleApp]:
    """A console of 120 columns and 40 lines with the list of all that are open."""
    app = MuniconsoleApp(desk, UiSettings())
    async with app.run_test(size=(120, 40)) as pilot:
        await _until(lambda: bool(_table(app).rows))
        app.post_message(Key("5", "5"))
        await asyncio.sleep(1)
        await pilot.pause()
        yield app


def _table(app: MuniconsoleApp) -> TicketTable:
    return app.screen_stack[0].query_one(TicketTable)


def _p95(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


# ---------------------------------------------------------------- what a look costs


async def _cost(up: Demo) -> bool:
    """A look at 37 tickets when nothing has happened, beside reading their rows, and the bare minimum."""
    desk = await _desk(up, "operator")
    page = await desk.tickets.page(desk.tickets.view(_open_view()), limit=37)
    ids = frozenset(row.id for row in page.tickets)
    backend = (await desk.feed._told(ids)).backend  # noqa: SLF001 - whose time is measured
    await desk.feed.look(ids)
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "a look of the feed": lambda: desk.feed.look(ids),
        "the rows in sight, as it was": lambda: desk.tickets.rows(ids),
        "the heartbeat, a look-up by key": desk.heartbeat,
    }
    spent: dict[str, float] = {}
    for name, call in ways.items():
        for _ in range(20):
            await call()
        server, here, began = _cpu(backend), time.process_time(), time.perf_counter()
        for _ in range(LOOKS):
            await call()
        spent[name] = (time.perf_counter() - began) / LOOKS * 1000
        print(
            f"{name}: {spent[name]:.2f} ms, of which the server {(_cpu(backend) - server) / LOOKS * 1000:.2f} ms"
            f" of its processor and the console {(time.process_time() - here) / LOOKS * 1000:.2f} ms"
        )
    await desk.close()
    look, rows, _ = spent.values()
    return Pair("a look that brings nothing", "reading the rows", look, rows, 1.0).report()


def _cpu(pid: int) -> float:
    """Seconds of processor that a process of this machine has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _open_view() -> Any:  # noqa: ANN401 - a View
    from municonsole.domain.filters import MUNICIPAL_VIEWS

    return next(view for view in MUNICIPAL_VIEWS if view.id == "open")


async def _desk(up: Demo, role: str) -> Desk:
    login = up.login(role)
    return await open_desk(Config(), up.dsn(login.username), login.password)


@asynccontextmanager
async def _raw(up: Demo, role: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    login = up.login(role)
    connection = await psycopg.AsyncConnection.connect(
        up.dsn(login.username), password=login.password, autocommit=True
    )
    try:
        yield connection
    finally:
        await connection.close()


if __name__ == "__main__":
    with demo() as running:
        held = asyncio.run(main(running))
    sys.exit(0 if held else 1)
