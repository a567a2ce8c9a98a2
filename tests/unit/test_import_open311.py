"""Open311 GeoReport v2 files: requests with their notes, and what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from municonsole.domain.errors import InvalidInput
from municonsole.services.importing import open311_file
from municonsole.services.importing.open311_file import Open311File
from municonsole.services.importing.records import Rejection, SourceNote, SourceRow

REQUEST = {
    "service_request_id": 7,
    "lat": 41.5,
    "address": None,
    "duplicate": True,
    "extended_attributes": {"channel": "phone", "deeper": {"x": 1}},
    "media_urls": ["x"],
    "notes": [{"datetime": "2014-01-01T00:00:00Z", "summary": "Opened", "description": "By phone"}],
}


def read(folder: Path, content: bytes) -> Open311File:
    """The file with this content."""
    file = folder / "requests.json"
    file.write_bytes(content)
    return Open311File(file)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("shape", [[REQUEST], {"service_requests": [REQUEST]}])
def test_a_request_is_read_with_its_notes(tmp_path: Path, shape: object, mark: bytes):
    """Numbers and truth values are text to the mapping, an inner value has a name with a point."""
    [row] = read(tmp_path, mark + json.dumps(shape).encode())

    assert isinstance(row, SourceRow)
    assert row.number == 1
    assert {name: value for name, value in row.values.items() if value} == {
        "service_request_id": "7",
        "lat": "41.5",
        "duplicate": "true",
        "extended_attributes.channel": "phone",
    }
    assert row.notes == (SourceNote("note 1", "2014-01-01T00:00:00Z", ("Opened", "By phone")),)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ("text", "it is not a request: an object with service_request_id was expected"),
        ({"notes": 5}, "notes: a list was expected"),
        ({"notes": ["x"]}, "note 1: an object with datetime and summary was expected"),
        ({"address": "a\0b"}, "it contains a NUL character"),
        ({"notes": [{}, {"summary": "a\0b"}]}, "note 2: it contains a NUL character"),
    ],
)
def test_what_is_no_request_is_rejected_and_the_next_is_read(
    tmp_path: Path, request_: object, reason: str
):
    """One broken request does not cost the others."""
    rows = list(read(tmp_path, json.dumps([request_, REQUEST]).encode()))

    assert rows[0] == Rejection(1, None, reason)
    assert isinstance(rows[1], SourceRow)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not JSON in UTF-8"),
        (b"[{]", "not JSON in UTF-8"),
        (b'["caf\xe9"]', "not JSON in UTF-8"),
        (b'["\\ud800"]', "not JSON in UTF-8"),
        (b"[" * 100_000, "not JSON in UTF-8"),
        (b'{"code": 403}', "not a list of GeoReport v2 service requests"),
        (b"5", "not a list of GeoReport v2 service requests"),
    ],
)
def test_a_file_of_something_else_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
):
    """Whoever took the wrong file reads what it is not."""
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, content)

    assert str(refused.value) == f"requests.json: {sentence}"


def test_a_file_too_large_to_be_read_at_once_is_refused(tmp_path: Path):
    """The limit and the way around it are said before memory is full."""
    file = tmp_path / "requests.json"
    with file.open("wb") as large:
        large.truncate(open311_file.FILE_LIMIT + 1)
    with pytest.raises(InvalidInput, match=r"64 MB are more than the 64 .* import it in parts"):
        Open311File(file)
