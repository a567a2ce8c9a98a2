"""The rejects file: readable by its owner, never in the place of somebody else's file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from municonsole.domain.errors import InvalidInput
from municonsole.services.importing.records import Rejection
from municonsole.services.importing.rejects import RejectsFile


def rows(file: Path) -> list[list[str]]:
    """What a spreadsheet shows."""
    with file.open(newline="") as text:
        return list(csv.reader(text))


def write(path: Path, *rejections: Rejection) -> None:
    """An import that ends with these rejections."""
    rejected = RejectsFile(path)
    for rejection in rejections:
        rejected.add(rejection)
    rejected.finish()


def test_it_names_row_and_reason(tmp_path: Path):
    """Whoever mends the data sees where and why; nobody else on the machine does."""
    file = tmp_path / "rejects.csv"
    write(file, Rejection(2, "A-1", "Logged: not a time"), Rejection(9, None, "a, reason"))

    assert rows(file) == [
        ["row", "source_id", "reason"],
        ["2", "A-1", "Logged: not a time"],
        ["9", "", "a, reason"],
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_rejection_leaves_no_file(tmp_path: Path):
    """A clean import leaves nothing behind."""
    write(tmp_path / "rejects.csv")

    assert list(tmp_path.iterdir()) == []


def test_a_later_import_replaces_the_list_of_an_earlier_one(tmp_path: Path):
    """The list is that of the last import, and gone once everything is in."""
    file = tmp_path / "rejects.csv"
    write(file, Rejection(2, "1", "x"), Rejection(3, "2", "x"))
    write(file, Rejection(3, "2", "x"))

    assert rows(file)[1:] == [["3", "2", "x"]]
    write(file)
    assert not file.exists()


def test_somebody_elses_file_is_not_overwritten(tmp_path: Path):
    """A typing error in --rejects costs no data."""
    file = tmp_path / "requests.csv"
    file.write_bytes(b"\xff the year's requests")
    with pytest.raises(InvalidInput, match="is no list of rejects and is not overwritten"):
        RejectsFile(file)

    assert file.read_bytes() == b"\xff the year's requests"


@pytest.mark.parametrize("place", [".", "nowhere/rejects.csv"])
def test_where_nothing_can_be_written_is_said_beforehand(tmp_path: Path, place: str):
    """Nobody learns after an hour that the reasons are lost."""
    with pytest.raises(InvalidInput, match="rejects cannot be written there"):
        RejectsFile(tmp_path / place)


def test_a_spreadsheet_takes_no_id_for_a_formula(tmp_path: Path):
    """An id that another system's user could choose runs nothing in the reader's spreadsheet."""
    file = tmp_path / "rejects.csv"
    write(file, Rejection(2, "=1+1", "x"))

    assert rows(file)[1] == ["2", "'=1+1", "x"]
