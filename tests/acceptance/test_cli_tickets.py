"""`municonsole tickets …` as scripts use it: on a real database."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from support.database import Database
from support.program import Open, Run

FIELDS = [
    *("tracking_number", "category", "status", "severity", "is_sensitive", "description"),
    *("address", "latitude", "longitude", "language", "reporter_name", "reporter_phone"),
    *("created_at", "updated_at", "version", "assigned_team", "assigned_to"),
    *("first_responded_at", "resolved_at", "escalated_at", "escalation_reason"),
    *("sla_status", "sla_response_deadline", "sla_resolution_deadline"),
]
NUMBER = r"TKT-\d{8}-[0-9A-F]{6}"
REFUSAL = "municonsole: not authorized to access sensitive reports, or no such ticket\n"


def log(as_: Run, *options: str, by: str = "tvd_operator", category: str = "water") -> str:
    """Log a report and give its tracking number."""
    done = as_(by, "tickets", "create", "--category", category, *options, stdin="A pipe has burst")

    assert (done.status, done.complaint) == (0, "")
    return done.output.strip()


def numbers(as_: Run, *options: str, by: str = "tvd_operator") -> list[str]:
    """The tracking numbers on one page."""
    done = as_(by, "tickets", "list", "--json", *options)

    assert (done.status, done.complaint) == (0, "")
    return [ticket["tracking_number"] for ticket in done.json["tickets"]]


def show(as_: Run, number: str, by: str = "tvd_operator") -> dict[str, object]:
    """One ticket as JSON."""
    done = as_(by, "tickets", "show", number, "--json")

    assert (done.status, done.complaint) == (0, "")
    return done.json


def test_a_municipality_without_tickets_has_an_empty_page(as_: Run):
    """A new municipality's list is empty, not broken."""
    done = as_("tvd_operator", "tickets", "list", "--json")

    assert (done.status, done.json) == (0, {"tickets": [], "next": None})


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
    assert list(ticket) == [*FIELDS, "assignment_history"]
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
        "reporter_phone": "+27 82 000 0001",
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
    details = {"description": "No lights", "address": "1 Main Rd", "name": "C", "phone": "082"}
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
    for option in ("--description", "--address", "--name", "--phone"):
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
        "phone": "000",
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
    assert {key: opened[key] for key in ("description", "address", "contact_instructions")} == {
        "description": "A neutral made-up text",
        "address": "1 Made-up Rd",
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


def test_a_note_about_a_gbv_report_comes_by_standard_input_only(as_: Run):
    """Not even the liaison's own notes go through the process list."""
    number = log(as_, category="gbv", by="tvd_saps")
    refused = as_("tvd_saps", "tickets", "note", number, "words")
    moved = as_("tvd_saps", "tickets", "status", number, "in_progress", "--note", "words")
    done = as_("tvd_saps", "tickets", "note", number, "-", stdin="seen by station")

    assert [refused.status, moved.status, done.status] == [2, 2, 0]
    assert "words" not in refused.complaint + moved.complaint


def test_a_status_moves_along_the_legal_moves_only(as_: Run):
    """A ticket that is open can be worked on, and not closed at once."""
    number = log(as_)
    illegal = as_("tvd_operator", "tickets", "status", number, "closed")
    legal = as_("tvd_operator", "tickets", "status", number, "in_progress", "--note", "on our way")

    assert (illegal.status, legal.status) == (2, 0)
    assert illegal.complaint == "municonsole: a ticket cannot go from open to closed\n"
    assert show(as_, number)["status"] == "in_progress"


def test_whoever_read_an_older_version_changes_nothing(as_: Run):
    """Two people cannot overwrite each other's work unseen."""
    number = log(as_)
    version = show(as_, number)["version"]
    first = as_(
        "tvd_operator", "tickets", "status", number, "on_hold", "--if-version", str(version)
    )
    second = as_(
        "tvd_operator2", "tickets", "status", number, "resolved", "--if-version", str(version)
    )

    assert (first.status, second.status) == (0, 4)
    assert "changed since it was read" in second.complaint
    assert show(as_, number)["status"] == "on_hold"


def test_assigning_is_for_managers_and_taking_for_operators(as_: Run):
    """An operator takes what their team has; a manager gives."""
    number = log(as_)
    refused = as_("tvd_operator", "tickets", "assign", number, "--to", "tvd_operator2")
    given = as_(
        "tvd_manager",
        *("tickets", "assign", number, "--team", "water 1", "--to", "tvd_operator"),
        *("--reason", "knows the street"),
    )
    other = log(as_, "--lat", "-26.1", "--lon", "28.1")
    as_("tvd_manager", "tickets", "assign", other, "--team", "Water 1")
    taken = as_("tvd_operator", "tickets", "take", other)
    nowhere = as_("tvd_manager", "tickets", "assign", number, "--team", "Nowhere")

    assert [refused.status, given.status, taken.status, nowhere.status] == [3, 0, 0, 2]
    assert "there is no active team 'Nowhere'" in nowhere.complaint
    assert set(numbers(as_, "--mine")) == {number, other}
    last = show(as_, number)["assignment_history"][-1]
    assert (last["team_name"], last["assigned_by"], last["reason"]) == (
        "Water 1",
        "tvd_manager",
        "knows the street",
    )


def test_the_history_tells_it_newest_first(as_: Run):
    """What happened to a ticket is one list, with who and when."""
    number = log(as_)
    as_("tvd_operator", "tickets", "note", number, "called the plumber")
    as_("tvd_operator", "tickets", "status", number, "resolved", "--note", "mended")
    events = as_("tvd_manager", "tickets", "history", number, "--json").json

    assert [event["kind"] for event in events][:2] == ["status_changed", "noted"]
    assert events[-1]["kind"] == "created"
    assert list(events[0]) == [
        *("at", "kind", "actor", "via", "from_status", "to_status"),
        *("team_name", "assigned_to_name", "note"),
    ]
    first = {key: events[0][key] for key in ("actor", "from_status", "to_status", "note")}
    assert first == {
        "actor": "tvd_operator",
        "from_status": "open",
        "to_status": "resolved",
        "note": "mended",
    }
    assert [event["at"] for event in events] == sorted(
        (event["at"] for event in events), reverse=True
    )


@pytest.fixture
def five(as_: Run, database: Database) -> dict[str, str]:
    """Five tickets of different kinds, logged on five days of September 2026."""
    made = {
        "leak": log(as_, "--severity", "critical"),
        "pothole": log(as_, "--description", "A pothole at the school", category="roads"),
        "dark": log(as_, "--severity", "low", category="electricity"),
        "late": log(as_),
        "done": log(as_, category="waste"),
    }
    as_("tvd_operator", "tickets", "status", made["done"], "resolved")
    as_("tvd_operator", "tickets", "status", made["dark"], "on_hold")
    as_("tvd_manager", "tickets", "assign", made["leak"], "--to", "tvd_operator")
    with database.connect_owner() as owner:
        for day, number in enumerate(made.values(), start=21):
            owner.execute(
                """
                update muni.tickets
                set
                    created_at = make_timestamptz(2026, 9, %s, 0, 30, 0, 'Africa/Johannesburg'),
                    sla_response_deadline = now() + make_interval(days => %s),
                    sla_resolution_deadline = now() + make_interval(days => 100 + %s),
                    sla_response_warning_at = now() + make_interval(days => %s),
                    sla_resolution_warning_at = now() + make_interval(days => 99)
                where tracking_number = %s
                """,
                (day, day, day, day, number),
            )
        owner.execute(
            """
            update muni.tickets set sla_response_deadline = now() - interval '1 h'
            where tracking_number = %s
            """,
            (made["late"],),
        )
    return made


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"leak", "pothole", "dark", "late", "done"}),
        (("--status", "open"), {"leak", "pothole", "late"}),
        (("--status", "on_hold,resolved"), {"dark", "done"}),
        (("--category", "water"), {"leak", "late"}),
        (("--category", "roads,waste", "--status", "open"), {"pothole"}),
        (("--severity", "critical,low"), {"leak", "dark"}),
        (("--sla", "breached_response"), {"late"}),
        (("--sla", "paused,breached_response"), {"dark", "late"}),
        (("--assigned-to", "tvd_operator"), {"leak"}),
        (("--mine",), {"leak"}),
        (("--mine", "--category", "roads"), set()),
        (("--team", "roads 1"), None),
        (("--search", "at the school"), {"pothole"}),
        (("--search", "POTHOLE", "--category", "water"), set()),
        (("--since", "2026-09-23"), {"dark", "late", "done"}),
        (("--until", "2026-09-23"), {"leak", "pothole", "dark"}),
        (("--until", "2026-09-23T00:00"), {"leak", "pothole"}),
        (("--since", "2026-09-22T00:30", "--until", "2026-09-22T00:30:01"), {"pothole"}),
        (("--since", "2026-09-21T22:30Z", "--until", "2026-09-22T22:30Z"), {"pothole"}),
        (("--unassigned", "--category", "water"), None),
    ],
)
def test_filters_narrow_the_list_together(
    as_: Run, five: dict[str, str], options: tuple[str, ...], expected: set[str] | None
):
    """Every filter of the list works, alone and with others; a time without offset is local."""
    found = as_("tvd_operator", "tickets", "list", "--json", *options).json["tickets"]
    names = {number: name for name, number in five.items()}
    if "--team" in options:
        assert {ticket["assigned_team"] for ticket in found} <= {"Roads 1"}
        expected = {"pothole"} if found else set()
    if "--unassigned" in options:
        assert {ticket["assigned_to"] for ticket in found} == {None}
        expected = {"late"}

    assert {names[ticket["tracking_number"]] for ticket in found} == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("newest", ["done", "late", "dark", "pothole", "leak"]),
        ("severity", ["leak", "late", "pothole", "done", "dark"]),
    ],
)
def test_pages_follow_each_other_without_gap_or_repetition(
    as_: Run, five: dict[str, str], sort: str, expected: list[str]
):
    """A script walks through everything by `next`."""
    names = {number: name for name, number in five.items()}
    seen: list[str] = []
    after: tuple[str, ...] = ()
    while True:
        page = as_(
            "tvd_operator", "tickets", "list", "--json", "--sort", sort, "--limit", "2", *after
        )
        seen += [names[ticket["tracking_number"]] for ticket in page.json["tickets"]]
        if page.json["next"] is None:
            break
        after = ("--after", page.json["next"])

    if sort == "severity":
        assert seen[0] == "leak"
        assert seen[-1] == "dark"
        assert sorted(seen) == sorted(expected)
    else:
        assert seen == expected


