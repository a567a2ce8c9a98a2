"""The mapping file: how the columns of another system become the fields of a ticket."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line
from municonsole.domain.values import Category, Language, Severity, Status
from municonsole.services.importing.times import ISO

Format: TypeAlias = Literal["csv", "open311"]
Name: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
Names: TypeAlias = Name | tuple[Name, ...]
"""One column, or several: texts are joined by commas, of times the first that is there counts."""

PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([^{}]+)\}|[{}]")


class CsvRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[csv]`: how the text is laid out."""

    encoding: Literal["utf-8", "utf-16", "cp1252", "iso-8859-1"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","


class TimeRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[time]`: `iso` or a pattern of strptime, and the zone of times that carry no offset."""

    format: str = ISO
    zone: str | None = None


class ColumnRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[columns]`: which column is which field."""

    source_id: Name
    created_at: Names
    status_at: Names = ()
    address: Names = ()
    latitude: Name | None = None
    longitude: Name | None = None
    reporter_name: Names = ()
    reporter_phone: Name | None = None


class CategoryRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[category]`: by the value of one column. Rows whose value is in `refuse` are rejected as GBV."""

    column: Name
    default: Category = Category.OTHER
    values: dict[str, Category] = {}
    refuse: tuple[str, ...] = ()


class SeverityRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[severity]`: by the value of a column, if there is one that tells."""

    column: Name | None = None
    default: Severity = Severity.MEDIUM
    values: dict[str, Severity] = {}


class StatusRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[status]`: by the word of a column; without a default an unknown word rejects its row."""

    column: Name | None = None
    default: Status | None = None
    values: dict[str, Status] = {}


class NoteRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[notes]]`: a column whose text becomes a note, at the time of another."""

    column: Name
    time: Names = ()


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file.

    `source` names the other system: a request is known by it and its id there, and imported once.
    """

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    format: Format
    description: Name
    columns: ColumnRules
    category: CategoryRules
    severity: SeverityRules = SeverityRules()
    status: StatusRules = StatusRules()
    time: TimeRules = TimeRules()
    csv: CsvRules = CsvRules()
    notes: tuple[NoteRules, ...] = ()
    language: Language = Language.ENGLISH

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of times without offset."""
        return ZoneInfo(self.time.zone) if self.time.zone is not None else None

    def columns_used(self) -> Iterator[tuple[str, str]]:
        """Every column the mapping speaks of, with the key that does."""
        for key in self.columns.__struct_fields__:
            for column in as_tuple(getattr(self.columns, key)):
                yield column, f"[columns] {key}"
        for match in PLACEHOLDER.finditer(self.description):
            if match[1] is not None:
                yield match[1], "description"
        for table in ("category", "severity", "status"):
            for column in as_tuple(getattr(self, table).column):
                yield column, f"[{table}] column"
        for note in self.notes:
            yield note.column, "[[notes]] column"
            for column in as_tuple(note.time):
                yield column, "[[notes]] time"


def as_tuple(names: Names | None) -> tuple[str, ...]:
    """The columns of a key that takes one, several or none."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else names


def shipped() -> list[str]:
    """The names of the mapping files that come with the program."""
    folder = resources.files("municonsole") / "mappings"
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))


def load(name: str) -> Mapping:
    """The mapping of a file, or the shipped one of this name when there is no such file.

    Raises InvalidInput, one sentence with file, key and what was expected.
    """
    where = clean_line(name)
    table = _read(name, where)
    try:
        mapping = msgspec.convert(table, Mapping)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{where}: {_explained(str(error), table)}") from None
    for check in (_check_source, _refuse_gbv, _check_time, _check_description):
        fault = check(mapping)
        if fault is not None:
            raise InvalidInput(f"{where}: {fault}")
    return mapping


def _read(name: str, where: str) -> dict[str, Any]:
    try:
        if not Path(name).exists() and name in shipped():
            text = (resources.files("municonsole") / "mappings" / name).read_text("utf-8")
        else:
            text = Path(name).read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        known = ", ".join(shipped())
        raise InvalidInput(
            f"{where}: there is no such mapping file; shipped with the program are: {known}"
        ) from None
    except (OSError, ValueError) as error:
        if isinstance(error, tomllib.TOMLDecodeError):
            reason = f"not valid TOML: {error}"
        elif isinstance(error, UnicodeDecodeError):
            reason = "the mapping file is not UTF-8 text"
        elif isinstance(error, OSError) and error.strerror:
            reason = f"cannot read the mapping file: {error.strerror}"
        else:
            reason = "cannot read the mapping file"
        raise InvalidInput(f"{where}: {reason}") from None


def _check_source(mapping: Mapping) -> str | None:
    if clean_line(mapping.source) != mapping.source:
        return "source: expected one line of plain text"
    return None


def _refuse_gbv(mapping: Mapping) -> str | None:
    rules = mapping.category
    if rules.default is Category.GBV:
        return "[category] default: GBV reports are never imported"
    for value, category in rules.values.items():
        if category is Category.GBV:
            return (
                f"[category.values] {value!r}: GBV reports are never imported; list the value under "
                "[category] refuse, and its rows are rejected"
            )
    return None


def _check_time(mapping: Mapping) -> str | None:
    zone, pattern = mapping.time.zone, mapping.time.format
    if zone is not None:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return f"[time] zone: expected a time zone such as America/New_York, got {zone!r}"
    if pattern != ISO:
        sample = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001  only its digits matter
        try:
            read = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007  as above
        except ValueError:
            read = None
        if read is None or read.date() != sample.date():
            return (
                f"[time] format: expected iso or a pattern with day, month and year such as "
                f"%m/%d/%Y %H:%M:%S, got {pattern!r}"
            )
    return None


def _check_description(mapping: Mapping) -> str | None:
    for match in PLACEHOLDER.finditer(mapping.description):
        if match[0] in ("{", "}"):
            return (
                "description: a column stands between { and }, and a brace of its own is written "
                "twice"
            )
    return None


_WORDS: Final = {
    "`str | array`": "the name of a column or a list of them",
    "`str | array | null`": "the name of a column or a list of them",
    "`str | null`": "text in quotes",
    "`str`": "text in quotes",
    "`object`": "a table",
    "`array`": "a list",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
}


def _explained(message: str, table: dict[str, Any]) -> str:
    """Msgspec's `Expected X, got Y - at `$.table.key`` as `[table] key: expected X, got Y`."""
    text, _, path = message.partition(" - at `$")
    names = [name for name in re.findall(r"\w+", path) if not name.isdigit()]
    for code, words in _WORDS.items():
        text = text.replace(code, words)
    if match := re.match(r"Object (?:contains unknown|missing required) field `(\w+)`", text):
        names.append(match[1])
        text = "unknown key" if "unknown" in text else "this key is missing"
    elif text.startswith("Invalid enum value"):
        allowed = _allowed(names)
        given = text.removeprefix("Invalid enum value ")
        text = f"expected one of {', '.join(allowed)}, got {given}"
        if path.endswith("[...]`"):
            values = table[names[0]]["values"]
            names.append(next(repr(key) for key, value in values.items() if value not in allowed))
    *tables, key = names or [""]
    place = f"[{'.'.join(tables)}] {key}" if tables else key
    return f"{place}: {text[:1].lower()}{text[1:]}"


def _allowed(names: list[str]) -> list[str]:
    """The closed list behind a key."""
    lists: dict[str, list[str]] = {
        "encoding": ["utf-8", "utf-16", "cp1252", "iso-8859-1"],
        "delimiter": ["comma", "semicolon", "tab", "|"],
        "language": [*Language],
        "category": [category for category in Category if category is not Category.GBV],
        "severity": [*Severity],
        "status": [*Status],
        "format": ["csv", "open311"],
    }
    return next(allowed for name, allowed in lists.items() if name in names)
