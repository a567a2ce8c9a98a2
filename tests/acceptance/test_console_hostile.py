"""Hostile text in a real terminal: by the bytes that were sent, and by where a terminal puts them."""

from __future__ import annotations

import re
import select

import pytest
from support import hostile
from support.database import Database
from support.program import Open, Terminal

PLAIN = "Plain words to compare with"
ALLOWED = re.compile(
    # What Textual itself sends: cursor, colours, modes, queries, synchronised output, kitty keys.
    rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\[[?]?[0-9;]*\$p|\x1b[()][A-Z0-9]|\x1b[=>78c]"
)
COLUMNS, LINES = 160, 50
RIGHT = COLUMNS - 1


@pytest.fixture
def tickets(database: Database) -> None:
    """Twenty tickets whose every text is hostile, and one to compare with; a colleague looks at each."""
    with database.connect_owner() as owner:
        owner.execute(
            "insert into suburbs select id, 'Hilltop', -26.15, 28.05 from municipalities where code = 'tvd'"
        )
    with database.connect("tvd_operator") as operator:
        for n in range(20):
            operator.execute(
                "select muni.log_ticket('roads', 'high', %s, 'x', null, null, 'x', '+27115550101',"
                " suburb => 'Hilltop')",
                (f"Told {n}",),
            )
            operator.execute(
                "select muni.add_note(id, 'x') from muni.tickets where description = %s",
                (f"Told {n}",),
            )
        operator.execute("select muni.log_ticket('roads', 'high', %s, 'x')", (PLAIN,))
    hostile.add(database, "tvd_manager")
    hostile.poison(database, but=PLAIN)


def settle(screen: Terminal, seconds: float = 0.6) -> None:
    """Until that long passes without a byte."""
    while select.select([screen._descriptor], [], [], seconds)[0]:
        screen._read()


def lines_with(screen: Terminal, text: str) -> list[int]:
    return [n for n, line in enumerate(screen.screen.display) if text in line]


def framed(screen: Terminal) -> None:
    """The frame of the dialog in front is a straight line on either side."""
    [top] = lines_with(screen, "┌")[-1:]
    left, right = screen.column_of(top, "┌"), screen.column_of(top, "┐")
    [bottom] = [n for n in lines_with(screen, "└") if n > top][:1]
    buffer = screen.screen.buffer
    for n in range(top + 1, bottom):
        assert (buffer[n][left].data, buffer[n][right].data) == ("│", "│"), screen.shown()


def test_hostile_text_stays_in_its_cell_and_sends_nothing_of_its_own(
    terminal: Open, database: Database, tickets: None
) -> None:
    """Queue, panes, ticket, forms, filter, views, draft, alerts: columns and frames stay where they are."""
    # A shell may export the size it was started with: the window is what counts.
    size = {"COLUMNS": "80", "LINES": "24"}
    screen = terminal("tvd_manager", PGPASSWORD=database.password("tvd_manager"), **size)
    screen.wait_for("connected")
    screen.resize(COLUMNS, LINES)
    screen.type("5")
    screen.wait_for("1 of 21")
    screen.wait_for("History")
    settle(screen, 1.5)  # colleagues who look are told within a second

    [head] = lines_with(screen, "Description")
    names = ("SLA", "Severity", "Category", "Status", "Age", "Team", "Assignee", "Description")
    starts = [screen.column_of(head, name) for name in names if screen.column_of(head, name) > 0]
    rows = lines_with(screen, "TKT-")[:21]
    assert len(starts) >= 6
    for row in rows:
        for start in starts:
            before, here = (screen.screen.buffer[row][x].data for x in (start - 1, start))
            assert (before, here != " ") == (" ", True), (screen.screen.display[row], start)
    told = {screen.column_of(row, "roads") for row in rows}
    assert told == {
        screen.column_of(row, "roads") for row in rows if PLAIN[:9] in screen.screen.display[row]
    }
    assert len(told) == 1

    # Detail and history beside each other, of a hostile ticket.
    screen.type("G")
    screen.wait_for("21 of 21")
    settle(screen)
    history = screen.column_of(lines_with(screen, "─ History")[0], "─ History")
    moments = re.compile(r"\d\d? [A-Z][a-z]{2} \d\d:\d\d {2}(?:note|reported)")
    begins = {
        screen.column_of(n, found.group())
        for n, line in enumerate(screen.screen.display)
        if (found := moments.search(line))
    }
    assert len(begins) == 1
    assert begins.pop() > history

    screen.type("\r")
    screen.wait_for("Reported")
    settle(screen)
    for key, waits in (
        ("s", "Status of"),
        ("a", "Assign TKT"),
        ("d", "Deadline of"),
        ("m", "Mark as"),
    ):
        screen.type(key)
        screen.wait_for(waits)
        settle(screen, 0.3)
        framed(screen)
        screen.type("\x1b")
        settle(screen, 0.3)
    screen.type("\x1b")
    screen.wait_for("21 of 21")
    for key, waits in (
        ("f", "Filter"),
        ("V", "Own views"),
        ("v", "Save this"),
        ("\x10", "Commands"),
    ):
        screen.type(key)
        screen.wait_for(waits)
        settle(screen, 0.3)
        framed(screen)
        screen.type("\x1b")
        settle(screen, 0.3)
    screen.type("n")
    screen.wait_for("A report was begun")
    settle(screen, 0.3)
    framed(screen)
    screen.type("\r")
    screen.wait_for("Ctrl+S log")
    settle(screen)
    screen.type("\x1b")
    screen.wait_for("Leave the report")
    screen.type("t\r")
    screen.wait_for("21 of 21")
    screen.type("i")
    screen.wait_for("Alerts")
    settle(screen, 0.3)
    screen.type("q")

    assert screen.wait() == 0
    rest = ALLOWED.sub(b"", screen.said).decode()
    assert "esrever" in rest
    assert "]52;" in rest
    assert "\x1b" not in rest
    assert not re.search(
        "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufe0f\ufeff]",
        rest,
    )
