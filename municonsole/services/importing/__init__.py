"""Files of other systems as requests that can be imported: read, mapped, cleaned, or rejected with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line
from municonsole.services.importing.build import Builder
from municonsole.services.importing.csv_file import CsvFile
from municonsole.services.importing.mapping import Mapping
from municonsole.services.importing.open311_file import Open311File
from municonsole.services.importing.records import Rejection, Request, Rows


class RequestFile:
    """A file and its mapping: iterating gives its requests and rejections, in the file's order.

    Raises InvalidInput, before any request is given, for a file that cannot be read as the mapping
    says; see the two readers.
    """

    def __init__(self, file: Path, mapping: Mapping) -> None:
        if not file.is_file():
            raise InvalidInput(f"{clean_line(str(file))}: there is no such file")
        self.source = mapping.source
        self._rows: Rows = CsvFile(file, mapping) if mapping.format == "csv" else Open311File(file)
        self._builder = Builder(mapping)

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
