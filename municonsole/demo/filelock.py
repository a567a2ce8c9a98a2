"""One program at a time in a folder: a lock that its holder's death releases by itself."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(
    path: Path, waiting: Callable[[str], None], prepare: Callable[[], None]
) -> Iterator[None]:
    """Hold the lock of this file; ``waiting`` is told who has it when we have to wait.

    ``prepare`` makes the folder, again where the holder we waited for has removed it.

    It is the kernel's (flock): a lock file that someone killed has left behind is free. The file
    may be removed by its holder, so a lock on a file that is no longer there is taken anew.
    """
    while True:
        prepare()
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
                waiting(holder)
                fcntl.flock(handle, fcntl.LOCK_EX)
            if not _is_still(path, handle):
                continue
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            yield
            return
        finally:
            os.close(handle)


def _is_still(path: Path, handle: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(handle).st_ino
    except FileNotFoundError:
        return False
