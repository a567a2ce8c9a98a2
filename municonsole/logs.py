"""Log lines as JSON in a rotating file that only its owner reads."""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from municonsole.domain.text import clean_line

# Only what is named here is ever written: whatever else a caller attaches stays out.
_FIELDS: Final = ("number", "from_status", "to_status", "team")
_BYTES: Final = 5_000_000
_FILES: Final = 5


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


class _Private(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 — the library's name
        """A full disk is no reason to write over the screen."""


def start(file: Path, level: str) -> None:
    """Write the program's log lines of `level` and above to `file`; a file that cannot be is left out."""
    logger = logging.getLogger("municonsole")
    logger.propagate = False
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = _Private(file, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8")
    except OSError:
        logger.addHandler(logging.NullHandler())
        return
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    logger.setLevel(level)
