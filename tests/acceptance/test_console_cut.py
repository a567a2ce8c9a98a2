"""The network falls silent during a save, without a word: nothing lost, nothing doubled, one clear sentence.

The cable is out rather than the server down: lines stay open on both ends, and nothing arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from law import desk
from psycopg.conninfo import make_conninfo
from support.database import Database
from support.program import Open, Terminal
from support.proxy import Network
from support.waiting import until

TOLD = "A burst pipe floods Station Road near the school"
WORDS = "the part comes on Monday"
NEW = "The street lights flicker since Monday"
UNKNOWN = (
    "the line was lost while saving; nobody knows yet whether it was saved",
    "not be doubled",
)
CTRL_S, ESC, TAB, ENTER = "\x13", "\x1b", "\t", "\r"
HOLD = f"sh{TAB}"


@pytest.fixture
def number(database: Database) -> str:
    """A ticket of the operator's municipality."""
    return desk.log(database.connect("tvd_operator2"), "water", TOLD)


@pytest.fixture
def network(database: Database) -> Iterator[Network]:
    """What lies between the console and the server."""
    made = Network(database.host, database.port)
    yield made
    made.close()


@pytest.fixture
def console(
    terminal: Open, database: Database, network: Network, number: str
) -> Callable[..., Terminal]:
    """Opens the console of an operator over that network."""

    def open_console() -> Terminal:
        dsn = make_conninfo(database.dsn("tvd_operator"), host="127.0.0.1", port=network.port)
        password = database.password("tvd_operator")
        screen = terminal("tvd_operator", PGPASSWORD=password, MUNICONSOLE_DSN=dsn)
        screen.wait_for("connected")
        return screen

    return open_console


def said(database: Database) -> list[str]:
    """The words that stand on the ticket."""
    rows = database.connect_owner().execute("select note from ticket_notes order by event_id")
    return [words for (words,) in rows]


@pytest.mark.parametrize(
    ("keys", "arrives"),
    [
        pytest.param("c", True, id="note-after"),
        pytest.param("c", False, id="note-before", marks=pytest.mark.prove),
        pytest.param(HOLD, True, id="hold-after", marks=pytest.mark.prove),
        pytest.param(HOLD, False, id="hold-before", marks=pytest.mark.prove),
    ],
)
def test_a_save_on_a_line_that_falls_silent_is_done_once(
    console: Callable[..., Terminal],
    database: Database,
    network: Network,
    number: str,
    keys: str,
    arrives: bool,
) -> None:
    """Before the server had it, and after it had done it: the same key completes it when the line is back."""
    screen = console()
    screen.type(f"/{number[-6:].lower()}{ENTER}")
    screen.wait_for("reported")
    screen.type(f"{keys}{WORDS}")
    screen.wait_for(WORDS)
    network.fall_silent(WORDS.encode(), arrives=arrives)
    screen.type(CTRL_S)
    for part in UNKNOWN:
        screen.wait_for(part)
    assert network.silent
    assert WORDS in screen.shown()
    if arrives:
        until(lambda: said(database) == [WORDS])
    screen.type(CTRL_S)
    screen.wait_for("Saving")
    for part in UNKNOWN:
        screen.wait_for(part)
    assert WORDS in screen.shown()

    network.mend()
    screen.type(CTRL_S)
    done = f"{number} is on hold" if "h" in keys else f"the note is on {number}"
    screen.wait_for(f"{done}, as it was saved" if arrives else done)
    screen.wait_for("History")
    screen.wait_for(WORDS)
    assert said(database) == [WORDS]
    screen.type("e")
    screen.wait_for(f"Escalate {number}")
    screen.type(f"and work goes on{CTRL_S}")
    screen.wait_for(f"{number} is escalated")
    screen.type("q")

    assert screen.wait() == 0
    assert said(database) == [WORDS, "and work goes on"]


@pytest.mark.parametrize(
    "arrives",
    [
        pytest.param(True, id="after"),
        pytest.param(False, id="before", marks=pytest.mark.prove),
    ],
)
def test_a_report_on_a_line_that_falls_silent_is_logged_once_and_its_draft_is_kept(
    console: Callable[..., Terminal],
    terminal: Open,
    database: Database,
    network: Network,
    arrives: bool,
) -> None:
    """What was typed while the line was away is in the draft once it is back, also for another terminal."""
    screen = console()
    screen.type("n")
    screen.wait_for("New report")
    screen.type(f"{TAB}e{TAB}{TAB}{NEW}")
    screen.wait_for("draft kept")
    network.fall_silent(NEW.encode(), arrives=arrives)
    screen.type(CTRL_S)
    screen.wait_for("it is logged only once")
    assert network.silent
    assert NEW in screen.shown()
    owner = database.connect_owner()
    logged = "select count(*) from tickets where description ~ '^The street lights'"
    assert desk.value(owner, logged) == int(arrives)
    screen.wait_for("NOT CONNECTED")
    network.mend()
    screen.type(CTRL_S)
    screen.wait_for("Tell the caller this number.")
    made = desk.value(
        owner, "select tracking_number from tickets where description ~ '^The street lights'"
    )
    screen.wait_for(made)

    assert desk.value(owner, logged) == 1
    screen.type(f"{ENTER}q")
    assert screen.wait() == 0
    assert desk.value(owner, "select count(*) from drafts") == 0


@pytest.mark.prove
def test_what_is_typed_while_the_line_is_silent_is_in_the_draft_once_it_is_back(
    console: Callable[..., Terminal], database: Database, network: Network
) -> None:
    """Nobody has to notice: it says that nothing is kept at the moment, and keeps it later."""
    screen = console()
    screen.type("n")
    screen.wait_for("New report")
    screen.type(f"{TAB}e{TAB}{TAB}The street")
    screen.wait_for("draft kept")
    network.fall_silent()
    screen.type(" lights flicker")
    screen.wait_for("the draft is NOT kept at the moment")
    screen.type(" since Monday")
    network.mend()
    drafts = "select content ->> 'description' from drafts"
    owner = database.connect_owner()
    until(lambda: desk.value(owner, drafts) == NEW)
    screen.kill()

    screen = console()
    screen.type("n")
    screen.wait_for("A report was begun")
    screen.type(ENTER)
    screen.wait_for(NEW)


def test_a_console_on_a_silent_line_can_be_left(
    console: Callable[..., Terminal], network: Network
) -> None:
    """Whoever goes home does not wait for the network."""
    screen = console()
    network.fall_silent()
    screen.type("q")

    assert screen.wait() == 0
    assert "Traceback" not in screen.said.decode(errors="replace")
