"""`municonsole tickets contact|escalate|override-deadline|…`: supervising and handing over, by command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.database import Database
from support.program import Open, Outcome, Run
from support.tickets import log, numbers, show

NEVER_ISSUED = "TKT-20200101-0A1B2C"
FAR = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")

COMMANDS: dict[str, tuple[str, ...]] = {
    "contact": ("--outcome", "told them"),
    "escalate": ("--reason", "third call"),
    "override-deadline": ("--clock", "resolution", "--to", FAR, "--reason", "promised"),
    "reclassify": ("--category", "roads", "--reason", "it is the road"),
    "mark-sensitive": ("--reason", "she told more"),
    "unassign": ("--reason", "wrong team"),
    "assign": ("--team", "Water 1", "--reason", "knows the street"),
    "add-reporter": ("--name", "Resident 9"),
}
"""Every command with what it takes, as a manager uses it."""
VERSIONED = ("escalate", "override-deadline", "reclassify", "unassign", "assign")


def do(as_: Run, who: str, command: str, number: str, *words: str, stdin: str = "") -> Outcome:
    """One command about one ticket, with what it takes unless words are given."""
    return as_(who, "tickets", command, number, *(words or COMMANDS[command]), stdin=stdin)


def held(as_: Run) -> str:
    """A ticket that a team has."""
    number = log(as_)
    as_("tvd_manager", "tickets", "assign", number, "--team", "Water 1")
    return number


def told(done: Outcome, status: int) -> str:
    """The one sentence of what went wrong."""
    assert (done.status, done.output) == (status, "")
    assert done.complaint.startswith("municonsole: ")
    assert done.complaint.count("\n") == 1

    return done.complaint


def newest(as_: Run, number: str, by: str = "tvd_manager") -> dict[str, str]:
    """The newest event of a ticket."""
    return as_(by, "tickets", "history", number, "--json").json[0]


def kinds(as_: Run, number: str, by: str) -> list[str]:
    """The kinds of a ticket's events, newest first."""
    return [event["kind"] for event in as_(by, "tickets", "history", number, "--json").json]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_manager_does_it_and_it_stands_in_the_history(as_: Run, command: str):
    """Exit status 0, nothing to read but what changes for whoever does it."""
    number = held(as_)
    done = do(as_, "tvd_manager", command, number)

    assert (done.status, done.complaint) == (0, "")
    if command == "mark-sensitive":
        assert done.output == f"{number} is with SAPS now and no longer visible here.\n"
        assert numbers(as_, by="tvd_manager") == []
        assert "marked_sensitive" in kinds(as_, number, by="tvd_saps")
    else:
        assert done.output == ""
        assert newest(as_, number)["actor"] == "tvd_manager"


def test_each_leaves_the_event_and_the_words_that_belong_to_it(as_: Run):
    """A supervisor reads on the timeline what was done and why."""
    number = held(as_)
    for command in (name for name in COMMANDS if name != "mark-sensitive"):
        do(as_, "tvd_manager", command, number)
    events = as_("tvd_manager", "tickets", "history", number, "--json").json
    found = [(event["kind"], event["note"]) for event in reversed(events)][-7:]

    assert found == [
        ("contacted", "told them"),
        ("escalated", "third call"),
        ("deadline_overridden", "promised"),
        ("reclassified", "it is the road"),
        ("unassigned", "wrong team"),
        ("assigned", "knows the street"),
        ("reporter_added", None),
    ]
    ticket = show(as_, number, by="tvd_manager")
    assert (ticket["category"], ticket["status"], ticket["assigned_team"]) == (
        "roads",
        "escalated",
        "Water 1",
    )
    assert datetime.fromisoformat(ticket["sla_resolution_deadline"]) == datetime.fromisoformat(FAR)
    assert ticket["first_responded_at"] is not None


