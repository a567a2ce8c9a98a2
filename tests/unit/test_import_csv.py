"""CSV files: read in little memory, what is wrong with one row is said and the next is read."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from municonsole.domain.errors import InvalidInput
from municonsole.services.importing.csv_file import FIELD_LIMIT, ROW_LIMIT, CsvFile
from municonsole.services.importing.mapping import CategoryRules, ColumnRules, CsvRules, Mapping
from municonsole.services.importing.records import Rejection, SourceRow

RULES = Mapping(
    source="works",
    format="csv",
    description="{What}",
    columns=ColumnRules(source_id="No", created_at="Logged"),
    category=CategoryRules(column="What"),
)
HEADER = b"No,Logged,What\n"
Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and give its path."""

    def write(content: bytes) -> Path:
        file = tmp_path / "requests.csv"
        file.write_bytes(content)
        return file

    return write


def read(file: Path, rules: Mapping = RULES) -> list[SourceRow | Rejection]:
    """Everything the file gives."""
    with closing(CsvFile(file, rules)) as rows:
        return list(rows)


def outline(rows: list[SourceRow | Rejection]) -> list[tuple[int, str]]:
    """The number of each row, with its id or why there is none."""
    return [
        (row.number, row.values["No"] if isinstance(row, SourceRow) else row.reason) for row in rows
    ]


def test_rows_have_the_numbers_a_spreadsheet_shows(write: Write):
    """The header is row 1, a blank line counts, an entry of several lines is one row."""
    file = write(HEADER + b'1,t,"two\nlines"\n\n2,t,x\n')

    assert outline(read(file)) == [(2, "1"), (4, "2")]


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        (b"\xef\xbb\xbfNo,Logged,What\r\n1,t,caf\xc3\xa9\r\n", CsvRules()),
        (b"No,Logged,What\n1,t,caf\xc3\xa9", CsvRules()),
        (b"No;Logged;What\n1;t;caf\xe9\n", CsvRules(encoding="cp1252", delimiter=";")),
        ("No\tLogged\tWhat\n1\tt\tcafé\n".encode("utf-16"), CsvRules("utf-16", "\t")),
    ],
    ids=["a spreadsheet's UTF-8", "no newline at the end", "Windows", "UTF-16"],
)
def test_files_of_several_origins_are_read(write: Write, content: bytes, rules: CsvRules):
    """A file saved by a spreadsheet works as one of a program does."""
    [row] = read(write(content), msgspec.structs.replace(RULES, csv=rules))

    assert isinstance(row, SourceRow)
    assert row.values == {"No": "1", "Logged": "t", "What": "café"}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"2,t,a\0b", "it contains a NUL byte"),
        (b"2,t", "it has 2 fields, the header has 3"),
        (b"2,t,a,b", "it has 4 fields, the header has 3"),
        (b"2,t," + b"x" * (FIELD_LIMIT + 1), f"a field is longer than {FIELD_LIMIT:,} characters"),
        (b"2,t," + b"x" * 10_000_000, f"it is longer than {ROW_LIMIT:,} characters"),
        (b'2,t,"' + b"x" * 10_000_000 + b'"', f"it is longer than {ROW_LIMIT:,} characters"),
        (
            b'2,t,"' + b"line\n" * 1_000_000 + b'"',
            f"a field is longer than {FIELD_LIMIT:,} characters",
        ),
        (
            b"2,t," + b"x," * 1_000_000,
            f"it is longer than {ROW_LIMIT:,} characters",
        ),
        (b'2,t,"a"b', "text follows a closing quotation mark, so the fields cannot be told apart"),
    ],
    ids=[
        *("NUL", "too few", "too many", "long field", "10 MB", "10 MB in quotes", "10 MB of lines"),
        *("a million fields", "text after quotes"),
    ],
)
def test_a_row_that_cannot_be_read_is_said_and_the_next_is_read(
    write: Write, bad: bytes, reason: str
):
    """One row that nobody can read does not cost the others."""
    file = write(HEADER + b"1,t,a\n" + bad + b"\n3,t,c\n")

    assert outline(read(file)) == [(2, "1"), (3, reason), (4, "3")]


def test_a_quotation_mark_within_a_field_is_a_letter(write: Write):
    """A 5" pipe is no reason to lose what follows it."""
    [row, _] = read(write(HEADER + b'1,t,a 5" pipe\n2,t,x\n'))

    assert isinstance(row, SourceRow)
    assert row.values["What"] == 'a 5" pipe'


def test_a_quotation_mark_that_is_never_closed_is_said_to_end_the_reading(write: Write):
    """Nobody believes that everything was read when it was not."""
    file = write(HEADER + b'1,t,a\n2,t,"b\n3,t,c\n')

    assert outline(read(file)) == [
        (2, "1"),
        (3, "a quotation mark is opened and never closed; nothing after it could be read"),
    ]


def test_a_large_file_is_read_in_little_memory(write: Write):
    """An export of years does not fill the machine's memory, nor does one endless line."""
    file = write(HEADER + b"1,t,a\n" * 200_000 + b"x" * 30_000_000)
    tracemalloc.start()
    try:
        with closing(CsvFile(file, RULES)) as rows:
            count = sum(1 for _ in rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert count == 200_001
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"No,When,What\n1,t,a\n",
            (
                "there is no column 'Logged', which the mapping uses for [columns] created_at; there "
                "are: No, When, What"
            ),
        ),
        (b"No,Logged,What,No\n", "there are several columns 'No', and the mapping uses it for"),
        (HEADER + b"1,t,caf\xe9\n", "not UTF-8 text; save it as UTF-8, or name its encoding under"),
        (
            HEADER.decode().encode("utf-16"),
            "not UTF-8 text; save it as UTF-8, or name its encoding",
        ),
        (b"", "it does not begin with a row of column names"),
        (b"\n1,t,a\n", "it does not begin with a row of column names"),
        (b"No,Logg\0ed,What\n", "it does not begin with a row of column names"),
        (b"x" * 2_000_000, "it does not begin with a row of column names"),
    ],
    ids=[
        *(
            "missing column",
            "column twice",
            "Windows",
            "UTF-16",
            "empty",
            "blank",
            "NUL in the header",
        ),
        "one endless line",
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_the_first_row(
    write: Write, content: bytes, sentence: str
):
    """Whoever took the wrong file or mapping reads one sentence, and nothing has been imported."""
    file = write(content)
    with pytest.raises(InvalidInput) as refused:
        CsvFile(file, RULES)

    assert str(refused.value).startswith(f"requests.csv: {sentence}")
