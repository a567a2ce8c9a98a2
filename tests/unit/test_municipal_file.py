"""A municipality's file: what is read from it, and what is said about one that is wrong."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from municonsole.domain.errors import InvalidInput
from municonsole.domain.municipal import SlaPolicy, Window, WorkingCalendar
from municonsole.domain.values import Category
from municonsole.services import municipal_file

GOOD = """
[municipality]
code = "tvd"
name = "Thornveld"
time_zone = "Africa/Johannesburg"

[[calendar]]
name = "office"
weekdays = ["08:00-12:30", "13:15-16:30"]
country = "ZA"
add = [{ day = 2026-12-24, name = "Closed" }]
remove = [2026-11-04]

[[policy]]
category = "roads"
calendar = "office"
response = "4h"
resolution = "8h 30min"

[[policy]]
default = true
response = "24h"
resolution = "168h"

[[team]]
name = "Roads"
category = "roads"
depot = [-28.0, 30.1]
area = [[-28.1, 30.0], [-28.1, 30.2], [-27.9, 30.2]]
"""
CALENDAR, POLICY, DEFAULT, TEAM = (
    '[[calendar]] "office"',
    '[[policy]] "roads"',
    "[[policy]] number 2",
    '[[team]] "Roads"',
)


@pytest.fixture
def write(tmp_path: Path):
    """Write a file and give its path."""

    def write(text: str | bytes) -> Path:
        file = tmp_path / "thornveld.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def changed(old: str, new: str) -> str:
    """The good file with one thing changed."""
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


def office(windows: str) -> str:
    """The good file with other hours."""
    return changed('weekdays = ["08:00-12:30", "13:15-16:30"]', windows)


def test_a_file_is_read(write):
    """Windows are minutes since midnight, targets minutes, places latitude and longitude."""
    plan, free = municipal_file.load(write(GOOD))
    [calendar] = plan.calendars
    roads, default = plan.policies
    [team] = plan.teams

    assert (plan.code, plan.name, plan.time_zone) == ("tvd", "Thornveld", "Africa/Johannesburg")
    assert calendar.windows[:3] == (Window(1, 480, 750), Window(1, 795, 990), Window(2, 480, 750))
    assert len(calendar.windows) == 10
    assert roads == SlaPolicy(Category.ROADS, "office", 240, 510, 80)
    assert default == SlaPolicy(None, None, 1440, 10080, 80)
    assert (team.depot, team.is_active, team.manager) == ((-28.0, 30.1), True, None)
    assert free["office"].names[date(2026, 9, 24)] == "Heritage Day"
    assert free["office"].names[date(2026, 12, 24)] == "Closed"
    assert date(2026, 11, 4) not in free["office"].names


def test_a_day_that_is_named_by_itself_has_its_own_windows(write):
    """`weekdays` and `weekend` are shorthands, which a day overrules, also to be closed."""
    plan, _ = municipal_file.load(
        write(
            office(
                'weekdays = ["08:00-16:30"]\nfriday = ["08:00-14:00"]\nwednesday = []\n'
                'weekend = ["10:00-12:00"]\nsunday = ["22:00-24:00", "00:00-01:00"]'
            )
        )
    )

    assert [(window.weekday, str(window)) for window in plan.calendars[0].windows] == [
        *((day, "08:00-16:30") for day in (1, 2, 4)),
        (5, "08:00-14:00"),
        (6, "10:00-12:00"),
        (7, "00:00-01:00"),
        (7, "22:00-24:00"),
    ]


@pytest.mark.parametrize(
    ("text", "minutes"), [("4h", 240), ("45min", 45), ("8h 30min", 510), ("0h 1min", 1)]
)
def test_targets_are_hours_and_minutes(write, text: str, minutes: int):
    """Lengths of working time are written as people say them."""
    text = changed('"8h 30min"', '"99h"').replace('"4h"', f'"{text}"')
    plan, _ = municipal_file.load(write(text))

    assert plan.policies[0].response == minutes


ALWAYS = "a calendar that works always has no windows and no holidays"
WRONG = [
    # calendars
    (office('monday = ["08:00-12:00", "11:30-16:00"]'), f"{CALENDAR} monday: 08:00-12:00 and 11:30-16:00 overlap"),
    (office('monday = ["08:00-12:00", "08:00-12:00"]'), f"{CALENDAR} monday: 08:00-12:00 and 08:00-12:00 overlap"),
    (office('weekdays = ["16:30-08:00"]'), f"{CALENDAR} weekdays: 16:30-08:00 is reversed; work past midnight"),
    (office('weekdays = ["08:00-08:00"]'), f"{CALENDAR} weekdays: 08:00-08:00 has no length"),
    (office('weekdays = ["08:00-24:30"]'), f"{CALENDAR} weekdays: 08:00-24:30 ends after 24:00"),
    (office('weekdays = ["8-16"]'), f"{CALENDAR} weekdays: expected windows such as"),
    (office('weekdays = ["08:60-16:00"]'), f"{CALENDAR} weekdays: expected windows such as"),
    (office("weekdays = [8]"), f"{CALENDAR} weekdays: expected windows such as"),
    (office('weekdays = "08:00-16:30"'), f"{CALENDAR} weekdays: expected a list, got text"),
    (office(""), f"{CALENDAR}: this calendar has no working time"),
    (office("weekdays = []"), f"{CALENDAR}: this calendar has no working time"),
    (office('montag = ["08:00-16:30"]'), f"{CALENDAR} montag: unknown key; expected one of name, always"),
    (office("always = true"), f"{CALENDAR} country: {ALWAYS}"),
    (office('always = true\nmonday = ["08:00-16:30"]'), f"{CALENDAR} monday: {ALWAYS}"),
    (office('always = "yes"'), f"{CALENDAR} always: expected true or false, got text"),
    (changed('"ZA"', '"XX"'), f"{CALENDAR} country: there are no public holidays of 'XX'"),
    (changed('"ZA"', '"za"'), f"{CALENDAR} country: there are no public holidays of 'za'"),
    (changed('"ZA"', "27"), f"{CALENDAR} country: expected text in quotes, got a whole number"),
    (changed('"ZA"', '"LK"'), f"{CALENDAR} country: the public holidays of LK are known until 2026 only"),
    (changed('"ZA"', '"ZA"\nregion = "KZN"'), f"{CALENDAR} region: ZA has no region 'KZN'; it has none"),
    (changed('"ZA"', '"DE"\nregion = "ZZ"'), f"{CALENDAR} region: DE has no region 'ZZ'; expected one of BB, BE"),
    (changed('country = "ZA"', 'region = "BE"'), f"{CALENDAR} region: a region needs its country"),
    (changed('country = "ZA"', ""), f"{CALENDAR} remove: without a country there are no public holidays"),
    (changed("remove = [2026-11-04]", "remove = [2026-11-05]"), f"{CALENDAR} remove: 2026-11-05 is no public holida"),
    (changed("[2026-11-04]", "[2026-11-04, 2026-11-04]"), f"{CALENDAR} remove: 2026-11-04 is there twice"),
    (changed("[2026-11-04]", "[2026-12-24]"), f"{CALENDAR} remove: 2026-12-24 is there twice, or added as well"),
    (changed("[2026-11-04]", '["2026-11-04"]'), f"{CALENDAR} remove: expected a date such as 2026-12-24, without"),
    (changed("2026-12-24,", "2026-12-24T10:00:00,"), f"{CALENDAR} add day: expected a date such as 2026-12-24"),
    (changed("2026-12-24,", "1899-12-24,"), f"{CALENDAR} add day: 1899-12-24 is not between 1990 and 2099"),
    (changed(', name = "Closed" }', " }"), f"{CALENDAR} add name: this key is missing"),
    (changed("{ day = 2026-12-24", "{ date = 2026-12-24"), f"{CALENDAR} add date: unknown key"),
    (changed('add = [{ day = 2026-12-24, name = "Closed" }]', "add = [2026-12-24]"), f"{CALENDAR} add: expected a t"),
    (changed('name = "office"', ""), "[[calendar]] number 1 name: this key is missing"),
    (changed('name = "office"', 'name = "a\\u001b[2Jb"'), "[[calendar]]"),
    (GOOD + '[[calendar]]\nname = "Office"\nalways = true', "[[calendar]] name: 'office' is there twice"),
    (changed("[[calendar]]", "[calendar]"), "[[calendar]]: expected tables in double brackets, got a table"),
    # policies
    (changed('category = "roads"', 'category = "rodes"'), "[[policy]] \"rodes\" category: there is no category 'rod"),
    (changed('category = "roads"', 'category = "gbv"'), '[[policy]] "gbv" category: a GBV report has no municipal'),
    (changed('category = "roads"', ""), "[[policy]] number 1 category: a policy has either a category or default ="),
    (changed("default = true", 'default = true\ncategory = "water"'), '[[policy]] "water" category: a policy has ei'),
    (GOOD + '[[policy]]\ndefault = true\nresponse = "1h"\nresolution = "2h"', "[[policy]] category: 'default = true"),
    (GOOD + '[[policy]]\ncategory = "roads"\nresponse = "1h"\nresolution = "2h"', "[[policy]] category: 'roads' is"),
    (changed('calendar = "office"', 'calendar = "shop"'), f"{POLICY} calendar: the file has no calendar 'shop'; it"),
    (changed('"4h"', '"0h"'), f"{POLICY} response: a target of no time at all"),
    (changed('"4h"', '"0h 0min"'), f"{POLICY} response: a target of no time at all"),
    (changed('"8h 30min"', '"0min"'), f"{POLICY} resolution: a target of no time at all"),
    (changed('"4h"', '"2d 4h"'), f"{POLICY} response: expected hours and minutes of working time such as \"4h\" or"),
    (changed('"4h"', '"-4h"'), f"{POLICY} response: expected hours and minutes of working time"),
    (changed('"4h"', '"4"'), f"{POLICY} response: expected hours and minutes of working time"),
    (changed('"4h"', '""'), f"{POLICY} response: expected one line of plain text"),
    (changed('"4h"', "4"), f"{POLICY} response: expected text in quotes, got a whole number"),
    (changed('response = "4h"', ""), f"{POLICY} response: this key is missing"),
    (changed('"8h 30min"', '"3h"'), f"{POLICY} resolution: what is resolved has been answered: not shorter"),
    (changed('"24h"', '"24h"\nwarning_percent = 100'), f"{DEFAULT} warning_percent: expected 1 to 99, got 100"),
    (changed('"24h"', '"24h"\nwarning_percent = 0'), f"{DEFAULT} warning_percent: expected 1 to 99, got 0"),
    (changed('"24h"', '"24h"\nwarning_percent = 80.5'), f"{DEFAULT} warning_percent: expected a whole number, got a"),
    (changed('"24h"', '"24h"\nwarning_percent = true'), f"{DEFAULT} warning_percent: expected a whole number, got t"),
    (changed('"24h"', '"24h"\nwarning = 80'), f"{DEFAULT} warning: unknown key"),
    # teams
    (changed('category = "roads"\ndepot', 'category = "rods"\ndepot'), f"{TEAM} category: there is no category 'rod"),
    (changed('category = "roads"\ndepot', "depot"), f"{TEAM} category: this key is missing"),
    (changed("[-28.0, 30.1]", "[30.1, -280]"), f"{TEAM} depot: latitude goes from -90 to 90"),
    (changed("[-28.0, 30.1]", "[nan, 30.1]"), f"{TEAM} depot: latitude goes from -90 to 90"),
    (changed("[-28.0, 30.1]", "[-28.0]"), f"{TEAM} depot: expected latitude and longitude such as"),
    (changed("[-28.0, 30.1]", '"here"'), f"{TEAM} depot: expected latitude and longitude such as"),
    (changed(", [-27.9, 30.2]]", "]"), f"{TEAM} area: expected three corners or more"),
    (changed("[[-28.1, 30.0]", '["x"'), f"{TEAM} area: expected latitude and longitude such as"),
    (changed('name = "Roads"', 'name = "Roads"\nactive = 1'), f"{TEAM} active: expected true or false, got a whole"),
    (GOOD + '[[team]]\nname = "roads"\ncategory = "water"', "[[team]] name: 'roads' is there twice"),
    (GOOD + '[[team]]\nname = "SAPS"\ncategory = "gbv"\nmanager = "x"', '[[team]] "SAPS" manager: a SAPS team names'),
    # the municipality and the file
    (changed('"Africa/Johannesburg"', '"Mars/Base"'), "[municipality] time_zone: there is no time zone 'Mars/Base'"),
    (changed('"Africa/Johannesburg"', '"../../etc/passwd"'), "[municipality] time_zone: there is no time zone"),
    (changed('"Africa/Johannesburg"', '"Africa"'), "[municipality] time_zone: there is no time zone 'Africa'"),
    (changed('"tvd"', '"TVD"'), "[municipality] code: expected 2 to 10 small letters"),
    (changed('"tvd"', '"t"'), "[municipality] code: expected 2 to 10 small letters"),
    (changed('name = "Thornveld"', ""), "[municipality] name: this key is missing"),
    (changed('name = "Thornveld"', "name = 5"), "[municipality] name: expected text in quotes, got a whole number"),
    (changed('name = "Thornveld"', 'name = "a\\nb"'), "[municipality] name: expected one line of plain text"),
    (changed('name = "Thornveld"', 'title = "x"'), "[municipality] title: unknown key; expected one of code, name"),
    (changed("[municipality]", "[municipal]"), "municipal: unknown key; expected one of municipality, calendar"),
    ("", "[municipality]: this table is missing"),
    ("municipality = 1", "[municipality]: expected a table, got a whole number"),
    (GOOD + "[[team", "not valid TOML: "),
    (changed("[municipality]", "[municipality"), "not valid TOML: Expected ']' at the end of a table declaration (a"),
    (b"code = '\xff'", "not UTF-8 text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_wrong_file_is_refused_with_file_key_and_reason(write, text: str | bytes, sentence: str):
    """Whoever wrote the file is told in one line where it is wrong, and why."""
    file = write(text)
    with pytest.raises(InvalidInput) as refused:
        municipal_file.load(file)

    assert str(refused.value).startswith(f"{file}: {sentence}")
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_a_day_is_no_length_of_working_time(write):
    """Who writes days is told why they are not taken."""
    with pytest.raises(InvalidInput, match=r"a day is 24 h, or as long as an office is open"):
        municipal_file.load(write(changed('"4h"', '"2d"')))


def test_what_cannot_be_read_is_said(tmp_path: Path):
    """A folder, and a file that is not there."""
    for file, number in ((tmp_path, 21), (tmp_path / "nowhere.toml", 2)):
        with pytest.raises(InvalidInput, match=f"{file}: cannot be read: {os.strerror(number)}"):
            municipal_file.load(file)


def calendar(country: str | None, region: str | None = None, **more: object) -> WorkingCalendar:
    """A calendar of which only the free days matter."""
    given = {"add": {}, "remove": frozenset()} | more
    return WorkingCalendar(
        "office", is_always=False, windows=(), country=country, region=region, **given
    )


def test_south_african_holidays_are_those_of_the_gazette():
    """A Sunday holiday is kept on Monday too, a Saturday one is not moved, Easter moves, one-offs are there."""
    names = municipal_file.free_days(calendar("ZA"), 2026).names

    assert names[date(2026, 8, 9)] == "National Women's Day"
    assert names[date(2026, 8, 10)] == "National Women's Day (observed)"
    assert names[date(2026, 12, 26)] == "Day of Goodwill"
    assert date(2026, 12, 28) not in names
    assert names[date(2027, 12, 27)] == "Day of Goodwill (observed)"
    assert [names[date(year, *day)] for year, day in ((2026, (4, 3)), (2027, (3, 26)))] == [
        "Good Friday"
    ] * 2
    assert names[date(2024, 5, 29)].endswith("Elections")


def test_names_are_english_where_they_can_be():
    """Berlin's calendar is read by the same people as Thornveld's."""
    free = municipal_file.free_days(calendar("DE", "BE"), 2026)

    assert free.names[date(2026, 12, 25)] == "Christmas Day"
    assert free.names[date(2026, 3, 8)] == "Women's Day"
    assert date(2026, 3, 8) not in municipal_file.free_days(calendar("DE", "BY"), 2026).names
    assert (free.since, free.until) == (date(1991, 1, 1), date(2100, 1, 1))


def test_without_a_country_ones_own_days_are_all_there_is():
    """A calendar may have nothing but days of its own."""
    own = {date(2026, 12, 24): "Closed"}
    free = municipal_file.free_days(calendar(None, add=own), 2026)

    assert (free.since, free.until, free.names) == (None, None, own)


def test_a_day_that_was_added_has_the_municipalitys_own_name():
    """Where a holiday of one's own falls on a public one, it is a day like any other."""
    own = {date(2026, 12, 25): "Our own"}

    assert (
        municipal_file.free_days(calendar("ZA", add=own), 2026).names[date(2026, 12, 25)]
        == "Our own"
    )


