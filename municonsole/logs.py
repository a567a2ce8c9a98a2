"""Log lines as JSON in a rotating file that only its owner reads, written by any number of consoles."""

from __future__ import annotations

import fcntl
import json
import logging
import logging.handlers
import os
import stat
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from municonsole.config import LogTable
from municonsole.domain.text import clean_line

# Only what is named here is ever written: whatever else a caller attaches stays out.
_FIELDS: Final = (
    *("number", "from_status", "to_status", "team"),
    *(
        "job",
        "municipality",
        "dated",
        "warned",
        "breached",
        "extended",
        "checked",
        "broken",
        "error",
    ),
)
BYTES: Final = 5_000_000
"""Size at which a file is set aside as `.1`, the one before it as `.2` …"""
FILES: Final = 5
"""How many are kept beside the one that is written."""


class JsonLines(logging.Formatter):
    """One object a line: `at` (UTC), `level`, `event`, and the fields above that are set."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; no exception text, no arguments."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": clean_line(str(record.msg)),
        }
        for name in _FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = clean_line(value) if isinstance(value, str) else value
        return json.dumps(line, ensure_ascii=False)


class _SharedFile(logging.handlers.RotatingFileHandler):
    """Follows the file when another console has set it aside, and never does so twice over."""

    def _open(self) -> TextIOWrapper:
        return os.fdopen(open_file(Path(self.baseFilename)), "a", encoding="utf-8")

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: ARG002, N802 — the library's
        """Whether the file is full."""
        return self._is_full()

    def doRollover(self) -> None:  # noqa: N802 — the library's name
        """Set the file aside, unless another console has done it in this moment."""
        folder = os.open(Path(self.baseFilename).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if self._is_full():
                super().doRollover()
        finally:
            os.close(folder)  # which unlocks it

    def _is_full(self) -> bool:
        """Of the file of this name, which becomes ours when ours has been set aside."""
        stream = self.stream
        if stream is not None and not _is_at(self.baseFilename, stream.fileno()):
            self.stream = None  # in case there is no opening it
            stream.close()
            stream = None
        if stream is None:
            stream = self.stream = self._open()
        return os.fstat(stream.fileno()).st_size >= self.maxBytes

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 — the library's name
        """A full disk is no reason to write over the screen."""


def _is_at(name: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(Path(name).stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def log_file(table: LogTable) -> Path | None:
    """Where log lines go: None when they are switched off.

    A name without a folder lies in `municonsole/log` in the user's state folder.
    """
    if not table.file or table.level == "OFF":
        return None
    import platformdirs

    folder = platformdirs.user_log_path("municonsole", appauthor=False)
    return folder / Path(table.file).expanduser()


def open_file(file: Path) -> int:
    """A descriptor that appends to `file`, which is made with its folder. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Never blocking: a pipe without a reader would keep the console from opening.
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK
    descriptor = os.open(file, flags, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is no regular file")
    return descriptor


def start(table: LogTable) -> None:
    """Write the program's log lines as `[log]` says; where that cannot be, there are none.

    `municonsole doctor` says why: a console that cannot write its log still takes calls.
    """
    try:
        file = log_file(table)
        handler = _SharedFile(file, maxBytes=BYTES, backupCount=FILES) if file else None
    except (OSError, RuntimeError):  # the latter for a ~ that is nobody's
        handler = None
    _write_to(handler, table.level)


def start_service(table: LogTable) -> None:
    """Write the lines on standard error, which whatever runs a service collects; the file has none."""
    _write_to(None if table.level == "OFF" else logging.StreamHandler(), table.level)


def _write_to(handler: logging.Handler | None, level: str) -> None:
    logger = logging.getLogger("municonsole")
    logger.propagate = False
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    if handler is None:
        logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.CRITICAL + 1)  # so that nobody asks the database for what to write
        return
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(level)
