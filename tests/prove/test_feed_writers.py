"""Ten thousand random events of twenty writers: no reader misses one, and none is shown what they may not see."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import psycopg
import pytest
from law import desk as law
from support.database import Database

from municonsole.bootstrap import open_desk
from municonsole.config import Config
from municonsole.domain.desk import FeedEvent
from municonsole.services.desk import Desk

pytestmark = pytest.mark.prove

EVENTS = 10_000
WRITERS = 20
READERS = {
    "tvd_operator": ("tvd", False),
    "tvd_saps": ("tvd", True),
    "ksb_operator": ("ksb", False),
}
"""Whose events each reader sees: of which municipality, on which side of the wall."""
CAST = ("tvd_operator", "tvd_operator2", "tvd_manager", "tvd_saps", "ksb_operator", "ksb_manager")


@dataclass
class World:
    """What the writers have done, by their own account."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    committed: int = 0
    rolled_back: int = 0
    transactions: int = 0
    marked: dict[uuid.UUID, float] = field(default_factory=dict)
    """By when a ticket was certainly behind the wall."""
    tickets: dict[str, list[uuid.UUID]] = field(default_factory=dict)
    """Those that colleagues of a municipality and side may work on."""


class Writer:
    """One connection's transactions: one to twelve actions, short or long, some given up."""

    def __init__(self, connection: psycopg.Connection, seed: int, world: World) -> None:
        self._connection = connection
        self._random = random.Random(seed)
        self._world = world
        who = connection.info.user
        self._is_saps = who.endswith("saps")
        self._pool = world.tickets.setdefault(f"{who[:3]} {self._is_saps}", [])
        self._written = 0
        self._mine: list[uuid.UUID] = []
        self._to_mark: list[uuid.UUID] = []

    def run(self) -> None:
        """Until everybody together has written enough."""
        while self._world.committed < EVENTS:
            self._written, self._mine, self._to_mark = 0, [], []
            try:
                self._connection.execute("begin")
                for _ in range(self._random.randint(1, 12)):
                    self._act()
                    if self._random.random() < 0.1:
                        time.sleep(self._random.random() / 20)
                given_up = self._random.random() < 0.2
            except psycopg.Error:  # somebody else's lock, or a move that is not legal any more
                given_up = True
            self._end(given_up=given_up)

    def _end(self, *, given_up: bool) -> None:
        if given_up:
            self._connection.rollback()
        else:
            self._connection.commit()
        now = time.monotonic()
        with self._world.lock:
            self._world.transactions += 1
            if given_up:
                self._world.rolled_back += self._written
                return
            self._world.committed += self._written
            self._pool.extend(set(self._mine) - set(self._to_mark))
            for ticket in self._to_mark:
                self._world.marked[ticket] = now
                if ticket in self._pool:
                    self._pool.remove(ticket)

    def _act(self) -> None:
        chance = self._random.random()
        tickets = self._mine + self._pool[-40:]
        if chance < 0.3 or not tickets:
            self._mine.append(self._log())
            return
        ticket = self._random.choice(tickets)
        if chance < 0.75:
            self._do(law.NOTE, ticket, "words")
        elif chance < 0.85:
            self._do("select muni.record_contact(%s, 'reached')", ticket)
        elif chance < 0.9:
            self._do("select muni.change_status(%s, %s)", ticket, self._random.choice(STATUSES))
        elif not self._is_saps and ticket not in self._to_mark:
            self._do("select muni.mark_sensitive(%s, 'as she told')", ticket)
            self._to_mark.append(ticket)

    def _log(self) -> uuid.UUID:
        category = "gbv" if self._is_saps or self._random.random() < 0.05 else "water"
        number = law.log(self._connection, category)
        found = self._connection.execute(
            "select id from muni.tickets where tracking_number = %s", (number,)
        ).fetchone()
        self._written += 2
        # An operator does not see the GBV report that they have just logged.
        return found[0] if found else self._log()

    def _do(self, statement: str, *values: object) -> None:
        with self._connection.transaction():  # what the law refuses ends the action, not the rest
            self._connection.execute(statement, values)
        self._written += 1


