"""Folders for servers of tests: passable for a server's account, and removed even after a kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from municonsole.demo import processes
from municonsole.demo.cluster import Cluster

_PREFIX = "municonsole-test-"


def new_folder() -> Path:
    """Make a folder, named by our process, that all may pass through (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()
    folder.chmod(0o711)
    return folder


def remove(folder: Path) -> None:
    """Stop whatever server runs in the folder and remove it."""
    Cluster(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove what test processes left behind that were killed before they could do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not pid.isdigit() or processes.alive(int(pid)):
            continue
        with contextlib.suppress(FileNotFoundError):  # another test process removes it meanwhile
            if folder.stat().st_uid == os.geteuid():
                remove(folder)
