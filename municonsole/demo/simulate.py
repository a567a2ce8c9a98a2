"""Lets residents call and colleagues work on the demo, so that a console has something to show.

Everybody is logged in as themselves and does everything through the law's functions. Nobody is told
what happens while it happens: a count at the end, without a word of what was said.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from random import Random
from typing import Protocol, TypeAlias
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row, scalar_row

from municonsole.db.connection import connect
from municonsole.demo.seed import words
from municonsole.demo.seed.residents import call
from municonsole.demo.seed.tickets import SHARES
from municonsole.demo.seed.world import TOWNS
from municonsole.domain.errors import InvalidInput, Unreachable
from municonsole.domain.values import UNFINISHED, Category, Role, Status

_MOST = 100_000
_Connection: TypeAlias = psycopg.AsyncConnection[tuple[object, ...]]

_RESIDENTS = 1000
_NEWEST = 60
"""Colleagues work on one of that many tickets; what happens stays near the top of the list."""

_LIKELY = {
    Status.IN_PROGRESS: 4.0,
    Status.RESOLVED: 4.0,
    Status.CLOSED: 1.5,
    Status.ON_HOLD: 0.8,
    Status.ESCALATED: 0.3,
    Status.OPEN: 0.2,
}
_NOTES = {
    Status.IN_PROGRESS: words.STARTED,
    Status.RESOLVED: words.RESOLVED,
    Status.ON_HOLD: words.HOLDS,
    Status.ESCALATED: words.ESCALATED,
    Status.OPEN: words.HANDED_BACK,
}
_SAPS_NOTES = {Status.RESOLVED: words.SAPS_RESOLVED, Status.ON_HOLD: words.SAPS_HOLDS}

# What somebody may see at all is for row security to say; this only keeps to the newest.
_PICK = """
select
    t.id,
    t.tracking_number as number,
    t.status,
    t.version,
    t.assigned_team_id as team_id,
    t.assigned_to is null as is_free,
    t.assigned_team_id is not distinct from me.team_id as is_with_own_team
from muni.whoami() as me
cross join lateral (
    select x.*
    from muni.tickets as x
    where x.municipality_id = me.municipality_id and x.is_sensitive = %s
    order by x.created_at desc, x.id desc
    limit %s
) as t
"""
_MOVES = "select from_status, to_status from muni.status_transitions where %s = any (roles)"
_MEMBERS = """
select username from muni.operators
where team_id = %s and is_active and role in ('operator', 'saps_liaison')
"""

_BEATEN = {"42501", "22023", "MU001"}
"""SQLSTATEs of the law: somebody else was first, or the ticket has moved out of reach."""


class Person(Protocol):
    """A login of the demo with its password; `municipality` is a code, `role` a role's value."""

    @property
    def username(self) -> str: ...  # noqa: D102 — as the class says
    @property
    def password(self) -> str: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102
    @property
    def municipality(self) -> str: ...  # noqa: D102


@dataclass(slots=True)
class Counts:
    """How often what was done; `refused` is what somebody else had just changed or taken."""

    logged: int = 0
    moved: int = 0
    noted: int = 0
    assigned: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """Everything that changed something."""
        return self.logged + self.moved + self.noted + self.assigned

    def sentence(self) -> str:
        """One line for whoever let it run."""
        return (
            f"{self.logged} tickets logged, {self.moved} moved, {self.assigned} assigned, "
            f"{self.noted} noted; {self.refused} times somebody else was first."
        )


@dataclass(frozen=True, slots=True)
class _Ticket:
    id: UUID
    number: str
    status: str
    version: int
    team_id: int | None
    is_free: bool
    is_with_own_team: bool


@dataclass(slots=True)
class _Colleague:
    """Somebody at a desk; the connection is made when they first do something."""

    person: Person
    dsn: str
    moves: tuple[tuple[str, str], ...] = ()
    _connection: _Connection | None = field(default=None, repr=False)

    @property
    def role(self) -> Role:
        return Role(self.person.role)

    @property
    def is_saps(self) -> bool:
        return self.role is Role.SAPS_LIAISON

    async def do(self, function: str, *values: object) -> None:
        """Call a function of the law; it commits by itself."""
        places = ", ".join(["%s"] * len(values))
        connection = await self.connected()
        await connection.execute(
            sql.SQL("select muni.{}(" + places + ")").format(sql.Identifier(function)), values
        )

    async def newest(self) -> list[_Ticket]:
        connection = await self.connected()
        async with connection.cursor(row_factory=class_row(_Ticket)) as cursor:
            await cursor.execute(_PICK, (self.is_saps, _NEWEST))
            return await cursor.fetchall()

    async def members(self, team_id: int | None) -> list[str]:
        connection = await self.connected()
        async with connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(_MEMBERS, (team_id,))
            return await cursor.fetchall()

    async def connected(self) -> _Connection:
        if self._connection is None:
            self._connection = await connect(self.dsn, password=self.person.password)
            cursor = await self._connection.execute(_MOVES, (self.person.role,))
            self.moves = tuple((str(old), str(new)) for old, new in await cursor.fetchall())
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


def run(
    people: Sequence[Person],
    dsn: Callable[[str], str],
    *,
    rate: float,
    seconds: float | None = None,
    seed: int | None = None,
) -> Counts:
    """As `simulate`, and until Ctrl-C: for the command line, which runs nothing beside it."""

    async def until_interrupted() -> Counts:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
        return await simulate(people, dsn, rate=rate, seconds=seconds, seed=seed, stop=stop)

    return asyncio.run(until_interrupted())


