"""Which columns the ticket table has at a width, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from rich.cells import cell_len

from municonsole.domain.records import TicketRow
from municonsole.ui import cells, words
from municonsole.ui.theme import Tone
from municonsole.ui.words import Said


@dataclass(frozen=True, slots=True)
class Moment:
    """What a cell may depend on besides the row."""

    now: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its width in cells, and what a row shows in it."""

    id: str
    heading: str
    width: int
    cell: Callable[[TicketRow, Moment], Said]


def _number(row: TicketRow, _: Moment) -> Said:
    return Said(cells.line(row.tracking_number))


def _short_number(row: TicketRow, _: Moment) -> Said:
    return Said(cells.line(row.tracking_number).removeprefix("TKT-20"))


def _due(row: TicketRow, at: Moment) -> Said:
    said = words.sla(row, at.now)
    return said if said.sign else Said(words.DASH, Tone.MUTED)


def _age(row: TicketRow, at: Moment) -> Said:
    return Said(words.age(row.created_at, at.now), Tone.MUTED)


def _reported(row: TicketRow, at: Moment) -> Said:
    return Said(words.moment(row.created_at, at.zone, at.now))


def _changed(row: TicketRow, at: Moment) -> Said:
    return Said(words.moment(row.updated_at, at.zone, at.now), Tone.MUTED)


def _team(row: TicketRow, _: Moment) -> Said:
    return (
        Said(cells.line(row.assigned_team)) if row.assigned_team else Said(words.DASH, Tone.MUTED)
    )


def _assignee(row: TicketRow, _: Moment) -> Said:
    name = row.assigned_to_name or row.assigned_to
    return Said(cells.line(name)) if name else Said(words.DASH, Tone.MUTED)


def _description(row: TicketRow, _: Moment) -> Said:
    # The whole text is cut where it is fitted; cleaning more of a long one would be for nothing.
    return Said(cells.line((row.description or "")[:400]))


NUMBER = Column("number", "Number", 19, _number)
SHORT_NUMBER = Column("number", "Number", 13, _short_number)
DUE = Column("due", "SLA", 13, _due)
SEVERITY = Column("severity", "Severity", 8, lambda row, _: words.severity(row.severity))
SHORT_SEVERITY = Column(
    "severity", "Sev", 4, lambda row, _: words.severity(row.severity, short=True)
)
CATEGORY = Column("category", "Category", 11, lambda row, _: Said(words.category(row.category)))
STATUS = Column("status", "Status", 11, lambda row, _: words.status(row.status))
AGE = Column("age", "Age", 6, _age)
TEAM = Column("team", "Team", 12, _team)
ASSIGNEE = Column("assignee", "Assignee", 12, _assignee)
DESCRIPTION = Column("description", "Description", 0, _description)
REPORTED = Column("reported", "Reported", 21, _reported)
CHANGED = Column("changed", "Last change", 21, _changed)

