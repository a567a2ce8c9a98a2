"""A municipality as its file describes it: calendars, SLA policies, teams, suburbs; every fault said with its key.

The file is TOML (docs/how-to/municipality.md); `read` takes it parsed. Lengths of working time are whole
minutes, times of day are minutes since midnight, weekdays ISO's (Monday is 1).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from municonsole.domain.desk import Suburb
from municonsole.domain.toml_table import TomlTable
from municonsole.domain.values import Category

FIRST_YEAR: Final = 1990
LAST_YEAR: Final = 2099
"""The years whose days a calendar knows: wide, so that the same file gives the same calendar next year."""

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SEVERAL: Final = {"weekdays": DAYS[:5], "weekend": DAYS[5:]}
_CALENDAR_KEYS: Final = (
    *("name", "always", *_SEVERAL, *DAYS),
    *("country", "region", "add", "remove"),
)
_POLICY_KEYS: Final = (
    *("category", "default", "calendar"),
    *("response", "resolution", "warning_percent"),
)
_SUBURB_KEYS: Final = ("name", "latitude", "longitude")
_TEAM_KEYS: Final = ("name", "category", "manager", "active", "depot", "area")

_WINDOW: Final = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")
_LENGTH: Final = re.compile(r"(?:(\d{1,6})h)? ?(?:(\d{1,6})min)?")
_MIDNIGHT: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """When a calendar works on a weekday, from `opens` to before `closes`."""

    weekday: int
    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{clock(self.opens)}-{clock(self.closes)}"


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working time: always, or weekly windows less public holidays and days of one's own.

    `add` are further days without work by date, `remove` public holidays on which there is work.
    """

    name: str
    is_always: bool
    windows: tuple[Window, ...]
    country: str | None
    region: str | None
    add: Mapping[date, str]
    remove: frozenset[date]


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """Targets of a category, or with None of all that have none of their own; no calendar: around the clock."""

    category: Category | None
    calendar: str | None
    response: int
    resolution: int
    warning_percent: int


@dataclass(frozen=True, slots=True)
class ServiceTeam:
    """A team; `depot` and the corners of `area` are (latitude, longitude), degrees of WGS 84."""

    name: str
    category: Category
    manager: str | None
    is_active: bool
    depot: tuple[float, float] | None
    area: tuple[tuple[float, float], ...] | None


@dataclass(frozen=True, slots=True)
class MunicipalPlan:
    """The whole file."""

    code: str
    name: str
    time_zone: str
    calendars: tuple[WorkingCalendar, ...]
    policies: tuple[SlaPolicy, ...]
    teams: tuple[ServiceTeam, ...]
    suburbs: tuple[Suburb, ...] = ()


def read(content: Mapping[str, object], where: str) -> MunicipalPlan:
    """The plan of a file's parsed TOML.

    Raises InvalidInput, one sentence with file (`where`), key and reason.
    """
    file = TomlTable(where, "", content, ("municipality", "calendar", "policy", "team", "suburb"))
    place = file.table("municipality", ("code", "name", "time_zone"))
    code = place.text("code")
    if not re.fullmatch(r"[a-z][a-z0-9]{1,9}", code):
        place.refuse("code", "expected 2 to 10 small letters and digits, a letter first")
    name, zone = place.text("name"), place.text("time_zone")
    if not _is_zone(zone):
        place.refuse(
            "time_zone", f"there is no time zone {zone!r}; expected one such as Africa/Johannesburg"
        )
    calendars = [_calendar(table) for table in file.tables("calendar", _CALENDAR_KEYS, "name")]
    _refuse_twice(file, "[[calendar]] name", [calendar.name for calendar in calendars])
    known = [calendar.name for calendar in calendars]
    policies = [_policy(table, known) for table in file.tables("policy", _POLICY_KEYS, "category")]
    _refuse_twice(file, "[[policy]] category", [p.category or "default = true" for p in policies])
    teams = [_team(table) for table in file.tables("team", _TEAM_KEYS, "name")]
    _refuse_twice(file, "[[team]] name", [team.name for team in teams])
    suburbs = [_suburb(table) for table in file.tables("suburb", _SUBURB_KEYS, "name")]
    _refuse_twice(file, "[[suburb]] name", [suburb.name for suburb in suburbs])
    return MunicipalPlan(
        code, name, zone, tuple(calendars), tuple(policies), tuple(teams), tuple(suburbs)
    )