async def simulate(
    people: Sequence[Person],
    dsn: Callable[[str], str],
    *,
    rate: float,
    seconds: float | None = None,
    seed: int | None = None,
    stop: asyncio.Event | None = None,
) -> Counts:
    """Let `people` work at `rate` acts a minute, for `seconds` or until `stop` is set.

    `dsn` gives the connection string of a username. Gaps between acts are those of chance (Poisson);
    `seed` makes them the same again. Raises InvalidInput for a rate that is none, Unreachable when
    the demo's server goes away.
    """
    if not 0 < rate <= _MOST:
        raise InvalidInput(f"a rate is more than 0 and at most {_MOST:,} a minute, not {rate:g}")
    rng = Random(seed)  # noqa: S311 — it decides what a demo shows, nothing secret
    stop = stop or asyncio.Event()
    clock = asyncio.get_running_loop().time
    act_at = clock()
    end = inf if seconds is None else act_at + seconds
    work = _Work(rng, [_Colleague(person, dsn(person.username)) for person in people])
    try:
        while True:
            act_at += rng.expovariate(rate / 60)
            if await _is_set_by(stop, min(act_at, end) - clock()) or max(act_at, clock()) >= end:
                return work.counts
            await work.act()
    except psycopg.OperationalError:
        raise Unreachable(
            f"the demo's server went away after {work.counts.done} changes; "
            "municonsole demo up starts it again"
        ) from None
    finally:
        for colleague in work.colleagues:
            await colleague.close()


async def _is_set_by(stop: asyncio.Event, seconds: float) -> bool:
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


class _Work:
    """One act after the other, each by somebody who may do it."""

    def __init__(self, rng: Random, colleagues: list[_Colleague]) -> None:
        self.rng = rng
        self.colleagues = colleagues
        self.counts = Counts()
        self._suburbs = {town.code: town.suburbs for town in TOWNS}
        self._duties = (self._log, self._move, self._note, self._take, self._assign)
        self._weights = (30, 46, 12, 6, 6)

    async def act(self) -> None:
        """Do one thing; when there is nothing of that kind to do, a resident calls."""
        who = self.rng.choice(self.colleagues)
        duty = self.rng.choices(self._duties, self._weights)[0]
        try:
            if not await duty(who):
                await self._log(who)
        except psycopg.Error as error:
            if error.sqlstate not in _BEATEN:
                raise
            self.counts.refused += 1

    async def _log(self, who: _Colleague) -> bool:
        categories, shares = tuple(SHARES), tuple(SHARES.values())
        category = Category.GBV if who.is_saps else self.rng.choices(categories, shares)[0]
        said = call(self.rng, self._suburbs[who.person.municipality], category, _RESIDENTS)
        report = said.report
        await who.do(
            "log_ticket",
            category.value,
            said.severity,
            report.description,
            report.address,
            report.latitude,
            report.longitude,
            report.reporter_name,
            report.reporter_phone,
            said.language,
            report.safe_to_contact,
            report.contact_instructions,
        )
        self.counts.logged += 1
        return True

    async def _move(self, who: _Colleague) -> bool:
        steps = [
            (ticket, Status(new), _likelihood(old, new))
            for ticket in await who.newest()
            for old, new in who.moves
            if old == ticket.status
        ]
        if not steps:
            return False
        ticket, new, _ = self.rng.choices(steps, [weight for *_, weight in steps])[0]
        if who.is_saps:
            await who.do("open_confidential_report", ticket.number)
        notes = (_SAPS_NOTES if who.is_saps else _NOTES).get(new, ())
        note = self.rng.choice(notes) if notes else None
        await who.do("change_status", ticket.id, new.value, note, ticket.version)
        self.counts.moved += 1
        return True

    async def _note(self, who: _Colleague) -> bool:
        tickets = [ticket for ticket in await who.newest() if ticket.status != Status.CLOSED]
        if not tickets:
            return False
        ticket = self.rng.choice(tickets)
        is_public = not who.is_saps and self.rng.random() < 0.3
        notes = words.PUBLIC if is_public else words.WORKING
        note = self.rng.choice(words.SAPS_NOTES if who.is_saps else notes)
        await who.do("add_note", ticket.id, note, is_public)
        self.counts.noted += 1
        return True

    async def _take(self, who: _Colleague) -> bool:
        tickets = [
            ticket
            for ticket in await who.newest()
            if ticket.is_free and ticket.is_with_own_team and ticket.status in UNFINISHED
        ]
        if not tickets:
            return False
        await who.do("take_ticket", self.rng.choice(tickets).id)
        self.counts.assigned += 1
        return True

    async def _assign(self, who: _Colleague) -> bool:
        if who.role is Role.OPERATOR:
            return await self._take(who)
        tickets = [ticket for ticket in await who.newest() if ticket.status in UNFINISHED]
        if not tickets:
            return False
        ticket = self.rng.choice(tickets)
        members = await who.members(ticket.team_id)
        assignee = self.rng.choice(members) if members else None
        reason = None if who.is_saps else self.rng.choice(words.GIVEN)
        await who.do("assign_ticket", ticket.id, ticket.team_id, assignee, reason, ticket.version)
        self.counts.assigned += 1
        return True


def _likelihood(old: str, new: str) -> float:
    """How likely a legal move is: forwards mostly, what is done is seldom taken up again."""
    again = old in {Status.RESOLVED, Status.CLOSED} and new == Status.IN_PROGRESS
    return 0.05 if again else _LIKELY[Status(new)]
