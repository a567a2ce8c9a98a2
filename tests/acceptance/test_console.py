"""The console in a real terminal, on a real database, as an operator uses it."""

from __future__ import annotations

import os
import re
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support.database import Database
from support.program import Open, Terminal, environment

HOSTILE = (
    "Leak [@click=app.quit]here[/x] \x1b]52;c;cm0gLXJm\x07\u202eesrever \U0001f6b0 in the street"
)
ALLOWED = re.compile(
    # What Textual itself sends: cursor, colours, modes, queries, synchronised output, kitty keys.
    rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\[[?]?[0-9;]*\$p|\x1b[()][A-Z0-9]|\x1b[=>78c]"
)


@pytest.fixture
def tickets(database: Database) -> list[str]:
    """Thirty tickets of the operator's municipality, the newest hostile; gives their numbers."""
    with database.connect("tvd_operator") as operator:
        told = [f"Pothole number {n} in School Lane" for n in range(1, 30)] + [HOSTILE]
        return [
            operator.execute(
                "select muni.log_ticket('roads', 'high', %s, 'School Lane')", (text,)
            ).fetchone()[0]
            for text in told
        ]


@pytest.fixture
def console(terminal: Open, database: Database, tickets: list[str]) -> Callable[..., Terminal]:
    """Opens the console of the operator and waits for its first list."""

    def open_console(**env: str) -> Terminal:
        screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"), **env)
        screen.wait_for("connected")
        screen.type("5")
        screen.wait_for("1 of 30")
        return screen

    return open_console


def test_an_operator_moves_opens_searches_and_quits(
    console: Callable[..., Terminal], tickets: list[str]
) -> None:
    """The whole reading work, by keyboard, in a terminal of 80 columns and 24 lines."""
    screen = console()
    screen.type("jjj")
    screen.wait_for("4 of 30")
    screen.type("\r")
    screen.wait_for("Pothole number 27 in School Lane")
    screen.wait_for("reported")
    screen.type("\x1b")
    screen.wait_for("4 of 30")
    screen.type("/number 7\r")
    screen.wait_for("1 found")
    screen.wait_for(tickets[6])
    screen.type("\x1b")
    screen.wait_for("4 of 30")
    screen.type("q")

    assert screen.wait() == 0
    assert "Traceback" not in screen.said.decode(errors="replace")


def test_nothing_but_the_programs_own_control_sequences_reaches_the_terminal(
    console: Callable[..., Terminal],
) -> None:
    """A citizen's words cannot write the clipboard, move the cursor or quit the console."""
    screen = console()
    screen.wait_for("Leak [@click")
    screen.type("\r")
    screen.wait_for("in the street")
    screen.type("\x1b")
    screen.wait_for("1 of 30")
    screen.type("q")

    assert screen.wait() == 0
    rest = ALLOWED.sub(b"", screen.said).decode()
    assert "]52;" in rest
    assert "\x1b" not in rest
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", rest)


def test_an_idle_console_sends_nothing(console: Callable[..., Terminal]) -> None:
    """No clock, no spinner, no blinking cursor: a line that costs money stays silent."""
    screen = console()
    # The console checks the clocks once a minute; the status line follows within some seconds.
    screen.wait_for("checked")
    screen.type("/")
    screen.wait_for("Search")
    settle(screen)
    # Longer than it takes the console to look again whether what it shows may still be seen.
    silent, _, _ = select.select([screen._descriptor], [], [], 5)

    assert not silent


def settle(screen: Terminal) -> None:
    """Until a second passes without a byte."""
    while select.select([screen._descriptor], [], [], 1)[0]:
        screen._read()


def test_no_colour_is_sent_where_none_is_wanted(console: Callable[..., Terminal]) -> None:
    """NO_COLOR: bold, dim and reverse, and not one colour."""
    screen = console(NO_COLOR="1")
    screen.type("q")

    assert screen.wait() == 0
    styles = re.findall(rb"\x1b\[([0-9;]*)m", screen.said)
    codes = {code for style in styles for code in style.split(b";") if code}
    assert codes <= {b"0", b"1", b"2", b"3", b"4", b"7", b"39", b"49"}


def test_a_terminal_of_sixteen_colours_gets_no_others(console: Callable[..., Terminal]) -> None:
    """An old terminal shows the console as it was meant."""
    screen = console(TERM="xterm-16color", COLORTERM="")
    screen.type("q")

    assert screen.wait() == 0
    assert not re.search(rb"\x1b\[[0-9;]*[34]8;[25];", screen.said)


def test_a_closed_terminal_ends_the_console(console: Callable[..., Terminal]) -> None:
    """A lost SSH line leaves no process behind."""
    assert console().hang_up() == 0


def test_it_ends_with_its_terminal_below_a_shell_that_waits_for_it(
    database: Database, tmp_path: Path
) -> None:
    """Such a shell, or make, has the hang-up to itself: the console finds out that nobody is there."""
    shell = ("/bin/sh", "-c", 'trap : HUP; "$@"; echo "$?" > "$HOME/left"', "sh")
    place = {"MUNICONSOLE_DSN": database.dsn("tvd_operator")}
    place["PGPASSWORD"] = database.password("tvd_operator")
    screen = Terminal((), environment(tmp_path, **place), shell)
    screen.wait_for("connected")
    screen.hang_up()

    assert (tmp_path / "left").read_text() == "0\n"


def test_a_console_that_is_told_to_end_gives_the_terminal_back(
    console: Callable[..., Terminal],
) -> None:
    """A machine that shuts down leaves a usable terminal."""
    screen = console()
    os.kill(screen._process.pid, signal.SIGTERM)

    assert screen.wait() == 0
    assert b"\x1b[?1049l" in screen.said


def test_the_title_of_the_terminal_stays_as_it_is(console: Callable[..., Terminal]) -> None:
    """Nobody who looks over a shoulder reads names in a tab."""
    screen = console()
    screen.type("\r")
    screen.wait_for("History")
    screen.type("q")

    assert screen.wait() == 0
    assert not re.search(rb"\x1b\][012];", screen.said)


def test_a_ticket_is_handed_over_to_saps(
    console: Callable[..., Terminal], terminal: Open, database: Database, tickets: list[str]
) -> None:
    """An operator marks it sensitive and it is gone; a colleague's screen loses it; SAPS opens it."""
    told = "Pothole number 28 in School Lane"
    operator = console()
    colleague = terminal("tvd_operator2", PGPASSWORD=database.password("tvd_operator2"))
    colleague.wait_for("connected")
    colleague.type("5")
    colleague.wait_for(tickets[27])
    operator.type("jj\r")
    operator.wait_for(told)
    operator.type("m")
    operator.wait_for("There is no way back.")
    operator.type("the caller told more\ty\r")
    operator.wait_for("No longer in this list.")
    operator.type("\x1b")
    operator.wait_for("no longer in this list")
    assert told not in operator.shown()
    assert tickets[27] not in operator.shown()
    operator.type("/number 28\r")
    operator.wait_for("Nothing was found.")
    colleague.wait_for("no longer in this list")
    assert tickets[27] not in colleague.shown()

    liaison = terminal("tvd_saps", PGPASSWORD=database.password("tvd_saps"))
    liaison.wait_for(tickets[27])
    assert told not in liaison.shown()
    liaison.type("\r")
    liaison.wait_for("On record")
    liaison.wait_for(told)
    for screen in (operator, colleague, liaison):
        screen.type("q")

        assert screen.wait() == 0


def test_a_manager_sets_a_deadline_and_reads_the_alerts(
    terminal: Open, database: Database, tickets: list[str]
) -> None:
    """What a new deadline does is seen before it is saved; what ran late meanwhile is told under i.

    The console itself finds the breach: nobody else looks after the clocks here.
    """
    late, moved = tickets[3], tickets[5]
    with database.connect_owner() as owner:
        owner.execute(
            "update tickets set created_at = created_at - interval '9 h',"
            " sla_response_warning_at = sla_response_warning_at - interval '9 h',"
            " sla_response_deadline = sla_response_deadline - interval '9 h'"
            " where tracking_number = %s",
            (late,),
        )
    screen = terminal("tvd_manager", PGPASSWORD=database.password("tvd_manager"))
    screen.wait_for("checked")
    screen.wait_for("new alert")
    screen.type("4")
    screen.wait_for(late)
    screen.wait_for("! late 1 h")
    screen.wait_for("escalated")

    screen.type("/number 6\r")
    screen.wait_for(moved)
    screen.type("dr\t+30h")
    screen.wait_for("due 29 h")
    screen.wait_for("Working time  left 29 h 59 min")
    screen.type("\t")
    screen.type("promised to the school")
    screen.wait_for("promised to the school")
    screen.type("\r")
    screen.wait_for(f"the deadline of {moved} is set")
    screen.type("\r")
    screen.wait_for("set by hand")
    screen.wait_for("promised to the school")

    screen.type("i")
    screen.wait_for("Alerts   1 of 1 new")
    screen.wait_for("! answer missed")
    screen.wait_for(late)
    screen.type("X")
    screen.wait_for("all alerts are read")
    assert "new alert" not in screen.shown()
    screen.type("q")

    assert screen.wait() == 0


def test_where_complaints_are_kept_the_screen_is_not(
    database: Database, tickets: list[str], tmp_path: Path
) -> None:
    """`municonsole 2>complaints.log` shows the console, and writes none of it there."""
    complaints = tmp_path / "complaints.log"
    env = environment(
        tmp_path,
        MUNICONSOLE_DSN=database.dsn("tvd_operator"),
        PGPASSWORD=database.password("tvd_operator"),
    )
    screen = Terminal((), env, through=("/bin/sh", "-c", f'exec "$@" 2>{complaints}', "sh"))
    try:
        screen.wait_for("connected")
        screen.type("q")
        assert screen.wait() == 0
    finally:
        screen.close()

    assert complaints.read_text() == ""
