"""From typing `municonsole demo` to tickets on the screen: the first time, later, and beside another."""

from __future__ import annotations

import os
import pty
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from municonsole.demo.cluster import Cluster
from municonsole.demo.server import FOLDER_VARIABLE, DemoServer

TICKET = b"TKT-"
BUDGETS = {"first demo": 15.0, "later demo": 3.0, "second console": 3.0}
"""Seconds on two cores, installing excluded."""


@contextmanager
def console(folder: Path) -> Iterator[float]:
    """Open a manager's console in a terminal; gives the seconds until a ticket stands there."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        environment = {**os.environ, FOLDER_VARIABLE: str(folder), "TERM": "xterm-256color"}
        command = [sys.executable, "-m", "municonsole", "demo", "--role", "manager"]
        os.execve(sys.executable, command, environment)
    try:
        shown = b""
        while TICKET not in shown:
            shown += os.read(terminal, 65536)
        yield time.perf_counter() - started
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def bare_server(folder: Path) -> float:
    """Give the seconds that PostgreSQL alone takes to be made and started: the floor."""
    cluster = Cluster(folder)
    started = time.perf_counter()
    try:
        cluster.start()
        return time.perf_counter() - started
    finally:
        cluster.wipe()


def measure(folder: Path) -> dict[str, float]:
    """Give the seconds of each way to open the demo."""
    server = DemoServer(folder)
    found = {}
    try:
        with console(folder) as found["first demo"]:
            pass
        server.down()
        with console(folder) as found["later demo"], console(folder) as found["second console"]:
            pass
        return found
    finally:
        server.down(wipe=True)


def main() -> bool:
    """Print every figure beside its budget; whether all are within."""
    with tempfile.TemporaryDirectory(prefix="municonsole-bench-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        print(f"a bare server, made and started: {bare_server(parent / 'bare'):.2f} s")
        found = measure(parent / "demo")
    for what, seconds in found.items():
        verdict = "ok" if seconds <= BUDGETS[what] else "OVER BUDGET"
        print(f"{what}: {seconds:.2f} s (budget {BUDGETS[what]:.0f}) {verdict}")
    return all(found[what] <= budget for what, budget in BUDGETS.items())


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
