"""For who may not see it, a GBV report and a number that was never issued are the same on the command line."""

from __future__ import annotations

import pytest
from support.program import Outcome, Run
from support.tickets import log

from municonsole.cli.tickets import COMMANDS

NEVER_ISSUED = "TKT-20260102-0A1B2C"
WITHOUT_A_NUMBER = {"list", "create", "views", "bulk"}
"""`bulk` takes many: see below."""
BY_NUMBER: dict[str, tuple[tuple[str, ...], ...]] = {
    "show": ((), ("--json",)),
    "history": ((), ("--json",)),
    "status": (
        ("in_progress",),
        ("closed", "--note", "mended"),
        ("resolved", "--if-version", "1"),
    ),
    "assign": ((), ("--team", "SAPS North"), ("--team", "Water 1", "--to", "tvd_operator")),
    "take": ((),),
    "unassign": ((), ("--reason", "wrong team")),
    "note": (("a note",), ("a note", "--public")),
    "contact": (("--outcome", "called back"),),
    "add-reporter": (("--name", "Resident 9"), ("--phone", "0115550109")),
    "escalate": (("--reason", "it is urgent"),),
    "override-deadline": (
        ("--clock", "response", "--to", "2030-01-02T10:00:00+02:00", "--reason", "promised"),
        ("--clock", "resolution", "--clear", "--reason", "promised"),
    ),
    "reclassify": (("--category", "other", "--reason", "not water"),),
    "mark-sensitive": (("--reason", "she told more", "--yes"), ("--reason", "she told more")),
}
"""Each command that takes a number, with what else may stand on its line."""


def test_every_command_that_takes_a_number_is_tried() -> None:
    """A new command must be asked the same question."""
    assert set(BY_NUMBER) == set(COMMANDS) - WITHOUT_A_NUMBER


def _alike(as_: Run, login: str, command: str, number: str, *more: str) -> tuple[Outcome, Outcome]:
    """What a command says of a number, and of one never issued with the number written in its place."""
    of_report = as_(login, "tickets", command, number, *more)
    of_nothing = as_(login, "tickets", command, NEVER_ISSUED, *more)
    return of_report, Outcome(
        of_nothing.status,
        of_nothing.output.replace(NEVER_ISSUED, number),
        of_nothing.complaint.replace(NEVER_ISSUED, number),
    )


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
@pytest.mark.parametrize("command", BY_NUMBER)
def test_a_report_and_nothing_read_the_same(as_: Run, login: str, command: str) -> None:
    """Output, complaint and exit status are the same bytes, whatever else is asked for."""
    number = log(as_, by=login, category="gbv")
    for more in BY_NUMBER[command]:
        of_report, of_nothing = _alike(as_, login, command, number, *more)

        assert of_report == of_nothing
        assert of_report.status in {2, 3}
        assert of_report.output == ""


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager", "tvd_admin"])
@pytest.mark.parametrize(
    "words",
    [("status", "resolved"), ("assign",), ("assign", "--team", "SAPS North"), ("note", "-")],
)
def test_among_many_a_report_and_nothing_read_the_same(
    as_: Run, login: str, words: tuple[str, ...]
) -> None:
    """The line of each number is the same but for the number, and so is everything around it."""
    report, ordinary = log(as_, by=login, category="gbv"), log(as_, by=login)

    def run(number: str) -> Outcome:
        many = ("tickets", "bulk", *words, number, ordinary, "--yes", "--atomic")
        return as_(login, *many, stdin="words" if "-" in words else "")

    of_report, of_nothing = run(report), run(NEVER_ISSUED)

    assert of_report.status == of_nothing.status != 0
    assert of_report.output == of_nothing.output.replace(NEVER_ISSUED, report)
    assert of_report.complaint == of_nothing.complaint.replace(NEVER_ISSUED, report)


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_manager"])
def test_a_reason_opens_nothing_for_who_may_not_open(as_: Run, login: str) -> None:
    """Nor does a reason make an operator or manager an administrator."""
    number = log(as_, category="gbv")
    of_report, of_nothing = _alike(
        as_, login, "show", number, "--reason", "a court order of this year"
    )

    assert of_report == of_nothing
    assert of_report.status == 3


@pytest.mark.parametrize("login", ["tvd_admin", "ksb_admin", "ksb_saps"])
def test_a_reason_too_short_or_elsewhere_reads_the_same(as_: Run, login: str) -> None:
    """An administrator learns nothing without a good reason, and nobody of another municipality's reports."""
    number = log(as_, category="gbv")
    reasons = ("short",) if login == "tvd_admin" else ("short", "a court order of this year")
    for reason in reasons:
        of_report, of_nothing = _alike(as_, login, "show", number, "--reason", reason)

        assert of_report == of_nothing
        assert of_report.status in {2, 3}


def test_a_process_of_its_own_says_the_same(as_: Run, process_as: Run) -> None:
    """The same with a real start and end, where nothing of ours is between the bytes and the pipe."""
    number = log(as_, category="gbv")
    of_report, of_nothing = _alike(process_as, "tvd_operator", "show", number)

    assert of_report == of_nothing
    assert of_report == Outcome(
        3,
        "",
        "municonsole: not authorized to access sensitive reports, or no such ticket\n",
    )