def test_an_overridden_deadline_is_given_back(as_: Run):
    """`--clear`, with a reason as well."""
    number = log(as_)
    before = show(as_, number)["sla_resolution_deadline"]
    do(as_, "tvd_manager", "override-deadline", number)
    clear = ("--clock", "resolution", "--clear", "--reason", "they called back")
    done = do(as_, "tvd_manager", "override-deadline", number, *clear)

    assert done.status == 0
    assert show(as_, number)["sla_resolution_deadline"] == before
    assert newest(as_, number)["kind"] == "override_cleared"


def test_a_time_without_an_offset_is_the_municipalitys(as_: Run):
    """What a person types is what the clock on their wall says."""
    number = log(as_)
    words = ("--clock", "response", "--to", "2099-05-01T08:00", "--reason", "promised")
    do(as_, "tvd_manager", "override-deadline", number, *words)

    assert show(as_, number)["sla_response_deadline"] == "2099-05-01T08:00:00+02:00"


def test_words_come_by_standard_input_too(as_: Run):
    """`-` reads them, of any number of lines, without a byte that drives a terminal."""
    number = held(as_)
    for command in ("escalate", "unassign"):
        do(as_, "tvd_manager", command, number, "--reason", "-", stdin="third\ncall\x1b[2J\n")

        assert newest(as_, number)["note"] == "third\ncall\ufffd[2J"
    do(as_, "tvd_manager", "contact", number, "--outcome", "-", stdin="told them\n")
    assert newest(as_, number)["note"] == "told them"
    do(as_, "tvd_manager", "add-reporter", number, "--stdin-json", stdin='{"phone":"+27110000009"}')
    assert newest(as_, number)["kind"] == "reporter_added"