@pytest.mark.parametrize("sort", ["deadline", "changed"])
def test_every_order_lists_everything(as_: Run, five: dict[str, str], sort: str):
    """No order loses a ticket."""
    assert set(numbers(as_, "--sort", sort)) == set(five.values())


def test_people_get_columns_that_line_up(as_: Run, five: dict[str, str]):
    """Without --json the list is plain text: headers, columns, no colours, no frames."""
    done = as_("tvd_operator", "tickets", "list", "--sort", "newest")
    header, *lines = done.output.splitlines()

    assert header.split() == [
        *("NUMBER", "CREATED", "SLA", "DUE", "SEVERITY", "CATEGORY", "STATUS", "TEAM"),
        *("ASSIGNEE", "DESCRIPTION"),
    ]
    assert len(lines) == 5
    column = header.index("DESCRIPTION")
    assert {line[column - 2 : column] for line in lines} == {"  "}
    assert all(line[column] != " " for line in lines)
    assert lines[0].startswith(five["done"])
    assert "2026-09-25 00:30" in lines[0]
    assert done.output.isascii()


def test_a_page_that_is_not_the_last_says_how_to_go_on(as_: Run, five: dict[str, str]):
    """The cursor is said beside the list, not in it."""
    done = as_("tvd_operator", "tickets", "list", "--limit", "2")

    assert len(done.output.splitlines()) == 3
    assert done.complaint.startswith("There are more: --after ")


