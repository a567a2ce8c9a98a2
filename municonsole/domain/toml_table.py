"""One table of a TOML file that a person wrote, read key by key; a fault is said with file, table and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NoReturn

from municonsole.domain.errors import InvalidInput
from municonsole.domain.text import clean_line


class TomlTable:
    """What stands in one table.

    `where` is the file, `place` the table as the person finds it there (`[[team]] "Water"`, empty for
    the top), `known` every key that may stand in it. Each reading method raises InvalidInput.
    """

    def __init__(
        self, where: str, place: str, content: Mapping[str, object], known: Sequence[str]
    ) -> None:
        self._where = where
        self.place = place
        self._content = content
        for key in content:
            if key not in known:
                self.refuse(key, f"unknown key; expected one of {', '.join(known)}")

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise the one sentence about a key."""
        parts = (self._where, " ".join(part for part in (self.place, key) if part), reason)
        raise InvalidInput(clean_line(": ".join(parts)))

    def text(self, key: str, *, most: int = 100) -> str:
        """One line of plain text of 1 to `most` characters; the key must be there."""
        value = self.optional_text(key, most=most)
        if value is None:
            self.refuse(key, "this key is missing")
        return value

    def optional_text(self, key: str, *, most: int = 100) -> str | None:
        """The same, or None where the key is not there."""
        value = self._content.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(key, f"expected text in quotes, got {_kind(value)}")
        if clean_line(value) != value or not 1 <= len(value) <= most:
            self.refuse(key, f"expected one line of plain text of 1 to {most} characters")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._content.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, f"expected true or false, got {_kind(value)}")
        return value

    def whole(self, key: str, *, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self._content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(key, f"expected a whole number, got {_kind(value)}")
        if not least <= value <= most:
            self.refuse(key, f"expected {least} to {most}, got {value}")
        return value

    def items(self, key: str) -> list[object]:
        """A list, empty where the key is not there."""
        value = self._content.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, f"expected a list, got {_kind(value)}")
        return value

    def point(self, key: str, value: object) -> tuple[float, float]:
        """Latitude and longitude, which stand in a list."""
        if (
            not isinstance(value, list)
            or len(value) != 2
            or not all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in value)
        ):
            self.refuse(key, "expected latitude and longitude such as [-28.02, 30.15]")
        latitude, longitude = float(value[0]), float(value[1])
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
            self.refuse(
                key,
                f"latitude goes from -90 to 90 and longitude from -180 to 180, got [{latitude}, {longitude}]",
            )
        return latitude, longitude

    def degrees(self, key: str, most: int) -> float:
        """An angle from -`most` to `most`; the key must be there."""
        value = self._content.get(key)
        if value is None:
            self.refuse(key, "this key is missing")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse(key, f"expected degrees such as -28.02, got {_kind(value)}")
        if not -most <= value <= most:
            self.refuse(key, f"expected -{most} to {most} degrees, got {value}")
        return float(value)

    def day(self, key: str, value: object, first_year: int, last_year: int) -> date:
        """A date within two years."""
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(
                key, f"expected a date such as 2026-12-24, without quotes, got {_kind(value)}"
            )
        if not first_year <= value.year <= last_year:
            self.refuse(key, f"{value} is not between {first_year} and {last_year}")
        return value

    def value(self, key: str) -> object:
        """Whatever stands there, None where the key is not."""
        return self._content.get(key)

    def table(self, key: str, known: Sequence[str]) -> TomlTable:
        """The table of this name, which must be there."""
        value = self._content.get(key)
        if value is None:
            self.refuse(f"[{key}]", "this table is missing")
        if not isinstance(value, Mapping):
            self.refuse(f"[{key}]", f"expected a table, got {_kind(value)}")
        return TomlTable(self._where, f"[{key}]", value, known)

    def tables(self, key: str, known: Sequence[str], named_by: str) -> Iterator[TomlTable]:
        """The tables of a name that stands in double brackets, each called by its key `named_by`."""
        value = self._content.get(key, [])
        if not isinstance(value, list):
            self.refuse(f"[[{key}]]", f"expected tables in double brackets, got {_kind(value)}")
        for number, content in enumerate(value, 1):
            if not isinstance(content, Mapping):
                self.refuse(f"[[{key}]]", f"expected a table, got {_kind(content)}")
            name = content.get(named_by)
            called = f'"{name}"' if isinstance(name, str) and name else f"number {number}"
            yield TomlTable(self._where, f"[[{key}]] {called}", content, known)

    def inner(self, key: str, value: object, known: Sequence[str]) -> TomlTable:
        """A table in braces within a list of this one."""
        if not isinstance(value, Mapping):
            self.refuse(key, f"expected a table in braces, got {_kind(value)}")
        return TomlTable(self._where, f"{self.place} {key}", value, known)


def _kind(value: object) -> str:
    """What a value of TOML is, in words."""
    words = {
        bool: "true or false",
        str: "text",
        int: "a whole number",
        float: "a number",
        list: "a list",
        dict: "a table",
        datetime: "a time",
        date: "a date",
    }
    return words.get(type(value), "something else")
