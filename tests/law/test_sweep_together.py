"""Many sweeps at once, sweeps that die, colleagues who work meanwhile: each breach is escalated once."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from support import world
from support.database import Database, Server
from support.waiting import until

from law import desk, late

pytestmark = pytest.mark.law

SWEEP = "select * from muni.sweep_sla('0')"
WAITS_FOR = "select locktype from pg_locks where pid = %s and not granted"


def late_ones(database: Database, count: int) -> list[uuid.UUID]:
    """Tickets of `tvd` that have missed their response."""
    return [late.ticket(database, 3, phone=f"+2782000{place:04}") for place in range(count)]


def assert_escalated_once(database: Database, tickets: list[uuid.UUID]) -> None:
    """One breach, one hand-over, one alert and one notice each, and every chain whole."""
    for found in tickets:
        assert late.kinds(database, found) == [
            ("sla_breached", "response", "escalated"),
            ("assigned", None, None),
        ]
        assert late.alerts(database, found) == [("tvd_manager", "breach", "response", 1)]
        assert len(late.notices(database, found)) == 1
    late.assert_told(database)


def test_two_at_once_do_the_work_once_and_neither_waits(database: Database) -> None:
    """What one has taken the other leaves alone, and goes on with the next municipality."""
    tickets = late_ones(database, 3)
    first = database.connect(world.WORKER, autocommit=False)
    second = database.connect("ksb_manager")
    second.execute("set lock_timeout = '5 s'")

    assert first.execute(SWEEP).fetchall() == [("tvd", 0, 0, 3, False)]
    # The rows of jobs are the first one's as long as it has made them and not committed.
    other = threading.Thread(target=lambda: second.execute(SWEEP))
    other.start()
    until(
        lambda: bool(
            desk.value(first, "select cardinality(pg_blocking_pids(%s))", second.info.backend_pid)
        )
    )
    first.commit()
    other.join()

    assert first.execute(SWEEP).fetchall() == [("tvd", 0, 0, 0, False)]
    assert second.execute(SWEEP).fetchall() == [("ksb", 0, 0, 0, False)]
    assert second.execute(SWEEP).fetchall() == [("ksb", 0, 0, 0, False)]
    first.commit()
    assert_escalated_once(database, tickets)


def test_a_sweep_that_is_killed_half_way_leaves_all_to_the_next(
    database: Database, server: Server
) -> None:
    """Its backend is terminated in the middle of its writes: nothing of them stays, the next does all."""
    tickets = late_ones(database, 5)
    late.sweep(database, "ksb_operator")  # makes the rows of jobs
    more = late_ones(database, 5)
    before = late.everything(database)
    doomed = database.connect("tvd_operator")
    pid = doomed.info.backend_pid
    errors: list[psycopg.Error] = []

    def run() -> None:
        try:
            doomed.execute(SWEEP)
        except psycopg.Error as error:
            errors.append(error)

    with database.connect(database.owner, autocommit=False) as owner:
        owner.execute("set role muni_owner")
        # Keys are checked when all is written: the manager's, here, has to wait.
        owner.execute("select from muni.operators where username = 'tvd_manager' for update")
        dying = threading.Thread(target=run)
        dying.start()
        until(
            lambda: bool(desk.value(server.admin, "select cardinality(pg_blocking_pids(%s))", pid))
        )
        assert desk.value(server.admin, WAITS_FOR, pid) == "transactionid"
        server.admin.execute("select pg_terminate_backend(%s)", (pid,))
        dying.join()
        owner.rollback()

    assert [error.sqlstate for error in errors] in (["57P01"], [None])
    assert late.everything(database) == before
    assert late.sweep(database)[0] == ("tvd", 0, 0, 5, False)
    assert_escalated_once(database, tickets + more)


def test_twenty_consoles_escalate_each_breach_once(database: Database) -> None:
    """Everybody's console ticks as fast as it can, while colleagues log, answer and note."""
    tickets = late_ones(database, 40)
    logins = [
        person.username
        for person in world.PEOPLE
        if person.is_active and person.role != "saps_liaison"
    ]
    consoles = [database.connect((logins * 2)[place]) for place in range(19)]
    consoles.append(database.connect(world.WORKER))
    worker = database.connect("tvd_operator2")
    fresh: list[str] = []
    begin = threading.Barrier(21)
    over = threading.Event()

    def tick(console: psycopg.Connection) -> int:
        begin.wait()
        found = 0
        while not over.is_set():
            found += console.execute(SWEEP).rowcount
        return found

    def work() -> None:
        begin.wait()
        try:
            for place in range(60):
                fresh.append(desk.log(worker))
                worker.execute(desk.NOTE, (tickets[place % 40], "a call"))
        finally:
            over.set()

    with ThreadPoolExecutor(21) as pool:
        working = pool.submit(work)
        ticks = sum(pool.map(tick, consoles))
        working.result()
    late.sweep(database)  # what was in somebody's hands at the last tick

    assert ticks > 20  # a console that finds everything taken does not wait
    assert len(fresh) == 60
    assert_escalated_once(database, tickets)
    with database.connect_owner() as owner:
        written = Counter(
            kind for (kind,) in owner.execute("select kind from ticket_events where via = 'sweep'")
        )
    assert written == {"sla_breached": 40, "assigned": 40}


def test_a_ticket_in_somebodys_hands_is_found_a_minute_later(database: Database) -> None:
    """The sweep waits for nobody, and nobody's change is lost under it."""
    held, free = late_ones(database, 2)
    colleague = database.connect("tvd_operator", autocommit=False)
    colleague.execute(desk.NOTE, (held, "on the phone with her"))

    assert late.sweep(database)[0] == ("tvd", 0, 0, 1, False)
    assert late.kinds(database, held) == []
    colleague.commit()
    assert late.sweep(database)[0] == ("tvd", 0, 0, 1, False)
    assert_escalated_once(database, [held, free])


def test_a_colleague_waits_for_the_sweep_and_goes_on_from_there(database: Database) -> None:
    """Whoever changes what is being escalated does so afterwards; who looked before is told so."""
    first, second = late_ones(database, 2)
    version = late.row(database, second)["version"]
    sweeping = database.connect(world.WORKER, autocommit=False)
    colleague = database.connect("tvd_operator")
    sweeping.execute(SWEEP)
    noted = desk.outcome_after_waiting(sweeping, colleague, desk.NOTE, (first, "a call"))
    sweeping.execute("select 1")
    error = desk.refusal(
        colleague,
        "select muni.change_status(%s, 'in_progress', expected_version => %s)",
        (second, version),
    )

    assert noted is None
    assert error.sqlstate == "MU001"
    late.assert_told(database)