def test_people_read_a_ticket_line_by_line(as_: Run):
    """A screen reader can follow a ticket: one name and value a line."""
    number = log(as_)
    lines = as_("tvd_operator", "tickets", "show", number).output.splitlines()

    assert lines[0] == f"Tracking number: {number}"
    assert "SLA status: on_track" in lines
    assert any(re.match(r"Assigned: \d{4}-\d\d-\d\d \d\d:\d\d to Water", line) for line in lines)


def test_a_municipality_without_teams_can_log_tickets(as_: Run, database: Database):
    """A call is written down even where nobody is there to be routed to."""
    with database.connect_owner() as owner:
        owner.execute("update teams set is_active = false")
    number = log(as_)

    assert show(as_, number)["assigned_team"] is None
    assert numbers(as_, "--unassigned") == [number]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("list", "--status", "open,frob"), "'frob' is not one of open"),
        (("list", "--sort", "frob"), "'frob' is not one of"),
        (("list", "--limit", "0"), "0 is not in the range"),
        (("list", "--limit", "9999"), "9999 is not in the range"),
        (("list", "--mine", "--unassigned"), "exclude each other"),
        (("list", "--since", "yesterday"), "--since 'yesterday' is not a time"),
        (("list", "--until", "2026-13-01"), "--until '2026-13-01' is not a time"),
        (("list", "--until", "9999-12-31"), "too far in the future"),
        (("list", "--search", "ab"), "search needs 3 to 80 characters"),
        (("list", "--team", "Nowhere"), "there is no team 'Nowhere'"),
        (("list", "--after", "frob"), "cursor"),
        (("list", "--frob"), "No such option '--frob'"),
        (("create",), "Missing option '--category'"),
        (("create", "--category", "frob"), "'frob' is not one of 'water'"),
        (("create", "--category", "water", "--lat", "1"), "--lat and --lon go together"),
        (
            ("create", "--category", "water", "--lat", "91", "--lon", "0"),
            "91.0 is not in the range",
        ),
        (("create", "--category", "water", "--lat", "nan", "--lon", "0"), "not a number"),
        (("status", "TKT-20260921-000000", "frob"), "'frob' is not one of"),
        (("frob",), "No such command 'frob'"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_status_2(
    as_: Run, arguments: tuple[str, ...], sentence: str
):
    """Whoever mistypes is told what, in one line."""
    done = as_("tvd_operator", "tickets", *arguments, stdin="text")

    assert (done.status, done.output) == (2, "")
    assert done.complaint.startswith("municonsole: ")
    assert sentence in done.complaint
    assert done.complaint.count("\n") == 1


def test_on_a_narrow_terminal_every_ticket_has_one_line(
    as_: Run, terminal: Open, five: dict[str, str], database: Database
):
    """On 80 columns the less important columns give way, and nothing wraps."""
    screen = terminal(
        "tvd_operator", "tickets", "list", PGPASSWORD=database.password("tvd_operator")
    )
    status = screen.wait()
    header, *lines = screen.shown().splitlines()

    assert status == 0
    assert header.split() == ["NUMBER", "SLA", "CATEGORY", "STATUS", "DESCRIPTION"]
    assert [line.split()[0] for line in lines] == list(reversed(five.values()))
    assert b"\x1b" not in screen.said
