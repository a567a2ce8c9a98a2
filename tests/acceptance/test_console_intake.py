"""Calls taken in a real terminal: history, a duplicate, a GBV report, a line that breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from law import desk
from psycopg.conninfo import make_conninfo
from support.database import Database
from support.program import Open, Terminal
from support.proxy import Network
from support.waiting import until

PHONE = "082 555 0123"
E164 = "+27825550123"
BURST = "A burst pipe floods Station Road near the school"
NEW = "The street lights flicker since Monday"
SECRET = "Made-up words of a caller, for tests only"
CTRL_S, CTRL_R, CTRL_T, ESC, TAB, ENTER = "\x13", "\x12", "\x14", "\x1b", "\t", "\r"


@pytest.fixture
def burst(database: Database) -> str:
    """The number of a ticket that somebody else has logged, and one of this caller's; a suburb."""
    colleague = database.connect("tvd_operator2")
    desk.log(colleague, "roads", "A deep pothole", reporter_phone=E164)
    database.connect_owner().execute(
        "insert into suburbs select id, 'Hilltop', -26.15, 28.05 from municipalities where code = 'tvd'"
    )
    return desk.log(colleague, "water", BURST)


@pytest.fixture
def console(terminal: Open, database: Database) -> Callable[..., Terminal]:
    """Opens the console of the operator, ready for a call."""

    def open_console(**env: str) -> Terminal:
        screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"), **env)
        screen.wait_for("connected")
        return screen

    return open_console


def drafts(database: Database) -> list[str]:
    """The descriptions of all drafts."""
    rows = database.connect_owner().execute("select content ->> 'description' from drafts")
    return [told for (told,) in rows]


def wait_until_gone(screen: Terminal, text: str) -> None:
    """Return as soon as this is not on the screen any more."""
    while text in screen.shown():
        assert screen._read()


def logged(database: Database, told: str) -> list[str]:
    """The numbers of the tickets of which this was told."""
    rows = database.connect_owner().execute(
        "select tracking_number from tickets where description = %s", (told,)
    )
    return [number for (number,) in rows]


def test_a_call_with_a_history_and_a_duplicate_and_the_next_one(
    console: Callable[..., Terminal], database: Database, burst: str
) -> None:
    """Who calls is seen by the number, what is reported already by the words; the next is logged."""
    screen = console()
    screen.type("n")
    screen.wait_for("New report")
    screen.type(PHONE)
    screen.wait_for("Caller: 1 open, 0 done")
    screen.wait_for("A deep pothole")
    screen.type(f"{TAB}w{TAB}h{TAB}burst pipe in Station Road")
    screen.wait_for("Already reported? 1 likely")
    screen.type(f"{CTRL_R}{ENTER}")
    screen.wait_for(f"Reported already: {burst}")
    screen.type(f"y{ENTER}")
    screen.wait_for("The caller is a further reporter")
    screen.wait_for(f"{burst}: the caller was added")
    owner = database.connect_owner()
    assert owner.execute("select reporter_phone from reporters").fetchall() == [(E164,)]
    assert desk.value(owner, "select count(*) from tickets") == 2

    screen.type("n")
    screen.wait_for("New report")
    screen.type(f"{PHONE}{TAB}")
    screen.wait_for("Caller: 2 open, 0 done")
    screen.type(f"e{TAB}{TAB}{NEW}{TAB}{TAB}hillt{CTRL_S}")
    screen.wait_for("Tell the caller this number.")
    (number,) = logged(database, NEW)
    screen.wait_for(number, times=2)
    screen.type(f"{ENTER}q")

    assert screen.wait() == 0
    row = desk.ticket(database, number)
    assert (row["suburb"], row["latitude"], row["reporter_phone"]) == ("Hilltop", -26.15, E164)
    assert drafts(database) == []


