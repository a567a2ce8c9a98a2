"""The clocks once more, naively: minute by minute through a calendar, with a look at the wall clock each time."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg.types.multirange import TimestamptzMultirange

from law import desk

MINUTE: Final = 60_000_000
DAY: Final = 24 * 60
"""Minutes in a day; a minute is given in microseconds, as every length and instant here."""

HORIZON: Final = 10 * DAY
"""How many minutes of a calendar are walked."""

ZONES: Final = (
    *("Africa/Johannesburg", "Asia/Kathmandu", "UTC", "Europe/Berlin", "Europe/Berlin"),
    # Half an hour of summer time; a clock change at midnight; one in the afternoon of UTC.
    *("America/New_York", "Australia/Lord_Howe", "America/Havana", "Pacific/Auckland"),
)
CHANGES: Final = ((3, 10), (3, 29), (4, 5), (9, 27), (10, 4), (10, 25), (11, 1))
"""Days around which clocks are changed somewhere."""

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Windows a weekday (ISO), in minutes of the day from … to before …, and days on which nobody works."""

    zone: str
    windows: dict[int, tuple[Span, ...]]
    holidays: frozenset[dt.date]
    always: bool

    def works(self, local: dt.datetime) -> bool:
        """Whether it works in the minute that begins when a clock on its wall shows this."""
        if self.always:
            return True
        minute = local.hour * 60 + local.minute
        return local.date() not in self.holidays and any(
            opens <= minute < closes for opens, closes in self.windows.get(local.isoweekday(), ())
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A start, a target and pauses to try on a calendar, and until when to count what it worked."""

    start: int
    target: int
    pauses: tuple[Span, ...]
    finish: int


@dataclass(frozen=True, slots=True)
class Walked:
    """When the target was reached, and what had been worked at the finish; pauses left out."""

    reached: int
    worked: int


def instant(microseconds: int) -> dt.datetime:
    """The instant so long after 1970."""
    return EPOCH + dt.timedelta(microseconds=microseconds)


def since(at: dt.datetime) -> int:
    """Microseconds from 1970 to an instant."""
    return (at - EPOCH) // dt.timedelta(microseconds=1)


def open_minutes(calendar: Calendar, first: int) -> list[int]:
    """Of the minutes of the horizon that begins at `first`, the beginnings of those in which it works."""
    zone = ZoneInfo(calendar.zone)
    return [
        minute
        for minute in range(first, first + HORIZON * MINUTE, MINUTE)
        if calendar.works(dt.datetime.fromtimestamp(minute // 1_000_000, zone))
    ]


def parts(minutes: Iterable[int], start: int, pauses: Sequence[Span]) -> Iterator[Span]:
    """What of these minutes lies after the start and in no pause, in order."""
    edges = sorted({start, *(at for pause in pauses for at in pause)})
    cut = {at - at % MINUTE for at in edges}
    for minute in minutes:
        if minute + MINUTE <= start:
            continue
        inside = (at for at in edges if minute < at < minute + MINUTE) if minute in cut else ()
        for begin, end in itertools.pairwise((minute, *inside, minute + MINUTE)):
            if begin >= start and not any(lower <= begin < upper for lower, upper in pauses):
                yield begin, end


def walk(minutes: Iterable[int], case: Case) -> Walked | None:
    """Go through the minutes in which a calendar works; None when they end before the target is reached."""
    reached = None
    done = worked = 0
    for begin, end in parts(minutes, case.start, case.pauses):
        if reached is None and done + end - begin >= case.target:
            reached = begin + case.target - done
        if reached is not None and begin >= case.finish:
            break
        done += end - begin
        worked += max(min(end, case.finish) - begin, 0)
    return None if reached is None else Walked(reached, worked)


# ------------------------------------------------------------------------------------ at random


def calendar(chance: random.Random) -> Calendar:
    """Some calendar: office hours, shifts around a lunch break, nights, one window a week, always."""
    zone = chance.choice(ZONES)
    if chance.random() < 0.1:
        return Calendar(zone, {}, frozenset(), always=True)
    windows = {}
    for weekday in chance.sample(range(1, 8), chance.randint(1, 7)):
        grain = chance.choice((1, 15, 30, 60))
        edges = sorted(
            {chance.randrange(0, DAY + 1, grain) for _ in range(2 * chance.randint(1, 4))}
        )
        # Every other stretch, or each: windows that follow each other without a gap.
        step = chance.choice((1, 2, 2))
        windows[weekday] = tuple(zip(edges[::step], edges[1::step], strict=False))
    if not any(windows.values()):
        windows[1] = ((480, 990),)
    return Calendar(zone, windows, frozenset(), always=False)


def with_holidays(chance: random.Random, calendar: Calendar, first: int) -> Calendar:
    """The same with some of the days around the horizon off."""
    day = instant(first).date()
    days = frozenset(
        day + dt.timedelta(days=chance.randint(-20, 40)) for _ in range(chance.randint(0, 20))
    )
    return Calendar(calendar.zone, calendar.windows, days, calendar.always)


def beginning(chance: random.Random) -> int:
    """Midnight (UTC) of a day from 2024 to 2028, often some days before clocks are changed."""
    year = chance.randint(2024, 2028)
    if chance.random() < 0.6:
        month, day = chance.choice(CHANGES)
        at = dt.datetime(year, month, day, tzinfo=dt.UTC) - dt.timedelta(days=chance.randint(0, 7))
    else:
        at = dt.datetime(year, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=chance.randint(0, 364))
    return since(at)


def moment(chance: random.Random, minutes: Sequence[int], first: int, last: int) -> int:
    """Some instant: at an edge of working time, a whole minute, a second, or any microsecond."""
    edge = chance.choice(minutes) + chance.choice((0, 0, MINUTE)) if minutes else first
    return chance.choice(
        (
            edge,
            edge + chance.choice((-1, 1, -1_000_000, 1_000_000)),
            first + chance.randrange(0, last - first, MINUTE),
            first + chance.randrange(0, last - first, 1_000_000),
            first + chance.randrange(0, last - first),
        )
    )


def cases(chance: random.Random, minutes: Sequence[int], first: int, count: int) -> list[Case]:
    """Some starts, targets and pauses for which the target is reached within the horizon."""
    last = first + HORIZON * MINUTE
    found = []
    for _ in range(count):
        start = moment(chance, minutes, first, last - HORIZON * MINUTE // 2)
        pauses = []
        for _ in range(chance.choice((0, 0, 1, 2, 3, 5))):
            begin = moment(chance, minutes, first, last)
            length = chance.choice((0, 1, 1_000_000, MINUTE, 60 * MINUTE, DAY * MINUTE))
            pauses.append((begin, begin + chance.randint(0, 3) * length))
        finish = moment(chance, minutes, first, last)
        available = sum(end - begin for begin, end in parts(minutes, start, pauses))
        if available:
            target = chance.choice(
                (
                    chance.randint(1, available),
                    1,
                    min(available, chance.randint(1, 600) * MINUTE),
                    min(available, chance.randint(1, 36_000) * 1_000_000),
                )
            )
            found.append(Case(start, target, tuple(pauses), finish))
    return found


# ------------------------------------------------------------------------------------ held against


def disagreements(owner: psycopg.Connection, seed: int, count: int, each: int = 3) -> list[str]:
    """Where law and walk differ, over `count` random calendars with up to `each` cases; needs a fresh seed.

    Every calendar is new to the database and has no spans: those are made as the cases ask for them.
    """
    chance = random.Random(seed)
    tried: list[tuple[int, Calendar, list[Case], list[int]]] = []
    for number in range(count):
        first = beginning(chance)
        tried_calendar = with_holidays(chance, calendar(chance), first)
        minutes = open_minutes(tried_calendar, first)
        tried.append(
            (
                seed * 1_000_000 + number + 1,
                tried_calendar,
                cases(chance, minutes, first, each),
                minutes,
            )
        )
    store(owner, {number: of for number, of, _, _ in tried})
    wrong = []
    for number, of, its_cases, minutes in tried:
        for case in its_cases:
            expected = walk(minutes, case)
            assert expected is not None
            found = said(owner, number, case)
            if found != expected:
                wrong.append(f"{of}\n{case}\nwalked {expected}, the law says {found}")
    return wrong


def store(owner: psycopg.Connection, calendars: dict[int, Calendar]) -> None:
    """Write calendars by their numbers, each under a name of its own."""
    town = desk.value(owner, "select min(id) from municipalities")
    with owner.transaction(), owner.cursor() as cursor:
        with cursor.copy(
            "copy calendars (id, municipality_id, name, time_zone, is_always) from stdin"
        ) as copy:
            for number, of in calendars.items():
                copy.write_row((number, town, f"walked {number}", of.zone, of.always))
        with cursor.copy("copy calendar_windows from stdin") as copy:
            for number, of in calendars.items():
                for weekday, windows in of.windows.items():
                    for opens, closes in windows:
                        copy.write_row((number, weekday, clock(opens), clock(closes)))
        with cursor.copy("copy calendar_holidays from stdin") as copy:
            for number, of in calendars.items():
                for day in of.holidays:
                    copy.write_row((number, day, "a day off"))


def clock(minute: int) -> str:
    """A minute of the day as PostgreSQL reads it, 24:00 included."""
    return f"{minute // 60:02}:{minute % 60:02}"


def said(owner: psycopg.Connection, number: int, case: Case) -> Walked:
    """What the law makes of a case."""
    start, finish = instant(case.start), instant(case.finish)
    pauses = TimestamptzMultirange()
    row = owner.execute(
        "select _reach(%(n)s, %(s)s, %(t)s, p.pauses), _worked(%(n)s, %(s)s, %(f)s, p.pauses)"
        " from (select coalesce(range_agg(tstzrange(x.a, x.b)), %(none)s) as pauses"
        " from unnest(%(from)s::timestamptz[], %(to)s::timestamptz[]) as x (a, b)) as p",
        {
            "n": number,
            "s": start,
            "t": case.target,
            "f": finish,
            "none": pauses,
            "from": [instant(begin) for begin, _ in case.pauses],
            "to": [instant(end) for _, end in case.pauses],
        },
    ).fetchone()
    assert row is not None
    return Walked(since(row[0]), row[1])
