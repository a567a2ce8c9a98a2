"""A file of Open311 GeoReport v2 requests in JSON, with their notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line
from municonsole.services.importing.records import Rejection, SourceNote, SourceRow, Unusable

FILE_LIMIT: Final = 64_000_000
"""Bytes of a file, which is read whole: some 30,000 requests with their notes."""

_NOTE_TEXTS: Final = ("summary", "description")


class Open311File:
    """The requests of a file.

    `position` and `size` count requests. A value of `extended_attributes` is known to the mapping
    as `extended_attributes.NAME`. Raises InvalidInput for what is not a list of requests.
    """

    def __init__(self, file: Path) -> None:
        self._requests = _requests(file)
        self.size = len(self._requests)
        self.position = 0

    def close(self) -> None:
        """Let go of the requests; the file itself is closed already."""
        self._requests = []

    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every request, the first is number 1."""
        for number, request in enumerate(self._requests, 1):
            self.position = number
            try:
                yield _row(number, request)
            except Unusable as reason:
                yield Rejection(number, None, str(reason))


def _requests(file: Path) -> list[object]:
    name = clean_line(file.name)
    try:
        size = file.stat().st_size
        if size > FILE_LIMIT:
            raise InvalidInput(
                f"{name}: {size / 1e6:,.0f} MB are more than the {FILE_LIMIT / 1e6:,.0f} that are "
                "read at once; import it in parts, as GeoReport's pages give it"
            )
        read = msgspec.json.decode(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInput(f"{name}: cannot be read: {reason}") from None
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError):
        raise InvalidInput(f"{name}: not JSON in UTF-8") from None
    if isinstance(read, dict):
        read = read.get("service_requests")
    if not isinstance(read, list):
        raise InvalidInput(f"{name}: not a list of GeoReport v2 service requests")
    return read


def _row(number: int, request: object) -> SourceRow:
    if not isinstance(request, dict):
        raise Unusable("it is not a request: an object with service_request_id was expected")
    notes = request.get("notes") or []
    if not isinstance(notes, list):
        raise Unusable("notes: a list was expected")
    values: dict[str, str] = {}
    for name, value in request.items():
        if isinstance(value, dict):
            values |= {f"{name}.{inner}": _text(deep) for inner, deep in value.items()}
        else:
            values[name] = _text(value)
    if any("\0" in value for value in values.values()):
        raise Unusable("it contains a NUL character")
    return SourceRow(number, values, tuple(_note(at, note) for at, note in enumerate(notes, 1)))


def _note(place: int, note: object) -> SourceNote:
    where = f"note {place}"
    if not isinstance(note, dict):
        raise Unusable(f"{where}: an object with datetime and summary was expected")
    texts = tuple(_text(note.get(name)) for name in _NOTE_TEXTS)
    if any("\0" in text for text in texts):
        raise Unusable(f"{where}: it contains a NUL character")
    return SourceNote(where, _text(note.get("datetime")), texts)


def _text(value: object) -> str:
    """A value as text; of lists and deeper objects nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, (int, float)) else ""
