"""Calendars as the law keeps them: clock changes, spans made on demand by many at once, and where they end."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import psycopg
import pytest
from support.database import Database

from law import desk, working

pytestmark = pytest.mark.law

H = dt.timedelta(hours=1)
MICRO = 1_000_000
DAILY = tuple((day, "02:00", "03:00") for day in range(1, 8))
OFFICE = tuple((day, "08:00", "16:30") for day in range(1, 6))
DAY = dt.datetime(2026, 9, 21, tzinfo=ZoneInfo("Africa/Johannesburg"))

Window = tuple[int, str, str]


def calendar(
    owner: psycopg.Connection,
    windows: Sequence[Window] = OFFICE,
    zone: str = "Africa/Johannesburg",
    name: str = "office",
    known: tuple[str, str] | None = None,
) -> int:
    """A calendar of `tvd` without a span yet; its number."""
    number = desk.value(
        owner,
        "insert into calendars (municipality_id, name, time_zone, is_always, country, holidays_from,"
        " holidays_until) select id, %s, %s, false, %s, %s, %s from municipalities where code = 'tvd'"
        " returning id",
        *(name, zone, "ZA" if known else None, *(known or (None, None))),
    )
    with owner.cursor() as cursor:
        cursor.executemany(
            "insert into calendar_windows values (%s, %s, %s, %s)",
            [(number, *window) for window in windows],
        )
    return number


def worked(
    owner: psycopg.Connection, number: int, start: dt.datetime, finish: dt.datetime
) -> dt.timedelta:
    """How long a calendar works between two instants."""
    found = desk.value(owner, "select _worked(%s, %s, %s)", number, start, finish)
    return dt.timedelta(microseconds=found)


# ------------------------------------------------------------------------------- clock changes


@pytest.mark.parametrize(
    ("zone", "day", "window", "hours"),
    [
        # At two it becomes three: what lies in between is not on the clock.
        ("Europe/Berlin", "2026-03-29", ("02:00", "03:00"), 0),
        ("Europe/Berlin", "2026-03-29", ("02:15", "02:45"), 0),
        ("Europe/Berlin", "2026-03-29", ("01:00", "02:30"), 1),
        ("Europe/Berlin", "2026-03-29", ("02:30", "04:00"), 1),
        ("Europe/Berlin", "2026-03-29", ("00:00", "24:00"), 23),
        # At three it becomes two: what lies in between is there twice.
        ("Europe/Berlin", "2026-10-25", ("02:00", "03:00"), 2),
        ("Europe/Berlin", "2026-10-25", ("02:15", "02:45"), 1),
        ("Europe/Berlin", "2026-10-25", ("01:00", "02:30"), 2),
        ("Europe/Berlin", "2026-10-25", ("00:00", "24:00"), 25),
        ("America/New_York", "2026-11-01", ("00:00", "02:00"), 3),
        # By half an hour; at midnight, so that the day begins at one, or has its first hour twice.
        ("Australia/Lord_Howe", "2026-04-05", ("01:00", "02:00"), 1.5),
        ("America/Havana", "2026-03-08", ("00:00", "02:00"), 1),
        ("America/Havana", "2026-11-01", ("00:00", "02:00"), 3),
        ("Africa/Johannesburg", "2026-03-29", ("00:00", "24:00"), 24),
    ],
)
def test_it_works_when_the_clock_on_the_wall_says_so(
    database: Database, zone: str, day: str, window: tuple[str, str], hours: float
) -> None:
    """An hour that is left out is not worked, one that comes twice is worked twice."""
    owner = database.connect_owner()
    midnight = dt.datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    number = calendar(owner, [(midnight.isoweekday(), *window)], zone)
    next_midnight = dt.datetime.combine(
        midnight.date() + dt.timedelta(days=1), dt.time(), ZoneInfo(zone)
    )

    assert worked(owner, number, midnight, next_midnight) == hours * H


@pytest.mark.parametrize(
    "windows",
    [
        # One that the change swallows beside one that it would push onto.
        [("02:00", "02:30"), ("03:00", "04:00")],
        [("01:00", "02:30"), ("02:30", "03:15")],
        [("01:59", "02:01"), ("02:01", "02:02"), ("02:59", "03:01")],
    ],
)
@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_windows_never_overlap_in_a_clock_change(
    database: Database, windows: list[tuple[str, str]], day: dt.date
) -> None:
    """Whatever is in the hour of the change, its spans follow each other."""
    owner = database.connect_owner()
    number = calendar(owner, [(7, *window) for window in windows], "Europe/Berlin")
    owner.execute("select _cover(%s, %s, %s)", (number, day, day + dt.timedelta(days=1)))

    assert line_is_whole(owner, number)


def test_spans_may_end_where_the_clocks_are_changed(database: Database) -> None:
    """In Havana a day begins with the change: what ends before it, and what goes on after it, is whole."""
    owner = database.connect_owner()
    number = calendar(owner, [(day, "00:00", "02:00") for day in range(1, 8)], "America/Havana")
    for day in ("2026-03-08", "2026-03-09"):
        owner.execute("select _cover(%s, '2026-03-07', %s)", (number, day))
    begin, end = (dt.datetime(2026, 3, day, tzinfo=ZoneInfo("America/Havana")) for day in (7, 9))

    assert line_is_whole(owner, number)
    assert worked(owner, number, begin, end) == 3 * H


@pytest.mark.parametrize(("zone", "extra"), [("America/New_York", 1), ("Africa/Johannesburg", 0)])
def test_a_year_has_all_of_its_nights(database: Database, zone: str, extra: int) -> None:
    """Between two clock changes no day is missed, made in one go or in many."""
    owner = database.connect_owner()
    nights = [(day, "00:00", "02:00") for day in range(1, 8)]
    begin, end = (dt.datetime(year, 1, 1, tzinfo=ZoneInfo(zone)) for year in (2026, 2027))
    whole = calendar(owner, nights, zone, "whole")
    owner.execute("select _cover(%s, '2026-01-01', '2027-01-01')", (whole,))
    parts = calendar(owner, nights, zone, "in parts")
    day = begin
    while day < end:
        worked(owner, parts, day, day)
        day += dt.timedelta(days=17)

    assert worked(owner, whole, begin, end) == (730 + extra) * H
    assert worked(owner, parts, begin, end) == (730 + extra) * H


def test_the_callers_time_zone_matters_to_nobody(database: Database) -> None:
    """A deadline is the same instant for sessions in every zone, and so are the spans they make."""
    owner = database.connect_owner()
    start = dt.datetime(2026, 10, 23, 15, tzinfo=ZoneInfo("Europe/Berlin"))
    reached = set()
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati", "Europe/Berlin"):
        owner.execute(f"set time zone '{zone}'")
        number = calendar(owner, [*OFFICE, (7, "00:00", "24:00")], "Europe/Berlin", zone)
        reached.add(
            desk.value(owner, "select _reach(%s, %s, %s)", number, start, 27 * 3600 * MICRO)
        )

    # An hour and a half of Friday, 25 of the Sunday on which the clocks go back, the rest of Monday's.
    assert reached == {dt.datetime(2026, 10, 26, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))}


# ------------------------------------------------------------------------------- on demand


def line_is_whole(owner: psycopg.Connection, number: int) -> bool:
    """Whether each span begins on the line where the one before it ended, and later in time."""
    rows = owner.execute(
        "select opens_at, closes_at, worked_before from calendar_spans where calendar_id = %s order by opens_at",
        (number,),
    ).fetchall()
    return all(
        before[1] <= after[0]
        and before[2] + (before[1] - before[0]) // dt.timedelta(microseconds=1) == after[2]
        for before, after in itertools.pairwise(rows)
    )


@pytest.mark.parametrize("seed", range(5))
def test_spans_are_one_line_in_whatever_order_they_are_asked_for(
    database: Database, seed: int
) -> None:
    """Asked for earlier and later days, near and far, a calendar counts like one that knew all from the start."""
    chance = random.Random(seed)
    owner = database.connect_owner()
    asked = calendar(owner, DAILY, "Europe/Berlin", "asked")
    known = calendar(owner, DAILY, "Europe/Berlin", "known")
    owner.execute("select _cover(%s, '2015-01-01', '2036-01-01')", (known,))
    for _ in range(12):
        start = DAY + dt.timedelta(
            days=chance.randint(-3000, 3000), seconds=chance.randint(0, 86400)
        )
        finish = start + dt.timedelta(hours=chance.randint(0, 2000))
        target = chance.randint(1, 400 * 3600) * MICRO
        for query, *given in (
            ("select _worked(%s, %s, %s)", start, finish),
            ("select _reach(%s, %s, %s)", start, target),
        ):
            assert desk.value(owner, query, asked, *given) == desk.value(
                owner, query, known, *given
            )

    assert line_is_whole(owner, asked)


def test_two_who_need_more_of_a_calendar_share_what_one_makes(database: Database) -> None:
    """Whoever comes second waits for the first, finds the spans made, and gets the same deadline."""
    owner = database.connect_owner()
    number = calendar(owner)
    first = database.connect(database.owner, autocommit=False)
    second = database.connect(database.owner)
    for connection in (first, second):
        connection.execute("set role muni_owner")
    reach = "select muni._reach(%s, %s, %s)"
    given = (number, DAY, 100 * 3600 * MICRO)
    deadline = desk.value(first, reach, *given)

    assert desk.outcome_after_waiting(first, second, reach, given) is None
    assert desk.value(second, reach, *given) == deadline
    assert line_is_whole(owner, number)


def test_without_a_target_nothing_is_reached(database: Database) -> None:
    """Rather than looked for without an end."""
    owner = database.connect_owner()
    owner.execute("set statement_timeout = '10s'")

    assert desk.value(owner, "select _reach(%s, %s, null)", calendar(owner), DAY) is None


def test_who_needs_no_more_waits_for_nobody(database: Database) -> None:
    """While one makes spans of years to come, those that are known are read as ever."""
    owner = database.connect_owner()
    number = calendar(owner)
    given = (number, DAY, 9 * 3600 * MICRO)
    deadline = desk.value(owner, "select _reach(%s, %s, %s)", *given)
    maker = database.connect(database.owner, autocommit=False)
    maker.execute("set role muni_owner")
    maker.execute("select muni._cover(%s, '2026-01-01', '2040-01-01')", (number,))
    owner.execute("set lock_timeout = '1ms'")

    assert desk.value(owner, "select _reach(%s, %s, %s)", *given) == deadline
    maker.rollback()


def test_what_one_made_and_took_back_the_other_makes(database: Database) -> None:
    """A transaction that is rolled back leaves nothing half known."""
    owner = database.connect_owner()
    number = calendar(owner)
    first = database.connect(database.owner, autocommit=False)
    first.execute("set role muni_owner")
    deadline = desk.value(first, "select muni._reach(%s, %s, %s)", number, DAY, 9 * 3600 * MICRO)
    first.rollback()

    assert desk.value(owner, "select _reach(%s, %s, %s)", number, DAY, 9 * 3600 * MICRO) == deadline
    assert line_is_whole(owner, number)


@pytest.mark.parametrize("ahead", [-70, 70])
def test_weeks_without_work_are_stepped_over(database: Database, ahead: int) -> None:
    """Where nothing is worked as far as anybody has looked yet, the deadline is still the right one."""
    owner = database.connect_owner()
    number = calendar(owner)
    owner.execute(
        "insert into calendar_holidays select %s, %s::date + d, 'closed' from generate_series(-200, 200) as d",
        (number, DAY.date()),
    )
    start = DAY + dt.timedelta(days=ahead)
    # 201 days after 21 September 2026 is Saturday 10 April 2027.
    assert desk.value(owner, "select _reach(%s, %s, %s)", number, start, 3600 * MICRO) == (
        dt.datetime(2027, 4, 12, 9, tzinfo=DAY.tzinfo)
    )
    # Before them the last one worked was Wednesday 4 March 2026.
    assert worked(owner, number, DAY - dt.timedelta(days=202), DAY) == 2 * 8.5 * H


def test_a_pause_may_end_where_nobody_has_looked_yet(database: Database) -> None:
    """What was on hold until a day far ahead goes on from that day."""
    owner = database.connect_owner()
    number = calendar(owner)
    until = dt.datetime(2027, 3, 1, 8, tzinfo=DAY.tzinfo)
    reached = desk.value(
        owner,
        "select _reach(%s, %s, %s, tstzmultirange(tstzrange(%s, %s)))",
        *(number, DAY, 3600 * MICRO, DAY, until),
    )

    assert reached == until + H


def test_microseconds_count(database: Database) -> None:
    """A target is reached to the microsecond, near an edge and in centuries to come."""
    owner = database.connect_owner()
    number = calendar(owner)
    almost = DAY.replace(hour=16, minute=29, second=59, microsecond=999_999)
    reach = "select _reach(%s, %s, %s)"

    assert desk.value(owner, reach, number, almost, 1) == DAY.replace(hour=16, minute=30)
    assert desk.value(owner, reach, number, almost, 2) == DAY.replace(day=22, hour=8, microsecond=1)
    far = dt.datetime(2190, 1, 1, 0, 0, 0, 1, tzinfo=dt.UTC)
    assert desk.value(owner, reach, None, far, 7) == far + dt.timedelta(microseconds=7)


# ------------------------------------------------------------------------------- where they end


@pytest.mark.parametrize(
    ("start", "target", "words"),
    [
        ("2025-12-31", 1, "is known from 2026-01-01 to 2026-12-31 only"),
        ("2027-01-01", 1, "is known from 2026-01-01 to 2026-12-31 only"),
        ("2026-12-01", 5000, "does not work so long: it is known until 2026-12-31 only"),
    ],
)
def test_what_is_not_known_is_said(database: Database, start: str, target: int, words: str) -> None:
    """Before and after its public holidays are known, and for a target it never reaches, a calendar says so."""
    owner = database.connect_owner()
    number = calendar(owner, known=("2026-01-01", "2027-01-01"))
    begin = dt.datetime.fromisoformat(start).replace(hour=9, tzinfo=DAY.tzinfo)

    desk.assert_invalid(
        owner, "select _reach(%s, %s, %s)", (number, begin, target * 3600 * MICRO), words
    )


@pytest.mark.parametrize("start", ["2026-01-01", "2026-12-31"])
def test_the_first_and_the_last_day_are_known(database: Database, start: str) -> None:
    """To the last minute that is known, there are deadlines."""
    owner = database.connect_owner()
    number = calendar(owner, [(4, "08:00", "16:30")], known=("2026-01-01", "2027-01-01"))
    begin = dt.datetime.fromisoformat(start).replace(tzinfo=DAY.tzinfo)
    reached = desk.value(owner, "select _reach(%s, %s, %s)", number, begin, int(8.5 * 3600) * MICRO)

    assert reached == begin.replace(hour=16, minute=30)


def test_an_import_goes_by_its_calendar_or_is_refused_alone(database: Database) -> None:
    """A request of a year the calendar does not know is rejected in words that quote nothing; the others come in."""
    owner = database.connect_owner()
    calendar(owner, known=("2025-01-01", "2029-01-01"))
    working.agree(owner, "office", 1 * H, 2 * H)
    items = [
        {
            "source_id": year,
            "category": "roads",
            "description": "a pothole",
            "created_at": f"{year}-09-21T10:00:00+02:00",
        }
        for year in ("2019", "2025")
    ]
    rows = database.connect("tvd_admin").execute(
        "select outcome, detail from muni.import_tickets('old', %s, true)", (json.dumps(items),)
    )
    (rejected, why), (imported, _) = rows.fetchall()

    assert (rejected, imported) == ("rejected", "imported")
    assert "2019" not in why
    # Logged on a Sunday.
    assert desk.value(owner, "select sla_resolution_deadline from tickets") == (
        dt.datetime(2025, 9, 22, 10, tzinfo=DAY.tzinfo)
    )
