"""`municonsole tickets create` and who reads what was logged, on a real database."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from support.database import Database
from support.program import Run
from support.tickets import log, numbers, show

FIELDS = [
    *("tracking_number", "category", "status", "severity", "is_sensitive", "description"),
    *("address", "latitude", "longitude", "language", "reporter_name", "reporter_phone"),
    *("created_at", "updated_at", "version", "assigned_team", "assigned_to"),
    *("first_responded_at", "resolved_at", "escalated_at", "escalation_reason"),
    *("sla_status", "sla_response_deadline", "sla_resolution_deadline"),
]
SHOWN = [
    *("suburb", "may_message", "sla_policy", "sla_policy_in_force", "sla_calendar"),
    *("sla_response_target_seconds", "sla_resolution_target_seconds"),
    *("sla_response_by_hand", "sla_resolution_by_hand"),
    *("sla_response_breached_at", "sla_resolution_breached_at"),
]
"""Of one municipal ticket, besides."""
NUMBER = r"TKT-\d{8}-[0-9A-F]{6}"
REFUSAL = "municonsole: not authorized to access sensitive reports, or no such ticket\n"


def test_a_logged_ticket_has_number_team_and_deadlines(as_: Run):
    """One command logs a call: it is numbered, routed, and its clocks run."""
    done = as_(
        "tvd_operator",
        *("tickets", "create", "--category", "water", "--severity", "high"),
        *("--description", "Geyser gebars by die skool", "--address", "12 Kerkstraat"),
        *("--lat", "-26.1", "--lon", "28.1", "--phone", "+27 82 000 0001", "--name", "Test Caller"),
        *("--language", "af"),
    )

    assert (done.status, done.complaint) == (0, "")
    assert re.fullmatch(f"{NUMBER}\n", done.output)
    ticket = show(as_, done.output.strip())
    assert list(ticket) == [*FIELDS, *SHOWN, "assignment_history"]
    assert (ticket["sla_policy"], ticket["sla_calendar"]) == ("water", "around the clock")
    expected = {
        "tracking_number": done.output.strip(),
        "category": "water",
        "status": "open",
        "severity": "high",
        "is_sensitive": False,
        "description": "Geyser gebars by die skool",
        "address": "12 Kerkstraat",
        "latitude": -26.1,
        "longitude": 28.1,
        "language": "af",
        "reporter_name": "Test Caller",
        "reporter_phone": "+27820000001",
        "sla_status": "on_track",
        "assigned_to": None,
    }
    assert {key: ticket[key] for key in expected} == expected
    assert str(ticket["assigned_team"]).startswith("Water")
    assert set(ticket["assignment_history"][0]) == {
        "team_name",
        "assigned_to_name",
        "assigned_by",
        "reason",
        "created_at",
        "until",
        "held_seconds",
        "route",
    }
    created = datetime.fromisoformat(ticket["created_at"])
    due = datetime.fromisoformat(ticket["sla_response_deadline"])
    assert str(created.tzinfo) == "UTC+02:00"
    assert due > created


def test_a_description_comes_by_standard_input_too(as_: Run):
    """A script pipes the text in, whatever letters it has."""
    text = "Inja ikhonkotha ubusuku bonke — «isikhalazo» 🚰\nsecond line"
    done = as_("tvd_operator", "tickets", "create", "--category", "other", stdin=text)

    assert show(as_, done.output.strip())["description"] == text


def test_all_of_a_report_comes_as_json_by_standard_input(as_: Run):
    """Another program hands over the caller's details without a command line."""
    details = {
        "description": "No lights",
        "address": "1 Main Rd",
        "name": "C",
        "phone": "0820000001",
    }
    done = as_(
        "tvd_operator",
        *("tickets", "create", "--category", "electricity", "--stdin-json"),
        stdin=json.dumps(details),
    )
    ticket = show(as_, done.output.strip())

    assert [ticket[key] for key in ("description", "address", "reporter_name")] == [
        "No lights",
        "1 Main Rd",
        "C",
    ]


@pytest.mark.parametrize("stdin", ['{"description": 5}', '{"descr": "x"}', "[1", '"secret"', ""])
def test_wrong_json_is_refused_without_repeating_it(as_: Run, stdin: str):
    """What a caller said does not appear in an error."""
    done = as_(
        "tvd_operator", "tickets", "create", "--category", "water", "--stdin-json", stdin=stdin
    )

    assert done.status == 2
    assert done.complaint.startswith("municonsole: standard input is not a JSON object")
    assert "secret" not in done.complaint
    assert done.complaint.count("\n") == 1


@pytest.mark.parametrize(
    ("stdin", "sentence"),
    [
        (b"", "a report needs a description"),
        (b" \n", "a report needs a description"),
        (b"caf\xe9", "standard input is not UTF-8 text"),
        (b"x" * 1_000_001, "standard input is longer than"),
    ],
    ids=["empty", "blank", "latin-1", "huge"],
)
def test_a_description_that_is_none_is_refused_in_a_sentence(as_: Run, stdin: bytes, sentence: str):
    """Nothing is logged by mistake."""
    done = as_("tvd_operator", "tickets", "create", "--category", "water", stdin=stdin)

    assert done.status == 2
    assert sentence in done.complaint
    assert done.complaint.count("\n") == 1


