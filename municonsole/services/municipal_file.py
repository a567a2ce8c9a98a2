"""Reads a municipality's TOML file, and finds the public holidays of its calendars."""

from __future__ import annotations

import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

from municonsole.domain import municipal
from municonsole.domain.errors import InvalidInput
from municonsole.domain.municipal import FIRST_YEAR, LAST_YEAR, MunicipalPlan, WorkingCalendar
from municonsole.domain.text import clean_line

_ENGLISH: Final = ("en_GB", "en_US", "en")
_AHEAD: Final = 4
"""Years that must be known from this one on, since working time is laid out three years ahead."""


@dataclass(frozen=True, slots=True)
class FreeDays:
    """The days on which a calendar does not work, by date, with their names.

    They are known from `since` to before `until`, both None where no public holidays are asked for.
    """

    since: date | None
    until: date | None
    names: Mapping[date, str]


def load(file: Path) -> tuple[MunicipalPlan, Mapping[str, FreeDays]]:
    """The plan of a file, and the free days of each of its calendars by name.

    Raises InvalidInput, one sentence with file, key and reason.
    """
    where = clean_line(str(file))
    plan = municipal.read(_parsed(file, where), where)
    return plan, {calendar.name: _free_days(calendar, where) for calendar in plan.calendars}


def _parsed(file: Path, where: str) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        reason = f"not valid TOML: {error}"
    except UnicodeDecodeError:
        reason = "not UTF-8 text"
    except OSError as error:
        reason = f"cannot be read: {error.strerror or 'no such file'}"
    except ValueError:  # a path with a null byte
        reason = "cannot be read: no such file"
    raise InvalidInput(clean_line(f"{where}: {reason}"))


def _free_days(calendar: WorkingCalendar, where: str) -> FreeDays:
    try:
        return free_days(calendar, date.today().year)  # noqa: DTZ011  a year is a year anywhere
    except InvalidInput as error:
        raise InvalidInput(clean_line(f'{where}: [[calendar]] "{calendar.name}" {error}')) from None


def free_days(calendar: WorkingCalendar, this_year: int) -> FreeDays:
    """Public holidays of the calendar's country and region, those added, without those removed.

    Days in lieu are days of their own, as the `holidays` package has them, and names are English where
    it knows them. Raises InvalidInput naming the key, without file and calendar.
    """
    if calendar.country is None:
        return FreeDays(None, None, calendar.add)
    import holidays  # a third of a second

    known = holidays.list_supported_countries(include_aliases=False)
    if calendar.country not in known:
        raise InvalidInput(
            f"country: there are no public holidays of {calendar.country!r}; expected two capitals "
            "of ISO 3166 such as ZA"
        )
    regions = known[calendar.country]
    if calendar.region is not None and calendar.region not in regions:
        there = f"expected one of {', '.join(regions)}" if regions else "it has none"
        raise InvalidInput(f"region: {calendar.country} has no region {calendar.region!r}; {there}")
    public = _public_days(calendar.country, calendar.region, this_year)
    first, last = min(public, default=this_year), max(public, default=this_year)
    if last < this_year + _AHEAD - 1:
        raise InvalidInput(
            f"country: the public holidays of {calendar.country} are known until {last} only; leave "
            "country out and list the days under add"
        )
    for day in sorted(calendar.remove):
        if day not in public.get(day.year, {}):
            raise InvalidInput(f"remove: {day} is no public holiday of {calendar.country}")
    for day in sorted(calendar.add):
        if not first <= day.year <= last:
            raise InvalidInput(
                f"add: the public holidays of {calendar.country} are known from {first} to {last}, "
                f"and {day} lies outside"
            )
    names = {
        day: clean_line(name)[:200]
        for year in public.values()
        for day, name in year.items()
        if day not in calendar.remove
    }
    return FreeDays(date(first, 1, 1), date(last + 1, 1, 1), {**names, **calendar.add})


@cache
def _public_days(country: str, region: str | None, this_year: int) -> dict[int, dict[date, str]]:
    """Public holidays by year: of all years around this one for which the package vouches."""
    import holidays

    entity = holidays.country_holidays(country)
    first, last = max(FIRST_YEAR, entity.start_year), min(LAST_YEAR, entity.end_year)
    language = next((name for name in _ENGLISH if name in entity.supported_languages), None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # how it says that it knows only some days of a year

        def known(year: int) -> bool:
            if not first <= year <= last:
                return False
            try:
                found.get(date(year, 1, 1))  # a year is filled in when it is first asked for
            except UserWarning:
                return False
            return True

        found = holidays.country_holidays(country, subdiv=region, language=language)
        until = next(year for year in count(this_year) if not known(year))
        since = next(year for year in count(this_year, -1) if not known(year)) + 1
    days: dict[int, dict[date, str]] = {year: {} for year in range(since, until)}
    for day, name in sorted(found.items()):
        if day.year in days:
            days[day.year][day] = name
    return days


def payload(plan: MunicipalPlan, free: Mapping[str, FreeDays]) -> dict[str, object]:
    """What `muni.apply_municipality` is given, as JSON has it; lengths in minutes."""
    return {
        "code": plan.code,
        "name": plan.name,
        "time_zone": plan.time_zone,
        "calendars": [_calendar(calendar, free[calendar.name]) for calendar in plan.calendars],
        "policies": [
            {
                "category": policy.category,
                "calendar": policy.calendar,
                "response": policy.response,
                "resolution": policy.resolution,
                "warning_percent": policy.warning_percent,
            }
            for policy in plan.policies
        ],
        "teams": [
            {
                "name": team.name,
                "category": team.category,
                "manager": team.manager,
                "is_active": team.is_active,
                "depot": team.depot,
                "area": team.area,
            }
            for team in plan.teams
        ],
        "suburbs": [
            {"name": suburb.name, "latitude": suburb.latitude, "longitude": suburb.longitude}
            for suburb in plan.suburbs
        ],
    }


def _calendar(calendar: WorkingCalendar, free: FreeDays) -> dict[str, object]:
    return {
        "name": calendar.name,
        "is_always": calendar.is_always,
        "country": calendar.country,
        "region": calendar.region,
        "known_from": free.since and free.since.isoformat(),
        "known_until": free.until and free.until.isoformat(),
        "windows": [
            {
                "weekday": window.weekday,
                "opens": municipal.clock(window.opens),
                "closes": municipal.clock(window.closes),
            }
            for window in calendar.windows
        ],
        "holidays": {day.isoformat(): name for day, name in sorted(free.names.items())},
    }
