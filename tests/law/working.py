"""Calendars of a South African municipality, for tests of the clocks: office hours, lunch, nights, holidays."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import holidays
import psycopg

from law import desk

ZONE = ZoneInfo("Africa/Johannesburg")
H = dt.timedelta(hours=1)
WEEK = range(1, 6)
CALENDARS: dict[str, list[tuple[int, str, str]]] = {
    "office": [(day, "08:00", "16:30") for day in WEEK],
    "lunch": [(day, *span) for day in WEEK for span in (("08:00", "12:00"), ("13:00", "16:30"))],
    "late": [(day, "16:00", "24:00") for day in range(1, 8)]
    + [(day, "00:00", "06:00") for day in range(1, 8)],
    "saturday": [(6, "09:00", "11:00")],
    # As office, with days that are added (24 December, a by-election) and one that is taken away.
    "town": [(day, "08:00", "16:30") for day in WEEK],
    "always": [],
}
ADDED = {"town": {"2026-12-24": "Closed", "2026-11-18": "By-election"}}
REMOVED = {"town": {"2026-09-24"}}
ROUND = "around the clock"


def at(local: str) -> dt.datetime:
    """An instant by the clock on the wall in Testville, `2026-09-18 16:00` or with seconds."""
    return dt.datetime.fromisoformat(local).replace(tzinfo=ZONE)


def hours(text: str) -> dt.timedelta:
    """A length as `8:30` or `0:00:01`."""
    whole, *rest = (int(part) for part in text.split(":"))
    return dt.timedelta(hours=whole, minutes=rest[0], seconds=rest[1] if rest[1:] else 0)


def keep(owner: psycopg.Connection) -> None:
    """Give Testville these calendars."""
    for name, windows in CALENDARS.items():
        number = desk.value(
            owner,
            "insert into calendars (municipality_id, name, time_zone, is_always, country, holidays_from,"
            " holidays_until) select id, %s, 'Africa/Johannesburg', %s, 'ZA', '2025-01-01', '2029-01-01'"
            " from municipalities where code = 'tvd' returning id",
            name,
            name == "always",
        )
        public = {str(day): text for day, text in _public().items()} | ADDED.get(name, {})
        with owner.cursor() as cursor:
            cursor.executemany(
                "insert into calendar_windows values (%s, %s, %s, %s)",
                [(number, *window) for window in windows],
            )
            cursor.executemany(
                "insert into calendar_holidays values (%s, %s, %s)",
                [
                    (number, day, text)
                    for day, text in public.items()
                    if day not in REMOVED.get(name, set())
                ],
            )


def _public() -> dict[dt.date, str]:
    return dict(holidays.country_holidays("ZA", years=range(2025, 2029)).items())


def agree(
    owner: psycopg.Connection,
    calendar: str,
    response: dt.timedelta,
    resolution: dt.timedelta,
    category: str | None = "roads",
    percent: int = 80,
) -> None:
    """Put a policy in the place of the one in force."""
    owner.execute(
        "update sla_policies set replaced_at = clock_timestamp()"
        " where municipality_id = 1 and replaced_at is null and category is not distinct from %s",
        (category,),
    )
    owner.execute(
        "insert into sla_policies (municipality_id, category, response_target, resolution_target,"
        " warning_percent, calendar_id) values (1, %s, %s, %s, %s, (select c.id from calendars as c"
        " where c.name = %s))",
        (category, response, resolution, percent, None if calendar == ROUND else calendar),
    )


def pauses(*spans: tuple[str, str]) -> str:
    """Pauses as they are told to a preview."""
    return json.dumps([[at(edge).isoformat() for edge in span] for span in spans])
