"""A CSV file, row by row in little memory; what is wrong with one row is said and the next is read."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line
from municonsole.services.importing.mapping import Mapping
from municonsole.services.importing.records import Rejection, SourceRow

FIELD_LIMIT: Final = 131_072
"""Characters of one field. The longest text that is imported has 10,000."""
ROW_LIMIT: Final = 1_048_576
"""Characters of one row; also what is held in memory of it."""

_ENCODINGS: Final = {"utf-8": "utf-8-sig"}  # with or without the mark that spreadsheets put first


class OtherColumns(InvalidInput):
    """The file has not the columns that the mapping uses."""


class CsvFile:
    """An open CSV file with a header.

    `position` and `size` are in bytes. Raises InvalidInput for a file that is empty, is not in the
    mapping's encoding, or lacks a column that the mapping uses, before any row is given.
    """

    def __init__(self, file: Path, mapping: Mapping) -> None:
        self._name = clean_line(file.name)
        self._binary = _opened(file, self._name)
        try:
            encoding = _ENCODINGS.get(mapping.csv.encoding, mapping.csv.encoding)
            self._check_encoding(encoding)
            self.size = self._binary.seek(0, io.SEEK_END)
            self._binary.seek(0)
            self._text = io.TextIOWrapper(self._binary, encoding, newline="")
            self._lines = _Lines(self._text)
            csv.field_size_limit(FIELD_LIMIT)
            self._reader = csv.reader(self._lines, delimiter=mapping.csv.delimiter, strict=True)
            self._header = self._read_header()
            self._check_columns(mapping)
        except BaseException:
            self._binary.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    @property
    def position(self) -> int:
        """Bytes that have been read."""
        return self._binary.tell()

    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every row that is not blank. A row is one entry, however many lines it has."""
        number = 1
        while True:
            number += 1
            self._lines.begin()
            try:
                fields = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._lines.skip_to_end_of_row()
                yield Rejection(number, None, self._reason(error))
                continue
            except (OSError, UnicodeDecodeError):
                raise InvalidInput(
                    f"{self._name}: cannot be read beyond row {number - 1:,}"
                ) from None
            if self._lines.nul:
                yield Rejection(number, None, "it contains a NUL byte")
            elif fields:
                yield self._row(number, fields)

    def _row(self, number: int, fields: Sequence[str]) -> SourceRow | Rejection:
        if len(fields) != len(self._header):
            reason = f"it has {len(fields):,} fields, the header has {len(self._header):,}"
            return Rejection(number, None, reason)
        return SourceRow(number, dict(zip(self._header, fields, strict=True)))

    def _reason(self, error: csv.Error) -> str:
        if isinstance(error, _TooLong):
            return f"it is longer than {ROW_LIMIT:,} characters"
        if "field limit" in str(error):
            return f"a field is longer than {FIELD_LIMIT:,} characters"
        if self._lines.open_at_end:
            return "a quotation mark is opened and never closed; nothing after it could be read"
        return "text follows a closing quotation mark, so the fields cannot be told apart"

    def _check_encoding(self, encoding: str) -> None:
        """Read the whole file once, so that nothing is imported of one that cannot be read to its end."""
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while block := self._binary.read(ROW_LIMIT):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeError:
            raise InvalidInput(
                f"{self._name}: not {encoding.removesuffix('-sig').upper()} text; save it as UTF-8, "
                "or name its encoding under [csv] in the mapping"
            ) from None
        except OSError as error:
            raise _unreadable(self._name, error) from None

    def _read_header(self) -> list[str]:
        self._lines.begin()
        try:
            header = [clean_line(name) for name in next(self._reader)]
        except (StopIteration, csv.Error):
            header = []
        if not any(header) or self._lines.nul:
            raise InvalidInput(f"{self._name}: it does not begin with a row of column names")
        return header

    def _check_columns(self, mapping: Mapping) -> None:
        for column, key in mapping.columns_used():
            if column not in self._header:
                raise OtherColumns(
                    f"{self._name}: there is no column {column!r}, which the mapping uses for {key}; "
                    f"there are: {', '.join(self._header)[:1000]}"
                )
            if self._header.count(column) > 1:
                raise OtherColumns(
                    f"{self._name}: there are several columns {column!r}, and the mapping uses it "
                    f"for {key}; rename all but one"
                )


class _TooLong(csv.Error):
    """A row exceeds ROW_LIMIT."""


class _Lines:
    """The lines of a file for csv.reader, none held longer than ROW_LIMIT.

    It counts the quotation marks of the row that is being read: after an error, an odd number says
    that the next line still belongs to that row.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.begin()

    def begin(self) -> None:
        """A new row begins with the next line."""
        self.nul = False
        self.open_at_end = False
        self._length = 0
        self._is_open = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._read()
        if not line:
            self.open_at_end = self._is_open
            raise StopIteration
        if self._length > ROW_LIMIT:
            while line and not line.endswith(("\n", "\r")):
                line = self._read()
            raise _TooLong
        return line

    def skip_to_end_of_row(self) -> None:
        """Read on until the row that was given up is over."""
        while self._is_open:
            if not self._read():
                self.open_at_end = True
                return

    def _read(self) -> str:
        line = self._text.readline(ROW_LIMIT + 1)
        self._length += len(line)
        self._is_open ^= line.count('"') % 2 == 1
        self.nul = self.nul or "\0" in line
        return line


def _opened(file: Path, name: str) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: OSError) -> InvalidInput:
    return InvalidInput(f"{name}: cannot be read: {error.strerror or type(error).__name__}")
