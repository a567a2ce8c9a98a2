"""Folders for servers of tests: passable for a server's account, and removed even after a kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from itertools import chain
from pathlib import Path

from municonsole.demo import processes
from municonsole.demo.cluster import Cluster

_PREFIX = "municonsole-test-"
_MEMORY = Path("/dev/shm")
_ENOUGH = 4 * 2**30
"""Bytes that must be free in memory before test data goes there."""


def _parent() -> Path:
    """Give where to make folders: TMPDIR where it is set, else memory, else the usual place.

    A copy of the template database takes 30 ms in memory and up to 600 ms on a busy disk.
    """
    usable = "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK | os.X_OK)
    if usable and shutil.disk_usage(_MEMORY).free >= _ENOUGH:
        return _MEMORY
    return Path(tempfile.gettempdir())


def new_folder() -> Path:
    """Make a folder, named by our process, that all may pass through (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_parent())).resolve()
    folder.chmod(0o711)
    return folder


def remove(folder: Path) -> None:
    """Stop whatever server runs in the folder and remove it."""
    Cluster(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove what test processes left behind that were killed before they could do it."""
    places = {_MEMORY, Path(tempfile.gettempdir())}
    for folder in chain.from_iterable(place.glob(f"{_PREFIX}*") for place in places):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not pid.isdigit() or processes.alive(int(pid)):
            continue
        with contextlib.suppress(FileNotFoundError):  # another test process removes it meanwhile
            if folder.stat().st_uid == os.geteuid():
                remove(folder)
