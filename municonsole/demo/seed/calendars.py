"""Writes a town's calendars and SLA policies, and reads back the working time the database makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from municonsole.demo.seed.ledger import HOUR
from municonsole.demo.seed.worktime import Line, Terms
from municonsole.demo.seed.world import Policy, Town
from municonsole.domain.municipal import WorkingCalendar, clock
from municonsole.domain.values import Category
from municonsole.services.municipal_file import free_days

_Connection = psycopg.Connection[tuple[object, ...]]

_BEFORE = timedelta(days=120)
_AFTER = timedelta(days=3 * 366)
"""What is known of working time around the present: all of the demo's tickets, and three years ahead."""


def draw_up(
    connection: _Connection, town: Town, municipality_id: int, now: datetime
) -> dict[Category | None, Terms]:
    """Write calendars and policies as if they were as old as the oldest ticket; the terms by category."""
    made_at = now - _BEFORE
    calendars = {
        calendar.name: _calendar(connection, calendar, municipality_id, made_at, now)
        for calendar in town.calendars
    }
    return {
        policy.category: _policy(
            connection, policy, municipality_id, made_at, *calendars[policy.calendar]
        )
        for policy in town.policies
    }


def _calendar(
    connection: _Connection,
    calendar: WorkingCalendar,
    municipality_id: int,
    made_at: datetime,
    now: datetime,
) -> tuple[int, Line]:
    free = free_days(calendar, now.year)
    calendar_id = _new_id(
        connection,
        """
        insert into muni.calendars (
            municipality_id, name, time_zone, is_always, country, region, holidays_from, holidays_until, made_at
        )
        select m.id, %s, m.time_zone, %s, %s, %s, %s, %s, %s
        from muni.municipalities as m
        where m.id = %s
        returning id
        """,
        (
            *(calendar.name, calendar.is_always, calendar.country, calendar.region),
            *(free.since, free.until, made_at, municipality_id),
        ),
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into muni.calendar_windows values (%s, %s, %s, %s)",
            [
                (calendar_id, window.weekday, clock(window.opens), clock(window.closes))
                for window in calendar.windows
            ],
        )
        with cursor.copy("copy muni.calendar_holidays from stdin") as copy:
            for day, name in free.names.items():
                copy.write_row((calendar_id, day, name))
    connection.execute(
        "select muni._cover(%s, %s, %s)",
        (calendar_id, made_at.date(), (now + _AFTER).date()),
    )
    spans = connection.execute(
        """
        select
            muni._microseconds(s.opens_at - 'epoch'::timestamptz),
            muni._microseconds(s.closes_at - 'epoch'::timestamptz),
            s.worked_before
        from muni.calendar_spans as s
        where s.calendar_id = %s
        order by s.opens_at
        """,
        (calendar_id,),
    ).fetchall()
    return calendar_id, Line(spans)  # type: ignore[arg-type]  # rows of three numbers


def _policy(
    connection: _Connection,
    policy: Policy,
    municipality_id: int,
    made_at: datetime,
    calendar_id: int,
    line: Line,
) -> Terms:
    policy_id = _new_id(
        connection,
        """
        insert into muni.sla_policies (
            municipality_id, category, calendar_id, response_target, resolution_target, warning_percent, made_at
        ) values (%s, %s, %s, make_interval(hours => %s), make_interval(hours => %s), %s, %s)
        returning id
        """,
        (
            *(municipality_id, policy.category and policy.category.value, calendar_id),
            *(policy.response_hours, policy.resolution_hours, policy.warning_percent, made_at),
        ),
    )
    return Terms(
        policy_id,
        line,
        policy.response_hours * HOUR,
        policy.resolution_hours * HOUR,
        policy.warning_percent,
    )


def _new_id(connection: _Connection, statement: str, values: tuple[object, ...]) -> int:
    row = connection.execute(statement.encode(), values).fetchone()
    if row is None or not isinstance(row[0], int):
        raise TypeError("an insert that returns an id returned none")
    return row[0]