def test_citizen_text_cannot_drive_a_terminal(as_: Run):
    """Whatever a citizen wrote is shown harmlessly, in columns and in JSON."""
    nasty = (
        "\x1b[2J\x1b]0;owned\x07[/x][@click=app.quit]x[/] \x9b31m \u202eevil\u2066 \x00 "
        + "w" * 5000
    )
    number = as_("tvd_operator", "tickets", "create", "--category", "other", stdin=nasty).output
    outputs = [
        as_("tvd_operator", "tickets", *command).output
        for command in (("list",), ("list", "--json"), ("show", number.strip()))
    ]

    for output in outputs:
        assert "[@click=app.quit]" in output
        assert not set(output) & set("\x1b\x07\x9b\u202e\u2066\x00")


def test_what_a_gbv_report_says_is_not_taken_from_the_command_line(as_: Run):
    """The process list would show it to everybody on the machine."""
    for option in ("--description", "--address", "--suburb", "--name", "--phone"):
        done = as_(
            "tvd_operator", "tickets", "create", "--category", "gbv", option, "words", stdin="text"
        )

        assert done.status == 2
        assert "is not taken from the command line" in done.complaint
        assert "words" not in done.complaint
    assert numbers(as_, by="tvd_saps") == []


def test_a_gbv_report_is_logged_by_standard_input_and_read_by_its_liaison_alone(as_: Run):
    """An operator logs it and never sees it again; the liaison opens it."""
    report = {
        "description": "A neutral made-up text",
        "address": "1 Made-up Rd",
        "phone": "0820000001",
        "suburb": "Hilltop",
        "safe_to_contact": True,
        "contact_instructions": "mornings",
    }
    made = as_(
        "tvd_operator",
        *("tickets", "create", "--category", "gbv", "--stdin-json"),
        stdin=json.dumps(report),
    )
    number = made.output.strip()
    [listed] = as_("tvd_saps", "tickets", "list", "--json").json["tickets"]
    opened = show(as_, number, by="tvd_saps")

    assert numbers(as_) == []
    assert (listed["tracking_number"], listed["description"]) == (number, None)
    assert {
        key: opened[key] for key in ("description", "address", "suburb", "contact_instructions")
    } == {
        "description": "A neutral made-up text",
        "address": "1 Made-up Rd",
        "suburb": "Hilltop",
        "contact_instructions": "mornings",
    }
    assert opened["safe_to_contact"] is True
    assert opened["sla_status"] is None


def test_a_gbv_report_and_no_report_are_refused_in_the_same_words(as_: Run):
    """Nobody learns from a refusal that a report exists."""
    number = as_(
        "tvd_operator", "tickets", "create", "--category", "gbv", stdin="A made-up text"
    ).output.strip()
    commands = (
        ("show",),
        ("history",),
        ("status", "in_progress"),
        ("take",),
        ("note", "words"),
    )
    for by in ("tvd_operator", "tvd_manager", "ksb_saps"):
        for command, *rest in commands:
            for named in (number, "TKT-20200101-000000", "nonsense"):
                done = as_(by, "tickets", command, named, *rest)

                assert (done.status, done.output, done.complaint) == (3, "", REFUSAL)


def test_a_municipality_without_teams_can_log_tickets(as_: Run, database: Database):
    """A call is written down even where nobody is there to be routed to."""
    with database.connect_owner() as owner:
        owner.execute("update teams set is_active = false")
    number = log(as_)

    assert show(as_, number)["assigned_team"] is None
    assert numbers(as_, "--unassigned") == [number]


@pytest.fixture
def hilltop(database: Database) -> None:
    """A suburb of the municipality."""
    database.connect_owner().execute(
        "insert into suburbs select id, 'Hilltop', -26.15, 28.05 from municipalities where code = 'tvd'"
    )


@pytest.mark.usefixtures("hilltop")
def test_the_middle_of_a_suburb_stands_for_coordinates(as_: Run) -> None:
    """Its name is stored as the municipality writes it; coordinates that are given win."""
    told = ("tickets", "create", "--category", "water", "--description", "x", "--may-message")
    known = ("--suburb", "hilltop", "--phone", "082 000 0001")
    middle = show(as_, as_("tvd_operator", *told, *known).output.strip())
    given = show(
        as_, as_("tvd_operator", *told, *known, "--lat", "-26.2", "--lon", "28").output.strip()
    )

    fields = ("suburb", "latitude", "longitude", "may_message")
    assert [middle[key] for key in fields] == ["Hilltop", -26.15, 28.05, True]
    assert [given[key] for key in fields] == ["Hilltop", -26.2, 28, True]


@pytest.mark.usefixtures("hilltop")
def test_a_suburb_that_there_is_not_is_refused(as_: Run) -> None:
    """In one sentence, and nothing is logged."""
    done = as_(
        "tvd_operator",
        *("tickets", "create", "--category", "water", "--description", "x", "--suburb", "Nowhere"),
    )

    assert done.status == 2
    assert "no suburb has that name" in done.complaint
    assert numbers(as_) == []