def clock(minutes: int) -> str:
    """Minutes since midnight as `08:00`; the end of a day is `24:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there, a path outside, a folder
        return False
    return True


def _refuse_twice(file: TomlTable, key: str, names: Sequence[str]) -> None:
    name, times = next(iter(Counter(map(str.casefold, names)).most_common(1)), ("", 0))
    if times > 1:
        file.refuse(key, f"{name!r} is there {'twice' if times == 2 else f'{times} times'}")


# ---------------------------------------------------------------------- calendars


def _calendar(table: TomlTable) -> WorkingCalendar:
    name = table.text("name", most=60)
    if table.flag("always", default=False):
        for key in _CALENDAR_KEYS[2:]:
            if key in table:
                table.refuse(key, "a calendar that works always has no windows and no holidays")
        return WorkingCalendar(
            name, is_always=True, windows=(), country=None, region=None, add={}, remove=frozenset()
        )
    windows = _windows(table)
    if not windows:
        table.refuse(
            "", 'this calendar has no working time; name windows such as weekdays = ["08:00-16:30"]'
        )
    country = table.optional_text("country")
    region = table.optional_text("region")
    if region is not None and country is None:
        table.refuse("region", "a region needs its country")
    add = _added(table)
    remove = [table.day("remove", day, FIRST_YEAR, LAST_YEAR) for day in table.items("remove")]
    if remove and country is None:
        table.refuse("remove", "without a country there are no public holidays to remove")
    for day, times in Counter([*add, *remove]).items():
        if times > 1:
            table.refuse("remove", f"{day} is there twice, or added as well")
    return WorkingCalendar(
        name,
        is_always=False,
        windows=windows,
        country=country,
        region=region,
        add=add,
        remove=frozenset(remove),
    )


def _windows(table: TomlTable) -> tuple[Window, ...]:
    """The windows of the week; a day that is named by itself has its own instead of the shorthand's."""
    source = {day: key for key, days in _SEVERAL.items() if key in table for day in days}
    source |= {day: day for day in DAYS if day in table}
    return tuple(
        window
        for weekday, day in enumerate(DAYS, 1)
        if day in source
        for window in _day_windows(table, source[day], weekday)
    )


def _day_windows(table: TomlTable, key: str, weekday: int) -> list[Window]:
    windows = sorted(
        (_window(table, key, weekday, value) for value in table.items(key)),
        key=lambda window: window.opens,
    )
    for earlier, later in pairwise(windows):
        if later.opens < earlier.closes:
            table.refuse(key, f"{earlier} and {later} overlap")
    return windows


def _window(table: TomlTable, key: str, weekday: int, value: object) -> Window:
    match = _WINDOW.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        table.refuse(key, f'expected windows such as "08:00-16:30", got {value!r}')
    opens, closes = (int(match[k]) * 60 + int(match[k + 1]) for k in (1, 3))
    if closes > _MIDNIGHT:
        table.refuse(key, f"{value} ends after 24:00")
    if opens == closes:
        table.refuse(key, f"{value} has no length")
    if opens > closes:
        table.refuse(
            key,
            f"{value} is reversed; work past midnight is two windows, one to 24:00 and one from 00:00",
        )
    return Window(weekday, opens, closes)


def _added(table: TomlTable) -> dict[date, str]:
    added: dict[date, str] = {}
    for value in table.items("add"):
        entry = table.inner("add", value, ("day", "name"))
        day = entry.day("day", entry.value("day"), FIRST_YEAR, LAST_YEAR)
        if day in added:
            table.refuse("add", f"{day} is there twice")
        added[day] = entry.text("name", most=200)
    return added


# ---------------------------------------------------------------------- policies and teams


def _policy(table: TomlTable, calendars: Sequence[str]) -> SlaPolicy:
    is_default = table.flag("default", default=False)
    if is_default == ("category" in table):
        table.refuse("category", "a policy has either a category or default = true")
    category = None if is_default else _category(table)
    if category is Category.GBV:
        table.refuse("category", "a GBV report has no municipal clocks")
    calendar = table.optional_text("calendar", most=60)
    if calendar is not None and calendar not in calendars:
        there = ", ".join(calendars) or "none"
        table.refuse("calendar", f"the file has no calendar {calendar!r}; it has {there}")
    response, resolution = _length(table, "response"), _length(table, "resolution")
    if resolution < response:
        table.refuse("resolution", "what is resolved has been answered: not shorter than response")
    return SlaPolicy(
        category,
        calendar,
        response,
        resolution,
        table.whole("warning_percent", default=80, least=1, most=99),
    )


def _category(table: TomlTable) -> Category:
    name = table.text("category")
    try:
        return Category(name)
    except ValueError:
        table.refuse(
            "category", f"there is no category {name!r}; expected one of {', '.join(Category)}"
        )


def _length(table: TomlTable, key: str) -> int:
    text = table.text(key)
    match = _LENGTH.fullmatch(text)
    if match is None or match[0].strip() == "":
        days = " (a day is 24 h, or as long as an office is open, so it is not taken)"
        table.refuse(
            key,
            'expected hours and minutes of working time such as "4h" or "8h 30min"'
            f"{days if re.search(r'[0-9] ?d', text) else ''}, got {text!r}",
        )
    minutes = int(match[1] or 0) * 60 + int(match[2] or 0)
    if minutes == 0:
        table.refuse(key, "a target of no time at all; one minute is the least")
    return minutes


def _team(table: TomlTable) -> ServiceTeam:
    name, category = table.text("name"), _category(table)
    manager = table.optional_text("manager", most=63)
    if manager is not None and category is Category.GBV:
        table.refuse("manager", "a SAPS team names no manager, since all colleagues see the teams")
    depot = table.point("depot", table.value("depot")) if "depot" in table else None
    area = None
    if "area" in table:
        area = tuple(table.point("area", corner) for corner in table.items("area"))
        if len(area) < 3:
            table.refuse("area", "expected three corners or more")
    return ServiceTeam(name, category, manager, table.flag("active", default=True), depot, area)


def _suburb(table: TomlTable) -> Suburb:
    name = table.text("name")
    return Suburb(name, table.degrees("latitude", 90), table.degrees("longitude", 180))
