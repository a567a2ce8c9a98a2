"""`municonsole export tickets`: CSV for spreadsheets, JSON lines for programs, to their end or not silently."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from acceptance.conftest import variables
from support.database import Database
from support.program import COMMAND, PATIENCE, Run, environment
from support.tickets import log, numbers

FORMULAS = ("=1+1", "+27110000009", "-1+1", "@SUM(A1)", "\t=1", "a leak;=1+1", "a leak\n=1+1")


def lines(text: str) -> list[dict[str, object]]:
    """JSON lines as they were meant."""
    return [json.loads(line) for line in text.splitlines()]


def table(text: str) -> list[dict[str, str]]:
    """CSV by the names of its columns."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_and_json_lines_have_the_fields_of_the_list(as_: Run, database: Database):
    """The same tickets, fields and values as tickets list --json, newest first; how many is said aside."""
    for category in ("water", "roads", "waste"):
        log(as_, "--lat", "-26.2", "--lon", "28", "--address", "9 Long Street", category=category)
    log(as_, category="gbv")
    listed = as_("tvd_manager", "tickets", "list", "--json").json["tickets"]
    as_json = as_("tvd_manager", "export", "tickets", "--format", "jsonl")
    as_csv = as_("tvd_manager", "export", "tickets")
    rows = table(as_csv.output)

    assert lines(as_json.output) == listed
    assert len(rows) == 3
    assert as_csv.complaint == as_json.complaint == "3 tickets were exported\n"
    for row, ticket in zip(rows, listed, strict=True):
        assert list(row) == list(ticket)
        for name, value in ticket.items():
            expected = "" if value is None else str(value)
            assert row[name] == (str(value).lower() if isinstance(value, bool) else expected), name
    assert rows[0]["latitude"] == "-26.2"


def test_filters_are_those_of_the_list(as_: Run, database: Database):
    """A view, a category, a text: the file has what the list shows."""
    log(as_, "--description", "A pothole", category="roads")
    log(as_)
    done = log(as_)
    as_("tvd_operator", "tickets", "status", done, "resolved")
    for options in (
        (),
        ("--category", "roads"),
        ("--view", "All open"),
        ("--search", "pothole"),
        ("--status", "resolved,closed", "--team", "water 1"),
        ("--mine",),
        ("--since", "2020-01-01", "--until", "2020-12-31"),
    ):
        found = as_("tvd_manager", "export", "tickets", "--format", "jsonl", *options)
        shown = numbers(as_, *options, by="tvd_manager")

        assert [ticket["tracking_number"] for ticket in lines(found.output)] == shown
    refused = as_("tvd_manager", "export", "tickets", "--mine", "--unassigned")
    assert (refused.status, "exclude each other" in refused.complaint) == (2, True)


def test_without_tickets_there_is_a_header_and_no_line(as_: Run):
    """An empty file of either kind is a file."""
    as_csv = as_("tvd_admin", "export", "tickets")
    as_json = as_("tvd_admin", "export", "tickets", "--format", "jsonl")

    assert (as_csv.status, len(as_csv.output.splitlines())) == (0, 1)
    assert (as_json.status, as_json.output) == (0, "")


def test_no_cell_runs_in_a_spreadsheet(as_: Run, database: Database):
    """What a citizen said is text, whatever the spreadsheet splits at; JSON lines have it unchanged."""
    for words in FORMULAS:
        with database.connect("tvd_operator") as operator:
            operator.execute(
                "select muni.log_ticket('water', 'low', %(w)s, %(w)s, reporter_name => %(w)s,"
                " reporter_phone => '+27110000009')",
                {"w": words},
            )
    output = as_("tvd_manager", "export", "tickets").output
    exact = lines(as_("tvd_manager", "export", "tickets", "--format", "jsonl").output)

    for delimiter in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(output, newline=""), delimiter=delimiter):
            begun = [cell for cell in row if cell.startswith(("=", "+", "@", "\t"))]
            assert begun == []
            assert [cell for cell in row if cell.startswith("-")] == []
    assert {row["reporter_phone"] for row in table(output)} == {"'+27110000009"}
    assert {ticket["description"] for ticket in exact} == set(FORMULAS)
    assert {ticket["reporter_phone"] for ticket in exact} == {"+27110000009"}


