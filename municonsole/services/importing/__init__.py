"""Files of other systems as requests that can be imported: read, mapped, cleaned, or rejected with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line
from municonsole.services.importing import mapping
from municonsole.services.importing.build import Builder
from municonsole.services.importing.csv_file import CsvFile, OtherColumns
from municonsole.services.importing.mapping import Mapping
from municonsole.services.importing.open311_file import Open311File
from municonsole.services.importing.records import Rejection, Request, Rows


def fitting(file: Path, file_format: str | None) -> str | None:
    """The name of a shipped mapping that fits a file: a CSV file has its columns, any JSON fits Open311's.

    Raises InvalidInput when there is no such file or nothing can read it.
    """
    _require(file)
    for name in mapping.shipped():
        rules = mapping.load(name)
        if rules.format != file_format:
            continue
        if rules.format == "csv":
            try:
                CsvFile(file, rules).close()
            except OtherColumns:
                continue
        return name
    return None


def _require(file: Path) -> None:
    if not file.is_file():
        raise InvalidInput(f"{clean_line(str(file))}: there is no such file")


class RequestFile:
    """A file and its mapping: iterating gives its requests and rejections, in the file's order.

    Raises InvalidInput, before any request is given, for a file that cannot be read as the mapping
    says; see the two readers.
    """

    def __init__(self, file: Path, rules: Mapping) -> None:
        _require(file)
        self.source = rules.source
        self._rows: Rows = CsvFile(file, rules) if rules.format == "csv" else Open311File(file)
        self._builder = Builder(rules)

    @property
    def size(self) -> int:
        """What there is to read, in a measure of the format's own."""
        return self._rows.size

    @property
    def position(self) -> int:
        """How much of `size` has been read."""
        return self._rows.position

    def __iter__(self) -> Iterator[Request | Rejection]:
        for row in self._rows:
            yield row if isinstance(row, Rejection) else self._builder.request(row)

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()