# From a width on: the columns and the blanks between them.
_MUNICIPAL: tuple[tuple[int, int, tuple[Column, ...]], ...] = (
    (140, 2, (NUMBER, DUE, SEVERITY, CATEGORY, STATUS, AGE, TEAM, ASSIGNEE, DESCRIPTION)),
    (116, 1, (NUMBER, DUE, SHORT_SEVERITY, CATEGORY, STATUS, AGE, TEAM, ASSIGNEE, DESCRIPTION)),
    (100, 1, (NUMBER, DUE, SHORT_SEVERITY, CATEGORY, STATUS, AGE, ASSIGNEE, DESCRIPTION)),
    (78, 1, (NUMBER, DUE, SHORT_SEVERITY, CATEGORY, STATUS, DESCRIPTION)),
    (0, 1, (SHORT_NUMBER, DUE, SHORT_SEVERITY, CATEGORY, DESCRIPTION)),
)
# Of a GBV report the list tells nothing about a person, and it has no municipal deadline.
_SAPS: tuple[tuple[int, int, tuple[Column, ...]], ...] = (
    (132, 2, (NUMBER, SEVERITY, STATUS, REPORTED, AGE, CHANGED, ASSIGNEE, TEAM)),
    (108, 2, (NUMBER, SEVERITY, STATUS, REPORTED, AGE, ASSIGNEE, TEAM)),
    (96, 2, (NUMBER, SEVERITY, STATUS, REPORTED, AGE, TEAM)),
    (78, 1, (NUMBER, SEVERITY, STATUS, REPORTED, TEAM)),
    (0, 1, (NUMBER, SEVERITY, STATUS, AGE, TEAM)),
)
_WIDEST = {"team": 24, "assignee": 20}
_NEEDS = {"description": 32, "team": 16}
_ROOM_FOR_A_NAME, _NAME, _WORTH_READING = 20, 24, 12
"""Cells: from where on it is told in words who has a ticket open, in how many, and what beside it is."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table `width` cells wide; together with margin and gaps they fill it."""

    width: int
    gap: int
    columns: tuple[Column, ...]
    widths: tuple[int, ...]

    def headings(self) -> str:
        """The line above the rows."""
        parts = (
            cells.fit(column.heading, width)
            for column, width in zip(self.columns, self.widths, strict=True)
        )
        return cells.fit(" " + (" " * self.gap).join(parts), self.width)

    def spans(
        self, row: TicketRow, at: Moment, others: Sequence[str] = (), *, marked: bool = False
    ) -> list[tuple[str, Tone]]:
        """One row, margin and gaps included: exactly `width` cells.

        `others` have it open: a sign in the margin says so, and where there is room a word at the end.
        That it is marked stands in the margin too.
        """
        gap = " " * self.gap
        spans = [_margin(looking=bool(others), marked=marked)]
        for index, (column, width) in enumerate(zip(self.columns, self.widths, strict=True)):
            if index:
                spans.append((gap, Tone.PLAIN))
            said = column.cell(row, at)
            spans.append((cells.fit(str(said), width), said.tone))
        return self._with_others(spans, others) if others else spans

    def _with_others(
        self, spans: list[tuple[str, Tone]], others: Sequence[str]
    ) -> list[tuple[str, Tone]]:
        """At the end of the last column, or in its place where both do not fit."""
        width, (text, tone) = self.widths[-1], spans[-1]
        if width < _ROOM_FOR_A_NAME:
            return spans
        told = cells.cut(words.looking(others), min(_NAME, width))
        left = width - cell_len(told) - 2
        if left < _WORTH_READING:
            return [*spans[:-1], (cells.fit(told, width), Tone.ACCENT)]
        shown = (cells.fit(text.rstrip(), left), tone)
        return [*spans[:-1], shown, ("  ", Tone.PLAIN), (told, Tone.ACCENT)]

    def left(self, row: TicketRow, told: str, *, marked: bool = False) -> list[tuple[str, Tone]]:
        """A row that has left the list: which ticket it is, how it is now, and that."""
        status = words.status(row.status)
        number, gap = self.columns[0], " " * self.gap
        return [
            _margin(looking=False, marked=marked),
            (
                cells.fit(str(number.cell(row, Moment(row.updated_at, UTC))), self.widths[0]),
                Tone.MUTED,
            ),
            (f"{gap}{told}: ", Tone.MUTED),
            (status.words, status.tone),
        ]


def _margin(*, looking: bool, marked: bool) -> tuple[str, Tone]:
    return words.margin(looking=looking, marked=marked), (
        Tone.ACCENT if looking or marked else Tone.PLAIN
    )


def layout(width: int, *, saps: bool) -> Layout:
    """The columns for a table of `width` cells; what is left goes to names and the description.

    The last column takes the rest; once it has what it needs, names grow to their usual length.
    """
    gap, columns = next(
        (gap, columns) for least, gap, columns in (_SAPS if saps else _MUNICIPAL) if width >= least
    )
    widths = [column.width for column in columns]
    left = width - 1 - gap * (len(columns) - 1) - sum(widths)
    last = len(columns) - 1
    spare = left - _NEEDS[columns[last].id]
    for index, column in enumerate(columns[:-1]):
        most = _WIDEST.get(column.id, 0)
        if most and spare > 0:
            more = min(most - widths[index], spare)
            widths[index] += more
            left -= more
            spare -= more
    widths[last] = max(widths[last] + left, 0)
    return Layout(width, gap, columns, tuple(widths))
