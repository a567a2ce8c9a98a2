"""`municonsole sla preview`, as somebody at a desk types it, and as a script does."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.database import Database
from support.program import Run

TOML = """
[municipality]
code = "tvd"
name = "Testville District"
time_zone = "Africa/Johannesburg"
[[calendar]]
name = "office"
weekdays = ["08:00-16:30"]
country = "ZA"
[[policy]]
category = "roads"
calendar = "office"
response = "4h"
resolution = "8h 30min"
[[policy]]
category = "electricity"
response = "2h"
resolution = "24h"
"""
KEYS = [
    *("response_deadline", "resolution_deadline", "response_warning_at", "resolution_warning_at"),
    *("sla_status", "worked_seconds"),
]


@pytest.fixture
def preview(as_: Run, tmp_path: Path):
    """Apply the file, and give what asks for a preview and reads its JSON."""
    file = tmp_path / "testville.toml"
    file.write_text(TOML)
    applied = as_("tvd_admin", "municipality", "apply", str(file))
    assert (applied.status, applied.complaint) == (0, "")

    def preview(*arguments: str, category: str = "roads"):
        done = as_("tvd_operator", "sla", "preview", "--category", category, "--json", *arguments)
        assert (done.status, done.complaint) == (0, "")
        assert list(done.json) == KEYS
        return done.json

    return preview


def test_the_examples_of_the_specification(preview):
    """A Friday afternoon, a public holiday, a whole day to its end, two hours on hold."""
    friday = preview("--start", "2026-09-18T16:00:00+02:00")
    heritage = preview("--start", "2026-09-24T10:00")
    whole_day = preview("--start", "2026-09-21T08:00")
    held = preview("--start", "2026-09-21T09:00", "--pause", "2026-09-21T10:00/2026-09-21T12:00")
    around = preview("--start", "2026-09-24T10:00", category="electricity")

    assert friday["response_deadline"] == "2026-09-21T11:30:00+02:00"
    assert heritage["response_deadline"] == "2026-09-25T12:00:00+02:00"
    assert whole_day["resolution_deadline"] == "2026-09-21T16:30:00+02:00"
    assert held["resolution_deadline"] == "2026-09-22T11:00:00+02:00"
    assert around["response_deadline"] == "2026-09-24T12:00:00+02:00"


def test_state_and_working_time_are_those_of_the_times_asked_for(preview):
    """On hold it is paused, later it is late; what was worked counts without the hold."""
    start = ("--municipality", "tvd", "--start", "2026-09-21T08:00")
    hold = ("--pause", "2026-09-21T09:00/2026-09-21T11:00")
    held = preview(*start, *hold, "--at", "2026-09-21T10:00")
    late = preview(*start, "--at", "2026-09-21T12:00:01")
    worked = preview(*start, *hold, "--at", "2026-09-21T10:00", "--until", "2026-09-22T09:00")

    assert held["sla_status"] == "paused"
    assert held["worked_seconds"] == 3600
    assert late["sla_status"] == "breached_response"
    assert worked["worked_seconds"] == int((6.5 + 1) * 3600)


def test_any_date_will_do(preview):
    """What working time is not laid out yet is made when it is asked for."""
    assert (
        preview("--start", "1994-05-09T16:00")["response_deadline"] == "1994-05-10T11:30:00+02:00"
    )
    assert preview("--start", "2061-09-23T16:00")["response_deadline"].startswith("2061-09-2")


def test_people_read_policy_calendar_and_both_clocks(preview, as_: Run):
    """Without --json it is a line each, with the names."""
    done = as_(
        "tvd_manager",
        *("sla", "preview", "--category", "roads", "--start", "2026-09-18T16:00"),
        *("--until", "2026-09-21T09:00:30", "--at", "2026-09-21T09:00"),
    )
    built_in = as_("tvd_manager", "sla", "preview", "--category", "water", "--start", "2026-09-18")

    assert done.output.splitlines() == [
        "Policy:     roads",
        "Calendar:   office",
        "Response:   due 2026-09-21T11:30:00+02:00, warning 2026-09-21T10:42:00+02:00",
        "Resolution: due 2026-09-21T16:00:00+02:00, warning 2026-09-21T14:18:00+02:00",
        "State:      on track",
        "Worked:     1 h 30 min 30 s",
    ]
    assert built_in.output.splitlines()[:2] == [
        "Policy:     built-in",
        "Calendar:   around the clock",
    ]


START = ("--start", "2026-09-18T16:00")


@pytest.mark.parametrize(
    ("username", "status", "arguments", "said"),
    [
        ("tvd_operator", 2, ("--category", "gbv", *START), "a GBV report has no municipal clocks"),
        ("tvd_operator", 2, ("--category", "rodes", *START), "'rodes' is not one of"),
        ("tvd_operator", 2, ("--category", "roads"), "Missing option '--start'"),
        ("tvd_operator", 2, START, "Missing option '--category'"),
        ("tvd_operator", 2, ("--category", "roads", "--start", "soon"), "--start 'soon' is not a time"),
        (
            "tvd_operator",
            2,
            ("--category", "roads", *START, "--pause", "2026-09-18T17:00"),
            "--pause '2026-09-18T17:00' is not FROM/TO",
        ),
        (
            "tvd_operator",
            2,
            ("--category", "roads", *START, "--pause", "2026-09-18T17:00/2026-09-18T16:30"),
            "a pause ends after it begins",
        ),
        (
            "tvd_operator",
            2,
            ("--category", "roads", "--start", "1700-01-01"),
            "clocks are tried between the years 1900 and 2200",
        ),
        (
            "tvd_operator",
            3,
            ("--category", "roads", *START, "--municipality", "ksb"),
            "clocks are tried in one's own municipality",
        ),
        (
            "tvd_saps",
            3,
            ("--category", "roads", *START),
            "clocks are tried by operators, managers and administrators",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_said(
    as_: Run, username: str, status: int, arguments: tuple[str, ...], said: str
):
    """One line with the reason, and the exit status of its kind."""
    done = as_(username, "sla", "preview", *arguments)

    assert (done.status, done.output) == (status, "")
    assert said in done.complaint
    assert done.complaint.count("\n") == 1


def test_a_preview_writes_nothing(preview, database: Database):
    """No ticket and no number is made by trying."""
    preview("--start", "2026-09-18T16:00")
    with database.connect_owner() as owner:
        counts = owner.execute(
            "select (select count(*) from tickets), (select count(*) from tracking_numbers)"
        ).fetchone()

    assert counts == (0, 0)
