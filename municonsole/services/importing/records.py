"""What passes between reading a file and importing it: rows, requests, rejections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A note that came with a row; `where` names it in a reason, the rest is as the file has it."""

    where: str
    at: str = field(repr=False)
    texts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One request as the file has it: values by name, all of them text, empty where there is none.

    `number` counts as a spreadsheet does: the header of a CSV file is row 1. In a JSON list the
    first request is 1.
    """

    number: int
    values: Mapping[str, str] = field(repr=False)
    notes: tuple[SourceNote, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A row that can be imported; `ticket` is what `muni.import_tickets` reads, as JSON in UTF-8."""

    number: int
    source_id: str
    ticket: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot, and why in words that quote nothing of the row."""

    number: int
    source_id: str | None
    reason: str


class Unusable(Exception):
    """A value of a row cannot be used; the message is the reason of its rejection."""


class Rows(Protocol):
    """A file that is being read."""

    size: int
    """What there is to read, in the file's own measure (bytes, or requests)."""

    @property
    def position(self) -> int:
        """How much of it has been read."""

    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every row once, in the order of the file. Raises InvalidInput when reading has to end."""

    def close(self) -> None:
        """Let go of the file."""
