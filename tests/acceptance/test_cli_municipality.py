"""`municonsole municipality apply`, as an administrator and as the owner type it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Run
from unit.test_municipal_file import WRONG

EXAMPLES = Path(__file__).parents[2] / "docs/how-to/municipalities"
TOML = """
[municipality]
code = "tvd"
name = "Testville District"
time_zone = "Africa/Johannesburg"

[[calendar]]
name = "office"
weekdays = ["08:00-12:30", "13:15-16:30"]
friday = ["08:00-14:00"]
country = "ZA"

[[policy]]
category = "roads"
calendar = "office"
response = "8h"
resolution = "40h"

[[policy]]
default = true
response = "8h"
resolution = "72h"

[[team]]
name = "Roads 1"
category = "roads"
manager = "tvd_manager"
"""
TABLES = ("municipalities", "teams", "calendars", "calendar_spans", "sla_policies", "audit_log")


@pytest.fixture
def write(tmp_path: Path):
    """Write the municipality's file and give its path."""

    def write(text: str | bytes = TOML) -> str:
        file = tmp_path / "testville.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(file)

    return write


def everything(database: Database) -> list[object]:
    """All rows of what a file can change."""
    with database.connect_owner() as owner:
        return [
            owner.execute(f"select x::text from {table} as x order by 1").fetchall()
            for table in TABLES
        ]


LEFT = (
    "Teams that the file does not name are left as they are: Electricity 1, Other 1, Roads 2, "
    "Sanitation 1, Waste 1, Water 1, Water 2."
)


def test_a_file_is_applied_and_the_difference_printed(as_: Run, write):
    """Once it says what became different, the second time that nothing does."""
    first, again = (as_("tvd_admin", "municipality", "apply", write()) for _ in range(2))
    holidays = re.sub(r"now [0-9],[0-9]{3} days", "now N days", first.output)

    assert holidays.splitlines() == [
        '+ calendar "office"',
        "    country: ZA",
        "    windows: Mon-Thu 08:00-12:30 13:15-16:30, Fri 08:00-14:00",
        "    holidays: now N days",
        '+ policy "roads"',
        "    calendar: office",
        "    response: 8 h",
        "    resolution: 40 h",
        "    warning_percent: 80 %",
        '~ team "Roads 1"',
        "    area: drawn anew",
        "    depot: -26.1, 28.1 -> none",
        '- policy "water" (retired)',
        LEFT,
        "4 things changed; open tickets keep their deadlines (--recompute dates them anew).",
    ]
    assert again.output.splitlines() == [LEFT, "Nothing differs."]
    assert (first.status, again.status, first.complaint, again.complaint) == (0, 0, "", "")


def test_a_changed_file_says_what_it_was_and_is(as_: Run, write):
    """Of what was there before, the old and the new; free days by date."""
    as_("tvd_admin", "municipality", "apply", write())
    other = (
        TOML.replace('friday = ["08:00-14:00"]', 'saturday = ["08:00-12:00"]')
        .replace('country = "ZA"', 'country = "ZA"\nadd = [{ day = 2026-12-24, name = "Closed" }]')
        .replace('"72h"', '"72h 30min"\nwarning_percent = 75')
        .replace('manager = "tvd_manager"', "active = false")
        .replace("Testville District", "Testville")
    )
    done = as_("tvd_admin", "municipality", "apply", write(other))
    windows = "Mon-Thu 08:00-12:30 13:15-16:30, Fri 08:00-14:00"

    assert done.output.splitlines()[:-2] == [
        '~ municipality "tvd"',
        "    name: Testville District -> Testville",
        '~ calendar "office"',
        f"    windows: {windows} -> Mon-Fri 08:00-12:30 13:15-16:30, Sat 08:00-12:00",
        "    holidays: now 2026-12-24",
        '~ policy "roads"',
        "    calendar: as changed above",
        '~ policy "default"',
        "    resolution: 72 h -> 72 h 30 min",
        "    warning_percent: 80 % -> 75 %",
        '~ team "Roads 1"',
        "    active: yes -> no",
        "    manager: tvd_manager -> none",
    ]


def test_a_dry_run_changes_nothing(as_: Run, database: Database, write):
    """It says the same in the conditional, and everything stays as it is."""
    before = everything(database)
    ahead = as_("tvd_admin", "municipality", "apply", write(), "--dry-run", "--recompute")

    assert everything(database) == before
    assert ahead.output.splitlines()[-1] == (
        "4 things would be changed; 0 open tickets would be dated anew."
    )
    assert (
        ahead.output.splitlines()[:-1]
        == (as_("tvd_admin", "municipality", "apply", write()).output.splitlines()[:-1])
    )


