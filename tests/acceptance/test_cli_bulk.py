"""`municonsole tickets bulk …`: numbers as arguments or on standard input, one result each, exit status."""

from __future__ import annotations

import pytest
from support.database import Database
from support.program import Open, Run
from support.tickets import log, show

REFUSAL = "not authorized to access sensitive reports, or no such ticket"


def test_many_change_their_status_and_each_says_what_became_of_it(as_: Run):
    """JSON: a result per ticket; some were not changed, so the exit status is 1."""
    numbers = [log(as_) for _ in range(3)]
    as_("tvd_operator", "tickets", "status", numbers[1], "resolved")
    done = as_(
        "tvd_manager",
        *("tickets", "bulk", "status", "in_progress", *numbers, "--note", "crew is out"),
        *("--yes", "--json"),
    )
    closed = as_("tvd_manager", "tickets", "bulk", "status", "closed", *numbers, "--yes", "--json")

    assert (done.status, done.complaint) == (0, "")
    assert done.json == [
        {"tracking_number": number, "done": True, "error": None} for number in numbers
    ]
    assert closed.status == 1
    assert {result["error"] for result in closed.json} == {
        "a ticket cannot go from in_progress to closed"
    }
    assert closed.complaint == "0 done, 3 not\n"


def test_numbers_come_on_standard_input_too(as_: Run):
    """A list's output goes on to it; each number once, and hidden ones like those that never were."""
    numbers = [log(as_) for _ in range(3)]
    secret = log(as_, category="gbv")
    listed = "\n".join([*numbers, numbers[0], secret, "TKT-20200101-ABCDEF"])
    done = as_(
        "tvd_manager",
        *("tickets", "bulk", "assign", "--team", "roads 1", "--reason", "storm", "--yes"),
        stdin=listed,
    )

    assert done.status == 1
    lines = [line.split(maxsplit=1) for line in done.output.splitlines()[1:]]
    assert lines == [
        *([number, "done"] for number in numbers),
        [secret, REFUSAL],
        ["TKT-20200101-ABCDEF", REFUSAL],
    ]
    assert [show(as_, number)["assigned_team"] for number in numbers] == ["Roads 1"] * 3


def test_all_or_none(as_: Run):
    """With --atomic one that cannot be keeps the others as they are."""
    numbers = [log(as_) for _ in range(2)]
    done = as_(
        "tvd_manager",
        *("tickets", "bulk", "note", "crew is out", *numbers, "TKT-20200101-ABCDEF"),
        *("--atomic", "--yes", "--json"),
    )
    noted = as_(
        "tvd_manager", "tickets", "bulk", "note", "crew is out", *numbers, "--atomic", "--yes"
    )

    assert done.status == 1
    assert [result["error"] for result in done.json] == [
        *["nothing was changed, since not all of them could be"] * 2,
        REFUSAL,
    ]
    assert noted.status == 0
    history = as_("tvd_manager", "tickets", "history", numbers[0], "--json").json
    assert [event["note"] for event in history if event["kind"] == "noted"] == ["crew is out"]


def test_without_a_team_each_is_routed(as_: Run):
    """And the history of the ticket says why, how long each held it, and until when."""
    numbers = [log(as_, "--lat", "-26.15", "--lon", "28.05") for _ in range(2)]
    as_("tvd_manager", "tickets", "bulk", "assign", *numbers, "--team", "Roads 1", "--yes")
    done = as_("tvd_manager", "tickets", "bulk", "assign", *numbers, "--yes")
    shown = show(as_, numbers[1])
    first, second, third = shown["assignment_history"]

    assert done.status == 0
    assert third["team_name"] == "Water 1"
    assert third["route"] == {"rule": "area", "open": 1, "load": 2, "of": 1, "metres": None}
    assert (third["until"], second["route"]) == (None, None)
    assert second["until"] == third["created_at"]
    assert all(isinstance(step["held_seconds"], int) for step in (first, second, third))
    said = as_("tvd_manager", "tickets", "show", numbers[1]).output
    assert "Water 1 by tvd_manager (in area Water 1; 1 open), for 0 min" in said


@pytest.mark.parametrize(
    ("given", "stdin", "sentence"),
    [
        (
            ("status", "on_hold", "TKT-20200101-ABCDEF"),
            "",
            "1 ticket to on_hold: nobody can be asked",
        ),
        (
            ("assign",),
            "TKT-20200101-ABCDEF TKT-20200101-ABCDE0",
            "2 tickets to where the rules send them",
        ),
        (("note", "words"), "", "there is no number on standard input"),
        (("note", "-"), "words", "standard input is either the words or the numbers"),
        (
            ("assign", "--team", "Nowhere", "TKT-20200101-ABCDEF", "--yes"),
            "",
            "there is no active team",
        ),
    ],
)
def test_what_is_not_clear_is_not_done(as_: Run, given: tuple[str, ...], stdin: str, sentence: str):
    """Wrong usage has exit status 2 and says what to do instead."""
    done = as_("tvd_manager", "tickets", "bulk", *given, stdin=stdin)

    assert done.status == 2
    assert sentence in done.complaint


def test_five_hundred_at_once(as_: Run):
    """One more is refused before anything is done."""
    numbers = "\n".join(f"TKT-20200101-{n:06X}" for n in range(501))
    done = as_("tvd_manager", "tickets", "bulk", "note", "words", "--yes", stdin=numbers)

    assert done.status == 2
    assert "at most 500 tickets are changed at once, not 501" in done.complaint


def test_an_operator_is_told_whom_it_is_for(as_: Run):
    """Exit status 3, and nothing is done."""
    number = log(as_)
    done = as_("tvd_operator", "tickets", "bulk", "status", "on_hold", number, "--yes")

    assert (done.status, show(as_, number)["status"]) == (3, "open")
    assert "many tickets at once are for managers and administrators" in done.complaint


def test_words_about_reports_come_by_standard_input(as_: Run):
    """A liaison's are refused on the command line, where the process list shows them."""
    number = log(as_, category="gbv", by="tvd_saps")
    refused = [
        as_("tvd_saps", "tickets", "bulk", *given, number, "--yes")
        for given in (
            ("note", "secret words"),
            ("status", "in_progress", "--note", "secret words"),
            ("assign", "--reason", "secret words"),
        )
    ]
    done = as_("tvd_saps", "tickets", "bulk", "note", "-", number, "--yes", stdin="words")

    assert [outcome.status for outcome in refused] == [2, 2, 2]
    assert not any("secret words" in outcome.complaint for outcome in refused)
    assert done.status == 0


@pytest.mark.parametrize(("answer", "status"), [("y", "on_hold"), ("", "open")])
def test_a_person_is_asked_with_the_count(
    as_: Run, terminal: Open, database: Database, answer: str, status: str
):
    """Nothing happens unless they say yes."""
    numbers = [log(as_) for _ in range(2)]
    console = terminal(
        "tvd_manager",
        *("tickets", "bulk", "status", "on_hold", *numbers),
        PGPASSWORD=database.password("tvd_manager"),
    )
    console.wait_for("2 tickets to on_hold? [y/N]")
    console.type(f"{answer}\n")

    assert console.wait() == (0 if answer else 1)
    assert [show(as_, number)["status"] for number in numbers] == [status] * 2
