"""The server's main process: found by its note, started as nobody's child, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from municonsole.demo import processes
from municonsole.demo.programs import Programs, environment
from municonsole.domain.errors import MuniconsoleError

READY_SECONDS = 180
"""How long a server may replay its journal after a crash before we give up waiting for it."""

_STOPPING = ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10))
"""What a server is told, more firmly each time (fast, at once, killed), and for how many seconds."""


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server says about itself in its note, ``postmaster.pid``."""

    pid: int
    port: int | None
    status: str


def note(pgdata: Path) -> Path:
    """Give the path of the note that a server keeps while it lives."""
    return pgdata / "postmaster.pid"


def read(pgdata: Path) -> Postmaster | None:
    """Read the note; its writer may be dead. None when there is none."""
    try:
        lines = note(pgdata).read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    port = lines[3] if len(lines) > 3 else ""
    status = lines[7].strip() if len(lines) > 7 else "starting"
    return Postmaster(pid, int(port) if port.isdigit() else None, status)


def running(pgdata: Path) -> Postmaster | None:
    """Give the server that lives and works in this folder, whatever its status; else None."""
    server = read(pgdata)
    if server is None or not processes.alive(server.pid):
        return None
    return server if processes.runs_with(server.pid, str(pgdata)) else None


def spawn(programs: Programs, pgdata: Path, log: Path, settings: dict[str, str]) -> int:
    """Start a server in a session of its own, nobody's child, and give its process number.

    The shell forgets it at once: no terminal's end and no signal to our process group reaches it,
    and the system reaps it.
    """
    command = [str(programs.bin_dir / "postgres"), "-D", str(pgdata)]
    for name, value in sorted(settings.items()):
        command += ["-c", f"{name}={value}"]
    account = programs.account
    with log.open("ab") as output:
        log.chmod(0o600)
        started = subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *command],
            check=True,
            cwd="/",
            env=environment(),
            extra_groups=None if account is None else [],
            group=None if account is None else account.gid,
            start_new_session=True,
            stderr=output,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            umask=0o077,
            user=None if account is None else account.uid,
        )
    return int(started.stdout)


def wait_until_ready(pgdata: Path, pid: int) -> bool:
    """Wait until this server accepts logins; False when it has ended instead.

    :raises MuniconsoleError: when it does neither for a long time.
    """
    end = time.monotonic() + READY_SECONDS
    while processes.alive(pid):
        server = read(pgdata)
        if server is not None and server.pid == pid and server.status == "ready":
            return True
        if time.monotonic() > end:
            raise MuniconsoleError(
                f"PostgreSQL (process {pid}) is still not ready after {READY_SECONDS} s: "
                f"its log beside {pgdata} says why"
            )
        time.sleep(processes.POLL_SECONDS)
    return False


def stop(pgdata: Path) -> None:
    """Stop the server of this folder if there is one, and return when it has ended.

    :raises MuniconsoleError: when it does not end.
    """
    for how, seconds in _STOPPING:
        server = running(pgdata)
        if server is None:
            return
        try:
            os.kill(server.pid, how)
        except ProcessLookupError:
            return
        if processes.wait_for_end(server.pid, seconds):
            return
    raise MuniconsoleError(f"the PostgreSQL server of {pgdata} could not be stopped")