def test_a_gbv_report_is_gone_once_it_is_logged(
    console: Callable[..., Terminal], terminal: Open, database: Database, tmp_path: Path, burst: str
) -> None:
    """From console, search, drafts and log; SAPS opens it."""
    screen = console()
    screen.type("n")
    screen.wait_for("New report")
    screen.type(f"{PHONE}{TAB}w{TAB}{TAB}burst pipe in Station Road")
    screen.wait_for("Already reported? 1 likely")
    screen.wait_for("draft kept")
    assert drafts(database) == ["burst pipe in Station Road"]
    screen.type("\x1b[Z\x1b[Zg")
    screen.wait_for("Confidential report")
    owner = database.connect_owner()
    until(lambda: desk.value(owner, "select count(*) from drafts") == 0)
    for gone in ("Caller:", "Already reported?", "A deep pothole", BURST, "draft kept"):
        wait_until_gone(screen, gone)
    screen.type(f"{TAB}{TAB}\x15{SECRET}{CTRL_S}")
    screen.wait_for("ask whether it is safe to contact this person")
    screen.type(f"n{TAB}mornings{CTRL_S}")
    screen.wait_for("SAPS has it now")
    number = desk.value(owner, "select tracking_number from tickets where is_sensitive")
    screen.wait_for(number)
    screen.type(ENTER)
    screen.wait_for(f"{number} is logged")
    screen.type(f"/{number}{ENTER}")
    screen.wait_for("Nothing was found.")
    assert SECRET not in screen.shown()
    screen.type(ESC)
    wait_until_gone(screen, "Nothing was found.")
    screen.type("q")
    assert screen.wait() == 0

    assert drafts(database) == []
    operator = database.connect("tvd_operator")
    assert operator.execute("select from muni.tickets where is_sensitive").fetchall() == []
    for text in (number, "Made-up words"):
        assert operator.execute("select muni.search_tickets(%s)", (text,)).fetchone() in (
            None,
            ([],),
        )
    told = "".join(file.read_text() for file in tmp_path.rglob("*.log"))
    for text in (number, SECRET, E164, PHONE, "gbv"):
        assert text not in told
    liaison = terminal("tvd_saps", PGPASSWORD=database.password("tvd_saps"))
    liaison.wait_for(number)
    liaison.type(ENTER)
    liaison.wait_for(SECRET)
    liaison.wait_for("NOT safe to contact")


@pytest.mark.parametrize("how", ["hang_up", "kill"])
def test_a_terminal_that_goes_away_takes_no_draft_with_it(
    console: Callable[..., Terminal], database: Database, burst: str, how: str
) -> None:
    """The next console offers to go on with it, and it is logged once."""
    screen = console()
    screen.type("n")
    screen.wait_for("New report")
    screen.type(f"{PHONE}{TAB}w{TAB}{TAB}{NEW}")
    screen.wait_for("Monday")
    if how == "kill":
        screen.wait_for("draft kept")
    getattr(screen, how)()
    assert drafts(database) == [NEW]

    screen = console()
    screen.type("n")
    screen.wait_for("A report was begun")
    screen.wait_for("street lights flicker")
    screen.type(ENTER)
    screen.wait_for(NEW)
    screen.wait_for(PHONE)
    screen.type(CTRL_S)
    screen.wait_for("Tell the caller this number.")

    assert len(logged(database, NEW)) == 1
    assert drafts(database) == []


@pytest.fixture
def network(database: Database) -> Iterator[Network]:
    """What lies between the console and the server."""
    made = Network(database.host, database.port)
    yield made
    made.close()


def test_a_line_that_breaks_while_a_report_is_saved_loses_and_doubles_nothing(
    console: Callable[..., Terminal], database: Database, network: Network
) -> None:
    """The database had logged it; one sentence, the same key again, and it is the same number."""
    dsn = make_conninfo(database.dsn("tvd_operator"), host="127.0.0.1", port=network.port)
    screen = console(MUNICONSOLE_DSN=dsn)
    screen.type("n")
    screen.wait_for("New report")
    screen.type(f"{TAB}e{TAB}{TAB}{NEW}")
    screen.wait_for("draft kept")
    network.lose(b"TKT-")
    screen.type(CTRL_S)
    screen.wait_for("it is logged only once")
    screen.wait_for("NOT CONNECTED")
    assert len(logged(database, NEW)) == 1
    assert NEW in screen.shown()
    network.mend()
    screen.type(CTRL_S)
    screen.wait_for("Tell the caller this number.")
    (number,) = logged(database, NEW)
    screen.wait_for(number)
    screen.type(f"{ENTER}q")

    assert screen.wait() == 0
    assert drafts(database) == []
