"""`municonsole tickets …` for one ticket: status, assignment, notes, history, wrong usage."""

from __future__ import annotations

import re

import pytest
from support.program import Run
from support.tickets import log, numbers, show


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


def test_people_read_a_ticket_line_by_line(as_: Run):
    """A screen reader can follow a ticket: one name and value a line."""
    number = log(as_)
    lines = as_("tvd_operator", "tickets", "show", number).output.splitlines()

    assert lines[0] == f"Tracking number: {number}"
    assert "SLA status: on_track" in lines
    assert any(re.match(r"Assigned: \d{4}-\d\d-\d\d \d\d:\d\d to Water", line) for line in lines)


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
