"""Worked examples of the deadlines and states in docs/reference/sla.md, by South African calendars and holidays."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg.rows import dict_row
from support.database import Database

from law.working import ROUND, H, agree, at, hours, pauses

pytestmark = pytest.mark.law


def preview(database: Database, start: str, **more: object) -> dict[str, Any]:
    """What a manager is told of a report about roads."""
    given: dict[str, object] = {"start": at(start), **more}
    named = "".join(f", {name} => %({name})s" for name in given)
    with database.connect("tvd_manager").cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            f"select * from muni.sla_preview('tvd', 'roads'{named})", given
        ).fetchone()
    assert row is not None
    return row


# ---------------------------------------------------------------- rules 2, 3 and 5: deadlines

DEADLINES: list[tuple[str, str, str, tuple[tuple[str, str], ...], str]] = [
    # The specification's own.
    ("office", "2026-09-18 16:00", "4:00", (), "2026-09-21 11:30"),
    ("office", "2026-09-24 10:00", "2:00", (), "2026-09-25 10:00"),
    (ROUND, "2026-09-24 10:00", "2:00", (), "2026-09-24 12:00"),
    ("always", "2026-09-24 10:00", "2:00", (), "2026-09-24 12:00"),
    ("office", "2026-09-21 08:00", "8:30", (), "2026-09-21 16:30"),
    (
        *("office", "2026-09-21 09:00", "8:30"),
        *((("2026-09-21 10:00", "2026-09-21 12:00"),), "2026-09-22 11:00"),
    ),
    # Rule 3: at closing time it is that closing time, a second more is a second into the next day.
    ("office", "2026-09-21 16:00", "0:30", (), "2026-09-21 16:30"),
    ("office", "2026-09-21 16:00", "0:30:01", (), "2026-09-22 08:00:01"),
    ("office", "2026-09-21 16:29:59", "0:00:01", (), "2026-09-21 16:30"),
    ("office", "2026-09-18 08:00", "42:30", (), "2026-09-25 16:30"),
    # Rule 3: before opening, at closing, in the evening, on a weekend: from the next opening on.
    ("office", "2026-09-21 05:00", "1:00", (), "2026-09-21 09:00"),
    ("office", "2026-09-21 16:30", "1:00", (), "2026-09-22 09:00"),
    ("office", "2026-09-21 23:59:59", "1:00", (), "2026-09-22 09:00"),
    ("office", "2026-09-18 16:30", "1:00", (), "2026-09-21 09:00"),
    ("office", "2026-09-19 12:00", "1:00", (), "2026-09-21 09:00"),
    # Several windows a day; lunch is no working time; one that ends at midnight goes on at midnight.
    ("lunch", "2026-09-21 11:00", "2:00", (), "2026-09-21 14:00"),
    ("lunch", "2026-09-21 11:00", "1:00", (), "2026-09-21 12:00"),
    ("lunch", "2026-09-21 12:30", "0:01", (), "2026-09-21 13:01"),
    ("lunch", "2026-09-21 08:00", "7:31", (), "2026-09-22 08:01"),
    ("late", "2026-09-21 23:00", "2:00", (), "2026-09-22 01:00"),
    ("late", "2026-09-21 23:00", "1:00", (), "2026-09-22 00:00"),
    ("late", "2026-09-21 10:00", "14:00", (), "2026-09-22 06:00"),
    ("late", "2026-09-21 10:00", "14:00:01", (), "2026-09-22 16:00:01"),
    # Two hours a week: eight of them are four weeks; a holiday takes a whole week (26 December 2026).
    ("saturday", "2026-09-21 10:00", "8:00", (), "2026-10-17 11:00"),
    ("saturday", "2026-12-20 10:00", "2:00", (), "2027-01-02 11:00"),
    # Public holidays of 2026 and 2027: from the eve to the morning after.
    ("office", "2025-12-31 16:00", "1:00", (), "2026-01-02 08:30"),  # New Year's Day, a Thursday
    (
        "office",
        "2026-03-20 16:00",
        "1:00",
        (),
        "2026-03-23 08:30",
    ),  # 21 March, a Saturday: no shift
    ("office", "2026-04-02 16:00", "1:00", (), "2026-04-07 08:30"),  # Easter: Friday and Monday
    ("office", "2026-04-24 16:00", "1:00", (), "2026-04-28 08:30"),  # Freedom Day, a Monday
    ("office", "2026-04-30 16:00", "1:00", (), "2026-05-04 08:30"),  # Workers' Day, a Friday
    ("office", "2026-06-15 16:00", "1:00", (), "2026-06-17 08:30"),  # Youth Day, a Tuesday
    (
        "office",
        "2026-08-07 16:00",
        "1:00",
        (),
        "2026-08-11 08:30",
    ),  # 9 August, a Sunday: Monday off
    ("office", "2026-08-10 10:00", "1:00", (), "2026-08-11 09:00"),  # logged on that Monday
    ("office", "2026-12-15 16:00", "1:00", (), "2026-12-17 08:30"),  # Day of Reconciliation
    (
        "office",
        "2026-12-24 16:00",
        "1:00",
        (),
        "2026-12-28 08:30",
    ),  # Christmas, Friday and Saturday
    (
        "office",
        "2027-03-19 16:00",
        "1:00",
        (),
        "2027-03-23 08:30",
    ),  # 21 March, a Sunday: Monday off
    ("office", "2027-03-25 16:00", "1:00", (), "2027-03-30 08:30"),  # Easter
    ("office", "2027-04-30 16:00", "1:00", (), "2027-05-03 08:30"),  # 1 May, a Saturday: no shift
    ("office", "2027-12-24 16:00", "1:00", (), "2027-12-28 08:30"),  # 26 December, a Sunday
    ("always", "2026-12-25 10:00", "1:00", (), "2026-12-25 11:00"),  # round the clock knows none
    (
        "late",
        "2026-12-24 23:00",
        "2:00",
        (),
        "2026-12-27 01:00",
    ),  # nor a night that was a holiday's
    # Added and taken away by the municipality.
    ("town", "2026-11-17 16:00", "1:00", (), "2026-11-19 08:30"),
    ("town", "2026-12-23 16:00", "1:00", (), "2026-12-28 08:30"),
    ("town", "2026-09-23 16:00", "1:00", (), "2026-09-24 08:30"),
    # Rule 5: pauses move by the working time in them.
    (
        *("office", "2026-09-21 09:00", "4:00"),  # over night: half an hour and two hours
        *((("2026-09-21 16:00", "2026-09-22 10:00"),), "2026-09-21 13:00"),
    ),
    (
        *("office", "2026-09-21 15:00", "4:00"),
        *((("2026-09-21 16:00", "2026-09-22 10:00"),), "2026-09-22 13:00"),
    ),
    (
        *("office", "2026-09-21 15:00", "4:00"),  # outside of windows: nothing
        *((("2026-09-21 16:30", "2026-09-22 08:00"),), "2026-09-22 10:30"),
    ),
    (
        *("office", "2026-09-18 15:00", "4:00"),  # a weekend: nothing
        *((("2026-09-19 00:00", "2026-09-21 00:00"),), "2026-09-21 10:30"),
    ),
    (
        *("office", "2026-09-23 15:00", "4:00"),  # a holiday: nothing
        *((("2026-09-24 08:00", "2026-09-24 16:30"),), "2026-09-25 10:30"),
    ),
    (
        *("office", "2026-09-21 09:00", "4:00"),  # overlapping ones count once
        *(
            (("2026-09-21 10:00", "2026-09-21 11:00"), ("2026-09-21 10:30", "2026-09-21 12:00")),
            "2026-09-21 15:00",
        ),
    ),
    (
        *("office", "2026-09-21 09:00", "4:00"),  # one within another too
        *(
            (("2026-09-21 10:00", "2026-09-21 12:00"), ("2026-09-21 10:30", "2026-09-21 11:00")),
            "2026-09-21 15:00",
        ),
    ),
    (
        *("office", "2026-09-21 09:00", "4:00"),  # two are two
        *(
            (("2026-09-21 10:00", "2026-09-21 11:00"), ("2026-09-21 12:00", "2026-09-21 13:00")),
            "2026-09-21 15:00",
        ),
    ),
    (
        *(
            "office",
            "2026-09-21 09:00",
            "4:00",
        ),  # what begins when it has been reached moves nothing
        *((("2026-09-21 13:00", "2026-09-21 14:00"),), "2026-09-21 13:00"),
    ),
    (
        *("office", "2026-09-21 09:00", "4:00"),  # a second before, it moves all of it
        *((("2026-09-21 12:59:59", "2026-09-21 14:00"),), "2026-09-21 14:00:01"),
    ),
    (
        *("office", "2026-09-21 09:00", "4:00"),  # before it was logged: nothing
        *((("2026-09-21 08:00", "2026-09-21 08:30"),), "2026-09-21 13:00"),
    ),
    (
        *(ROUND, "2026-09-19 10:00", "4:00"),  # around the clock every minute of it
        *((("2026-09-19 11:00", "2026-09-20 11:00"),), "2026-09-20 14:00"),
    ),
]


@pytest.mark.parametrize(("calendar", "start", "target", "held", "deadline"), DEADLINES)
def test_a_deadline_is_when_the_calendar_has_worked_the_target(
    town: Database,
    calendar: str,
    start: str,
    target: str,
    held: tuple[tuple[str, str], ...],
    deadline: str,
) -> None:
    """Rules 3 to 5: working time since the start, less pauses; the response never pauses."""
    agree(town.connect_owner(), calendar, hours(target), hours(target))
    row = preview(town, start, pauses=pauses(*held))

    assert row["resolution_deadline"] == at(deadline)
    assert row["response_deadline"] == preview(town, start)["resolution_deadline"]
    assert (row["policy"], row["calendar"]) == ("roads", calendar)


# ---------------------------------------------------------------- rule 10: warnings and states

STATES: list[tuple[str, str, str]] = [
    # Logged on Friday 18 September 2026 at 15:30, two hours to answer, seventeen (two days) to resolve;
    # warnings at half of them: on Friday at 16:30, on Tuesday at 15:00 less the hour that had passed on Friday.
    ("2026-09-18 15:00", "", "on_track"),
    ("2026-09-18 16:29:59", "", "on_track"),
    ("2026-09-18 16:30", "", "warning"),
    ("2026-09-20 12:00", "", "warning"),
    ("2026-09-21 09:00", "", "warning"),
    ("2026-09-21 09:00:01", "", "breached_response"),
    ("2026-09-22 15:30", "", "breached_response"),
    ("2026-09-22 15:30:01", "", "breached_resolution"),
    ("2026-09-21 08:30", "2026-09-21 08:15", "paused"),
    ("2026-09-21 09:00:01", "2026-09-21 08:15", "breached_response"),
    ("2026-09-23 12:00", "2026-09-22 15:30", "breached_response"),
    ("2026-09-23 12:00", "2026-09-22 15:30:01", "breached_resolution"),
]


@pytest.mark.parametrize(("moment", "held_since", "state"), STATES)
def test_the_state_is_by_working_time(
    town: Database, moment: str, held_since: str, state: str
) -> None:
    """Rule 10: late a second after the deadline, warned when half of the working time is used up."""
    agree(town.connect_owner(), "office", 2 * H, 17 * H, percent=50)
    held = [(held_since, "2026-09-25 12:00")] if held_since else []
    row = preview(town, "2026-09-18 15:30", pauses=pauses(*held), at=at(moment))

    assert row["sla_status"] == state
    assert row["response_warning_at"] == at("2026-09-18 16:30")


# ---------------------------------------------------------------- the built-in policy, and the others


@pytest.mark.parametrize(
    ("login", "category", "policy", "response", "resolution"),
    [
        ("tvd_manager", "water", "water", 2, 24),
        ("tvd_manager", "waste", "default", 8, 72),
        ("ksb_manager", "water", "built-in", 24, 168),
    ],
)
def test_the_policy_is_the_nearest(
    town: Database, login: str, category: str, policy: str, response: int, resolution: int
) -> None:
    """Rule 2: of the category, else the municipality's default, else 24 and 168 hours with 80 %."""
    start = at("2026-09-24 10:00")
    row = (
        town.connect(login)
        .execute("select t.* from muni.sla_preview(%s, %s, %s) as t", (login[:3], category, start))
        .fetchone()
    )
    assert row is not None

    assert row[:4] == (
        *(start + response * H, start + resolution * H),
        *(start + 0.8 * response * H, start + 0.8 * resolution * H),
    )
    assert row[6:] == (policy, "around the clock")


def test_there_are_enough_examples() -> None:
    """Sixty at the least, each once."""
    assert len({*DEADLINES, *STATES}) >= 60
