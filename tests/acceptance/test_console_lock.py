"""F9 in a real terminal: what is on the wire, and that only the password itself opens it again."""

from __future__ import annotations

import re
import select
import time
from pathlib import Path

from support.database import Database
from support.program import Open, Terminal

WORDS = "Fictitious words of nobody"


def settle(screen: Terminal) -> None:
    """Until a second passes without a byte."""
    while select.select([screen._descriptor], [], [], 1)[0]:
        screen._read()


def test_a_locked_console_shows_and_sends_nothing_until_its_operator_is_back(
    terminal: Open, database: Database, tmp_path: Path
) -> None:
    """Blank; colleagues' work behind it sends no byte; what libpq knows opens nothing; then all is there.

    The right password stands in PGPASSWORD all the time, as it might in ~/.pgpass.
    """
    password = database.password("tvd_operator")
    with database.connect("tvd_operator2") as colleague:
        colleague.execute("select muni.log_ticket('roads', 'high', 'Pothole', 'School Lane')")
    screen = terminal("tvd_operator", PGPASSWORD=password)
    screen.wait_for("connected")
    screen.type("5")
    screen.wait_for("Pothole")
    screen.type("n0115550101")
    screen.wait_for("0115550101")
    screen.type("\tg\t\t")
    screen.wait_for("Confidential report")
    screen.type(WORDS)
    screen.wait_for(WORDS)
    settle(screen)
    before = screen.shown()
    cursor = (screen.screen.cursor.x, screen.screen.cursor.y)
    screen.type("\x1b[20~")
    screen.wait_for("This console is locked.")
    settle(screen)

    lines = {line.strip() for line in screen.shown().splitlines() if line.strip()}
    assert lines == {
        "This console is locked.",
        "Your password opens it again.",
        "Password",
        "Enter unlock  Esc clear  Ctrl+Q quit",
    }
    sent = len(screen.said)
    with database.connect("tvd_operator2") as colleague:
        colleague.execute("select muni.log_ticket('water', 'high', 'Behind the lock', 'Here')")
    end = time.monotonic() + 4
    while time.monotonic() < end:
        if select.select([screen._descriptor], [], [], 0.5)[0]:
            screen._read()
    assert screen.said[sent:] == b""

    screen.type("\r")
    screen.wait_for("type the password with which")
    screen.type("guess\r")
    screen.wait_for("that password was not accepted")
    settle(screen)  # a second: the next one may be tried
    screen.type(f"{password}\r")
    screen.wait_for(WORDS)
    settle(screen)
    assert screen.shown() == before
    assert (screen.screen.cursor.x, screen.screen.cursor.y) == cursor
    screen.type(" more")
    screen.wait_for(f"{WORDS} more")
    screen.type("\x1b[20~")
    screen.wait_for("This console is locked.")
    screen.type("\x11")
    screen.wait_for("Ctrl+Q again leaves")
    screen.type("\x11")

    assert screen.wait() == 0
    after_lock = screen.said[sent:]
    assert password.encode() not in screen.said
    assert b"guess" not in after_lock
    assert b"\x07" not in screen.said
    assert not re.search(rb"\x1b\][012];", screen.said)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(password.encode() in file.read_bytes() for file in files)
    assert not any(WORDS.encode() in file.read_bytes() for file in files)
