"""Plans that no file of the program's would say: refused whole, with where and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from support.database import Database

from law import desk
from law.municipal import APPLY, everything, plan

pytestmark = pytest.mark.law


def calendar(**more: object) -> Callable[[dict[str, Any]], object]:
    """Change the first calendar."""
    return lambda p: p["calendars"][0].update(more)


def policy(**more: object) -> Callable[[dict[str, Any]], object]:
    """Change the second policy, that of roads in office hours."""
    return lambda p: p["policies"][1].update(more)


def team(**more: object) -> Callable[[dict[str, Any]], object]:
    """Change the first team."""
    return lambda p: p["teams"][0].update(more)


def window(weekday: object, opens: object, closes: object) -> dict[str, object]:
    """One window."""
    return {"weekday": weekday, "opens": opens, "closes": closes}


RANGE = "a value of the plan is missing or out of range"
WRONG: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (calendar(windows=[]), 'calendar "office": this calendar has no working time'),
    (calendar(windows=[window(1, "16:00", "08:00")]), "is reversed"),
    (calendar(windows=[window(1, "08:00", "08:00")]), "is reversed"),
    (calendar(windows=[window(1, None, "08:00")]), "is reversed"),
    (calendar(windows=[window(1, "08:00", "12:00"), window(1, "11:59", "16:00")]), "overlap at 11:59"),
    (calendar(windows=[window(0, "08:00", "16:00")]), "weekdays go from 1"),
    (calendar(windows=[window(8, "08:00", "16:00")]), "weekdays go from 1"),
    (calendar(windows=[window(None, "08:00", "16:00")]), "weekdays go from 1"),
    (calendar(windows=[window(1, "08:00", "25:00")]), RANGE),
    (calendar(windows=[window("x", "08:00", "16:00")]), RANGE),
    (calendar(is_always=True), "a calendar that works always has no windows"),
    (calendar(country=None), "a country goes with the days"),
    (calendar(known_until=None), "a country goes with the days"),
    (calendar(known_until="2027-01-01"), 'the calendar "office" is known from'),
    (calendar(holidays={"2026-02-30": "x"}), RANGE),
    (calendar(holidays={"2026-02-28": ""}), 'calendar "office" holiday: expected one line'),
    (calendar(holidays={"2026-02-28": "a\x1b[2J"}), 'calendar "office" holiday: expected one line'),
    (calendar(name=""), "calendar name: expected one line"),
    (calendar(name="x" * 61), "calendar name: expected one line"),
    (calendar(name="a\u202eb"), "calendar name: expected one line"),
    (calendar(name="ALWAYS"), 'calendars: "always" is there twice'),
    (policy(response=0), 'policy "roads" response: a target of no time at all'),
    (policy(response=-60), 'policy "roads" response: a target of no time at all'),
    (policy(response=None), 'policy "roads" response: a target of no time at all'),
    (policy(resolution=None), 'policy "roads" resolution: not shorter than response'),
    (policy(resolution=239), 'policy "roads" resolution: not shorter than response'),
    (policy(resolution=99_999_999), 'policy "roads" resolution: the calendar "office" never reaches'),
    (policy(calendar=None, resolution=99_999_999), 'policy "roads" resolution: no calendar reaches'),
    (policy(calendar="always", resolution=99_999_999), 'policy "roads" resolution: no calendar reaches'),
    (policy(resolution=10**12), RANGE),
    (policy(resolution="soon"), RANGE),
    (policy(calendar="shop"), 'policy "roads" calendar: there is no such calendar'),
    (policy(category="gbv"), 'policy "gbv": there is no such category'),
    (policy(category="rodes"), 'policy "rodes": there is no such category'),
    (policy(category="water"), 'policies: "water" is there twice'),
    (policy(category=None), 'policies: "default" is there twice'),
    (policy(warning_percent=0), 'policy "roads" warning_percent: expected 1 to 99'),
    (policy(warning_percent=100), 'policy "roads" warning_percent: expected 1 to 99'),
    (team(manager="ksb_manager"), 'team "Roads 1" manager: there is no such active manager'),
    (team(manager="tvd_operator"), 'team "Roads 1" manager: there is no such active manager'),
    (team(manager="tvd_saps"), 'team "Roads 1" manager: there is no such active manager'),
    (team(manager="nobody_here"), 'team "Roads 1" manager: there is no such active manager'),
    (team(category="rodes"), 'team "Roads 1" category: there is no such category'),
    (team(category=None), 'team "Roads 1" category: there is no such category'),
    (team(depot=[91, 0]), 'team "Roads 1" depot: expected latitude and longitude'),
    (team(depot=[1]), 'team "Roads 1" depot: expected latitude and longitude'),
    (team(depot=["x", "y"]), RANGE),
    (team(area=[["x", "y"]]), RANGE),
    (team(area="here"), ""),
    (team(name="parks"), 'teams: "parks" is there twice'),
    (team(name="a\nb"), "team name: expected one line"),
    (lambda p: p.update(name=None), "municipality name: expected one line"),
    (lambda p: p.update(time_zone="Mars/Base"), "municipality time_zone: the server knows no such"),
    (lambda p: p.update(time_zone=None), "municipality time_zone: the server knows no such"),
    (lambda p: p.pop("teams"), "teams: expected a list"),
    (lambda p: p.update(policies={}), "policies: expected a list"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_a_wrong_plan_is_refused_whole(
    database: Database, change: Callable[[dict[str, Any]], object], words: str
):
    """What no file of the program's says is refused from a raw connection too; nothing is half-applied."""
    before = everything(database)
    desk.assert_invalid(
        database.connect("tvd_admin"), APPLY, (Jsonb(plan(change)), False, True), words
    )

    assert everything(database) == before
