"""What consoles and commands leave in the log: numbers and transitions, and nothing of a GBV report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Run
from support.tickets import log
from support.waiting import until

from municonsole import logs
from municonsole.config import LogTable

WORDS = ("A pipe has burst", "Long Street", "Resident 9", "+27110000009", "third call", "plumber")


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """Commands run within this process; no later test writes into this one's file."""
    yield
    logs.start(LogTable(level="OFF"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the log lies without any configuration."""
    return tmp_path / ".local/state/municonsole/log/municonsole.log"


def lines(file: Path) -> list[dict[str, object]]:
    """What a machine that collects the file reads, without the times."""
    text = file.read_text() if file.exists() else ""
    found = [json.loads(line) for line in text.splitlines()]
    for line in found:
        del line["at"]
    return found


def test_what_is_done_to_a_ticket_is_logged_without_a_word_of_anybody(as_: Run, file: Path):
    """Status and assignment as INFO, an escalation as WARNING, with number and transition."""
    more = ("--address", "12 Long Street", "--name", "Resident 9", "--phone", "+27110000009")
    number = log(as_, *more)
    for who, *words in (
        ("tvd_manager", "assign", number, "--team", "Water 1", "--reason", "plumber"),
        ("tvd_operator", "take", number),
        ("tvd_operator", "status", number, "in_progress", "--note", "plumber on the way"),
        ("tvd_operator", "note", number, "plumber came"),
        ("tvd_operator", "contact", number, "--outcome", "told Resident 9"),
        ("tvd_operator", "add-reporter", number, "--name", "Resident 9"),
        ("tvd_operator", "escalate", number, "--reason", "third call"),
        ("tvd_manager", "unassign", number, "--reason", "plumber is ill"),
    ):
        done = as_(who, "tickets", *words)

        assert (done.status, done.complaint) == (0, "")

    found = lines(file)
    team = found[0]["team"]
    assert isinstance(team, int)
    assert found == [
        {"level": "INFO", "event": "assignment", "number": number, "team": team},
        {"level": "INFO", "event": "assignment", "number": number, "team": team},
        {
            "level": "INFO",
            "event": "status",
            "number": number,
            "from_status": "open",
            "to_status": "in_progress",
        },
        {
            "level": "WARNING",
            "event": "escalation",
            "number": number,
            "from_status": "in_progress",
            "to_status": "escalated",
        },
        {"level": "INFO", "event": "assignment", "number": number},
    ]
    assert not [word for word in WORDS if word in file.read_text()]
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_was_refused_or_failed_is_not_logged(as_: Run, file: Path):
    """A line says what was done."""
    number = log(as_)
    refused = [
        as_("tvd_operator", "tickets", "status", number, "closed"),
        as_("tvd_operator", "tickets", "assign", number),
        as_("ksb_manager", "tickets", "escalate", number, "--reason", "third call"),
        as_("tvd_manager", "tickets", "escalate", number, "--reason", "x", "--if-version", "99"),
    ]

    assert [done.status for done in refused] == [2, 3, 3, 4]
    assert lines(file) == []


def test_nothing_of_a_gbv_report_is_logged_whoever_works_on_it(as_: Run, file: Path):
    """The liaison's work, its logging by an operator, and the operator who marks a ticket sensitive."""
    report = log(as_, category="gbv")
    becomes = log(as_)
    for who, *words in (
        ("tvd_saps", "take", report),
        ("tvd_saps", "status", report, "in_progress"),
        ("tvd_saps", "escalate", report, "--reason", "-"),
        ("tvd_saps", "assign", report, "--team", "SAPS South"),
        ("tvd_saps", "unassign", report),
        ("tvd_operator", "mark-sensitive", becomes, "--reason", "she told more"),
        ("tvd_saps", "status", becomes, "in_progress"),
        ("tvd_admin", "show", report, "--reason", "a court order came"),
    ):
        done = as_(who, "tickets", *words, stdin="words")

        assert (done.status, done.complaint) == (0, ""), words

    assert lines(file) == []


def test_the_configuration_says_where_and_what(as_: Run, file: Path, tmp_path: Path):
    """Another file, only warnings, or none at all."""
    settings = tmp_path / "mine.toml"
    number = log(as_)

    def move(to: str) -> None:
        done = as_(
            "tvd_operator", "tickets", "status", number, to, MUNICONSOLE_CONFIG=str(settings)
        )
        assert (done.status, done.complaint) == (0, "")

    settings.write_text(f'[log]\nfile = "{tmp_path}/elsewhere.log"\n')
    move("in_progress")
    settings.write_text('[log]\nlevel = "WARNING"\n')
    move("on_hold")
    settings.write_text('[log]\nfile = ""\n')
    move("in_progress")
    settings.write_text('[log]\nlevel = "OFF"\n')
    move("on_hold")

    assert [line["to_status"] for line in lines(tmp_path / "elsewhere.log")] == ["in_progress"]
    assert lines(file) == []


def test_a_log_that_cannot_be_written_stops_no_work(process_as: Run, as_: Run, tmp_path: Path):
    """Not a word on the screen; doctor says why there are no lines."""
    settings = tmp_path / "mine.toml"
    settings.write_text(f'[log]\nfile = "{tmp_path}"\n')
    number = log(as_)
    words = ("tickets", "escalate", number, "--reason", "third call")
    done = process_as("tvd_operator", *words, MUNICONSOLE_CONFIG=str(settings))

    assert (done.status, done.output, done.complaint) == (0, "", "")


def test_the_console_logs_what_is_done_in_it(
    as_: Run, terminal: Open, database: Database, file: Path
):
    """A key that takes a ticket leaves the same line as the command."""
    number = log(as_)
    as_("tvd_manager", "tickets", "assign", number, "--team", "Water 1")
    logs.start(LogTable(level="OFF"))
    file.unlink()
    screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
    screen.wait_for("connected")
    screen.type("5")
    screen.wait_for(number[-6:])
    screen.type("t")
    until(lambda: bool(lines(file)))
    screen.type("q")

    assert screen.wait() == 0
    [line] = lines(file)
    assert (line["event"], line["number"]) == ("assignment", number)
