"""A row of another system as a request that can be imported: mapped, cleaned, bounded, or unusable."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping as MappingOf
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from municonsole.domain.text import clean, clean_line
from municonsole.domain.values import Category, Severity, Status
from municonsole.services.importing.mapping import PLACEHOLDER, Mapping, Names, as_tuple
from municonsole.services.importing.records import (
    Rejection,
    Request,
    SourceNote,
    SourceRow,
    Unusable,
)
from municonsole.services.importing.times import Times

E = TypeVar("E", bound=StrEnum)

NEVER: Final = "GBV reports are never imported"
MAX_NOTES: Final = 1000

# As the tables have them (migrations/versions/0002_tickets.py): longer text is refused, never cut.
_LONGEST: Final = {
    "source_id": 200,
    "description": 10_000,
    "address": 500,
    "reporter_name": 200,
    "reporter_phone": 32,
    "note": 10_000,
}

# What other systems call what is GBV here. Under "other" every colleague would read such a report.
_GBV: Final = re.compile(
    r"\bgbvf?\b|gender.?based|domestic (violence|abuse)|intimate partner|femicide|\brape\b"
    r"|sexual (violence|assault|abuse|offen[cs]e)",
    re.IGNORECASE,
)


class Builder:
    """Makes requests of the rows of one file, by one mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._times = Times(mapping.time.format, mapping.zone)
        self._refused = {_key(value) for value in mapping.category.refuse}
        self._categories = _look_up(mapping.category.values, Category)
        self._severities = _look_up(mapping.severity.values, Severity)
        self._statuses = _look_up(mapping.status.values, Status)

    def request(self, row: SourceRow) -> Request | Rejection:
        """The request of a row, or why there is none."""
        source_id = None
        try:
            source_id = self._source_id(row)
            ticket = self._ticket(row, source_id)
        except Unusable as reason:
            return Rejection(row.number, source_id, str(reason))
        return Request(row.number, source_id, msgspec.json.encode(ticket))

    def _source_id(self, row: SourceRow) -> str:
        column = self._mapping.columns.source_id
        source_id = _bounded(clean_line(row.values.get(column, "")), column, "source_id")
        if not source_id:
            raise Unusable(f"{column}: there is no id, without which a request is not known again")
        return source_id

    def _ticket(self, row: SourceRow, source_id: str) -> dict[str, object]:
        columns = self._mapping.columns
        category = self._category(row.values)
        created_at = self._time(row.values, columns.created_at)
        if created_at is None:
            raise Unusable(f"{' and '.join(as_tuple(columns.created_at))}: there is no time")
        status_at = self._time(row.values, columns.status_at)
        latitude, longitude = self._place(row.values)
        return {
            "source_id": source_id,
            "category": category,
            "severity": self._severity(row.values),
            "status": self._status(row.values),
            "status_at": status_at,
            "description": self._description(row.values),
            "address": _joined(row.values, columns.address, "address"),
            "latitude": latitude,
            "longitude": longitude,
            "language": self._mapping.language,
            "reporter_name": _joined(row.values, columns.reporter_name, "reporter_name"),
            "reporter_phone": _joined(row.values, columns.reporter_phone, "reporter_phone"),
            "created_at": created_at,
            "notes": self._notes(row, status_at or created_at),
        }

    def _category(self, values: MappingOf[str, str]) -> Category:
        key = _key(values.get(self._mapping.category.column, ""))
        if key in self._refused or _GBV.search(key):
            raise Unusable(NEVER)
        return self._categories.get(key, self._mapping.category.default)

    def _severity(self, values: MappingOf[str, str]) -> Severity:
        rules = self._mapping.severity
        if rules.column is None:
            return rules.default
        return self._severities.get(_key(values.get(rules.column, "")), rules.default)

    def _status(self, values: MappingOf[str, str]) -> Status:
        rules = self._mapping.status
        if rules.column is None:
            return rules.default or Status.OPEN
        status = self._statuses.get(_key(values.get(rules.column, "")), rules.default)
        if status is None:
            raise Unusable(f"{rules.column}: the mapping does not know this status")
        return status

    def _time(self, values: MappingOf[str, str], names: Names) -> datetime | None:
        """The first of the columns that has a time."""
        for column in as_tuple(names):
            text = values.get(column, "").strip()
            if text:
                return self._instant(text, column)
        return None

    def _instant(self, text: str, where: str) -> datetime:
        try:
            return self._times.instant(text)
        except Unusable as reason:
            raise Unusable(f"{where}: {reason}") from None

    def _place(self, values: MappingOf[str, str]) -> tuple[float | None, float | None]:
        columns = self._mapping.columns
        latitude = _degrees(values, columns.latitude, 90)
        longitude = _degrees(values, columns.longitude, 180)
        if (latitude is None) != (longitude is None):
            raise Unusable(f"{columns.latitude} and {columns.longitude}: one without the other")
        return latitude, longitude

    def _description(self, values: MappingOf[str, str]) -> str:
        """The template filled in; a text that two of its columns have stands there once."""
        used: set[str] = set()

        def filled(match: re.Match[str]) -> str:
            if match[1] is None:
                return match[0][0]
            text = values.get(match[1], "").strip()
            if not text or text in used:
                return ""
            used.add(text)
            return text

        description = clean(PLACEHOLDER.sub(filled, self._mapping.description))
        if not used:
            raise Unusable("description: none of its columns has a text")
        # What the template puts between two columns is of no use without the second.
        return _bounded(description.strip(" \t\n:;,–-"), "description", "description")

    def _notes(self, row: SourceRow, otherwise: datetime) -> list[dict[str, object]]:
        """The row's own notes, then those that columns make; no text twice."""
        notes: list[dict[str, object]] = []
        seen: set[str] = set()
        for note in row.notes:
            at = note.at.strip()
            if not at:
                raise Unusable(f"{note.where}: a note without a time")
            text = _note_text(note, seen)
            if text:
                notes.append({"note": text, "at": self._instant(at, note.where)})
        for rules in self._mapping.notes:
            text = clean(row.values.get(rules.column, "")).strip()
            if text and text not in seen:
                at_column = self._time(row.values, rules.time) or otherwise
                notes.append({"note": _bounded(text, rules.column, "note"), "at": at_column})
                seen.add(text)
        if len(notes) > MAX_NOTES:
            raise Unusable(f"it has {len(notes):,} notes; {MAX_NOTES:,} at most")
        return notes