@pytest.mark.parametrize(
    ("command", "words", "sentence"),
    [
        ("contact", (), "Missing option '--outcome'"),
        ("contact", ("--outcome", " "), "needs words"),
        ("escalate", (), "Missing option '--reason'"),
        ("escalate", ("--reason", "\t"), "the reason of an escalation needs words"),
        ("escalate", ("--reason", "x", "--if-version", "x"), "'x' is not a valid integer"),
        ("override-deadline", ("--clock", "response", "--reason", "x"), "either --to TIME or"),
        (
            "override-deadline",
            ("--clock", "response", "--to", FAR, "--clear", "--reason", "x"),
            "either --to TIME or --clear",
        ),
        (
            "override-deadline",
            ("--clock", "response", "--to", "soon", "--reason", "x"),
            "--to 'soon' is not a time",
        ),
        (
            "override-deadline",
            ("--clock", "response", "--to", "2020-01-01", "--reason", "x"),
            "a deadline lies after the ticket was logged",
        ),
        (
            "override-deadline",
            ("--clock", "warning", "--to", FAR, "--reason", "x"),
            "'warning' is not one of 'response', 'resolution'",
        ),
        (
            "override-deadline",
            ("--clock", "response", "--to", "0001-01-01T00:00", "--reason", "x"),
            "a deadline lies after",
        ),
        ("reclassify", ("--category", "gbv", "--reason", "x"), "'gbv' is not one of"),
        ("reclassify", ("--category", "water", "--reason", "x"), "about water already"),
        ("mark-sensitive", ("--reason", "-"), "needs words"),
        ("unassign", ("--reason", "x", "extra"), "unexpected extra argument"),
        ("assign", ("--team", "SAPS North"), "GBV reports go to SAPS teams"),
        ("assign", ("--to", "ksb_operator"), "no active colleague ksb_operator"),
        ("add-reporter", (), "a reporter needs a name or a phone number"),
        ("add-reporter", ("--name", "x" * 201), "at most 200 characters"),
        ("add-reporter", ("--phone", "9" * 33), "this is no phone number"),
        ("add-reporter", ("--phone", "082 123"), "has ten digits with its leading 0"),
        ("add-reporter", ("--name", "A", "--language", "fr"), "'fr' is not one of"),
        ("add-reporter", ("--name", "A", "--stdin-json"), "come from standard input"),
        ("add-reporter", ("--stdin-json",), "is not a JSON object with name, phone or both"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(
    as_: Run, command: str, words: tuple[str, ...], sentence: str
):
    """Exit status 2, and nothing was changed."""
    number = log(as_)
    before = show(as_, number)
    done = as_("tvd_manager", "tickets", command, number, *words)

    assert sentence in told(done, 2)
    assert show(as_, number) == before


def test_an_escalated_ticket_is_not_escalated_again(as_: Run):
    """The law's own sentence."""
    number = log(as_)
    do(as_, "tvd_operator", "escalate", number)

    assert "cannot go from escalated to escalated" in told(
        do(as_, "tvd_operator", "escalate", number), 2
    )


def test_a_ticket_with_nobody_is_not_taken_away(as_: Run):
    """There is nothing to take."""
    number = log(as_)
    do(as_, "tvd_manager", "unassign", number)

    assert "the ticket is with nobody" in told(do(as_, "tvd_manager", "unassign", number), 2)


@pytest.mark.parametrize(
    ("command", "who", "sentence"),
    [
        ("assign", "tvd_operator", "assigning is for managers"),
        ("unassign", "tvd_operator", "taking a ticket from somebody is for managers"),
        ("override-deadline", "tvd_operator", "setting a deadline is for managers"),
        ("reclassify", "tvd_operator", "another category is given by managers"),
        ("override-deadline", "tvd_saps", "setting a deadline is for managers"),
        ("reclassify", "tvd_saps", "another category is given by managers"),
        ("mark-sensitive", "tvd_saps", "marking as sensitive is for operators"),
    ],
)
def test_who_may_not_reads_who_may(as_: Run, command: str, who: str, sentence: str):
    """Exit status 3, of a ticket they see."""
    number = log(as_, category="gbv", by="tvd_saps") if who == "tvd_saps" else held(as_)
    words = tuple("-" if word == "wrong team" else word for word in COMMANDS[command])

    assert sentence in told(do(as_, who, command, number, *words, stdin="words"), 3)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_hidden_a_foreign_and_a_missing_ticket_get_the_same_answer(as_: Run, command: str):
    """Exit status 3, byte by byte the same, for a manager and for an administrator."""
    hidden = log(as_, category="gbv")
    foreign = log(as_, by="ksb_operator")
    for who in ("tvd_manager", "tvd_admin"):
        answers = {
            told(do(as_, who, command, number), 3) for number in (hidden, foreign, NEVER_ISSUED)
        }

        assert answers == {
            "municonsole: not authorized to access sensitive reports, or no such ticket\n"
        }


def test_an_administrator_acts_on_the_report_that_the_command_before_opened(as_: Run):
    """For as long as the opening is fresh; on no other report, and not without one."""
    opened, unopened = log(as_, category="gbv"), log(as_, category="gbv")
    told(as_("tvd_admin", "tickets", "note", opened, "-", stdin="seen"), 3)
    assert (
        as_("tvd_admin", "tickets", "show", opened, "--reason", "court order 12/2026").status == 0
    )

    assert as_("tvd_admin", "tickets", "note", opened, "-", stdin="seen").status == 0
    assert as_("tvd_admin", "tickets", "status", opened, "in_progress").status == 0
    told(as_("tvd_admin", "tickets", "note", unopened, "-", stdin="seen"), 3)


@pytest.mark.parametrize("number", ["", "x", "TKT-", "'; drop table x --", "TKT-20200101-0a1b2c"])
def test_what_is_no_number_is_no_ticket(as_: Run, number: str):
    """The same sentence as for one that is not there."""
    assert "or no such ticket" in told(do(as_, "tvd_manager", "escalate", number), 3)


@pytest.mark.parametrize("command", VERSIONED)
def test_whoever_read_an_older_version_changes_nothing(as_: Run, command: str):
    """Exit status 4."""
    number = held(as_)
    version = show(as_, number)["version"]
    as_("tvd_operator", "tickets", "note", number, "meanwhile")
    then = show(as_, number)
    words = (*COMMANDS[command], "--if-version", str(version))

    assert "changed since it was read" in told(do(as_, "tvd_manager", command, number, *words), 4)
    assert show(as_, number) == then


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_database_nothing_is_done(as_: Run, command: str):
    """Exit status 5; exit status 1 where the database is another version's."""
    words = ("tickets", command, NEVER_ISSUED, *COMMANDS[command])

    assert "cannot be reached" in told(
        as_("tvd_manager", *words, MUNICONSOLE_DSN="host=127.0.0.1 port=1"), 5
    )


def test_on_another_versions_database_nothing_is_done(as_: Run, database: Database):
    """Exit status 1, and who mends it."""
    number = log(as_)
    with database.connect_owner() as owner:
        owner.execute("update schema_version set version_num = '0000'")

    assert "municonsole db upgrade" in told(do(as_, "tvd_manager", "escalate", number), 1)


SPOKEN = {
    "contact": ("--outcome", "NARRATIVE"),
    "escalate": ("--reason", "NARRATIVE"),
    "unassign": ("--reason", "NARRATIVE"),
    "assign": ("--team", "SAPS South", "--reason", "NARRATIVE"),
    "add-reporter": ("--name", "NARRATIVE"),
    "status": ("in_progress", "--note", "NARRATIVE"),
    "note": ("NARRATIVE",),
}


@pytest.mark.parametrize("command", SPOKEN)
def test_what_a_liaison_says_of_a_report_is_not_taken_from_the_command_line(as_: Run, command: str):
    """Exit status 2 and nothing done; by standard input it is."""
    number = log(as_, category="gbv", by="tvd_saps")
    before = as_("tvd_saps", "tickets", "history", number, "--json").json
    refused = do(as_, "tvd_saps", command, number, *SPOKEN[command])
    after = as_("tvd_saps", "tickets", "history", number, "--json").json
    silent = tuple("-" if word == "NARRATIVE" else word for word in SPOKEN[command])
    stdin = "words"
    if command == "add-reporter":
        silent, stdin = ("--stdin-json",), '{"name": "Resident 9", "phone": null}'
    done = do(as_, "tvd_saps", command, number, *silent, stdin=stdin)

    sentence = told(refused, 2)
    assert "not taken from the command line" in sentence
    assert "NARRATIVE" not in sentence
    assert before == after
    assert (done.status, done.output, done.complaint) == (0, "", "")


def test_why_a_ticket_is_marked_need_not_stand_on_the_command_line(as_: Run):
    """Without --reason it is read from standard input."""
    number = log(as_)
    done = as_("tvd_operator", "tickets", "mark-sensitive", number, stdin="she told more")

    assert done.status == 0
    assert "marked_sensitive" in kinds(as_, number, by="tvd_saps")
    assert "or no such ticket" in told(as_("tvd_operator", "tickets", "show", number), 3)


def test_a_person_at_a_terminal_is_asked(as_: Run, terminal: Open, database: Database):
    """Why a ticket is marked, and who else has reported it."""
    number = log(as_)
    known = {"PGPASSWORD": database.password("tvd_operator")}
    screen = terminal("tvd_operator", "tickets", "add-reporter", number, **known)
    screen.wait_for("Name (empty: none)")
    screen.type("Resident 9\n")
    screen.wait_for("Phone (empty: none)")
    screen.type("\n")
    added = screen.wait()
    screen = terminal("tvd_operator", "tickets", "mark-sensitive", number, **known)
    screen.wait_for("Reason")
    screen.type("she told more\n")

    assert (added, screen.wait()) == (0, 0)
    assert "is with SAPS now" in screen.shown()


def test_a_number_that_is_no_text_is_no_fault_of_the_program(process_as: Run):
    """Bytes that are no UTF-8 in an argument get the ordinary answer."""
    done = process_as("tvd_manager", "tickets", "escalate", "TKT-\udcff", "--reason", "third call")

    assert "or no such ticket" in told(done, 3)
