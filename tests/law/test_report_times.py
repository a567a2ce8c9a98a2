"""How long a report says that answers and resolutions took: working time, by the calendar of each ticket."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from support.database import Database

from law import desk, late, working
from law.reporting import TIMES, rows, total
from law.test_clock import imported, moved
from law.working import at

pytestmark = pytest.mark.law

H = dt.timedelta(hours=1)


def change(database: Database, ticket: uuid.UUID, **columns: Any) -> None:
    """Write into a ticket as no function of the law would."""
    named = ", ".join(f"{name} = %({name})s" for name in columns)
    database.connect_owner().execute(
        f"update tickets set {named} where id = %(id)s", {**columns, "id": ticket}
    )


@pytest.fixture
def office(database: Database) -> Database:
    """Roads work by office hours, everything else as ever."""
    owner = database.connect_owner()
    working.keep(owner)
    working.agree(owner, "office", 4 * H, 40 * H)
    return database


def roads(database: Database, created: str, *moves: tuple[str, str]) -> str:
    """A ticket about roads with its moves at local times."""
    [number] = imported(database, at(created), category="roads")
    moved(database.connect_owner(), number, *((status, at(moment)) for status, moment in moves))
    return number


def test_times_are_working_time_by_the_calendar_of_the_ticket(office: Database) -> None:
    """Nights, weekends and holidays do not count, nor does time on hold for the resolution."""
    # Friday 16:00 to Monday 09:00 is half an hour and one; Thursday 24 September is Heritage Day.
    roads(
        office, "2026-09-18 16:00", ("in_progress", "2026-09-21 09:00"),
        ("on_hold", "2026-09-21 12:00"), ("in_progress", "2026-09-22 10:00"),
        ("resolved", "2026-09-25 08:30"),
    )  # fmt: skip
    row = total(office)

    assert row["response_median_seconds"] == row["response_p90_seconds"] == 1.5 * 3600
    # On 18 September 0:30, on the 21st 4:00, on the 22nd and 23rd 6:30 and 8:30, on the 25th 0:30.
    assert row["resolution_median_seconds"] == row["resolution_p90_seconds"] == 20 * 3600


def test_what_is_open_took_no_time_yet(office: Database) -> None:
    """Neither answered nor resolved, by office hours: there is nothing to time."""
    roads(office, "2026-09-18 16:00")
    row = total(office)

    assert (row["received"], {row[name] for name in TIMES}) == (1, {None})


def test_times_agree_with_what_the_law_calls_working_time(office: Database) -> None:
    """Whatever the ticket went through, it is muni._worked of its policy's calendar, pauses left out."""
    owner = office.connect_owner()
    made = [
        roads(office, "2026-09-19 11:00", ("resolved", "2026-09-19 12:00")),  # a Saturday
        roads(office, "2026-09-18 08:00", ("resolved", "2026-09-18 16:30")),
        roads(
            office, "2026-09-18 08:01", ("on_hold", "2026-09-18 09:00"),
            ("resolved", "2026-09-28 09:00"),
        ),
        roads(
            office, "2026-09-10 07:00", ("resolved", "2026-09-14 19:00"),
            ("in_progress", "2026-09-16 10:00"), ("on_hold", "2026-09-16 12:00"),
            ("in_progress", "2026-09-17 12:00"), ("resolved", "2026-09-21 12:00"),
        ),
    ]  # fmt: skip
    [around] = imported(office, at("2026-09-18 23:00"))
    moved(
        owner, around, ("on_hold", at("2026-09-19 00:00")), ("in_progress", at("2026-09-20 00:00")),
        ("resolved", at("2026-09-20 01:00")),
    )  # fmt: skip
    for number in (*made, around):
        created, expected = owner.execute(
            "select t.created_at, array[_worked(p.calendar_id, t.created_at, t.first_responded_at),"
            " _worked(p.calendar_id, t.created_at, t.resolved_at, t.pauses)] from tickets as t"
            " left join sla_policies as p on p.id = t.sla_policy_id where t.tracking_number = %s",
            (number,),
        ).fetchone()
        found = [
            row
            for row in rows(office, created, created + dt.timedelta(microseconds=1), "category")
            if row["label"] == ("water" if number == around else "roads")
        ]
        said = [found[0][f"{name}_median_seconds"] for name in ("response", "resolution")]
        assert found[0]["received"] == 1
        assert said == [worked // 1_000_000 for worked in expected], number
    assert total(office)["received"] == 5


def test_half_and_nine_of_ten_took_no_longer(database: Database) -> None:
    """The smallest time within which at least half, and at least nine in ten, were done."""
    for minutes in (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 115):
        late.ticket(database, 3, ("in_progress", 3 - minutes / 60))
    late.ticket(database, 1)  # not answered yet: in no time at all
    row = total(database)

    assert (row["response_median_seconds"], row["response_p90_seconds"]) == (3600, 6000)
    assert (row["resolution_median_seconds"], row["resolution_p90_seconds"]) == (None, None)


def test_each_group_has_its_own_times(database: Database) -> None:
    """A slow category does not hide behind a fast one."""
    for category, minutes in (("water", 30), ("other", 90)):
        late.ticket(database, 3, ("resolved", 3 - minutes / 60), category=category, team=None)

    assert {
        row["label"]: row["resolution_median_seconds"] for row in rows(database, by="category")
    } == {
        "other": 5400,
        "water": 1800,
        None: 1800,
    }


def test_working_time_is_made_known_as_far_as_a_report_needs_it(office: Database) -> None:
    """Where nobody has kept the windows known up to today, the report does; those of others it leaves."""
    owner = office.connect_owner()
    roads(office, "2026-03-02 08:00", ("resolved", "2026-07-06 09:00"))
    expected = total(office)
    for calendar in ("office", "lunch", "late"):
        owner.execute(
            "select _cover(id, '2026-02-01', '2026-03-10') from calendars where name = %s",
            (calendar,),
        )
        cut = at("2026-03-10 00:00")
        owner.execute(
            "delete from calendar_spans as s using calendars as c where c.id = s.calendar_id"
            " and c.name = %s and s.opens_at >= %s",
            (calendar, cut),
        )
        owner.execute("update calendars set spans_until = %s where name = %s", (cut, calendar))
    owner.execute(
        "update calendars set municipality_id = (select id from municipalities where code = 'ksb')"
        " where name = 'late'"
    )
    # Replaced long ago, and nobody knows its holidays any more: it does not stand in the way.
    owner.execute("update calendars set holidays_until = '2026-03-12' where name = 'lunch'")
    said = total(office)
    reaching = dict(
        owner.execute(
            "select name, spans_until from calendars where spans_until is not null"
        ).fetchall()
    )

    assert {name: said[name] for name in TIMES} == {name: expected[name] for name in TIMES}
    assert said["resolution_median_seconds"] > 600 * 3600
    assert reaching["office"] > dt.datetime.now(dt.UTC)
    assert reaching["lunch"] == at("2026-03-12 00:00")
    assert reaching["late"] == at("2026-03-10 00:00")


def test_what_came_in_before_a_calendar_is_known_counts_from_its_first_window(
    office: Database,
) -> None:
    """A ticket from before the first window that is known is not timed by what nobody knows."""
    number = roads(office, "2026-09-21 08:00", ("resolved", "2026-09-21 12:00"))
    change(office, desk.id_of(office, number), created_at=at("2020-01-01 08:00"))
    owner = office.connect_owner()
    first = desk.value(owner, "select min(worked_before) from calendar_spans")
    expected = desk.value(
        owner,
        "select _position(id, %s) from calendars where name = 'office'",
        at("2026-09-21 12:00"),
    )

    assert total(office)["resolution_median_seconds"] == (expected - first) // 1_000_000