def test_open_tickets_are_dated_anew_on_demand(as_: Run, write):
    """Without --recompute they keep what they were promised; with it, history says what changed."""
    number = as_("tvd_operator", "tickets", "create", "--category", "roads", stdin="A hole").output
    show = ("tickets", "show", number.strip(), "--json")
    before = as_("tvd_operator", *show).json
    as_("tvd_admin", "municipality", "apply", write())
    kept = as_("tvd_operator", *show).json
    is_in_force = (before.pop("sla_policy_in_force"), kept.pop("sla_policy_in_force"))
    done = as_("tvd_admin", "municipality", "apply", write(), "--recompute", "--json")
    after = as_("tvd_operator", *show).json
    history = as_("tvd_operator", "tickets", "history", number.strip(), "--json").json

    assert kept == before
    assert is_in_force == (True, False)
    assert done.json == {
        "changes": [
            {"what": "tickets", "name": "tvd", "change": "recomputed", "detail": {"tickets": 1}}
        ],
        "left": LEFT.partition(": ")[2].rstrip(".").split(", "),
        "recomputed": 1,
        "dry_run": False,
    }
    assert after["sla_resolution_deadline"] != before["sla_resolution_deadline"]
    assert (history[0]["kind"], history[0]["actor"]) == ("recomputed", "tvd_admin")


def test_every_bad_file_is_refused_with_its_name_key_and_reason(
    as_: Run, database: Database, write
):
    """Exit status 2, one line, and nothing of it is applied."""
    before = everything(database)
    for text, sentence in WRONG:
        file = write(text)
        done = as_("tvd_admin", "municipality", "apply", file)

        assert (done.status, done.output) == (2, "")
        assert done.complaint.startswith(f"municonsole: {file}: {sentence}")
        assert done.complaint.count("\n") == 1

    assert everything(database) == before


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ('"tvd_manager"', '"ksb_manager"', 2, "{file}: team \"Roads 1\" manager: there is no such"),
        ('"40h"', '"999999h"', 2, '{file}: policy "roads" resolution: the calendar "office" never reaches'),
        ('"tvd"', '"ksb"', 3, "an administrator sets up the own municipality"),
        ('"tvd"', '"new"', 3, "an administrator sets up the own municipality"),
        (
            'category = "roads"\nmanager = "tvd_manager"',
            'category = "gbv"',
            3,
            'team "Roads 1": SAPS teams are set up by the database\'s owner',
        ),
    ],
)  # fmt: skip
def test_what_the_database_alone_knows_is_refused_whole(
    as_: Run, database: Database, write, old: str, new: str, status: int, said: str
):
    """A manager who is not there, a target that is never reached, what is not an administrator's."""
    before = everything(database)
    assert old in TOML
    file = write(TOML.replace(old, new))
    done = as_("tvd_admin", "municipality", "apply", file, "--recompute")

    assert (done.status, done.output) == (status, "")
    assert done.complaint.startswith(f"municonsole: {said.format(file=file)}")
    assert done.complaint.count("\n") == 1
    assert everything(database) == before


@pytest.mark.parametrize("username", ["tvd_operator", "tvd_manager", "tvd_saps"])
def test_only_administrators_apply_a_file(as_: Run, database: Database, write, username: str):
    """Others are told whose it is."""
    before = everything(database)
    done = as_(username, "municipality", "apply", write())

    assert (done.status, done.output) == (3, "")
    assert done.complaint == "municonsole: a municipality is set up by its administrators\n"
    assert everything(database) == before


@pytest.mark.parametrize("username", ["test_stranger", "test_worker", "tvd_disabled"])
def test_a_login_that_is_nobody_applies_nothing(as_: Run, write, username: str):
    """Neither an operator nor the owner."""
    done = as_(username, "municipality", "apply", write())

    assert done.status == 3
    assert "neither an active operator nor the owner" in done.complaint


def test_the_owner_sets_up_a_new_municipality_with_its_station(as_: Run, database: Database, write):
    """A place, its rules and its teams, a SAPS team among them; then its people; then the managers."""
    new = TOML.replace('"tvd"', '"new"').replace('manager = "tvd_manager"', "")
    new += '[[team]]\nname = "SAPS New"\ncategory = "gbv"\ndepot = [-26.5, 28.5]\n'
    first, again = (as_(database.owner, "municipality", "apply", write(new)) for _ in range(2))

    assert first.output.splitlines()[0] == '+ municipality "new"'
    assert '+ team "SAPS New"' in first.output
    assert first.output.splitlines()[-1].startswith("6 things changed")
    assert (again.status, again.output) == (0, "Nothing differs.\n")


