"""`municonsole worker`: the jobs of the house without a screen, as a service or once."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from law import desk, late
from support import world
from support.database import Database
from support.program import COMMAND, PATIENCE, Open, Run, environment
from support.waiting import until

ONCE = ("worker", "--once", "--json")


@contextmanager
def running(
    database: Database, folder: Path, *options: str
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A worker as a service runs it, and the file its standard error goes to."""
    said = folder / "journal"
    env = environment(
        folder,
        MUNICONSOLE_DSN=database.dsn(world.WORKER),
        PGPASSWORD=database.password(world.WORKER),
    )
    with said.open("w") as journal:
        process = subprocess.Popen(
            [*COMMAND, *options, "worker"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=journal,
            text=True,
            start_new_session=True,
        )
    try:
        yield process, said
    finally:
        process.kill()
        process.communicate()


def lines(said: Path) -> list[dict[str, object]]:
    """What whoever runs the service collects, without the times."""
    found = [json.loads(line) for line in said.read_text().splitlines()]
    for line in found:
        assert str(line.pop("at")).endswith("+00:00")
    return found


def test_once_does_everything_now_and_says_what(as_: Run, database: Database):
    """Deadlines, warnings and breaches of every municipality, and the daily work; twice in a row too."""
    found = late.ticket(database, 3)
    late.ticket(database, 1.7)
    late.raw(database, 1)
    first, second = as_(world.WORKER, *ONCE), as_(world.WORKER, *ONCE)
    nothing = {"municipality": "ksb", "dated": 0, "warned": 0, "breached": 0}

    assert (first.status, first.complaint) == (0, "")
    assert first.json == {
        "sweep": [{"municipality": "tvd", "dated": 1, "warned": 1, "breached": 1}, nothing],
        "upkeep": [
            {"municipality": "tvd", "extended": 0, "checked": 3, "broken": 0},
            {"municipality": "ksb", "extended": 0, "checked": 0, "broken": 0},
        ],
    }
    assert second.json["sweep"] == [{**nothing, "municipality": "tvd"}, nothing]
    assert late.row(database, found)["status"] == "escalated"


def test_once_tells_people_in_lines(as_: Run, database: Database):
    """A line a municipality and job."""
    late.ticket(database, 3)

    assert as_(world.WORKER, "worker", "--once").output.splitlines() == [
        "tvd: 0 given deadlines, 0 warnings, 1 breaches",
        "ksb: 0 given deadlines, 0 warnings, 0 breaches",
        "tvd: 0 calendars extended, 1 histories checked, 0 of them broken",
        "ksb: 0 calendars extended, 0 histories checked, 0 of them broken",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_works_until_it_is_told_to_end(
    database: Database, tmp_path: Path, number: signal.Signals
):
    """Late tickets are found by themselves; SIGTERM and Ctrl-C end it with 0 and a last line."""
    found = late.ticket(database, 3)
    with running(database, tmp_path) as (process, said):
        until(lambda: late.row(database, found)["status"] == "escalated")
        until(lambda: "job done" in said.read_text())
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)

    assert (process.returncode, output) == (0, "")
    assert lines(said) == [
        {"level": "INFO", "event": "worker started"},
        {
            "level": "INFO",
            "event": "job done",
            "job": "sweep",
            "municipality": "tvd",
            "dated": 0,
            "warned": 0,
            "breached": 1,
        },
        {"level": "INFO", "event": "worker ended"},
    ]
    assert not (tmp_path / ".local").exists()


def test_told_to_end_it_finishes_what_it_does(database: Database, tmp_path: Path):
    """A sweep that has begun is done to its end."""
    found = late.ticket(database, 3)
    owner = database.connect(database.owner, autocommit=False)
    owner.execute("set role muni_owner")
    owner.execute("lock table muni.jobs in access exclusive mode")
    waiting = "select exists (select from pg_locks where relation = 'muni.jobs'::regclass and not granted)"
    with running(database, tmp_path) as (process, said):
        until(lambda: bool(desk.value(owner, waiting)))
        process.send_signal(signal.SIGTERM)
        owner.commit()
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert late.row(database, found)["status"] == "escalated"
    assert lines(said)[-1]["event"] == "worker ended"


def test_a_database_that_goes_away_does_not_end_it(database: Database, tmp_path: Path):
    """Its sessions are ended and its login refused: one warning in words, and it goes on."""
    owner = database.connect(database.owner)
    with running(database, tmp_path) as (process, said):
        until(lambda: "worker started" in said.read_text())
        owner.execute(f"alter role {world.WORKER} nologin")
        try:
            until(lambda: "job failed" in said.read_text())
        finally:
            owner.execute(f"alter role {world.WORKER} login")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    [failed] = [line for line in lines(said) if line["event"] == "job failed"]
    assert (failed["level"], failed["job"]) == ("WARNING", "sweep")
    assert "the login is switched off" in str(failed["error"])


@pytest.mark.parametrize("login", ["tvd_operator", "tvd_admin", world.INTAKE, world.STRANGER])
def test_it_runs_as_the_worker_alone(as_: Run, login: str):
    """Whoever has a desk opens the console, which does the same."""
    done = as_(login, "worker", "--once")

    assert (done.status, done.output) == (3, "")
    assert "not in muni_worker" in done.complaint


def test_json_goes_with_once(as_: Run):
    """A service prints nothing but its log lines."""
    done = as_(world.WORKER, "worker", "--json")

    assert done.status == 2
    assert "--json goes with --once" in done.complaint


def test_a_schema_of_another_version_is_refused(as_: Run, database: Database):
    """An old worker does not touch a new database."""
    with database.connect_owner() as owner:
        owner.execute("update schema_version set version_num = '9999'")

    assert "install a newer municonsole" in as_(world.WORKER, *ONCE).complaint


def test_an_open_console_finds_what_is_late(database: Database, terminal: Open):
    """No worker anywhere: a console that somebody has open is enough, and says who it was."""
    found = late.ticket(database, 3)
    screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
    screen.wait_for("connected")
    until(lambda: late.row(database, found)["status"] == "escalated")
    screen.type("q")

    assert screen.wait() == 0
    with database.connect_owner() as owner:
        beat = "select distinct done_by from jobs where municipality_id = 1 and done_by is not null"
        assert desk.value(owner, beat) == "tvd_operator"


def test_a_console_that_is_left_waits_for_its_sweep(database: Database, terminal: Open):
    """What has begun is done to its end, and the terminal is free then."""
    found = late.ticket(database, 3)
    owner = database.connect(database.owner, autocommit=False)
    owner.execute("set role muni_owner")
    owner.execute(
        "lock table muni.jobs in share row exclusive mode"
    )  # which keeps no reader waiting
    screen = terminal("tvd_operator", PGPASSWORD=database.password("tvd_operator"))
    screen.wait_for("connected")
    sweeping = "select exists (select from pg_locks where relation = 'muni.jobs'::regclass and not granted)"
    until(lambda: bool(desk.value(owner, sweeping)))
    screen.type("q")
    owner.commit()

    assert screen.wait() == 0
    assert late.row(database, found)["status"] == "escalated"