def _note_text(note: SourceNote, seen: set[str]) -> str:
    texts: list[str] = []
    for text in (clean(text).strip() for text in note.texts):
        if text and text not in texts:
            texts.append(text)
    seen.update(texts)
    return _bounded("\n".join(texts), note.where, "note")


def _key(value: str) -> str:
    """How values are compared: neither case nor white space counts."""
    return clean_line(value).casefold()


def _look_up(values: MappingOf[str, E], kind: type[E]) -> dict[str, E]:
    """The mapping's values, and under its own name every value of ours that it does not mention."""
    return {member.value: member for member in kind} | {_key(k): v for k, v in values.items()}


def _joined(values: MappingOf[str, str], names: Names | None, field: str) -> str | None:
    columns = as_tuple(names)
    texts = [clean_line(values.get(column, "")) for column in columns]
    text = ", ".join(text for text in texts if text)
    return _bounded(text, " and ".join(columns), field) or None


def _bounded(text: str, where: str, field: str) -> str:
    longest = _LONGEST[field]
    if len(text) > longest:
        raise Unusable(
            f"{where}: {len(text):,} characters; a {_WORDS[field]} has {longest:,} at most"
        )
    return text


_WORDS: Final = {
    "source_id": "request's id",
    "description": "description",
    "address": "place",
    "reporter_name": "name",
    "reporter_phone": "phone number",
    "note": "note",
}


def _degrees(values: MappingOf[str, str], column: str | None, limit: int) -> float | None:
    text = values.get(column, "").strip() if column is not None else ""
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= limit or "_" in text:
        raise Unusable(f"{column}: not a number from -{limit} to {limit}")
    return degrees
