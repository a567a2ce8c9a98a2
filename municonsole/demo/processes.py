"""Looking at a server process that is nobody's child: is it alive, is it ours, wait for its end."""

from __future__ import annotations

import os
import select
import subprocess
import time
from pathlib import Path

POLL_SECONDS = 0.01


def alive(pid: int) -> bool:
    """Tell whether the process runs. One that has died and waits to be reaped does not.

    In a container process 1 often reaps nobody, so a killed server stays a zombie for ever.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    return not status.rpartition(")")[2].lstrip().startswith(("Z", "X"))


def runs_with(pid: int, argument: str) -> bool:
    """Tell whether the process was started with this very argument (any user may look at that).

    Numbers of processes are used again, soon so in a container: a stale number file may point
    at anything.
    """
    proc = Path(f"/proc/{pid}/cmdline")
    try:
        return argument.encode() in proc.read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
    listing = subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        check=False,
        text=True,
    )
    return f" {argument} " in f"{listing.stdout.strip()} "


def wait_for_end(pid: int, seconds: float) -> bool:
    """Wait until the process has ended, at most so long; tell whether it has."""
    if hasattr(os, "pidfd_open"):
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        except OSError:
            return _poll_for_end(pid, seconds)
        try:
            watch = select.poll()
            watch.register(handle, select.POLLIN)
            return bool(watch.poll(seconds * 1000))
        finally:
            os.close(handle)
    return _poll_for_end(pid, seconds)


def _poll_for_end(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True
