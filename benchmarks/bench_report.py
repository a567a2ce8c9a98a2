"""A report beside a bare count of the same tickets, and what an export of few and of all tickets takes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import psycopg
from harness import Pair, demo

from municonsole.demo.server import Demo, Login

ROUNDS = 5
FEW = 10_000
REPORT = b"select * from muni.report_sla(%s, %s, %s)"
BARE = b"""
    select t.category, count(*), count(t.first_responded_at), count(t.resolved_at)
    from muni.tickets as t
    where t.created_at >= %s and t.created_at < %s
    group by 1
"""
WRITE = """
import resource, subprocess, sys
with open(sys.argv[1], "wb") as file:
    done = subprocess.run([sys.executable, "-m", "municonsole", *sys.argv[2:]], stdout=file, check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""
"""Runs an export into a file and prints the most memory it had, in kilobytes."""


def main(up: Demo) -> list[bool]:
    """Whether each budget is held, after its line."""
    login = up.login("manager")
    with psycopg.connect(
        up.dsn(login.username), password=login.password, autocommit=True
    ) as manager:
        until = datetime.now(UTC) + timedelta(days=1)
        held = [
            _report(manager, name, until - timedelta(days=days), until)
            for name, days in (("all", 365), ("four weeks of", 28))
        ]
        nth = manager.execute(
            "select t.created_at from muni.tickets as t order by t.created_at desc, t.id desc"
            " offset %s limit 1",
            (FEW,),
        ).fetchone()
    if nth is None:
        raise SystemExit(f"there are fewer than {FEW} tickets to export")
    since = ("--since", nth[0].isoformat())
    few = _export(up, login, since)
    held.extend(_constant(form, few, _export(up, login, form)) for form in ((), JSON_LINES))
    return held


JSON_LINES = ("--format", "jsonl")


def _report(
    manager: psycopg.Connection[tuple[object, ...]], name: str, since: datetime, until: datetime
) -> bool:
    def report() -> int:
        return int(str(manager.execute(REPORT, (since, until, "category")).fetchall()[-1][3]))

    def bare() -> int:
        return sum(int(str(row[1])) for row in manager.execute(BARE, (since, until)))

    counted = report()
    if counted != bare():
        raise SystemExit("the report is about other tickets than the bare count")
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for which, call in enumerate((report, bare)):
            times[which].append(_milliseconds(call))
    thing, floor = map(statistics.median, times)
    return Pair(
        f"a report over {name} {counted:,} tickets", "a bare count", thing, floor, 20
    ).report()


def _milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _export(up: Demo, login: Login, options: Sequence[str]) -> tuple[float, float, str]:
    """Seconds, megabytes at most, and what the command says."""
    environment = os.environ | {
        "MUNICONSOLE_DSN": up.dsn(login.username),
        "PGPASSWORD": login.password,
    }
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WRITE, os.devnull, "export", "tickets", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return time.perf_counter() - began, int(done.stdout) / 1024, done.stderr.strip()


def _constant(
    form: Sequence[str], few: tuple[float, float, str], everything: tuple[float, float, str]
) -> bool:
    seconds, megabytes, said = everything
    held = megabytes <= 1.25 * few[1]
    print(
        f"{said} as {form[-1] if form else 'csv'} in {seconds:.1f} s with at most {megabytes:.0f} MB; "
        f"{few[2]} with {few[1]:.0f} MB (budget 1.25 times) {'ok' if held else 'OVER BUDGET'}"
    )
    return held


if __name__ == "__main__":
    with demo() as running:
        verdicts = main(running)
    sys.exit(0 if all(verdicts) else 1)
