"""Two consoles in two terminals at one ticket: who is second sees what the first did."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from law import desk
from support.database import Database
from support.program import Open, Terminal

TOLD = "A burst pipe floods Station Road near the school"
CTRL_S, ESC, TAB, ENTER = "\x13", "\x1b", "\t", "\r"


@pytest.fixture
def number(database: Database) -> str:
    """A ticket that two people look at."""
    return desk.log(database.connect("tvd_operator2"), "water", TOLD)


@pytest.fixture
def open_at(terminal: Open, database: Database, number: str) -> Callable[[str], Terminal]:
    """Opens a console of somebody, with the ticket on the whole screen."""

    def open_at(username: str) -> Terminal:
        screen = terminal(username, PGPASSWORD=database.password(username))
        screen.wait_for("connected")
        screen.type(f"/{number[-6:].lower()}{ENTER}")
        screen.wait_for(TOLD)
        screen.wait_for("reported")
        return screen

    return open_at


def moves(database: Database) -> list[tuple[str, str, str | None]]:
    """Who moved it where, with which words."""
    rows = database.connect_owner().execute(
        "select e.actor, e.to_status, n.note from ticket_events as e"
        " left join ticket_notes as n on n.event_id = e.id"
        " where e.to_status is not null and e.from_status is not null order by e.seq"
    )
    return rows.fetchall()


def test_the_second_sees_what_the_first_did_and_applies_theirs_on_top(
    open_at: Callable[[str], Terminal], database: Database, number: str
) -> None:
    """Both fill in the form; nothing that was typed is lost, and both moves stand in the history."""
    first, second = open_at("tvd_operator"), open_at("tvd_manager")
    second.type(f"sr{TAB}the pipe is new")
    second.wait_for("the pipe is new")
    first.type(f"sh{TAB}the part comes on Monday{CTRL_S}")
    first.wait_for(f"{number} is on hold")
    second.type(CTRL_S)
    second.wait_for("changed meanwhile, now on hold")
    second.wait_for("open → on hold")
    second.wait_for("TVD Operator 1: the part comes on Monday")
    second.wait_for("Ctrl+S saves yours on top of that, Esc leaves it")
    second.wait_for("on hold, not possible now")
    assert "the pipe is new" in second.shown()
    assert [to for _, to, _ in moves(database)] == ["on_hold"]
    second.type(CTRL_S)
    second.wait_for(f"{number} is resolved")
    first.wait_for("on hold → resolved")
    for screen in (first, second):
        screen.type("q")

        assert screen.wait() == 0
    assert moves(database) == [
        ("tvd_operator", "on_hold", "the part comes on Monday"),
        ("tvd_manager", "resolved", "the pipe is new"),
    ]


def test_a_move_that_the_first_has_made_impossible_is_not_saved(
    open_at: Callable[[str], Terminal], database: Database, number: str
) -> None:
    """The second chooses another, with the words they have typed already."""
    first, second = open_at("tvd_operator"), open_at("tvd_manager")
    second.type(f"sh{TAB}for the store")
    second.wait_for("for the store")
    first.type(f"sr{TAB}done{CTRL_S}")
    first.wait_for(f"{number} is resolved")
    second.type(CTRL_S)
    second.wait_for("changed meanwhile, now resolved")
    second.wait_for("on hold, not possible now")
    second.type(CTRL_S)
    second.wait_for("choose a status")
    second.type(f"i{ENTER}")
    second.wait_for(f"{number} is in progress")

    assert moves(database) == [
        ("tvd_operator", "resolved", "done"),
        ("tvd_manager", "in_progress", "for the store"),
    ]


def test_who_took_it_first_has_it(terminal: Open, database: Database, number: str) -> None:
    """The second is told who, and when."""
    screens = []
    for username in ("tvd_manager", "tvd_admin"):
        screen = terminal(username, PGPASSWORD=database.password(username))
        screen.wait_for("connected")
        screen.type("5")
        screen.wait_for(number)
        screens.append(screen)
    for screen in screens:
        screen.type("t")
    for screen in screens:
        screen.wait_for(f"{number} is")
    names = {"tvd_manager": "TVD Manager 1", "tvd_admin": "TVD Admin 1"}
    taken = desk.ticket(database, number)["assigned_to"]
    late = next(s for s in screens if f"{number} is yours" not in s.shown())

    assert sum(f"{number} is yours" in screen.shown() for screen in screens) == 1
    assert names[taken] in late.shown()
