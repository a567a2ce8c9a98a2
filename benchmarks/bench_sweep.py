"""The sweep beside the bare statements that write the same rows, and beside loading and escalating one by one."""

from __future__ import annotations

import os
import statistics
import sys
from functools import partial

import psycopg
import sweeping
from harness import Pair, demo

from municonsole.demo.server import Credential, Demo

TICKETS = int(os.environ.get("BENCH_SWEEP_TICKETS", "100000"))
LATE = TICKETS // 100
ROUNDS = 5
FASTER = 40.0


def connect(up: Demo, who: Credential, *, owning: bool) -> sweeping.Connection:
    """Log in, as the owner of the tables where that is meant."""
    connection = psycopg.connect(up.dsn(who.username), password=who.password, autocommit=True)
    if owning:
        connection.execute("set role muni_owner")
    return connection


def main(up: Demo) -> list[bool]:
    """Whether each budget is held, after its line."""
    with (
        connect(up, up.owner, owning=True) as owner,
        connect(up, up.worker, owning=False) as worker,
    ):
        return measure(up, owner, worker)


def measure(up: Demo, owner: sweeping.Connection, worker: sweeping.Connection) -> list[bool]:
    """The same, by these connections."""
    sweeping.fill(owner, TICKETS)
    sweeping.sweep(worker)
    times: tuple[list[float], list[float]] = ([], [])
    # Turn by turn on one table, the next tickets each time; the first round does not count.
    for turn in range(2 * (ROUNDS + 1)):
        sweeping.let_be_late(owner, 1 + turn * LATE, LATE)
        taken, found = sweeping.bare(owner) if turn % 2 else sweeping.sweep(worker)
        if found != LATE:
            raise SystemExit(f"{found} tickets were escalated and not {LATE}")
        if turn >= 2:
            times[turn % 2].append(taken * 1000)
    swept, bare = map(statistics.median, times)
    name = f"sweep of {LATE:,} breaches among {TICKETS:,} open tickets"
    held = [Pair(name, "the bare statements", swept, bare, 2.0).report()]
    sweeping.let_be_late(owner, 1 + 2 * (ROUNDS + 1) * LATE, LATE)
    slow, found, megabytes = sweeping.one_by_one(partial(connect, up, up.owner, owning=True))
    times_faster = slow * 1000 / swept
    held.append(times_faster >= FASTER and found == LATE)
    print(
        f"loading {TICKETS:,} and escalating {found:,} one by one: {slow:.1f} s and {megabytes:,.0f} MB, "
        f"{times_faster:.0f} times the sweep (budget at least {FASTER:.0f}) "
        f"{'ok' if held[-1] else 'OVER BUDGET'}"
    )
    return held


if __name__ == "__main__":
    with demo(tickets=0) as running:
        verdicts = main(running)
    sys.exit(0 if all(verdicts) else 1)