STATUSES = ("in_progress", "on_hold", "resolved", "closed")


@dataclass
class Reader:
    """What a console was told, and when it had asked."""

    desk: Desk
    events: list[tuple[float, FeedEvent]] = field(default_factory=list)
    rows: list[tuple[float, uuid.UUID, bool]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    async def look(self) -> None:
        """One look, at the last fifty tickets it was told of."""
        shown = {event.ticket_id for _, event in self.events[-50:]}
        asked = time.monotonic()
        look = await self.desk.feed.look(shown)
        self.milliseconds.append((time.monotonic() - asked) * 1000)
        assert look.news.complete or not self.events
        self.events += [(asked, event) for event in look.news.events]
        self.rows += [(asked, row.id, row.is_sensitive) for row in look.rows.values()]


@pytest.fixture
async def desk_of(database: Database) -> AsyncIterator[Callable[[str], Awaitable[Desk]]]:
    """Desks that are closed at the end."""
    desks: list[Desk] = []

    async def desk_of(username: str) -> Desk:
        desks.append(await open_desk(Config(), database.dsn(username), database.password(username)))
        return desks[-1]

    yield desk_of
    for desk in desks:
        await desk.close()


async def test_no_reader_misses_an_event_or_is_shown_one_they_may_not_see(
    desk_of: Callable[[str], Awaitable[Desk]], database: Database
) -> None:
    """Commits in any order, much given up, tickets that go behind the wall, a writer open all the while."""
    readers = {who: Reader(await desk_of(who)) for who in READERS}
    for reader in readers.values():
        await reader.desk.feed.news()
    left_open = database.connect("tvd_manager", autocommit=False)
    law.log(left_open)
    world = World()
    writers = [
        Writer(database.connect(CAST[place % len(CAST)]), place, world) for place in range(WRITERS)
    ]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for reader in readers.values():
            await reader.look()
        await asyncio.sleep(0.01)
    took = time.monotonic() - began
    for thread in threads:
        thread.join()
    left_open.rollback()
    for reader in readers.values():
        await reader.look()

    owner = database.connect_owner()
    for who, (code, sensitive) in READERS.items():
        reader = readers[who]
        written = {
            number
            for (number,) in owner.execute(
                "select e.id from ticket_events as e join municipalities as m"
                " on m.id = e.municipality_id where m.code = %s and e.is_sensitive = %s"
                " and e.kind <> 'viewed'",
                (code, sensitive),
            )
        }
        told = [event.id for _, event in reader.events]
        gone = [(asked, e) for asked, e in reader.events if e.id not in written]

        assert len(told) == len(set(told)), who
        assert written <= set(told), who
        # What was told and is not there any more went behind the wall, after it was asked for.
        assert all(e.ticket_id in world.marked for _, e in gone), who
        assert not (sensitive and gone), who
        for asked, ticket in [(a, e.ticket_id) for a, e in reader.events] + [
            (a, ticket) for a, ticket, _ in reader.rows
        ]:
            assert sensitive or asked < world.marked.get(ticket, float("inf")), who
        assert {is_sensitive for _, _, is_sensitive in reader.rows} == {sensitive}, who
        looks = sorted(reader.milliseconds)
        print(  # noqa: T201 - the figures
            f"{who}: {len(told)} events told, {len(written)} there, {len(gone)} gone behind the wall"
            f" since; {len(looks)} looks, {looks[len(looks) // 2]:.1f} ms at the median,"
            f" {looks[len(looks) * 95 // 100]:.1f} ms at p95"
        )
    print(  # noqa: T201 - the figures
        f"{world.committed} events of {WRITERS} writers in {world.transactions} transactions and"
        f" {took:.0f} s; {world.rolled_back} more given up, {len(world.marked)} tickets marked"
    )
    assert world.committed >= EVENTS
    assert world.rolled_back > EVENTS // 20
    assert len(world.marked) > 50
