"""A ticket worked on in a real terminal: found by its number and answered, held, resumed, resolved, reopened."""

from __future__ import annotations

import pytest
from law import desk
from support.database import Database
from support.program import Open, Terminal

TOLD = "A burst pipe floods Station Road near the school"
ANSWER = "told her that a plumber comes at noon"
CTRL_S, ESC, TAB, ENTER = "\x13", "\x1b", "\t", "\r"


@pytest.fixture
def number(database: Database) -> str:
    """One ticket among others."""
    colleague = database.connect("tvd_operator2")
    for n in range(5):
        desk.log(colleague, "roads", f"Pothole number {n} in School Lane")
    made = desk.log(colleague, "water", TOLD)
    desk.log(colleague, "waste", "Bins were not emptied")
    return made


@pytest.fixture
def console(terminal: Open, database: Database) -> Terminal:
    """The console of an operator, with its first list."""
    screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
    screen.wait_for("connected")
    return screen


def kinds(database: Database, number: str) -> list[tuple[str, str | None, str | None]]:
    """What happened, in order: the kind, the new status, the words."""
    rows = database.connect_owner().execute(
        "select e.kind, e.to_status, n.note from ticket_events as e"
        " join tickets as t on t.id = e.ticket_id left join ticket_notes as n on n.event_id = e.id"
        " where t.tracking_number = %s and e.actor = 'tvd_operator' order by e.seq",
        (number,),
    )
    return rows.fetchall()


def test_where_is_my_ticket_is_answered_by_its_number(
    console: Terminal, database: Database, number: str
) -> None:
    """`/`, the last digits, Enter: the ticket is open, and what the caller was told is on it."""
    console.type(f"/{number[-6:].lower()}{ENTER}")
    console.wait_for(TOLD)
    console.wait_for("reported")
    console.type("p")
    console.wait_for(f"Contact about {number}")
    console.type(ANSWER)
    console.type(CTRL_S)
    console.wait_for(f"the contact is on {number}")
    console.wait_for("citizen contacted")
    console.wait_for(ANSWER)
    console.wait_for("answered")
    console.type("q")

    assert console.wait() == 0
    assert kinds(database, number) == [("contacted", None, ANSWER)]
    assert desk.ticket(database, number)["first_responded_at"] is not None


def test_a_ticket_is_held_resumed_resolved_and_reopened(
    console: Terminal, database: Database, number: str
) -> None:
    """Each with one key for the move; on hold it asks what it waits for; all of it stands in the history."""
    console.type(f"/{number[-6:].lower()}{ENTER}")
    console.wait_for(TOLD)
    console.type("s")
    console.wait_for(f"Status of {number}")
    console.wait_for("h on hold")
    assert "closed" not in console.shown()
    console.type(f"h{CTRL_S}")
    console.wait_for("say what it is waiting for")
    console.type(f"the part comes on Monday{CTRL_S}")
    console.wait_for(f"{number} is on hold")
    console.wait_for("Waits for")
    console.wait_for("open → on hold")

    console.type("s")
    console.wait_for("i in progress")
    assert "h on hold" not in console.shown()
    console.type(f"i{ENTER}")
    console.wait_for(f"{number} is in progress")
    console.wait_for("on hold → in progress")

    console.type("s")
    console.wait_for("r resolved")
    console.type(f"r{TAB}the pipe is new{ENTER}")
    console.wait_for(f"{number} is resolved")
    console.wait_for("in progress → resolved")
    console.wait_for("the pipe is new")

    console.type("s")
    console.wait_for("i in progress")
    console.type(f"i{TAB}it leaks again{ENTER}")
    console.wait_for(f"{number} is in progress")
    console.wait_for("resolved → in progress")
    console.wait_for("it leaks again")
    console.type("q")

    assert console.wait() == 0
    assert kinds(database, number) == [
        ("status_changed", "on_hold", "the part comes on Monday"),
        ("status_changed", "in_progress", None),
        ("status_changed", "resolved", "the pipe is new"),
        ("status_changed", "in_progress", "it leaks again"),
    ]
    assert desk.ticket(database, number)["resolved_at"] is None


def test_a_note_is_for_colleagues_or_for_the_citizen(
    console: Terminal, database: Database, number: str
) -> None:
    """Written from the list, under the cursor; the second is public."""
    console.type(f"/{number[-6:].lower()}{ENTER}")
    console.wait_for(TOLD)
    console.type("c")
    console.wait_for(f"Note on {number}")
    console.type(f"the key is at the school{CTRL_S}")
    console.wait_for(f"the note is on {number}")
    console.wait_for("the key is at the school")
    console.type("c")
    console.wait_for("colleagues only")
    console.type(f"we come at noon{TAB}p{CTRL_S}")
    console.wait_for("note  TVD Operator 1", times=2)  # in the history: the form is closed
    console.wait_for("we come at noon")
    console.type("q")

    assert console.wait() == 0
    rows = database.connect_owner().execute("select note, is_public from ticket_notes order by 2")
    assert rows.fetchall() == [("the key is at the school", False), ("we come at noon", True)]
