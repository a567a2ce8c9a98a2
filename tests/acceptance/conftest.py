"""How the acceptance tests run the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Outcome, Run, Terminal, environment, run, run_inside


def variables(database: Database, username: str) -> dict[str, str]:
    """Where the database is and, by libpq's own variable, the password."""
    return {
        "MUNICONSOLE_DSN": database.dsn(username),
        "PGPASSWORD": database.passwords.get(username, ""),  # a newcomer's is the test's to give
    }


@pytest.fixture
def as_(database: Database, tmp_path: Path) -> Run:
    """Run a command as one of the test world's people: `as_("tvd_operator", "tickets", "list")`."""

    def run_as(username: str, *arguments: str, stdin: str | bytes = b"", **env: str) -> Outcome:
        given = environment(tmp_path, **(variables(database, username) | env))
        return run_inside(arguments, given, stdin=stdin)

    return run_as


@pytest.fixture
def process_as(database: Database, tmp_path: Path) -> Run:
    """Do the same in a process of its own: for what has to do with its start, end and output."""

    def run_as(username: str, *arguments: str, stdin: str | bytes = b"", **env: str) -> Outcome:
        given = environment(tmp_path, **(variables(database, username) | env))
        return run(arguments, given, stdin=stdin)

    return run_as


@pytest.fixture
def terminal(database: Database, tmp_path: Path) -> Iterator[Open]:
    """Open a command in a terminal; nobody but the person at it knows a password."""
    opened: list[Terminal] = []

    def open_as(username: str, *arguments: str, **env: str) -> Terminal:
        given = environment(tmp_path, **({"MUNICONSOLE_DSN": database.dsn(username)} | env))
        opened.append(Terminal(arguments, given))
        return opened[-1]

    yield open_as
    for screen in opened:
        screen.close()