def test_the_owner_finds_the_same_things_wrong(as_: Run, database: Database, write):
    """With the file's name, exit status 2 and nothing half-applied."""
    before = everything(database)
    file = write(TOML.replace('"40h"', '"999999h"'))
    done = as_(database.owner, "municipality", "apply", file)

    assert (done.status, done.output) == (2, "")
    assert done.complaint.startswith(
        f'municonsole: {file}: policy "roads" resolution: the calendar'
    )
    assert everything(database) == before


def test_the_password_is_asked_for_once(terminal: Open, database: Database, write):
    """Whoever it turns out to be, administrator or owner."""
    for username in ("tvd_admin", database.owner):
        screen = terminal(username, "municipality", "apply", write(), "--dry-run")
        screen.wait_for("Password")
        screen.type(f"{database.password(username)}\r")
        screen.wait_for("4 things would be changed")
        assert screen.wait() == 0
        assert screen.said.count(b"Password") == 1


@pytest.mark.parametrize("name", sorted(file.name for file in EXAMPLES.glob("*.toml")))
def test_a_file_of_the_documentation_works(as_: Run, database: Database, name: str):
    """Whoever begins with one of them has a municipality, and no surprise the second time."""
    first, again = (
        as_(database.owner, "municipality", "apply", str(EXAMPLES / name)) for _ in range(2)
    )

    assert (first.status, first.complaint) == (0, "")
    assert first.output.startswith('+ municipality "')
    assert again.output == "Nothing differs.\n"


@pytest.mark.parametrize(
    ("name", "category", "start", "response", "resolution"),
    [
        # Heritage Day, a Thursday.
        ("round-the-clock.toml", "water", "2026-09-24 10:00", "2026-09-24 14:00", "2026-09-26 10:00"),
        ("round-the-clock.toml", "roads", "2026-09-24 10:00", "2026-09-25 16:30", "2026-10-01 16:30"),
        # Fridays end at two, and Heritage Day is free.
        ("office-hours.toml", "roads", "2026-09-18 13:00", "2026-09-21 15:00", "2026-10-05 15:30"),
        # Over lunch and the Saturday; the night from Monday 22:00.
        ("lunch-break.toml", "waste", "2026-09-18 12:00", "2026-09-19 08:15", "2026-09-21 16:30"),
        ("lunch-break.toml", "sanitation", "2026-09-21 07:00", "2026-09-21 24:00", "2026-09-22 06:00"),
        # 24 December closed, 25 a holiday, 26 and 27 a weekend.
        ("end-of-year.toml", "waste", "2026-12-23 12:30", "2026-12-28 12:00", "2027-01-04 10:00"),
        # The election of 4 November is a working day.
        ("end-of-year.toml", "waste", "2026-11-03 12:30", "2026-11-04 12:00", "2026-11-10 10:00"),
    ],
)  # fmt: skip
def test_a_file_of_the_documentation_does_what_its_comments_say(
    as_: Run,
    database: Database,
    name: str,
    category: str,
    start: str,
    response: str,
    resolution: str,
):
    """Lunch, the night, holidays and days of one's own move deadlines as a calendar on the wall would."""
    as_(database.owner, "municipality", "apply", str(EXAMPLES / name))
    with database.connect_owner() as owner:
        found = owner.execute(
            """
            select to_char(d.response, x.form) = %(response)s, to_char(d.resolution, x.form) = %(resolution)s, d.*
            from municipalities as m
            cross join lateral _terms(_policy(m.id, %(category)s)) as t
            cross join (values ('YYYY-MM-DD HH24:MI')) as x (form)
            cross join lateral (
                select
                    _reach(t.calendar_id, s.at, t.response_target) at time zone m.time_zone as response,
                    _reach(t.calendar_id, s.at, t.resolution_target) at time zone m.time_zone as resolution
                from (select %(start)s::timestamp at time zone m.time_zone) as s (at)
            ) as d
            where m.code not in ('tvd', 'ksb')
            """,
            {
                "category": category,
                "start": start,
                "response": response.replace("2026-09-21 24:00", "2026-09-22 00:00"),
                "resolution": resolution,
            },
        ).fetchall()

    assert [row[:2] for row in found] == [(True, True)], found