def test_a_country_is_known_no_longer_than_the_package_vouches_for():
    """India's lunar days are known from 2001 to 2035; beyond, a calendar would miss some in silence."""
    free = municipal_file.free_days(calendar("IN"), 2026)

    assert (free.since, free.until) == (date(2001, 1, 1), date(2036, 1, 1))


def test_a_day_outside_of_what_is_known_is_refused():
    """Of a country that is known from 1991 on nothing earlier can be said."""
    with pytest.raises(
        InvalidInput, match="add: the public holidays of DE are known from 1991 to 2099"
    ):
        municipal_file.free_days(calendar("DE", add={date(1990, 5, 5): "x"}), 2026)


def test_every_country_of_the_package_can_be_asked_for():
    """Whatever country and region the package knows, a calendar of it is found, or said to end too early."""
    import holidays

    short = []
    for country, regions in holidays.list_supported_countries(include_aliases=False).items():
        try:
            free = municipal_file.free_days(
                calendar(country, regions[0] if regions else None), 2026
            )
        except InvalidInput as error:
            short.append((country, str(error)))
            continue
        assert all(free.since <= day < free.until for day in free.names)
        assert all(1 <= len(name) <= 200 for name in free.names.values())

    assert len(short) <= 5
    assert all("are known until" in said for _, said in short)