def test_who_exported_what_is_in_the_audit_log(as_: Run, database: Database):
    """Before and after; a manager and an administrator read it."""
    log(as_)
    as_("tvd_manager", "export", "tickets", "--category", "water", "--format", "jsonl")
    said = database.connect("tvd_admin").execute(
        "select actor::text, kind, data - 'export' from muni.audit_log order by seq"
    )

    assert said.fetchall() == [
        (
            *("tvd_manager", "exported"),
            {"state": "begun", "format": "jsonl", "filter": {"categories": ["water"]}},
        ),
        ("tvd_manager", "exported", {"state": "completed", "tickets": 1}),
    ]
    whole = as_(database.owner, "audit", "verify", MUNICONSOLE_DSN=database.owner_dsn)
    assert whole.status == 0


@pytest.mark.parametrize("who", ["tvd_operator", "tvd_saps"])
def test_exporting_is_for_managers_and_administrators(as_: Run, database: Database, who: str):
    """Anybody else is told so, gets nothing, and leaves nothing in a log that others read."""
    log(as_)
    log(as_, category="gbv")
    done = as_(who, "export", "tickets")

    assert (done.status, done.output) == (3, "")
    assert done.complaint == "municonsole: exporting is for managers and administrators\n"
    assert database.connect_owner().execute("select from audit_log").fetchall() == []


# Output that is not taken


@pytest.fixture
def many(database: Database) -> int:
    """More tickets than a pipe holds, of several pages."""
    with database.connect("tvd_operator") as operator:
        operator.execute(
            "select muni.log_ticket('water', 'low', repeat('a leak ', 20)) from generate_series(1, 1500)"
        )
    return 1500


def states(database: Database) -> list[tuple[str, int | None]]:
    """What the audit log says of the export, and how many tickets."""
    found = database.connect_owner().execute(
        "select data ->> 'state', (data ->> 'tickets')::int from audit_log order by seq"
    )
    return found.fetchall()


def exporting(env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """An export of all tickets that is under way."""
    return subprocess.Popen(
        [*COMMAND, "export", "tickets"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=env,
        start_new_session=True,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_goes_away_is_told_apart_from_the_end(
    database: Database, tmp_path: Path, many: int, unbuffered: str
):
    """One sentence, exit status 1, and the audit log says that it was interrupted."""
    given = variables(database, "tvd_manager")
    env = environment(tmp_path, **given, PYTHONUNBUFFERED=unbuffered)
    with exporting(env) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        first = export.stdout.readline()
        export.stdout.close()
        complaint = export.stderr.read().decode()
        status = export.wait(PATIENCE)

    assert first.startswith(b"tracking_number,")
    assert status == 1
    assert complaint == (
        "municonsole: nobody reads the output any more: the export ended after 0 tickets and is not "
        "complete\n"
    )
    assert states(database) == [("begun", None), ("interrupted", 1000)]


@pytest.mark.parametrize(
    "words",
    [
        ("export", "tickets"),
        ("export", "tickets", "--format", "jsonl"),
        ("report", "sla", "--from", "2026-01-01", "--to", "2026-12-31", "--csv"),
        ("report", "sla", "--from", "2026-01-01", "--to", "2026-12-31", "--json"),
        ("tickets", "list"),
        ("tickets", "list", "--json"),
    ],
)
def test_a_full_disk_is_one_sentence(
    as_: Run, database: Database, tmp_path: Path, words: tuple[str, ...]
):
    """Exit status 1, no traceback, no fault of the program."""
    log(as_)
    env = environment(tmp_path, **variables(database, "tvd_manager"))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            env=env,
            check=False,
            timeout=PATIENCE,
            start_new_session=True,
        )
    complaint = done.stderr.decode()

    assert done.returncode == 1
    assert complaint.count("\n") == 1
    assert "the output could not be written" in complaint
    assert "No space left on device" in complaint
    assert states(database) in ([], [("begun", None), ("interrupted", 1)])


def test_a_server_that_goes_away_meanwhile_is_one_sentence(
    database: Database, tmp_path: Path, many: int
):
    """How far it came, and that it is not all; exit status 5."""
    env = environment(tmp_path, **variables(database, "tvd_manager"))
    other = database.connect("tvd_manager")
    with exporting(env) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        export.stdout.readline()  # it waits now for the rest of the page to be read
        ended = other.execute(
            "select count(pg_terminate_backend(pid, 60000)) from pg_stat_activity"
            " where usename = 'tvd_manager' and pid <> pg_backend_pid()"
        ).fetchone()
        reader = threading.Thread(target=export.stdout.read)
        reader.start()
        complaint = export.stderr.read().decode()
        reader.join(PATIENCE)
        status = export.wait(PATIENCE)

    assert ended == (1,)
    assert status == 5
    assert complaint == (
        "municonsole: the connection to the database was lost after 1,000 tickets; what was written is "
        "not all, so export again\n"
    )
    assert states(database)[0] == ("begun", None)
