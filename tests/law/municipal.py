"""A plan that sets a municipality up, what applying it tells, and all it can touch."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from support.database import Database

APPLY = "select what, name, change, detail from muni.apply_municipality(%s, %s, %s)"
WEEK = [{"weekday": day, "opens": "08:00", "closes": "16:30"} for day in range(1, 6)]
PLAN: dict[str, Any] = {
    "code": "tvd",
    "name": "Testville District",
    "time_zone": "Africa/Johannesburg",
    "calendars": [
        {
            "name": "office",
            "is_always": False,
            "country": "ZA",
            "region": None,
            "known_from": "1990-01-01",
            "known_until": "2100-01-01",
            "windows": WEEK,
            "holidays": {"2026-09-24": "Heritage Day", "2026-12-25": "Christmas Day"},
        },
        {"name": "always", "is_always": True, "windows": [], "holidays": {}},
    ],
    "policies": [
        {"category": "water", "calendar": "always", "response": 120, "resolution": 1440},
        {"category": "roads", "calendar": "office", "response": 240, "resolution": 2550},
        {"category": None, "calendar": None, "response": 480, "resolution": 4320},
    ],
    "teams": [
        {
            "name": "Roads 1",
            "category": "roads",
            "manager": "tvd_manager",
            "is_active": True,
            "depot": [-26.2, 28.0],
            "area": [[-26.3, 27.9], [-26.1, 27.9], [-26.1, 28.1]],
        },
        {"name": "Parks", "category": "other"},
    ],
}
TABLES = (
    *("municipalities", "teams", "calendars", "calendar_windows", "calendar_holidays"),
    *("calendar_spans", "sla_policies", "audit_log", "jobs", "tickets", "ticket_events"),
)


def plan(change: Callable[[dict[str, Any]], object] = lambda _: None) -> dict[str, Any]:
    """The plan, changed in place by `change`."""
    made = copy.deepcopy(PLAN)
    change(made)
    return made


def apply(
    connection: psycopg.Connection,
    wanted: dict[str, Any] = PLAN,
    *,
    dry_run: bool = False,
    recompute: bool = False,
) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What applying a plan changed."""
    return connection.execute(APPLY, (Jsonb(wanted), dry_run, recompute)).fetchall()


def told(rows: list[tuple[str, str, str, dict[str, Any]]]) -> set[tuple[str, str, str]]:
    """Kind, name and change of each row, without the teams that were left."""
    return {row[:3] for row in rows if row[2] != "left"}


def everything(database: Database) -> dict[str, str]:
    """All rows of everything that a plan can touch."""
    with database.connect_owner() as owner:
        return {
            table: repr(owner.execute(f"select x::text from {table} as x order by 1").fetchall())
            for table in TABLES
        }


def audit(database: Database, code: str = "tvd") -> list[tuple[str, str, str, str]]:
    """The audit log of a municipality: actor, kind, subject, change."""
    with database.connect_owner() as owner:
        return owner.execute(
            "select a.actor::text, a.kind, a.subject, a.data ->> 'change' from audit_log as a"
            " join municipalities as m on m.id = a.municipality_id where m.code = %s order by a.seq",
            (code,),
        ).fetchall()
