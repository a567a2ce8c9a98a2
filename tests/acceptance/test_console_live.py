"""Two consoles side by side, each in a terminal of its own: what one does is on the other's screen."""

from __future__ import annotations

import select
from collections.abc import Callable
from pathlib import Path

import pytest
from law import desk
from support.database import Database
from support.program import Open, Terminal

ESC, ENTER = "\x1b", "\r"


@pytest.fixture
def tickets(database: Database) -> dict[str, str]:
    """Thirty tickets: the number by what was reported."""
    operator = database.connect("tvd_operator")
    told = [f"Pothole number {n} in School Lane" for n in range(1, 31)]
    return {text: desk.log(operator, "roads", text) for text in told}


@pytest.fixture
def console(terminal: Open, database: Database) -> Callable[..., Terminal]:
    """Opens somebody's console, with the list of all that are open."""

    def open_console(username: str, **env: str) -> Terminal:
        screen = terminal(username, PGPASSWORD=database.password(username), **env)
        screen.wait_for("connected")
        screen.type("5")
        screen.wait_for("of 30")
        return screen

    return open_console


def wait_until_gone(screen: Terminal, text: str) -> None:
    """Return as soon as this is not on the screen any more."""
    while text in screen.shown():
        assert screen._read()


def settle(screen: Terminal) -> None:
    """Until three seconds pass without a byte: the counts that follow an event are in."""
    while select.select([screen._descriptor], [], [], 3.5)[0]:
        screen._read()


def line_of(screen: Terminal, text: str) -> str:
    """The line of the screen with this."""
    return next((line for line in screen.screen.display if text in line), "")


def test_what_one_does_is_on_the_others_screen(
    console: Callable[..., Terminal], database: Database, tickets: dict[str, str]
) -> None:
    """A status, who has a ticket open, a new ticket, one that is done: and the cursor of the other stays."""
    number = tickets["Pothole number 28 in School Lane"]
    one, two = console("tvd_operator"), console("tvd_operator2")
    two.type("jjjj")
    two.wait_for("5 of 30")
    one.type("jj\r")
    one.wait_for("Pothole number 28")
    two.wait_for(f"\N{BLACK DIAMOND}{number}")
    settle(two)
    before = len(two.said)
    one.type("si\r")
    one.wait_for("is in progress")
    two.wait_for("in progress")
    assert "in progress" in line_of(two, number)
    # One line, its place and its colours; not the screen of two thousand cells.
    assert len(two.said) - before < 700

    one.type(ESC)
    wait_until_gone(two, f"\N{BLACK DIAMOND}{number}")
    desk.log(database.connect("tvd_operator"), "roads", "A crater in School Lane")
    for screen in (one, two):
        screen.wait_for("1 new, g to see")
    assert "A crater" not in two.shown()
    one.type("sr\r")
    one.wait_for("is resolved")
    two.wait_for("no longer in this list: resolved")
    assert number in line_of(two, "no longer in this list")
    assert "5 of 30" in two.shown()
    two.type("g")
    two.wait_for("A crater")
    two.wait_for("1 of 30")
    assert "no longer in this list" not in two.shown()
    for screen in (one, two):
        screen.type("q")
        assert screen.wait() == 0


@pytest.mark.parametrize("bell", ["true", "false"])
def test_an_own_ticket_that_is_escalated_is_told_above_what_one_is_doing(
    console: Callable[..., Terminal],
    database: Database,
    tickets: dict[str, str],
    tmp_path: Path,
    bell: str,
) -> None:
    """With the bell, unless it is switched off; what is being typed goes on."""
    file = tmp_path / "config.toml"
    file.write_text(f"[ui]\nbell = {bell}\n")
    number = tickets["Pothole number 28 in School Lane"]
    manager = database.connect("tvd_manager")
    ticket = desk.id_of(database, number)
    manager.execute(
        "select muni.assign_ticket(%s, (select id from muni.teams where name = 'Roads 1'),"
        " 'tvd_operator2')",
        (ticket,),
    )
    screen = console("tvd_operator2", MUNICONSOLE_CONFIG=str(file))
    screen.type("jjjjjc")
    screen.type("half a ")
    screen.wait_for("half a")
    manager.execute("select muni.escalate(%s, 'the school waits')", (ticket,))
    screen.wait_for(f"! {number} was escalated")
    screen.type("word")
    screen.wait_for("half a word")
    wait_until_gone(screen, "was escalated")
    rung = b"\x07" in screen.said
    screen.type(ESC)
    screen.wait_for("Leave the note")
    screen.type("t\r")
    wait_until_gone(screen, "half a word")
    screen.type("q")

    assert screen.wait() == 0
    assert rung == (bell == "true")


def test_a_ticket_that_is_marked_leaves_a_colleague_who_is_writing_about_it(
    console: Callable[..., Terminal], tickets: dict[str, str]
) -> None:
    """Dialog, ticket and list: nothing of it is on the screen, nor of what was being written."""
    told = "Pothole number 28 in School Lane"
    one, two = console("tvd_operator"), console("tvd_operator2")
    two.type("jj\r")
    two.wait_for(told)
    two.type("c")
    two.type("she says that")
    two.wait_for("she says that")
    one.type("jjm")
    one.wait_for("There is no way back.")
    one.type("the caller told more\ty\r")
    two.wait_for("No longer in this list.")
    wait_until_gone(two, "she says that")
    assert told not in two.shown()
    assert tickets[told] not in two.shown()
    two.type(ESC)
    two.wait_for("no longer in this list")
    assert tickets[told] not in two.shown()
    for screen in (one, two):
        screen.type("q")
        assert screen.wait() == 0
