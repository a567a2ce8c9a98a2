"""`municonsole report sla`: a table for people, CSV and JSON for programs; GBV reports for SAPS alone."""

from __future__ import annotations

import csv
import io

import pytest
from support.database import Database
from support.program import Open, Run
from support.tickets import log

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
COUNTS = (
    *("received", "without_clocks", "answered", "answered_in_time", "response_breached"),
    *("resolved", "resolved_in_time", "resolution_breached", "breached", "reopened"),
)
SECONDS = (
    *("response_median_seconds", "response_p90_seconds"),
    *("resolution_median_seconds", "resolution_p90_seconds"),
)


def dated(database: Database, *numbers: str, at: str, category: str | None = None) -> None:
    """Let tickets have been logged, and everything have happened to them, as of this local time."""
    with database.connect_owner() as owner:
        owner.execute(
            """
            update muni.tickets as t set
                created_at = x.at, first_responded_at = t.first_responded_at + (x.at - t.created_at),
                resolved_at = t.resolved_at + (x.at - t.created_at),
                paused_at = t.paused_at + (x.at - t.created_at)
            from (select %s::timestamp at time zone 'Africa/Johannesburg' as at) as x
            where t.tracking_number = any(%s)
            """,
            (at, list(numbers)),
        )


@pytest.fixture
def march(as_: Run, database: Database) -> None:
    """Three tickets of March, one of April; of March's one is resolved, one answered too late."""
    resolved, late, open_, april = (
        log(as_),
        log(as_),
        log(as_, category="roads"),
        log(as_),
    )
    as_("tvd_operator", "tickets", "status", resolved, "resolved")
    with database.connect_owner() as owner:
        owner.execute(
            "update muni.tickets set sla_response_deadline = created_at - interval '1 s'"
            " where tracking_number = %s",
            (late,),
        )
    as_("tvd_operator", "tickets", "status", late, "in_progress")
    with database.connect_owner() as owner:
        owner.execute(
            "update muni.tickets set first_responded_at = created_at + interval '3:20'"
            " where tracking_number = %s",
            (late,),
        )
    dated(database, resolved, at="2026-03-01 00:00")
    dated(database, late, open_, at="2026-03-31 23:59")
    dated(database, april, at="2026-04-01 00:00")


def test_a_manager_reads_the_figures_in_words(as_: Run, march: None):
    """Without groups: a line each, in a report of whole days of the municipality."""
    done = as_("tvd_manager", "report", "sla", *MARCH)
    lines = dict(line.split(": ", 1) for line in done.output.splitlines())

    assert (done.status, done.complaint) == (0, "")
    assert lines["Received"] == "3"
    assert lines["Answered"] == "2, of them 1 in time"
    assert lines["Resolved"] == "1, of them 1 in time"
    assert lines["Reopened"] == "0"
    assert lines["Working time to answer"] == "half within 0 h 0 min, nine of ten within 3 h 20 min"
    assert "Without clocks" not in lines


def test_groups_are_a_table_with_a_line_for_all(as_: Run, march: None):
    """Columns that line up, numbers on the right, times in hours and minutes."""
    done = as_("tvd_manager", "report", "sla", *MARCH, "--by", "category")
    header, *lines = done.output.splitlines()

    assert header.startswith("CATEGORY  RECEIVED  ANSWERED  A. IN TIME  RESOLVED  R. IN TIME")
    assert header.endswith("BREACHED")
    assert [line.split()[:3] for line in lines] == [
        ["roads", "1", "0"],
        ["water", "2", "2"],
        ["total", "3", "2"],
    ]
    assert "3:20" in lines[1]
    assert {len(line) for line in (header, *lines)} == {len(header)}


def test_programs_read_json_with_the_period_and_when_it_was_judged(as_: Run, march: None):
    """A row a group by the name of what it is by, lengths in seconds."""
    found = as_("tvd_manager", "report", "sla", *MARCH, "--by", "month", "--json").json
    alone = as_("tvd_manager", "report", "sla", *MARCH, "--json").json

    assert (found["from"], found["to"], found["by"]) == (
        "2026-03-01T00:00:00+02:00",
        "2026-04-01T00:00:00+02:00",
        "month",
    )
    assert list(found) == ["from", "to", "by", "judged_at", "rows", "total"]
    [row] = found["rows"]
    assert row == {"month": "2026-03"} | found["total"]
    assert tuple(found["total"]) == (*COUNTS, *SECONDS)
    assert row["response_p90_seconds"] == 3 * 3600 + 20 * 60
    assert (alone["by"], alone["rows"], alone["total"]) == (None, [], found["total"])


def test_spreadsheets_read_csv(as_: Run, march: None, database: Database):
    """The same figures; a team's name runs nothing, and an empty cell is no time and no team."""
    with database.connect_owner() as owner:
        owner.execute(
            "update muni.teams set name = '=HYPERLINK()' where id ="
            " (select assigned_team_id from muni.tickets where category = 'roads')"
        )
    done = as_("tvd_manager", "report", "sla", *MARCH, "--by", "team", "--csv")
    table = list(csv.DictReader(io.StringIO(done.output)))
    alone = as_("tvd_manager", "report", "sla", *MARCH, "--csv").output.splitlines()

    assert tuple(table[0]) == ("team", *COUNTS, *SECONDS)
    assert "'=HYPERLINK()" in {row["team"] for row in table}
    assert table[-1]["team"] == "total"
    assert sum(int(row["received"]) for row in table[:-1]) == int(table[-1]["received"]) == 3
    assert {row["resolution_p90_seconds"] for row in table if row["resolved"] == "0"} == {""}
    assert alone[0] == ",".join((*COUNTS, *SECONDS))
    assert len(alone) == 2


