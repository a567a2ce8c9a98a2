"""The board's lines: teams under a cursor that stands in one column, and the people of one of them."""

from __future__ import annotations

from collections.abc import Sequence

from municonsole.domain.supervising import BoardPerson, BoardRow
from municonsole.ui import cells
from municonsole.ui.board import NO_TEAM, Column, Spot
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.cursor_view import CursorView
from municonsole.ui.widgets.line_view import LineView, Spans, StaticLines

ROOMY, USUAL = 100, 78
"""Cells of a line from which on headings are whole, and from which on they are not short."""
_SIDE = 2
"""Cells beside a number: the brackets around the one that is chosen."""


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    if width >= USUAL:
        return [
            max(len(column.heading) + 1, 6) + (1 if width >= ROOMY else 0) for column in columns
        ]
    return [max(len(column.short), 4) + _SIDE for column in columns]


def _name_width(widths: Sequence[int], width: int) -> int:
    return max(width - sum(widths) - 2, 1)


class BoardHeads(LineView):
    """The names of the columns; that of the cursor stands out."""

    def __init__(self, palette: Palette, columns: Sequence[Column]) -> None:
        super().__init__(palette)
        self._columns = columns
        self._at = 0

    @property
    def line_total(self) -> int:
        """One line."""
        return 1

    def choose(self, column: int) -> None:
        """The cursor stands in this column."""
        self._at = column
        self.forget()
        self.repaint()

    def spans(self, index: int, width: int) -> Spans:  # noqa: ARG002 - there is one line
        """The headings at this width."""
        widths = _widths(self._columns, width)
        spans = [(cells.fit(" Team", _name_width(widths, width)), Tone.MUTED)]
        for place, (column, cell) in enumerate(zip(self._columns, widths, strict=True)):
            told = column.heading if width >= USUAL else column.short
            tone = Tone.STRONG if place == self._at else Tone.MUTED
            spans.append((f"{told:>{cell}}", tone))
        return spans


class BoardTable(CursorView):
    """One row a team; brackets stand around the number that Enter leads to."""

    def __init__(self, palette: Palette, columns: Sequence[Column]) -> None:
        super().__init__(palette)
        self._columns = columns
        self._rows: tuple[BoardRow, ...] = ()
        self.column = 0

    @property
    def row_total(self) -> int:
        """One row a team."""
        return len(self._rows)

    @property
    def current(self) -> BoardRow | None:
        """The team under the cursor."""
        return self._rows[self._cursor] if self._rows else None

    @property
    def spot(self) -> Spot | None:
        """The cell under the cursor."""
        row = self.current
        if row is None:
            return None
        return Spot(row.team_id, row.team_name, self._columns[self.column])

    def show(self, rows: Sequence[BoardRow], on: Spot | None = None) -> None:
        """Replace all rows, where a number or a team is another. The cursor stays on its team."""
        rows = tuple(rows)
        if rows == self._rows and on is None:
            return
        current = on or self.spot
        self._rows = rows
        self.forget()
        if current is not None:
            ids = [row.team_id for row in rows]
            self._cursor = ids.index(current.team_id) if current.team_id in ids else self._cursor
            names = [column.id for column in self._columns]
            self.column = names.index(current.column.id)
        self.settle()

    def choose(self, step: int) -> None:
        """The cursor by columns."""
        self.column = max(0, min(self.column + step, len(self._columns) - 1))
        self.forget((self._cursor,))
        self.repaint()

    def row_spans(self, index: int, width: int) -> Spans:
        """One team."""
        row = self._rows[index]
        widths = _widths(self._columns, width)
        spans = [
            (
                cells.fit(f" {cells.line(row.team_name) or NO_TEAM}", _name_width(widths, width)),
                Tone.PLAIN if row.team_id is not None else Tone.MUTED,
            )
        ]
        for place, (column, cell) in enumerate(zip(self._columns, widths, strict=True)):
            count = column.count(row) or 0
            chosen = index == self._cursor and place == self.column
            spans.append(_number(count, cell, column.tone, chosen=chosen))
        return spans


class BoardPeople(StaticLines):
    """The people of the team under the cursor, below it: in the same columns."""

    def __init__(self, palette: Palette, columns: Sequence[Column], widget_id: str) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._columns = columns
        self._shown: tuple[str, tuple[BoardPerson, ...], str] = ("", (), "")

    def show(self, team: str, people: Sequence[BoardPerson], note: str = "") -> None:
        """Show these of a team, or `note` where there is nobody; draws no line that stays as it is."""
        if (team, tuple(people), note) != self._shown:
            self._shown = team, tuple(people), note
            self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """One line a person; how many do not fit stands in the last one."""
        team, people, note = self._shown
        lines: list[Spans] = [[(f" {team}", Tone.STRONG), (f"   {note}", Tone.MUTED)]]
        lines += [self._line(person, width) for person in people]
        room = max(self.size.height, 1)
        if len(lines) > room:
            left = len(lines) - room + 1
            lines[room - 1 :] = [[(f" and {left} more", Tone.MUTED)]]
        return lines

    def _line(self, person: BoardPerson, width: int) -> Spans:
        widths = _widths(self._columns, width)
        name = cells.fit(
            f" {cells.line(person.full_name or person.username)}", _name_width(widths, width)
        )
        spans: list[tuple[str, Tone]] = [(name, Tone.PLAIN)]
        for column, cell in zip(self._columns, widths, strict=True):
            count = column.count(person)
            if count is None:
                # Where a team has what nobody has, a person is at work or not.
                here = "here " if person.here else ""
                spans.append((f"{here:>{cell}}", Tone.GOOD))
            else:
                spans.append(_number(count, cell, column.tone))
        return spans


def _number(count: int, width: int, tone: Tone, *, chosen: bool = False) -> tuple[str, Tone]:
    told = f"[{count}]" if chosen else f"{count} " if width > _SIDE else str(count)
    return f"{told:>{width}}", tone if count else Tone.MUTED
