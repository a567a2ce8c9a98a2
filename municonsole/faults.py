"""A fault of the program itself: where it happened goes into a file, without any data.

An exception's text, its arguments and the variables around it may hold what a citizen said, so
only types, files, lines and function names are kept.
"""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

LIMIT = 1_000_000
"""Bytes after which the file begins anew."""


def log_file() -> Path:
    """Where faults are written: `municonsole/log/faults.log` in the user's state folder."""
    import platformdirs

    return platformdirs.user_log_path("municonsole", appauthor=False) / "faults.log"


def describe(error: BaseException) -> str:
    """Type and stack of `error` and of what led to it, newest last; no messages, no values."""
    lines: list[str] = []
    step: BaseException | None = error
    while step is not None:
        frames = traceback.extract_tb(step.__traceback__)
        place = [f"    {Path(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
        lines[:0] = [f"  {type(step).__module__}.{type(step).__qualname__}", *place]
        step = step.__cause__ or step.__context__
    return "\n".join(lines)


def record(error: BaseException) -> str:
    """Write where `error` happened to the log; the one sentence a person is shown about it."""
    from municonsole import __version__

    kind = type(error).__name__
    entry = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} municonsole {__version__}\n{describe(error)}\n"
    try:
        file = log_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.exists() and file.stat().st_size > LIMIT
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if fresh else os.O_APPEND)
        with os.fdopen(os.open(file, flags, 0o600), "w") as log:
            log.write(entry)
    except OSError:
        return f"municonsole has a fault ({kind}) and could not write where to its log."
    return f"municonsole has a fault ({kind}); where it happened, without any data, is in {file}"
