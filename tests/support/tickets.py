"""Tickets by the command line, as tests log and read them."""

from __future__ import annotations

from typing import Any

from support.program import Run


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


def show(as_: Run, number: str, by: str = "tvd_operator") -> dict[str, Any]:
    """One ticket as JSON."""
    done = as_(by, "tickets", "show", number, "--json")

    assert (done.status, done.complaint) == (0, "")
    return done.json
