"""Passwords from end to end: asked on a terminal, kept in a keyring, taken from it, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.database import Database
from support.file_keyring import kept
from support.program import Open, Run

LIST = ("tickets", "list")


@pytest.fixture
def keyring(tmp_path: Path) -> dict[str, str]:
    """Give the environment in which there is a keyring, and where it keeps its file."""
    return {
        "PYTHON_KEYRING_BACKEND": "support.file_keyring.Keyring",
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "TEST_KEYRING_FILE": str(tmp_path / "keyring.json"),
    }


def entry(database: Database, username: str) -> str:
    """The name of a login's entry in the keyring, after its service."""
    return f"municonsole {username}@{database.host}:{database.port}/{database.dbname}"


def test_login_tries_the_password_and_keeps_it_for_every_later_command(
    terminal: Open, process_as: Run, database: Database, keyring: dict[str, str], tmp_path: Path
):
    """`login` once, and no command asks again; `logout`, and it is asked again."""
    password = database.password("tvd_operator")
    screen = terminal("tvd_operator", "login", **keyring)
    screen.wait_for("Password for tvd_operator@")
    screen.type(f"{password}\n")
    status = screen.wait()
    kept_then = kept(tmp_path / "keyring.json")
    listed = process_as("tvd_operator", *LIST, PGPASSWORD="", **keyring)
    out = process_as("tvd_operator", "logout", PGPASSWORD="", **keyring)
    again = process_as("tvd_operator", "logout", PGPASSWORD="", **keyring)
    refused = process_as("tvd_operator", *LIST, PGPASSWORD="", **keyring)

    assert status == 0
    assert password not in screen.shown()
    assert kept_then == {entry(database, "tvd_operator"): password}
    assert (listed.status, listed.complaint) == (0, "")
    assert (out.status, "no longer in the keyring" in out.output) == (0, True)
    assert (again.status, "holds no password" in again.output) == (0, True)
    assert refused.status == 5
    assert kept(tmp_path / "keyring.json") == {}


def test_login_keeps_no_password_that_the_server_does_not_accept(
    terminal: Open, keyring: dict[str, str], tmp_path: Path
):
    """A mistyped password is not kept for later."""
    screen = terminal("tvd_operator", "login", **keyring)
    screen.wait_for("Password for tvd_operator@")
    screen.type("guess\n")

    assert screen.wait() == 5
    assert "did not accept the login" in screen.shown()
    assert kept(tmp_path / "keyring.json") == {}


@pytest.mark.parametrize(("answer", "is_kept"), [("y", True), ("n", False), ("", False)])
def test_a_typed_password_that_worked_is_offered_to_the_keyring(
    terminal: Open,
    database: Database,
    keyring: dict[str, str],
    tmp_path: Path,
    answer: str,
    is_kept: bool,
):
    """Any command offers it; the default is no."""
    screen = terminal("tvd_operator", *LIST, **keyring)
    screen.wait_for("Password for tvd_operator@")
    screen.type(f"{database.password('tvd_operator')}\n")
    screen.wait_for("Keep this password in the keyring? [y/N]")
    screen.type(f"{answer}\n")

    assert screen.wait() == 0
    assert (kept(tmp_path / "keyring.json") != {}) is is_kept


def test_a_wrong_password_can_be_typed_again(terminal: Open, database: Database):
    """A slip of the finger costs one line; without a keyring none is offered."""
    screen = terminal("tvd_operator", *LIST)
    screen.wait_for("Password for tvd_operator@")
    screen.type("guess\n")
    screen.wait_for("Password for tvd_operator@", times=2)
    screen.type(f"{database.password('tvd_operator')}\n")

    assert screen.wait() == 0
    assert "did not accept the login" in screen.shown()
    assert "the keyring is not used: there is none on this machine" in screen.shown()
    assert "Keep this password" not in screen.shown()


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("keyring.backends.null.Keyring", "it is switched off on this machine"),
        ("keyring.backends.fail.Keyring", "there is none on this machine"),
        ("support.no_such.Keyring", "it failed"),
    ],
)
def test_a_keyring_of_no_use_is_said_by_login_before_it_asks(
    as_: Run, process_as: Run, keyring: dict[str, str], backend: str, reason: str
):
    """Nobody types a password that cannot be kept."""
    done = process_as("tvd_operator", "login", **(keyring | {"PYTHON_KEYRING_BACKEND": backend}))

    assert done.status == 1
    assert f"the keyring is not used: {reason}" in done.complaint
    assert done.complaint.count("\n") == 1


def test_login_needs_somebody_to_ask(process_as: Run, keyring: dict[str, str]):
    """Without a terminal there is nobody to type a password."""
    done = process_as("tvd_operator", "login", **keyring)

    assert done.status == 2
    assert "asks for the password on a terminal" in done.complaint


def test_what_is_typed_at_questions_about_a_gbv_report_is_what_the_liaison_reads(
    terminal: Open, as_: Run, database: Database
):
    """On a terminal each part of a GBV report is asked for, none is on a command line."""
    screen = terminal(
        "tvd_operator",
        *("tickets", "create", "--category", "gbv"),
        PGPASSWORD=database.password("tvd_operator"),
    )
    for question, answer in (
        ("Description:", "A made-up text"),
        ("Address", "1 Made-up Rd"),
        ("Suburb", ""),
        ("Name", ""),
        ("Phone", "011 555 0101"),
        ("Is it safe to contact this person? [y/N]", "y"),
        ("How, and when", "mornings"),
    ):
        screen.wait_for(question)
        screen.type(f"{answer}\n")
    status = screen.wait()
    number = screen.shown().splitlines()[-1]
    opened = as_("tvd_saps", "tickets", "show", number, "--json").json

    assert status == 0
    assert {
        key: opened[key]
        for key in ("description", "address", "reporter_name", "reporter_phone", "safe_to_contact")
    } == {
        "description": "A made-up text",
        "address": "1 Made-up Rd",
        "reporter_name": None,
        "reporter_phone": "+27115550101",
        "safe_to_contact": True,
    }


def test_the_console_opens_after_the_question_and_ends_with_0(terminal: Open, database: Database):
    """`municonsole` alone: the password is asked before the screen starts, `q` leaves it."""
    screen = terminal("tvd_manager")
    screen.wait_for("Password for tvd_manager@")
    screen.type(f"{database.password('tvd_manager')}\n")
    screen.wait_for("TVD Manager 1")
    screen.type("q")

    assert screen.wait() == 0
    assert "Traceback" not in screen.shown()


def test_a_key_map_the_console_has_no_use_for_is_refused_with_its_file(
    terminal: Open, database: Database, tmp_path: Path
):
    """A mistyped action does not leave somebody pressing a dead key."""
    file = tmp_path / "mine.toml"
    file.write_text('[ui.keymap]\nfrob = "x"\n')
    screen = terminal(
        "tvd_manager",
        MUNICONSOLE_CONFIG=str(file),
        PGPASSWORD=database.password("tvd_manager"),
        COLUMNS="80",
    )

    assert screen.wait() == 2
    assert "mine.toml: [ui.keymap] names the action 'frob'" in screen.shown().replace("\n", "")
