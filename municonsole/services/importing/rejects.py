"""The file that names every rejected row and why, for whoever mends the other system's data."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Final, TextIO

from municonsole.domain.errors import InvalidInput, MuniconsoleError
from municonsole.domain.text import clean_line, spreadsheet_cell
from municonsole.services.importing.records import Rejection

HEADER: Final = ("row", "source_id", "reason")
_FIRST_LINE: Final = ",".join(HEADER) + "\n"


class RejectsFile:
    """Written with the first rejection; readable by its owner alone.

    A file of this kind that an earlier import left is replaced, and removed when there is nothing
    to reject any more. Any other file that is not empty is left alone: InvalidInput, before
    anything is imported.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._file: TextIO | None = None
        self._replaces = False
        try:
            if path.is_file():
                with path.open(encoding="utf-8", errors="replace", newline="") as old:
                    beginning = old.read(len(_FIRST_LINE))
                if beginning not in ("", _FIRST_LINE):
                    raise InvalidInput(
                        f"{self.name}: this file is no list of rejects and is not overwritten; name "
                        "another with --rejects"
                    )
                self._replaces = beginning == _FIRST_LINE
            if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
                raise InvalidInput(
                    f"{self.name}: rejects cannot be written there; name another file with --rejects"
                )
        except OSError as error:
            raise InvalidInput(f"{self.name}: cannot be read: {error.strerror}") from None

    @property
    def name(self) -> str:
        """The path as it can be printed."""
        return clean_line(str(self.path))

    def add(self, rejection: Rejection) -> None:
        """Write one more. Raises MuniconsoleError when the disk does not take it."""
        cells = (str(rejection.number), rejection.source_id or "", rejection.reason)
        try:
            if self._file is None:
                self._file = self._open()
            csv.writer(self._file, lineterminator="\n").writerow(map(spreadsheet_cell, cells))
        except OSError as error:
            raise self._unwritable(error) from None
        self.count += 1

    def finish(self) -> None:
        """The import has come to its end: what an earlier one left is not true any more."""
        try:
            self.close()
            if self._replaces and not self.count:
                self.path.unlink()
        except OSError as error:
            raise self._unwritable(error) from None

    def close(self) -> None:
        """Close the file, with what is in it."""
        if self._file is not None:
            self._file.close()

    def _open(self) -> TextIO:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        file.write(_FIRST_LINE)
        return file

    def _unwritable(self, error: OSError) -> MuniconsoleError:
        return MuniconsoleError(
            f"{self.name}: cannot be written: {error.strerror}; what is imported already stays, give "
            "the same command again"
        )
