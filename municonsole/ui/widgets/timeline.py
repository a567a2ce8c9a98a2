"""A ticket's history, newest first: when, what, by whom, and the note beneath."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from municonsole.domain.records import TimelineEntry
from municonsole.ui import cells, words
from municonsole.ui.columns import Moment
from municonsole.ui.theme import Palette, Tone
from municonsole.ui.widgets.detail import fit_height
from municonsole.ui.widgets.line_view import Spans, StaticLines

_EDGE = 15
_BY = {"sweep": "the clocks", "import": "import", "intake": "intake", "owner": "database owner"}


def tell(
    entries: Sequence[TimelineEntry], width: int, at: Moment, names: Mapping[str, str]
) -> list[Spans]:
    """The lines of a history, each at most `width` cells; `names` are full names by login."""
    if not entries:
        return [[(" Nothing has happened yet.", Tone.MUTED)]]
    lines: list[Spans] = []
    for entry in entries:
        lines += _entry(entry, width, at, names)
    return lines


def by_whom(entry: TimelineEntry, names: Mapping[str, str]) -> str:
    """Who did it: a person by their full name, or what of the program."""
    return _BY.get(entry.via) or cells.line(names.get(entry.actor, entry.actor))


def _entry(entry: TimelineEntry, width: int, at: Moment, names: Mapping[str, str]) -> list[Spans]:
    said = words.event(entry, at.zone, at.now)
    room = max(width - _EDGE - 1, 2)
    first, *rest = cells.wrap(str(said), room)
    line: list[tuple[str, Tone]] = [
        (cells.fit(f" {words.stamp(entry.at, at.zone, at.now)}", _EDGE), Tone.MUTED),
        (first, said.tone),
    ]
    lines: list[Spans] = [line]
    edge = (" " * _EDGE, Tone.PLAIN)
    lines += [[edge, (text, said.tone)] for text in rest]
    by = by_whom(entry, names)
    if not rest and cell_len(first) + cell_len(by) + 2 <= room:
        line.append((f"  {by}", Tone.MUTED))
    else:
        lines.append([edge, (cells.cut(by, room), Tone.MUTED)])
    if entry.note:
        lines += [
            [edge, (text, Tone.PLAIN)] for text in cells.wrap(cells.paragraph(entry.note), room)
        ]
    return lines


class TimelinePane(StaticLines):
    """The history of the ticket under the cursor."""

    def __init__(
        self,
        palette: Palette,
        at: Moment,
        names: Mapping[str, str],
        *,
        widget_id: str | None = None,
    ) -> None:
        super().__init__(palette, widget_id=widget_id)
        self._names = names
        self._at = at
        self._entries: Sequence[TimelineEntry] | None = None

    def show(self, entries: Sequence[TimelineEntry] | None, at: Moment) -> None:
        """Show a history; None shows nothing."""
        self._entries, self._at = entries, at
        self.changed()

    def make_lines(self, width: int) -> list[Spans]:
        """The history's lines; what does not fit is announced in the last one."""
        if self._entries is None:
            return []
        return fit_height(tell(self._entries, width, self._at, self._names), self.size.height)