def test_on_a_narrow_terminal_less_important_columns_give_way(
    terminal: Open, march: None, database: Database
):
    """A line a group on 80 columns; what was breached is always there."""
    screen = terminal(
        "tvd_manager", "report", "sla", *MARCH, "--by", "team",
        PGPASSWORD=database.password("tvd_manager"),
    )  # fmt: skip
    status = screen.wait()
    header, *lines = screen.shown().splitlines()

    assert status == 0
    assert "RESOLVED" not in header
    assert header.endswith("BREACHED")
    assert lines[-1].startswith("total")
    assert max(map(len, (header, *lines))) <= 80


def reports(as_: Run, database: Database, *counts: tuple[str, int]) -> None:
    """So many GBV reports at these local times."""
    for at, count in counts:
        dated(database, *(log(as_, category="gbv") for _ in range(count)), at=at)


def test_a_liaison_reads_how_many_reports_there_were(as_: Run, database: Database):
    """A number of five or more is told, a smaller one is not; nothing else is said about them."""
    reports(as_, database, ("2026-03-05 10:00", 5), ("2026-05-05 10:00", 4))
    log(as_)
    march = as_("tvd_saps", "report", "sla", *MARCH)
    may = as_("tvd_saps", "report", "sla", "--from", "2026-05-01", "--to", "2026-05-31")
    june = as_("tvd_saps", "report", "sla", "--from", "2026-06-01", "--to", "2026-06-30", "--json")

    assert (march.output, may.output) == ("GBV reports: 5\n", "GBV reports: <5\n")
    assert june.json["total"] == {"received": None, "shown": "<5"}


def test_no_group_gives_a_small_number_away(as_: Run, database: Database):
    """With the small one the least of the others is held back, in every form, and it is said why."""
    reports(
        as_, database, ("2026-03-05 10:00", 7), ("2026-04-05 10:00", 2), ("2026-05-05 10:00", 6)
    )
    period = ("--from", "2026-03-01", "--to", "2026-05-31", "--by", "month")
    table = as_("tvd_saps", "report", "sla", *period)
    found = as_("tvd_saps", "report", "sla", *period, "--json").json
    cells = as_("tvd_saps", "report", "sla", *period, "--csv").output

    assert [line.split() for line in table.output.splitlines()] == [
        ["MONTH", "GBV", "REPORTS"],
        ["2026-03", "7"],
        ["2026-04", "<5*"],
        ["2026-05", "<5*"],
        ["total", "15"],
    ]
    assert "cannot be worked out" in table.complaint
    assert found["rows"] == [
        {"month": "2026-03", "received": 7, "shown": "7"},
        {"month": "2026-04", "received": None, "shown": "<5*"},
        {"month": "2026-05", "received": None, "shown": "<5*"},
    ]
    assert found["total"] == {"received": 15, "shown": "15"}
    assert cells == "month,received\n2026-03,7\n2026-04,<5*\n2026-05,<5*\ntotal,15\n"


def test_a_gbv_report_changes_no_word_of_a_managers_report(
    as_: Run, database: Database, march: None
):
    """Whether there are reports or none, every form of every report is the same to the letter."""

    def everything() -> list[str]:
        return [
            as_(who, "report", "sla", *MARCH, *by, *form).output
            for who in ("tvd_manager", "tvd_admin")
            for by in ((), ("--by", "category"), ("--by", "team"), ("--by", "month"))
            for form in ((), ("--csv",))
        ]

    before = everything()
    reports(as_, database, ("2026-03-05 10:00", 6))

    assert everything() == before
    assert not [text for text in before if "gbv" in text.lower() or "saps" in text.lower()]


@pytest.mark.parametrize(
    ("who", "options", "status", "words"),
    [
        ("tvd_operator", MARCH, 3, "reports are for managers and administrators"),
        ("tvd_manager", ("--from", "2026-03-01"), 2, "--to"),
        (
            "tvd_manager",
            ("--from", "March", "--to", "2026-03-31"),
            2,
            "--from 'March' is not a time",
        ),
        ("tvd_manager", ("--from", "2026-03-02", "--to", "2026-03-01"), 2, "ends after it begins"),
        ("tvd_manager", (*MARCH, "--by", "severity"), 2, "'severity' is not one of"),
        ("tvd_manager", (*MARCH, "--csv", "--json"), 2, "exclude each other"),
        ("tvd_saps", ("--from", "0001-01-01", "--to", "9999-12-31"), 2, "too far in the future"),
        ("tvd_saps", ("--from", "0001-01-01", "--to", "2026-12-31"), 2, "the years 1900 to 2199"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(
    as_: Run, who: str, options: tuple[str, ...], status: int, words: str
):
    """With the exit status of its kind."""
    done = as_(who, "report", "sla", *options)

    assert (done.status, done.output) == (status, "")
    assert words in done.complaint
    assert done.complaint.count("\n") == 1
